"""What is played, gated, drawn again and left out before TRL sees it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from reasonact_env.config import EnvConfig
from reasonact_env.episodes.storage import read_episodes
from reasonact_env.reward import COMPONENTS
from tasks.load import load_tasks
from train.models.model import tiny_model
from train.models.policies import TrainedPolicy
from train.models.profiles import DEMO, TinyModel
from train.models.tokenizer import train_tokenizer
from train.rl.generations import Generations
from train.rl.recipe import Recipe
from train.rl.rollouts import Prompt, Sample, columns, gated, is_dead, masked, prompts
from train.rl.task_sampler import TaskSampler, level_of

DATA = "desk:40"
TASKS = load_tasks(DATA).split("train")
CONFIG = EnvConfig(mode="turn", data=DATA)


def sample(**scores: float | None) -> Sample:
    """A sample with these scores, each weighted a tenth."""
    components = dict.fromkeys(COMPONENTS) | scores
    weighted = {name: None if score is None else score / 10 for name, score in components.items()}
    return Sample([1], [2, 3], [1, 0], [-0.5, 0.0], components, weighted, "t", False, 1, 1)


def test_an_easy_reward_counts_only_once_the_hard_one_is_reached() -> None:
    gates = {"format": "tool", "thinking": "outcome"}
    failed = gated(sample(format=1.0, tool=0.5, thinking=1.0), gates)
    assert failed.shut == {"format"}
    assert failed.total == pytest.approx(0.15)
    assert failed.components["format"] == 1.0, "what was scored stays to be seen"
    assert columns([failed], raw=True)["format"] == [0.0]
    assert columns([failed], raw=False)["format"] == [0.0]
    assert columns([failed], raw=True)["thinking"] == [1.0], "no outcome, no gate"
    reached = gated(sample(format=1.0, tool=0.6, thinking=1.0), gates)
    assert reached.shut == frozenset()
    assert reached.total == pytest.approx(0.26)


def test_a_closed_gate_takes_blame_away_too() -> None:
    assert gated(sample(decision=-1.0, tool=0.0), {"decision": "tool"}).total == 0.0


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
) -> tuple[Generations, list[Sample]]:
    """Plays one generation of four groups of three."""
    recipe = Recipe(generations=1, prompts=4, group=3, micro_batch=3, **options)  # type: ignore[arg-type]
    task_sampler = TaskSampler(TASKS, by_turn=True, seed=0)
    made = Generations(CONFIG, recipe, 0, 64, task_sampler, folder)
    planned = [p for p in prompts(TASKS, 4, by_turn=True, seed=0) for _ in range(3)]
    return made, made.play(planned, policy.maker(temperature)(0), step=0)


def test_dead_groups_are_played_again_elsewhere_and_counted(policy: TrainedPolicy) -> None:
    made, plain = generation(policy)
    dead = [i for i in range(0, 12, 3) if is_dead(plain[i : i + 3], raw=False)]
    assert 0 < len(dead) < 4, "or the test shows nothing"
    made, samples = generation(policy, resample=3)
    assert made.observed["groups/dead"] == len(dead) / 4
    assert made.observed["groups/left"] < made.observed["groups/dead"]
    assert made.observed["groups/played"] > 4
    for i in range(0, 12, 3):
        group = samples[i : i + 3]
        assert len({(one.task_id, one.decision) for one in group}) == 1
        if i not in dead:
            assert [s.completion_ids for s in group] == [s.completion_ids for s in plain[i : i + 3]]


def test_rounds_end_where_nothing_comes_alive(policy: TrainedPolicy) -> None:
    made, samples = generation(policy, temperature=0.0, resample=2)
    assert made.observed["groups/dead"] == made.observed["groups/left"] == 1
    assert made.observed["groups/played"] == 12
    assert len(samples) == 12


def test_overlong_rows_carry_no_loss_and_are_counted(policy: TrainedPolicy) -> None:
    made, samples = generation(policy, max_tokens=4, overlong="mask")
    assert made.observed["length/clipped"] > 0
    assert made.observed["length/mean"] > 0
    for one in samples:
        assert any(one.env_mask) != one.clipped


def test_episodes_before_a_checkpoint_are_kept_and_readable(
    policy: TrainedPolicy, tmp_path: Path
) -> None:
    generation(policy, folder=tmp_path / "late", save_every=2)
    assert not (tmp_path / "late").exists()
    _, samples = generation(policy, folder=tmp_path, save_every=1)
    header, episodes = read_episodes(tmp_path / "00001.jsonl")
    assert header.source == "embedded:desk(n=40,seed=0)"
    totals = [episode.total for episode in episodes]
    assert totals == pytest.approx([one.total for one in samples])


def test_a_supply_is_needed_to_draw_from() -> None:
    with pytest.raises(ValueError, match="task_sampler"):
        Generations(CONFIG, Recipe(resample=1), 0, 64)


@pytest.mark.parametrize("by_turn", [False, True])
def test_draws_are_the_same_for_the_same_place_and_others_elsewhere(by_turn: bool) -> None:
    task_sampler = TaskSampler(TASKS, by_turn=by_turn, seed=0)
    first = task_sampler.draw(3, 1, 5)
    assert first == TaskSampler(TASKS, by_turn=by_turn, seed=0).draw(3, 1, 5)
    assert len({(one.task_id, one.decision) for one in first}) == 5
    others = (task_sampler.draw(4, 1, 5), task_sampler.draw(3, 2, 5))
    assert all(first != other for other in others)
    assert len(task_sampler.draw(0, 0, 1000)) == 1000, "more than there are: some come twice"


def played(prompt: Prompt, *, won: bool) -> Sample:
    one = sample(outcome=float(won))
    return replace(one, task_id=prompt.task_id, decision=prompt.decision)


def test_a_level_that_is_neither_mastered_nor_hopeless_is_drawn_more_often(tmp_path: Path) -> None:
    by_id = {task.id: task for task in TASKS}
    task_sampler = TaskSampler(TASKS, by_turn=False, seed=0, record=tmp_path / "curriculum.jsonl")

    def levels(step: int) -> Counter[str]:
        drawn = (task_sampler.draw(step, number, 10) for number in range(40))
        return Counter(level_of(by_id[p.task_id], None) for some in drawn for p in some)

    before = levels(0)
    middling = before.most_common(1)[0][0]
    for step in range(6):
        everything = [Prompt(task.id, None, 0) for task in TASKS]
        rng = np.random.default_rng(step)
        of = {p: level_of(by_id[p.task_id], None) for p in everything}
        won = {p: bool(of[p] != middling or rng.random() < 0.5) for p in everything}
        task_sampler.learn(step, [played(p, won=won[p]) for p in everything])
    rates = task_sampler.rates(6)
    assert rates[middling] == pytest.approx(0.5, abs=0.15)
    assert min(rate for name, rate in rates.items() if name != middling) > 0.7
    assert levels(6)[middling] > 1.2 * before[middling]


def test_what_a_killed_run_noted_after_its_checkpoint_is_forgotten(tmp_path: Path) -> None:
    record = tmp_path / "curriculum.jsonl"
    task_sampler = TaskSampler(TASKS, by_turn=False, seed=0, record=record)
    for step in (0, 1, 2):
        task_sampler.learn(step, [played(p, won=True) for p in task_sampler.draw(step, 0, 4)])
    at_one = task_sampler.rates(1)
    task_sampler.learn(1, [])
    assert len(record.read_text().splitlines()) == 2
    assert task_sampler.rates(1) == at_one


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ratio": "word"}, "ratio 'token' or 'sequence'"),
        ({"overlong": "cut"}, "overlong 'keep' or 'mask'"),
        ({"gates": {"format": "luck"}}, "gates between"),
        ({"resample": -1}, "0 or more rounds"),
    ],
)
def test_a_recipe_says_what_it_does_not_know(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Recipe(**options)


def test_processes_draw_different_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    task_sampler = TaskSampler(TASKS, by_turn=False, seed=0)
    first = task_sampler.draw(0, 1, 5)
    monkeypatch.setenv("RANK", "1")
    assert task_sampler.draw(0, 1, 5) != first
