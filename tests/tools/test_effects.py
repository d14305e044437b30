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


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("transfer_to_human_agents", True),
        ("transfer_to_human", True),
        ("escalateToAgent", True),
        ("hand_over_to_staff", True),
        ("handoff", True),
        ("transfer_ticket", False),
        ("get_agent_details", False),
        ("escalate", False),
    ],
)
def test_handover(name, expected):
    assert is_handover(name) is expected


@given(st.text(), st.text())
def test_any_name_has_an_effect(name, description):
    assert effect_of(name, description).effect in set(Effect)
