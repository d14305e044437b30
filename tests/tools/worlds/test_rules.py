"""Rules of the worlds: broken by what breaks them, and by nothing else."""

from __future__ import annotations

import json

import pytest

from tools.protocol import render
from tools.types import Json, Message, Role, ToolCall
from tools.worlds import WORLDS
from tools.worlds.rules.conversation import Conversation

Step = Message | tuple[str, dict[str, Json], Json]


def user(text: str) -> Message:
    return Message(Role.USER, text)


def agent(text: str) -> Message:
    return Message(Role.ASSISTANT, text)


def broken(world: str, *steps: Step, goal: tuple[ToolCall, ...] = ()) -> list[str]:
    """The names of the rules that a conversation breaks; a tuple is a call with its answer."""
    messages: list[Message] = []
    for step in steps:
        if isinstance(step, Message):
            messages.append(step)
            continue
        name, arguments, answer = step
        messages.append(agent(render([ToolCall(name, arguments)])))
        text = answer if isinstance(answer, str) else json.dumps(answer)
        messages.append(Message(Role.TOOL, text))
    talk = Conversation.of(messages, WORLDS[world].effects, goal)
    return [found.rule for found in WORLDS[world].violations(talk)]


FIND: Step = ("find_user_id_by_email", {"email": "ida.berg@example.com"}, "ida_berg_1")
ORDER: dict[str, Json] = {"order_id": "#W1", "user_id": "ida_berg_1", "status": "pending"}
LOOK: Step = ("get_order_details", {"order_id": "#W1"}, ORDER)
CANCEL: Step = (
    "cancel_pending_order",
    {"order_id": "#W1", "reason": "no longer needed"},
    ORDER | {"status": "cancelled"},
)
ASKS = user("I no longer need #W1, my email is ida.berg@example.com.")
EXPLAINS = agent("I will cancel #W1 and refund you. Do you confirm (yes/no)?")
KEPT: tuple[Step, ...] = (ASKS, FIND, LOOK, EXPLAINS, user("Yes, please."), CANCEL, agent("Done."))


def test_a_conversation_by_the_rules() -> None:
    assert broken("retail", *KEPT) == []
    assert broken("retail-tau2", *KEPT) == []


def test_whose_order_it_is_may_be_found_out_if_the_user_named_it() -> None:
    strange = ORDER | {"order_id": "#W2", "user_id": "tom_vale_2"}
    look: Step = ("get_order_details", {"order_id": "#W2"}, strange)
    refuses = agent("I'm sorry, that order is not yours.")
    named = user("And please cancel #W2, too.")
    assert broken("retail", ASKS, FIND, LOOK, agent("Yes?"), named, look, refuses) == []
    assert broken("retail", ASKS, FIND, LOOK, look, refuses) == ["other_customer"]


@pytest.mark.parametrize(
    ("steps", "rule"),
    [
        ((ASKS, LOOK), "not_identified"),
        ((ASKS, FIND, EXPLAINS, user("Yes."), CANCEL), "status_unknown"),
        ((ASKS, FIND, LOOK, CANCEL), "unconfirmed"),
        ((ASKS, FIND, LOOK, EXPLAINS, user("Hm, how much is it?"), CANCEL), "unconfirmed"),
        (
            (ASKS, FIND, LOOK, ("get_user_details", {"user_id": "tom_vale_2"}, {"name": "Tom"})),
            "other_customer",
        ),
        (
            (
                user("My order #W1 is from the wrong shop."),
                FIND,
                LOOK,
                EXPLAINS,
                user("Yes"),
                CANCEL,
            ),
            "reason_not_given",
        ),
        ((ASKS, FIND, agent("One moment." + render([ToolCall("think", {})]))), "call_and_reply"),
        (
            (
                ASKS,
                agent(render([ToolCall("think", {"thought": "a"})] * 2)),
                Message(Role.TOOL, ""),
                Message(Role.TOOL, ""),
            ),
            "several_calls",
        ),
    ],
)
def test_each_rule_of_the_shop(steps: tuple[Step, ...], rule: str) -> None:
    assert broken("retail", *steps, Message(Role.TOOL, "")) == [rule]


def test_items_are_changed_once() -> None:
    change: Step = (
        "modify_pending_order_items",
        {"order_id": "#W1", "item_ids": ["1"], "new_item_ids": ["2"], "payment_method_id": "p"},
        ORDER,
    )
    refused = (change[0], change[1], "Error: non-pending order cannot be modified")  # type: ignore[index]
    steps = (ASKS, FIND, LOOK, EXPLAINS, user("Yes"), change, refused)
    assert broken("retail", *steps) == ["changed_twice"]
    assert broken("retail", *steps[:5], refused, change) == []


def test_handing_over_is_judged_by_the_goal() -> None:
    transfer: Step = ("transfer_to_human_agents", {"summary": "help"}, "Transfer successful")
    cancel = ToolCall("cancel_pending_order", {"order_id": "#W1", "reason": "no longer needed"})
    human = ToolCall("transfer_to_human_agents", {"summary": "?"})
    assert broken("retail", ASKS, transfer, goal=(cancel,)) == ["needless_handover"]
    assert broken("retail", ASKS, transfer, goal=(cancel, human)) == []
    assert broken("retail", ASKS, transfer) == []


TRIP: dict[str, Json] = {
    "reservation_id": "A1B2C3",
    "user_id": "ida_berg_1",
    "cabin": "economy",
    "insurance": "no",
    "created_at": "2024-05-02T10:00:00",
    "flights": [
        {"flight_number": "HAT001", "date": "2024-05-20", "origin": "BOS", "destination": "MIA"}
    ],
    "passengers": [{"first_name": "Ida"}],
    "total_baggages": 1,
}


def flown(action: Step, change: dict[str, Json], says: str = "I changed my plans.") -> list[str]:
    """What is broken where an action is taken on a reservation, by the book otherwise."""
    trip = TRIP | change
    look: Step = ("get_reservation_details", {"reservation_id": "A1B2C3"}, trip)
    told = user(f"I am ida_berg_1. {says}")
    return broken("airline", told, look, agent("I will do it. All right?"), user("Yes"), action)


CANCEL_TRIP: Step = ("cancel_reservation", {"reservation_id": "A1B2C3"}, TRIP)


@pytest.mark.parametrize(
    ("change", "says", "rules"),
    [
        ({}, "I changed my plans.", ["cancelled_against_rules"]),
        ({}, "The airline cancelled my flight.", []),
        ({"cabin": "business"}, "I changed my plans.", []),
        ({"created_at": "2024-05-15T09:00:00"}, "I changed my plans.", []),
        ({"insurance": "yes"}, "I changed my plans.", ["cancelled_against_rules"]),
        ({"insurance": "yes"}, "I am ill.", []),
        (
            {"cabin": "business", "flights": [{"flight_number": "HAT001", "date": "2024-05-12"}]},
            "I changed my plans.",
            ["flown_cancelled"],
        ),
    ],
)
def test_what_may_be_cancelled(change: dict[str, Json], says: str, rules: list[str]) -> None:
    assert flown(CANCEL_TRIP, change, says) == rules


def test_flights_and_bags() -> None:
    other: list[Json] = [
        {"flight_number": "HAT009", "date": "2024-05-20", "origin": "BOS", "destination": "ATL"}
    ]
    arguments: dict[str, Json] = {"reservation_id": "A1B2C3", "cabin": "economy", "flights": other}
    update: Step = ("update_reservation_flights", arguments, TRIP | {"flights": other})
    assert flown(update, {}) == ["route_changed"]
    assert flown(update, {"cabin": "basic_economy"}) == ["basic_economy_changed", "route_changed"]
    fewer: dict[str, Json] = {"reservation_id": "A1B2C3", "total_baggages": 0}
    assert flown(("update_reservation_baggages", fewer, TRIP), {}) == ["bags_removed"]


def test_certificates() -> None:
    sent = "Certificate certificate_3221322 added"
    gift: Step = ("send_certificate", {"user_id": "ida_berg_1", "amount": 100}, sent)
    odd: Step = ("send_certificate", {"user_id": "ida_berg_1", "amount": 70}, sent)
    assert flown(gift, {}, "I want compensation.") == []
    assert flown(gift, {}) == ["unasked_compensation"]
    assert flown(odd, {}, "I want compensation.") == ["wrong_compensation"]
