"""Components of the user's own: weighted, watched and optimised like the others."""

from collections.abc import Callable

import pytest

from agents.gold import Gold
from agents.play import play
from reasonact_env.config import EnvConfig
from reasonact_env.episode import Episode
from reasonact_env.reward import COMPONENTS, OwnReward
from tasks.load import load_tasks
from tasks.types import Task
from train.rl.observe import observe
from train.rl.recipe import GDPO, SUM, Recipe
from train.rl.rewards import require_alike, reward_functions, reward_weights
from train.rl.rollouts import Sample, columns, component_sums

TASK = load_tasks("desk:4").tasks[0]
SHARE = 0.75
OWN = OwnReward(lambda task, episode: 0.0, SHARE, "own")


def says(score: float | None) -> Callable[[Task, Episode], float | None]:
    return lambda task, episode: score


def scored(score: float | None) -> Sample:
    """A gold episode, in which a component of the user's own has this score."""
    config = EnvConfig(split="all", data="desk:4", rewards=[OwnReward(says(score), SHARE, "own")])
    (played,) = play(config, Gold([TASK]), [(TASK.id, None)])
    components, weighted = component_sums(played.episode)
    return Sample([1], [2], [1], [-0.5], components, weighted, TASK.id, False, 3, 2)


def test_a_component_of_ones_own_is_a_part_of_the_return() -> None:
    assert scored(1.0).total == pytest.approx(1)
    assert scored(0.5).total == pytest.approx(1 - SHARE / 2)
    assert scored(0.5).components["own"] == 0.5
    assert scored(None).total == pytest.approx(1)


def test_a_component_applies_to_a_whole_group_or_not_at_all() -> None:
    require_alike([scored(0.0), scored(1.0)], [OWN])
    require_alike([scored(None), scored(None)], [OWN])
    with pytest.raises(ValueError, match="return 0"):
        require_alike([scored(0.0), scored(None)], [OWN])


def test_it_reaches_the_optimiser_and_the_journal() -> None:
    rows = [scored(0.0), scored(1.0)]
    assert columns(rows, raw=False)["own"] == [0.0, SHARE]
    assert columns(rows, raw=True)["own"] == [0.0, 1.0]
    assert [function.__name__ for function in reward_functions([OWN])] == [*COMPONENTS, "own"]
    built_in = reward_weights(Recipe(aggregation=GDPO), None)
    weights = reward_weights(Recipe(aggregation=GDPO), None, [OWN])
    assert weights == [*(weight * (1 - SHARE) for weight in built_in), SHARE]
    assert reward_weights(Recipe(aggregation=SUM), None, [OWN])[-1] == 1.0
    found = observe(rows, 2)
    assert found["own/mean"] == 0.5
    assert found["own/advantage"] == 1.0
