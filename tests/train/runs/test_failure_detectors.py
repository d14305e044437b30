"""Each failure is named when it is there, and none in runs that went well."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.baselines import BASELINES
from agents.gold import Gold
from agents.play import play
from reasonact_env.agent import Session
from reasonact_env.config import EnvConfig
from reasonact_env.episode import Episode
from tasks.load import load_tasks
from tasks.types import Task
from train.rl.observe import observe
from train.rl.rollouts import Sample, component_sums
from train.runs.failure_detectors import ADVICE, MAX_STEP_KL, Signature, failures
from train.runs.trends import WINDOW, Line, read
from train.scoring.metrics import measure

DATA = "desk:60"
JOURNALS = Path(__file__).parents[2] / "data" / "journals"
"""Real runs: two of the demo's GRPO, from a weak and from a strong policy, and some in which a
failure was provoked (`python -m benchmarks.failures`)."""

HEALTHY = {
    "total/mean": 0.5,
    "total/dead": 0.2,
    "outcome/mean": 0.3,
    "tool/advantage": 0.5,
    "answer/advantage": 0.5,
    "grad_norm": 1.0,
    "entropy": 0.4,
    "calls/rate": 0.5,
    "calls/mean": 2.0,
    "calls/pays": 0.2,
    "length/mean": 80.0,
    "length/clipped": 0.0,
    "length/pays": 0.2,
    "step/kl": 1e-4,
    "step/clipped": 0.01,
    "ratio/drift": 1e-6,
    "ratio/clipped": 0.0,
    "format/rate": 0.98,
    "episodes/unfinished": 0.1,
    "held_out/return": 0.5,
    "held_out/error": 0.02,
}


def noisy(line: Line, step: int) -> dict[str, float]:
    """The line with a scatter of one part in a hundred, and its number."""
    swing = 1 + 0.01 * (-1) ** step
    return {"step": step, **{name: value * swing for name, value in line.items()}}


def run(last: Line) -> list[dict[str, float]]:
    """A run that begins healthy and ends with other numbers."""
    lines = [HEALTHY] * (2 * WINDOW) + [{**HEALTHY, **last}] * WINDOW
    return [noisy(line, step) for step, line in enumerate(lines, 1)]


def named(lines: Sequence[Line]) -> list[Signature]:
    return [failure.signature for failure in failures(lines)]


@pytest.mark.parametrize("name", ["desk-weak", "desk-strong"])
def test_a_run_that_went_well_is_silent_all_the_way(name: str) -> None:
    lines = read(JOURNALS / f"{name}.jsonl")
    assert len(lines) == 100
    for step in range(1, len(lines) + 1):
        assert failures(lines[:step]) == []


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("pays-length", Signature.LENGTH_PAYS),
        ("pays-calls", Signature.CALL_HAPPY),
        ("lr-x10", Signature.STEP_TOO_LARGE),
    ],
)
def test_a_provoked_failure_is_named_and_no_other(name: str, signature: Signature) -> None:
    lines = read(JOURNALS / f"{name}.jsonl")
    said = [named(lines[:step]) for step in range(1, len(lines) + 1)]
    assert said[-1] == [signature]
    assert all(names in ([], [signature]) for names in said)


class Sloppy:
    """Follows the record, and now and then does something else instead."""

    def __init__(self, tasks: Sequence[Task], seed: int) -> None:
        self._gold, self._rng = Gold(tasks), np.random.default_rng(seed)

    def act(self, sessions: Sequence[Session]) -> list[str]:
        return [self._one(session) for session in sessions]

    def _one(self, session: Session) -> str:
        slip = str(self._rng.choice(["random_call", "polite", "spray", *["none"] * 7]))
        agent = BASELINES.get(slip, self._gold)
        return agent.act([session])[0]


def generation(tasks: Sequence[Task], seed: int, rewards: Sequence[str]) -> dict[str, float]:
    """What a journal says of 8 episodes of each task."""
    wanted = [(task.id, None) for task in tasks for _ in range(8)]
    config = EnvConfig(split="all", data=DATA, max_turns=12, rewards=rewards)
    by_id = {task.id: task for task in tasks}
    played = play(config, Sloppy(tasks, seed), wanted)
    rows = [row_of(by_id[one.episode.task_id], one.episode) for one in played]
    return observe(rows, 8)


def row_of(task: Task, episode: Episode) -> Sample:
    """An episode as a model might have played it, a token for every four characters."""
    size = sum(len(step.action) for step in episode.steps) // 4
    components, weighted = component_sums(episode)
    return Sample(
        prompt_ids=[],
        completion_ids=[0] * size,
        env_mask=[1] * size,
        logprobs=[0.0] * size,
        components=components,
        weighted=weighted,
        task_id=task.id,
        clipped=False,
        messages=len(episode.steps),
        calling=sum(any(call.name for call in step.calls) for step in episode.steps),
        calls=sum(bool(call.name) for step in episode.steps for call in step.calls),
        measures=measure(task, episode),
    )


@pytest.mark.parametrize(
    ("reward", "expected"),
    [
        ([], []),
        (["benchmarks.bad_rewards:pays_length=0.67"], [Signature.LENGTH_PAYS]),
        (["benchmarks.bad_rewards:pays_calls=0.67"], [Signature.CALL_HAPPY]),
    ],
)
def test_a_reward_of_the_wrong_thing_is_named_before_it_is_learned(
    reward: list[str], expected: list[Signature]
) -> None:
    tasks = load_tasks(DATA).tasks
    parts = [tasks[i : i + 4] for i in range(0, 60, 4)]
    lines = [generation(part, seed, reward) for seed, part in enumerate(parts)]
    assert named(lines) == expected


def test_more_return_is_no_failure() -> None:
    assert named(run({"total/mean": 0.7, "outcome/mean": 0.5, "length/mean": 90.0})) == []


def test_a_short_run_is_not_judged() -> None:
    assert failures([{**HEALTHY, "total/dead": 1.0}] * (2 * WINDOW - 1)) == []


def test_missing_numbers_are_no_failure() -> None:
    assert failures([{}] * 20) == []
    assert failures([{"total/mean": 0.5}] * 20) == []


@pytest.mark.parametrize(
    ("last", "signature"),
    [
        ({"calls/rate": 0.8}, Signature.CALL_HAPPY),
        ({"calls/rate": 0.1}, Signature.CALL_SHY),
        ({"entropy": 0.05}, Signature.ENTROPY_COLLAPSE),
        ({"step/kl": 2 * MAX_STEP_KL}, Signature.STEP_TOO_LARGE),
        ({"total/mean": 0.3}, Signature.DIVERGENCE),
        ({"grad_norm": 50.0}, Signature.DIVERGENCE),
        ({"total/dead": 0.99}, Signature.NO_SIGNAL),
        ({"tool/advantage": 0.95, "answer/advantage": 0.05}, Signature.ONE_COMPONENT),
        ({"length/clipped": 0.2}, Signature.OVERLONG),
        ({"episodes/unfinished": 0.7}, Signature.OVERLONG),
        ({"format/rate": 0.6}, Signature.FORMAT_LOST),
        ({"ratio/drift": 0.3}, Signature.OFF_POLICY),
        ({"ratio/clipped": 0.4}, Signature.OFF_POLICY),
        (
            {"held_out/return": 0.3, "total/mean": 0.7, "outcome/mean": 0.5},
            Signature.NOT_HELD_OUT,
        ),
    ],
)
def test_each_signature_is_named_alone(last: Line, signature: Signature) -> None:
    found = failures(run(last))
    assert [failure.signature for failure in found] == [signature]
    assert any(character.isdigit() for character in found[0].evidence)
    assert ADVICE[signature] in str(found[0])


def paid(length: float, calls: float, last: Line) -> list[dict[str, float]]:
    """A run in which the return follows length and calls so closely all the time."""
    return [{**line, "length/pays": length, "calls/pays": calls} for line in run(last)]


@pytest.mark.parametrize(
    ("length", "calls", "last", "signatures"),
    [
        (0.95, 0.9, {}, [Signature.LENGTH_PAYS]),
        (0.9, 0.95, {}, [Signature.CALL_HAPPY]),
        (0.7, 0.8, {}, []),
        (0.7, 0.6, {"length/mean": 160.0}, [Signature.LENGTH_PAYS]),
        (0.6, 0.7, {"calls/mean": 4.0}, [Signature.CALL_HAPPY]),
        (0.4, 0.3, {"length/mean": 160.0}, []),
        (0.7, 0.6, {"length/mean": 160.0, "outcome/mean": 0.6}, []),
    ],
)
def test_what_pays_by_itself_is_named(
    length: float, calls: float, last: Line, signatures: list[Signature]
) -> None:
    assert named(paid(length, calls, last)) == signatures


def test_the_only_component_with_a_weight_may_make_all_of_the_advantage() -> None:
    lines = run({})
    for line in lines:
        line |= {"tool/advantage": 1.0, "answer/advantage": 0.0}
    assert named(lines) == []


def test_one_wild_step_is_no_failure() -> None:
    lines = run({})
    lines[-2]["step/kl"] = 10 * MAX_STEP_KL
    assert named(lines) == []


def test_what_went_wrong_early_is_still_said_later() -> None:
    lines = [*run({"step/kl": 2 * MAX_STEP_KL}), *run({})]
    assert named(lines) == [Signature.STEP_TOO_LARGE]


def test_a_difference_within_chance_is_no_failure() -> None:
    lines = [{**HEALTHY, "total/mean": 0.2 + 0.6 * (step % 2)} for step in range(15)]
    assert named(lines) == []


NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.dictionaries(st.sampled_from(sorted(HEALTHY)), NUMBERS), max_size=30))
def test_any_journal_can_be_judged(lines: list[dict[str, float]]) -> None:
    assert len(named(lines)) <= len(Signature)
