"""What a generation tells about the policy."""

import pytest

from agents.baselines import BASELINES
from agents.gold import Gold
from agents.play import play
from reasonact_env.agent import Agent
from reasonact_env.config import EnvConfig
from tasks.load import load_tasks
from train.rl.heldout import summary, units
from train.rl.observe import episode_line, follows, rates
from train.scoring.metrics import measure

DATA = "desk:30"
TASKS = load_tasks(DATA).tasks


def observed(agent: Agent, mode: str) -> dict[str, float]:
    """The rates of an agent over all tasks."""
    wanted = [(task.id, None) for task in TASKS]
    played = play(EnvConfig(split="all", data=DATA, mode=mode), agent, wanted)
    return rates([measure(task, one.episode) for task, one in zip(TASKS, played, strict=True)])


def test_gold_calls_what_it_should_and_no_more() -> None:
    for mode in ("dialogue", "turn"):
        found = observed(Gold(TASKS, mode), mode)
        assert found["calls/under"] == 0
        assert found["format/rate"] == 1
        assert found["calls/over"] < 0.35, "what it looks up on its way is no call of the goal"
    assert observed(Gold(TASKS, "turn"), "turn")["calls/over"] == 0


def test_who_always_calls_calls_too_much_and_who_never_does_too_little() -> None:
    assert observed(BASELINES["random_call"], "turn")["calls/over"] > 0.9
    assert observed(BASELINES["polite"], "turn")["calls/under"] == 1
    assert observed(BASELINES["polite"], "dialogue")["calls/under"] == 1


def test_what_the_return_follows_is_seen_among_episodes_that_are_alike() -> None:
    groups = [(0, 0.0)] * 3 + [(1, 0.0)] * 3
    assert follows([1, 2, 3, 11, 12, 13], [0, 1, 2, -5, -4, -3], groups) == 1
    assert follows([1, 2, 3, 11, 12, 13], [2, 1, 0, 9, 8, 7], groups) == -1
    assert follows([1, 2, 3, 3, 3, 3], [1, 1, 1, 0, 5, 1], groups) == 0
    assert follows([2, 2, 2, 3, 3, 3], [1, 2, 3, 4, 5, 6], groups) is None


def test_success_that_takes_longer_is_not_paid_for_its_length() -> None:
    lengths, totals = [10, 11, 50, 51], [0.0, 0.0, 1.0, 1.0]
    assert follows(lengths, totals, [(0, 0.0), (0, 0.0), (0, 1.0), (0, 1.0)]) is None
    assert follows(lengths, totals, [(0, 0.0)] * 4) == pytest.approx(1, abs=1e-3)


def test_an_episode_is_a_line() -> None:
    wanted = [(TASKS[0].id, None)]
    (one,) = play(EnvConfig(split="all", data=DATA), Gold(TASKS), wanted)
    line = episode_line(TASKS[0], one.episode)
    assert line.startswith("desk-00000 · 4 messages · return 1.00 · success · “")
    assert "\n" not in line


def test_held_out_tasks_are_dialogues_or_decisions_of_all_kinds() -> None:
    assert units(TASKS, by_turn=False) == [(task.id, None) for task in TASKS]
    numbers = {number for _, number in units(TASKS, by_turn=True)}
    assert {0, 1, 2} <= numbers
    for (_, number), task in zip(units(TASKS, by_turn=True), TASKS, strict=True):
        assert number is not None
        assert number < len(task.decisions)


def test_a_look_at_held_out_tasks_in_three_numbers() -> None:
    parts = [{"success": (1.0, 1.0)}, {"success": (0.0, 1.0)}]
    assert summary(parts, [1.0, 0.0]) == {
        "held_out/success": 0.5,
        "held_out/return": 0.5,
        "held_out/error": 0.5 / 2**0.5,
    }
