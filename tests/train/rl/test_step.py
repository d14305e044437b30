"""What is played, resampled and left out before TRL sees it."""

from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
import torch

from reasonact_env.config import EnvConfig
from reasonact_env.episodes.storage import read_episodes
from reasonact_env.reward import COMPONENTS
from tasks.load import load_tasks
from tools.types import MessageKind
from train.models.model import tiny_model
from train.models.policies import TrainedPolicy
from train.models.profiles import DEMO, TinyModel
from train.models.tokenizer import train_tokenizer
from train.rl.credit import BRANCH
from train.rl.prompts import TaskSampler, prompts
from train.rl.recipe import Recipe
from train.rl.rollouts import Sample, is_dead, masked
from train.rl.step import Generation, Step

DATA = "desk:40"
TASKS = load_tasks(DATA).split("train")
CONFIG = EnvConfig(mode="turn", data=DATA)


def sample(**scores: float | None) -> Sample:
    """A sample with these scores, each weighted a tenth."""
    components = dict.fromkeys(COMPONENTS) | scores
    weighted = {name: None if score is None else score / 10 for name, score in components.items()}
    return Sample([1], [2, 3], [1, 0], [-0.5, 0.0], components, weighted, "t", False, 1, 1)


def test_a_group_is_dead_if_it_tells_nothing() -> None:
    low, high = sample(format=0.0, tool=1.0), sample(format=1.0, tool=0.0)
    assert is_dead([low, low], raw=False)
    assert is_dead([low, high], raw=False), "the same return"
    assert not is_dead([low, high], raw=True), "but not the same components"
    assert not is_dead([low, sample(format=1.0, tool=1.0)], raw=False)


def test_what_is_unlearned_keeps_its_reward() -> None:
    before = sample(format=1.0)
    after = masked(before)
    assert after.env_mask == [0, 0]
    assert (after.total, after.completion_ids) == (before.total, before.completion_ids)


def test_success_is_the_outcome_or_the_recorded_decision() -> None:
    assert sample(outcome=1.0, tool=0.5).success
    assert not sample(outcome=0.0, tool=1.0).success
    assert sample(tool=1.0).success
    assert not sample(tool=0.9).success
    assert sample(answer=0.6).success


@pytest.fixture(scope="module")
def policy() -> Iterator[TrainedPolicy]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    tokenizer = train_tokenizer(TASKS, 600)
    shape = TinyModel(layers=1, hidden=32, heads=2, vocabulary=600, initial_std=0.2)
    model = tiny_model(shape, tokenizer, seed=0)
    yield TrainedPolicy(model, tokenizer, DEMO, "random weights")
    torch.set_num_threads(before)


def generation(
    policy: TrainedPolicy, temperature: float = 1.0, folder: Path | None = None, **options: object
) -> Generation:
    """Plays one generation of four groups of three."""
    recipe = Recipe(generations=1, prompts=4, group=3, micro_batch=3, **options)  # type: ignore[arg-type]
    task_sampler = TaskSampler(TASKS, by_turn=True, seed=0)
    step = Step(CONFIG, recipe, policy.tokenizer, task_sampler=task_sampler, folder=folder)
    planned = [p for p in prompts(TASKS, 4, by_turn=True, seed=0) for _ in range(3)]
    return step(planned, policy.maker(temperature)(0), 0)


def test_dead_groups_are_played_again_elsewhere_and_counted(policy: TrainedPolicy) -> None:
    plain = generation(policy).samples
    dead = [i for i in range(0, 12, 3) if is_dead(plain[i : i + 3], raw=False)]
    assert 0 < len(dead) < 4, "or the test shows nothing"
    made = generation(policy, resample=3)
    samples = made.samples
    assert made.observed["groups/dead"] == len(dead) / 4
    assert made.observed["groups/left"] < made.observed["groups/dead"]
    assert made.observed["groups/played"] > 4
    for i in range(0, 12, 3):
        group = samples[i : i + 3]
        assert len({(one.task_id, one.decision) for one in group}) == 1
        if i not in dead:
            assert [s.completion_ids for s in group] == [s.completion_ids for s in plain[i : i + 3]]


def test_rounds_end_where_nothing_comes_alive(policy: TrainedPolicy) -> None:
    made = generation(policy, temperature=0.0, resample=2)
    assert made.observed["groups/dead"] == made.observed["groups/left"] == 1
    assert made.observed["groups/played"] == 12
    assert len(made.samples) == 12


def test_overlong_rows_carry_no_loss_and_are_counted(policy: TrainedPolicy) -> None:
    made = generation(policy, max_tokens=4, overlong="mask")
    assert made.observed["length/clipped"] > 0
    assert made.observed["length/mean"] > 0
    for one in made.samples:
        assert any(one.env_mask) != one.clipped


def test_episodes_before_a_checkpoint_are_kept_and_readable(
    policy: TrainedPolicy, tmp_path: Path
) -> None:
    generation(policy, folder=tmp_path / "late", save_every=2)
    assert not (tmp_path / "late").exists()
    samples = generation(policy, folder=tmp_path, save_every=1).samples
    header, episodes = read_episodes(tmp_path / "00001.jsonl")
    assert header.source == "embedded:desk(n=40,seed=0)"
    totals = [episode.total for episode in episodes]
    assert totals == pytest.approx([one.total for one in samples])


def test_resampling_needs_tasks_to_sample_from(policy: TrainedPolicy) -> None:
    with pytest.raises(ValueError, match="task_sampler"):
        Step(CONFIG, Recipe(resample=1), policy.tokenizer)


def test_a_generation_holds_all_that_is_known_of_it_and_stays_as_it_is(
    policy: TrainedPolicy,
) -> None:
    plain, branch = generation(policy), generation(policy, credit=BRANCH)
    assert len(plain.advantages) == len(plain.samples), "one an episode"
    assert branch.samples == plain.samples
    for row, advantages in zip(branch.samples, branch.advantages, strict=True):
        assert isinstance(advantages, list)
        assert len(advantages) == len(row.completion_ids)
    assert any(any(row) for row in branch.advantages if isinstance(row, list))
    assert plain.seconds == plain.observed["time/rollout"] > plain.observed["time/env"] > 0
    assert plain.samples[-1].task_id in plain.episode
    with pytest.raises(FrozenInstanceError):
        plain.seconds = 0.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"overlong": "cut"}, "overlong 'keep' or 'mask'"),
        ({"credit": "branch", "trl": {"scale_rewards": "none"}}, "not divided"),
        ({"resample": -1}, "expected 0 or more"),
    ],
)
def test_a_recipe_says_what_it_does_not_know(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Recipe(**options)


def test_a_generation_tells_how_many_of_the_decisions_that_teach_are_calls(
    policy: TrainedPolicy,
) -> None:
    made = generation(policy)
    groups = [made.samples[i : i + 3] for i in range(0, 12, 3)]
    calls = [recorded(one[0]) is MessageKind.CALL for one in groups if not is_dead(one, raw=False)]
    assert 0 < len(calls) < 4, "or the test shows nothing"
    assert made.observed["calls/due"] == sum(calls) / len(calls)


def test_a_group_gives_way_to_another_decision_of_its_kind(policy: TrainedPolicy) -> None:
    plain = generation(policy, temperature=0.0).samples[::3]
    other = generation(policy, temperature=0.0, resample=1).samples[::3]
    assert {recorded(one) for one in plain} == {MessageKind.CALL, MessageKind.REPLY}
    for before, after in zip(plain, other, strict=True):
        assert recorded(after) is recorded(before)
        assert (after.task_id, after.decision) != (before.task_id, before.decision)


def recorded(sample: Sample) -> MessageKind:
    """Whether the record calls or replies where this was played."""
    task = next(task for task in TASKS if task.id == sample.task_id)
    return task.decisions[sample.decision or 0].kind
