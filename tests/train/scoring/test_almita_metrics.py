"""ALMITA-style metrics: gold passes all tests, and each kind of mistake shows where it belongs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agents.gold import Gold
from agents.play import play
from reasonact_env.config import EnvConfig
from reasonact_env.episode import Mode
from tasks.load import load_tasks
from tasks.types import Task, Turn
from tools.protocol import render
from tools.types import MessageKind, ToolCall
from train.scoring.almita import ALMITA
from train.scoring.metrics import estimates, measure, table_of

DATA = "procedures:20:0:all"
CONFIG = EnvConfig(mode="turn", data=DATA, split="all")
TASKS = {task.id: task for task in load_tasks(DATA).tasks}


class Changed:
    """Gold, but for what a function makes of each message."""

    def __init__(self, change: Callable[[Turn, str], str]) -> None:
        self.gold = Gold(TASKS.values(), "turn")
        self.change = change

    def act(self, sessions):  # type: ignore[no-untyped-def]
        said = []
        for session, message in zip(sessions, self.gold.act(sessions), strict=True):
            task: Task = TASKS[str(session.info["task_id"])]
            said.append(self.change(task.decisions[session.info["turn"]], message))
        return said


def measured(change: Callable[[Turn, str], str]) -> dict[str, float]:
    wanted = [(name, None) for name in TASKS]
    played = [one.episode for one in play(CONFIG, Changed(change), wanted)]
    parts = [measure(TASKS[episode.task_id], episode) for episode in played]
    found = estimates(table_of(parts, list(TASKS), Mode.TURN), Mode.TURN)
    return {name: found[name].value for name in ALMITA if name in found}


def test_gold_passes_all() -> None:
    assert measured(lambda turn, message: message) == pytest.approx(dict.fromkeys(ALMITA, 1.0))


def test_an_agent_that_never_calls() -> None:
    found = measured(lambda turn, message: "Please wait.")
    assert found["reply_recall"] == 1
    assert found["api_recall"] == found["correct_reply"] == found["conversation_correct"] == 0
    assert "correct_api" not in found


def test_wrong_arguments_are_not_a_wrong_api() -> None:
    def change(turn: Turn, message: str) -> str:
        calls = [ToolCall(call.name, {**call.arguments, "x": "y"}) for call in turn.calls]
        return render(calls) if turn.kind is MessageKind.CALL else message

    found = measured(change)
    assert found["correct_api"] == found["correct_reply"] == 1
    assert found["correct_parameters"] == found["conversation_correct"] == 0
    assert 0 < found["test_correct"] < 1


def test_a_second_call_is_a_wrong_api() -> None:
    def change(turn: Turn, message: str) -> str:
        return render([*turn.calls, *turn.calls]) if turn.kind is MessageKind.CALL else message

    assert measured(change)["correct_api"] == 0


def test_a_reply_with_a_wrong_fact_is_wrong() -> None:
    def change(turn: Turn, message: str) -> str:
        digits = str.maketrans("123456789", "234567891")
        return message.translate(digits) if turn.kind is MessageKind.REPLY else message

    found = measured(change)
    assert found["correct_reply"] < 0.6
    assert found["correct_parameters"] == 1
