"""Components of the user's own: found, checked, weighted and watched like the others."""

import pytest

from agents.gold import Gold
from agents.play import Played, play
from reasonact_env.reward import COMPONENTS
from tasks.load import load_tasks
from train.rl.observe import observe
from train.rl.recipe import GDPO, SUM, Recipe
from train.rl.rewards import (
    Extra,
    load_extras,
    require_alike,
    reward_functions,
    reward_weights,
    with_extras,
)
from train.rl.rollouts import Sample, columns, component_sums

TASK = load_tasks("desk:4").tasks[0]
LENGTH = "benchmarks.bad_rewards:pays_length"


def played() -> Played:
    (one,) = play({"split": "all", "data": "desk:4"}, Gold([TASK]), [(TASK.id, None)])
    return one


def sample() -> Sample:
    """A gold episode, as it is weighted."""
    components, weighted = component_sums(played().episode)
    return Sample([1], [2], [1], [-0.5], components, weighted, TASK.id, False, 3, 2)


def scored(score: float | None, weight: float = 2.0) -> Sample:
    extra = Extra("own", weight, lambda task, episode: score)
    return with_extras(sample(), TASK, played().episode, [extra])


def test_a_component_is_found_by_its_place_and_weight() -> None:
    (extra,) = load_extras([f"{LENGTH}=0.25"])
    assert (extra.name, extra.weight) == ("pays_length", 0.25)
    assert 0 < (extra.score(TASK, played().episode) or 0) < 1
    assert load_extras([LENGTH])[0].weight == 1


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (["pays_length"], "MODULE:NAME"),
        ([f"{LENGTH}=much"], "WEIGHT"),
        ([f"{LENGTH}=nan"], "WEIGHT"),
        (["benchmarks.bad_rewards:nothing"], "has no 'nothing'"),
        (["benchmarks.bad_rewards:MANY"], "function"),
        ([LENGTH, LENGTH], "pays_length"),
    ],
)
def test_what_is_no_component_is_refused(wanted: list[str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        load_extras(wanted)


def test_a_score_is_paid_beside_the_environment() -> None:
    before, after = sample(), scored(0.5)
    assert after.total == pytest.approx(before.total + 1.0)
    assert after.components["own"] == 0.5
    assert scored(None).total == before.total
    assert {name: after.weighted[name] for name in COMPONENTS} == before.weighted


def test_a_score_must_be_a_number() -> None:
    with pytest.raises(ValueError, match="finite"):
        scored(float("inf"))


def test_a_component_applies_to_a_whole_group_or_not_at_all() -> None:
    extra = Extra("own", 1.0, lambda task, episode: None)
    require_alike([scored(0.0), scored(1.0)], [extra])
    require_alike([scored(None), scored(None)], [extra])
    with pytest.raises(ValueError, match="return 0"):
        require_alike([scored(0.0), scored(None)], [extra])


def test_it_reaches_the_optimiser_and_the_journal() -> None:
    rows, extra = [scored(0.0), scored(1.0)], Extra("own", 2.0, lambda task, episode: 0.0)
    assert columns(rows, raw=False)["own"] == [0.0, 2.0]
    assert columns(rows, raw=True)["own"] == [0.0, 1.0]
    assert [function.__name__ for function in reward_functions([extra])] == [*COMPONENTS, "own"]
    assert reward_weights(Recipe(aggregation=GDPO), None, [extra])[-1] == 2.0
    assert reward_weights(Recipe(aggregation=SUM), None, [extra])[-1] == 1.0
    found = observe(rows, 2)
    assert found["own/mean"] == 0.5
    assert found["own/advantage"] == 1.0
