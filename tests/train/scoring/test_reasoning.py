"""Thoughts of gold dialogues are about their decisions; dealt out to others, they are not."""

import random
from collections import defaultdict
from statistics import fmean
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.load import load_tasks
from tasks.types import Task, Turn
from tools.types import Message, Role, ToolCall
from train.scoring.reasoning import ActionTaken, worth

RULES = Message(
    Role.SYSTEM,
    "Ask for the customer number. Only pending orders can be cancelled. Returns take 30 days.",
)
ASKED = Message(Role.USER, "Please cancel order 181.")
FOUND = Message(Role.TOOL, '{"order_id": "181", "status": "pending", "refund": 35.4}')
CANCEL = ActionTaken((ToolCall("cancel_order", {"order_id": "181"}),), "")


def means(rows: list[tuple[Task, Turn]], traces: list[str]) -> dict[str, float]:
    """The mean worth of each thought against the recorded act of the same place."""
    found: dict[str, list[float]] = defaultdict(list)
    for (task, turn), trace in zip(rows, traces, strict=True):
        act = ActionTaken(turn.calls, turn.text)
        for name, value in worth(trace, act, act, task.messages[: turn.index]).items():
            found[name].append(value)
    return {name: fmean(values) for name, values in found.items()}


@pytest.mark.parametrize("data", ["desk:40", "retail:5", "airline:5"])
def test_gold_thoughts_are_worth_more_than_shuffled_ones(data: str) -> None:
    told = [
        (task, turn, trace)
        for task in load_tasks(data).tasks
        for trace, turn in zip(cast("tuple[str, ...]", task.traces), task.turns, strict=True)
    ]
    random.Random(0).shuffle(told)
    rows, traces = [row[:2] for row in told], [row[2] for row in told]
    gold, shuffled = means(rows, traces), means(rows, traces[1:] + traces[:1])
    assert gold["facts"] > 0.6 > 0.05 > shuffled["facts"]
    assert gold["grounded"] > 0.95 > 0.5 > shuffled["grounded"]
    assert gold["rule"] > 2 * shuffled["rule"]
    assert gold["agreement"] > 5 * shuffled["agreement"]


def test_a_thought_names_facts_and_rule_of_its_act() -> None:
    before = (RULES, ASKED, FOUND)
    good = worth("Order 181 is pending, so it can be cancelled.", CANCEL, CANCEL, before)
    other = worth("Order 777 is too old: returns take 30 days.", CANCEL, CANCEL, before)
    assert good["facts"] == good["grounded"] == 1
    assert (other["facts"], other["grounded"]) == (0, 0.5)
    assert good["rule"] > other["rule"]
    assert good["agreement"] > other["agreement"]


def test_what_a_reply_needs_is_what_it_passes_on_from_the_tools() -> None:
    act = ActionTaken((), "Order 181 is cancelled, you get $35.40 back.")
    before = (RULES, ASKED, FOUND)
    assert worth("The refund is 35.4.", act, act, before)["facts"] == 1
    assert worth("It is done.", act, act, before)["facts"] == 0
    polite = ActionTaken((), "Anything else?")
    assert "facts" not in worth("It is done.", polite, polite, before)


def test_what_the_agent_said_itself_is_no_ground() -> None:
    before = (RULES, ASKED, Message(Role.ASSISTANT, "Your order 999?"))
    assert worth("It is order 999.", CANCEL, CANCEL, before)["grounded"] == 0


@settings(deadline=None)
@given(thought=st.text(), reply=st.text(), rules=st.text(), asked=st.text())
def test_any_thought_has_its_shares(thought: str, reply: str, rules: str, asked: str) -> None:
    act = ActionTaken((), reply)
    before = (Message(Role.SYSTEM, rules), Message(Role.USER, asked))
    found = worth(thought, act, act, before)
    assert all(0 <= value <= 1 + 1e-9 for value in found.values())
