"""Hand-overs: where one is asked for, nothing else will do, and the outcome says so."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agents.gold import Gold
from agents.play import play
from reasonact_env.agent import Session
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode
from tasks.apigen.reader import read_records
from tasks.summary import inferred_line, summary
from tasks.types import Task
from tools.protocol import parse, render
from tools.types import Json, ToolCall

INSTEAD = "I am sorry, that is not possible."


class Unhelpful:
    """Gold, but for the call for a human."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.gold = Gold(tasks)
        self.tasks = {task.id: task for task in tasks}

    def act(self, sessions: Sequence[Session]) -> list[str]:
        said = zip(self.gold.act(sessions), sessions, strict=True)
        return [
            INSTEAD if hands_over(self.tasks[str(session.info["task_id"])], message) else message
            for message, session in said
        ]


def hands_over(task: Task, message: str) -> bool:
    return any(task.effects[call.name].hands_over for call in parse(message).calls)


def played(config: EnvConfig, *, helpful: bool) -> list[Episode]:
    tasks = [
        task
        for task in ReasonActEnv.of(config).tasks
        if any(hands_over(task, task.messages[turn.index].content) for turn in task.turns)
    ]
    agent = Gold(tasks) if helpful else Unhelpful(tasks)
    return [one.episode for one in play(config, agent, [(task.id, None) for task in tasks])]


@pytest.mark.parametrize(
    ("data", "user"),
    [
        ("retail:60:7", "agenda"),
        ("retail:60:7", "scripted"),
        ("airline:60:7", "agenda"),
        ("desk:200", "scripted"),
        ("kaleidoscope:100", "scripted"),
        ("procedures:60:0:all", "scripted"),
    ],
)
def test_a_handover_that_is_asked_for_decides(data: str, user: str) -> None:
    config = EnvConfig(split="all", data=data, user=user)
    right, wrong = played(config, helpful=True), played(config, helpful=False)
    assert right
    assert all(one.outcome is not None and one.outcome.success for one in right)
    for one in wrong:
        assert one.outcome is not None
        assert not one.outcome.success
        assert one.total < 0.95
        named = {broken.rule for broken in one.outcome.violations}
        assert not one.outcome.handover or named  # a procedure names the step that was left
        undone = [goal.call.name for goal in one.outcome.goals if not goal.done]
        assert undone or named
        if data.startswith(("retail", "airline")):
            assert "missing_handover" in named
            assert "transfer_to_human_agents" in undone


def record(tool: str, description: str = "") -> dict[str, Json]:
    """A dialogue with a call, and a farewell after it."""
    arguments: Json = {"type": "object", "properties": {"amount": {"type": "integer"}}}
    offered: Json = [{"name": tool, "description": description, "parameters": arguments}]
    call: Json = {"name": tool, "arguments": {"amount": 5}}
    said: list[tuple[str, Json]] = [
        ("human", "Please do it."),
        ("function_call", call),
        ("observation", "done"),
        ("gpt", "It is done."),
    ]
    turns: list[Json] = [{"from": who, "value": what} for who, what in said]
    return {"system": "Serve.", "tools": offered, "conversations": turns}


@pytest.mark.parametrize(
    ("tool", "declared", "ends"),
    [
        ("transfer_money_to_person", None, False),
        ("transferFunds", None, False),
        ("notify_staff", None, False),
        ("human_handoff", None, True),
        ("talkToHuman", None, True),
        ("escalate_issue", None, True),
        ("human_handoff", {"handover": False}, False),
        ("human_handoff", "handover", True),
        ("finish", "handover", True),
    ],
)
def test_only_a_handover_ends_a_dialogue(tool: str, declared: Json, ends: bool) -> None:
    sidecar: Json = {} if declared is None else {"effects": {tool: declared}}
    tasks = read_records([record(tool)], [sidecar], source="own", stem="own")
    env = ReasonActEnv(data=lambda: tasks, split="all")
    env.reset()
    *_, terminated, _, info = env.step(render([ToolCall(tool, {"amount": 5})]))
    assert terminated is ends
    assert info.get("stop") == ("handover" if ends else None)


def test_what_is_inferred_is_said_where_it_decides() -> None:
    tasks = read_records([record("human_handoff")], None, source="own", stem="own")
    assert dict(summary(tasks))["hand-overs"] == "human_handoff (inferred)"
    assert "hand-over by human_handoff" in inferred_line(tasks.tasks)
    declared: Json = {"effects": {"human_handoff": {"effect": "read", "handover": True}}}
    tasks = read_records([record("human_handoff")], [declared], source="own", stem="own")
    assert dict(summary(tasks))["hand-overs"] == "human_handoff"
    assert inferred_line(tasks.tasks) == ""
