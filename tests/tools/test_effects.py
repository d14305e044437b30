"""Effects of tools: known ones, inferred ones, hand-overs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.effects import effect_of, is_handover
from tools.types import Effect


@pytest.mark.parametrize(
    ("name", "effect"),
    [
        ("think", Effect.READ),
        ("calculate", Effect.READ),
        ("get_flight_status", Effect.READ),
        ("transfer_to_human_agents", Effect.READ),
        ("send_certificate", Effect.WRITE),
        ("book_reservation", Effect.WRITE),
        ("modify_user_address", Effect.WRITE),
    ],
)
def test_benchmark_tools_are_known(name, effect):
    assert effect_of(name).effect is effect
    assert not effect_of(name).inferred


@pytest.mark.parametrize("domain", ["retail", "airline"])
@pytest.mark.parametrize("version", ["tau1", "tau2"])
def test_no_benchmark_tool_is_guessed(shared_data: Path, version, domain):
    tools = json.loads((shared_data / "tau" / version / f"{domain}_tools.json").read_text("utf-8"))
    names = [tool.get("function", tool)["name"] for tool in tools]
    assert [name for name in names if effect_of(name).inferred] == []


@pytest.mark.parametrize(
    "name",
    [
        "hotel_book",
        "return_book",
        "orderPizza",
        "cancelOrder",
        "check_in_event",
        "place_hold",
        "find_and_replace",
        "getOrCreateUser",
        "ride_change",
        "transfer_ticket",
        "HTTPPostRequest",
    ],
)
def test_verbs_that_write(name):
    assert effect_of(name).effect is Effect.WRITE
    assert effect_of(name).inferred


@pytest.mark.parametrize(
    "name",
    [
        "get_book_details",
        "getUserOrders",
        "plane_search",
        "ride_status",
        "order_history",
        "calculate_order_total",
        "check_inventory",
        "escalate_to_agent",
        "weather",
        "",
    ],
)
def test_verbs_that_read(name):
    assert effect_of(name).effect is Effect.READ
    assert effect_of(name).inferred


@pytest.mark.parametrize(
    ("description", "effect"),
    [
        ("Cancels a booking.", Effect.WRITE),
        ("Returns the number of bookings.", Effect.READ),
        ("Query the weather service.", Effect.READ),
        ("", Effect.READ),
    ],
)
def test_description_decides_where_the_name_is_silent(description, effect):
    assert effect_of("trip", description).effect is effect


def public_names() -> list[tuple[str, str, str]]:
    """(source, name, effect) of the table of public tools."""
    rows = []
    for line in (Path(__file__).parents[1] / "data" / "tool_effects.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            effect, source, names = line.split("\t")
            rows += [(source, name, effect) for name in names.split()]
    return rows


def test_public_tools_have_the_effect_that_they_have() -> None:
    rows = public_names()
    wrong = [row for row in rows if effect_of(row[1]).effect.value != row[2]]
    assert len(rows) > 600
    assert wrong == []


def test_public_tools_hand_nobody_over() -> None:
    assert [name for _, name, _ in public_names() if is_handover(name)] == []


HANDOVERS = """
transfer_to_human_agents transfer_to_human transfer_to_human_agent transferToHumanAgent
escalateToAgent escalate escalate_issue escalate_to_supervisor escalate_ticket escalateCase
escalate_conversation escalate_to_tier_2 human_escalation hand_over_to_staff hand_off_to_human
handoff handover_to_human human_handoff human-handoff humanHandoff agent_handoff initiate_handoff
talk_to_human talkToHuman speak_to_representative speak_with_agent chat_with_live_agent
connect_to_agent connectCustomerToAgent connect_to_live_agent connect_to_support connect_human
transfer_call_to_agent transfer_to_live_person transfer_to_supervisor transfer_to_customer_service
live_agent_transfer agent_transfer route_to_human forward_to_agent switch_to_human
pass_to_human_agent contact_human call_human request_human request_human_agent get_human_agent
request_human_assistance mcp__desk__escalate_to_human support.transfer_to_human human_takeover
transfer_conversation transferChat
"""
OTHERS = """
transfer_money_to_person transfer_ticket transfer_funds transferMoney transfer_money_to_agent
transfer_to_account transfer_to_user transfer_shares_to_representative transfer_balance_to_person
transfer_credits_to_human transfer_ownership_to_person send_money_to_person transfer_call
transfer_person_record connect_agent_to_database connect_to_database connect_vpn assign_agent
list_agents find_agent create_agent get_agent get_agent_details get_supervisor get_representative
get_human_readable_name get_escalation_status list_escalations escalate_priority
escalate_privileges handover_keys notify_staff call_api call_agent contact_customer_support
route_planner forward_email request_manager_approval request_refund assign_supervisor speak
text_to_speech switch_plan pass_exam hand_wash transfer_call_log transfer_chat_history
takeover_bid transfer_customer_data
"""


@pytest.mark.parametrize("name", HANDOVERS.split())
def test_handovers_are_seen(name: str) -> None:
    assert is_handover(name)
    assert effect_of(name).hands_over


@pytest.mark.parametrize("name", OTHERS.split())
def test_a_word_is_no_handover(name: str) -> None:
    assert not is_handover(name)
    assert not effect_of(name).hands_over


@pytest.mark.parametrize(
    ("name", "description", "expected"),
    [
        ("transfer", "Transfers the user to a human agent.", True),
        ("get_help", "Connect the customer with a live agent.", True),
        ("end_chat", "Hand the conversation over to a human representative.", True),
        ("assist", "Use this tool to escalate the conversation to a support specialist.", True),
        ("finish", "Let a human take over.", True),
        ("search_kb", "Searches articles. If nothing is found, transfer to a human agent.", False),
        ("transfer", "Transfers money to a human being.", False),
        ("transfer_to_person", "Transfers money to a person.", False),
        ("pay", "Transfer money to a person.", False),
        ("move_money", "Transfers funds to a representative account.", False),
    ],
)
def test_descriptions_tell_of_handovers(name: str, description: str, expected: bool) -> None:
    assert is_handover(name, description) is expected


def test_what_is_escalated_may_be_kept() -> None:
    assert effect_of("escalate_ticket").effect is Effect.WRITE
    assert effect_of("escalate_to_human").effect is Effect.READ


@pytest.mark.parametrize(
    ("name", "effect"),
    [
        ("grocery_store.find_nearby", "read"),
        ("crime_record.get_record", "read"),
        ("OpenWeatherMap.get_current_weather", "read"),
        ("product_search.run", "read"),
        ("painting.create", "write"),
        ("github/create_issue", "write"),
        ("mcp__github__list_issues", "read"),
        ("Alarm_1_GetAlarms", "read"),
        ("Hotels_2_BookHouse", "write"),
        ("cellBiology.getCellType", "read"),
    ],
)
def test_paths_and_numbers_in_names(name: str, effect: str) -> None:
    assert effect_of(name).effect.value == effect


@pytest.mark.parametrize(
    ("description", "effect"),
    [
        ("This tool allows you to cancel a booking.", "write"),
        ("A function for sending a message.", "write"),
        ("Applies a discount.", "write"),
        ("Order food from a restaurant.", "write"),
        ("Performs sentiment analysis on a text.", "read"),
        ("Lists what was booked.", "read"),
        ("Provides information about the book.", "read"),
    ],
)
def test_descriptions_tell_effects(description: str, effect: str) -> None:
    assert effect_of("xyzzy", description).effect.value == effect


@given(st.text(), st.text())
def test_any_name_has_an_effect(name, description):
    assert effect_of(name, description).effect in set(Effect)
