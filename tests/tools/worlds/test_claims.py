"""Replies that claim what did not happen: named, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from reasonact_env.env import ReasonActEnv
from tasks.load import load_tasks
from tasks.setups import InWorld
from tasks.types import Task
from tools.protocol import Parsed, parse, render
from tools.types import Message, Role, ToolCall
from tools.worlds import WORLDS
from tools.worlds.rules.claims import unfounded
from tools.worlds.world import World

Acts = list[tuple[Parsed, tuple[Message, ...]]]
OPENING = (Message(Role.SYSTEM, ""), Message(Role.USER, "I want it to be cancelled: order #W1."))
CANCEL = ToolCall("cancel_pending_order", {"order_id": "#W1", "reason": "no longer needed"})


def said(text: str, answer: str = "All right.") -> tuple[Parsed, tuple[Message, ...]]:
    return parse(text), (Message(Role.USER, answer),)


def called(call: ToolCall, answer: str) -> tuple[Parsed, tuple[Message, ...]]:
    return parse(render([call])), (Message(Role.TOOL, answer),)


def flagged(world: str, *acts: tuple[Parsed, tuple[Message, ...]]) -> list[int]:
    return [one.message for one in unfounded(WORLDS[world].claims, OPENING, acts)]


@pytest.mark.parametrize(
    ("world", "text"),
    [
        ("retail", "Your order has been cancelled."),
        ("retail", "Order #W1 is now cancelled. Anything else?"),
        ("retail", "I've successfully updated your address."),
        ("retail", "I have now exchanged the lamp, and $12.50 goes back to your card."),
        ("retail", "Your order was successfully canceled!"),
        ("retail", "The items have been returned."),
        ("airline", "Your reservation is cancelled now."),
        ("airline", "I\u2019ve booked the flight for you."),
        ("airline", "Good news: your cabin has been upgraded."),
        ("airline", "You have been transferred to a human agent."),
        ("retail", "Your order is cancelled."),
        ("retail", "Done, that has been changed. Anything else?"),
        ("retail", "It has been arranged."),
        ("retail", "Done! Is there anything else?"),
        ("airline", "The change has been made."),
        ("airline", "Your trip is booked. The reservation id is HATHAT."),
        ("airline", "All right, that's booked now."),
        ("airline", "A certificate of $100 has been sent to you."),
        ("desk", "Your blender now goes to Denver and arrives in 5 days."),
        ("desk", "Your lamp is cancelled. You get $12.50 back."),
    ],
)
def test_a_claim_of_what_was_not_done(world: str, text: str) -> None:
    assert flagged(world, said(text)) == [1]


@pytest.mark.parametrize(
    "text",
    [
        "Shall I cancel your order?",
        "Your order has not been cancelled.",
        "Once it has been cancelled, the refund takes 5 to 7 days.",
        "If the flight has been cancelled by the airline, you get a certificate.",
        "Only orders that have been cancelled are refunded.",
        "To be eligible:\n- The flight has been cancelled\n- The fare is refundable",
        "Your order can be cancelled.",
        "Has the order been cancelled?",
        "I will have it cancelled for you.",
        "The reservation was booked on May 4, more than 24 hours ago.",
        "Your upcoming flight is booked in economy.",
        "Do you mean the order that has been changed?",
        "I am done with my search.",
        "An email has been sent to you.",
    ],
)
@pytest.mark.parametrize("world", ["retail", "airline"])
def test_no_claim(world: str, text: str) -> None:
    assert flagged(world, said(text)) == []


def test_what_was_done_may_be_claimed() -> None:
    done = called(CANCEL, '{"order_id": "#W1", "status": "cancelled"}')
    assert flagged("retail", done, said("Your order has been cancelled.")) == []


def test_a_refusal_is_no_ground_for_the_claim_that_follows_it() -> None:
    refused = called(CANCEL, "Error: non-pending order cannot be cancelled")
    assert flagged("retail", refused, said("Your order has been cancelled.")) == [2]


def test_what_tool_or_user_said_before_may_be_repeated() -> None:
    look = called(ToolCall("get_order_details", {"order_id": "#W1"}), '{"status": "cancelled"}')
    assert flagged("retail", look, said("It has been cancelled already.")) == []
    told = said("What happened?", "My order was cancelled by somebody.")
    assert flagged("retail", told, said("I see, your order has been cancelled.")) == []


def test_it_stands_among_the_violations() -> None:
    env = ReasonActEnv(data="desk:60", split="all")
    task = next(t for t in env.tasks if len(t.user_turns) == 1)
    env.reset(options={"task_id": task.id})
    info = env.step("Your lamp is cancelled.")[4]
    assert [one["rule"] for one in info["outcome"]["violations"]] == ["claimed_undone"]


def acts_of(task: Task) -> Acts:
    """The recorded conversation."""
    ends = [*(turn.index for turn in task.turns[1:]), len(task.messages)]
    spans = ((turn.index, end) for turn, end in zip(task.turns, ends, strict=True))
    return [(parse(task.messages[i].content), task.messages[i + 1 : end]) for i, end in spans]


def world_of(task: Task) -> World:
    if isinstance(task.setup, InWorld):
        return task.setup.world
    names = {spec.name for spec in task.tools}
    return WORLDS["retail" if "get_order_details" in names else "airline"]


@pytest.mark.parametrize("data", ["desk:200", "retail:60:3", "airline:60:3"])
def test_no_gold_reply_is_called_a_lie(data: str) -> None:
    seen = 0
    for task in load_tasks(data).tasks:
        acts, claims = acts_of(task), world_of(task).claims
        assert not list(unfounded(claims, task.opening, acts)), task.id
        deaf = [(parsed, ()) for parsed, _ in acts]
        seen += len(list(unfounded(claims, task.opening, deaf)))
    assert seen > 10, "the rule sees the claims that are true"


def test_of_all_real_replies_one_is_a_lie(shared_data: Path) -> None:
    """It says that a passenger was removed, which the API had refused."""
    path = shared_data / "dialogues" / "apigen_mt_like_real.json"
    found = {
        task.id: [one.message for one in unfounded(world_of(task).claims, task.opening, acts)]
        for task in load_tasks(str(path)).tasks
        if (acts := acts_of(task))
    }
    assert {name: at for name, at in found.items() if at} == {"apigen_mt_like_real-00608": [5]}
