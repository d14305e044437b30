"""The order desk's rules, both ways, and the ways into a world."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tools.executor import Executor
from tools.types import Effect, Json, ProblemKind, ToolCall, ToolResult
from tools.worlds import WORLDS, desk, world_named


def order(item: str, status: str, days: int, *, customer: str = "48151") -> dict[str, Json]:
    return {
        "customer_id": customer,
        "item": item,
        "status": status,
        "total": 48.35,
        "days": days,
        "city": "Boston",
    }


def state() -> dict[str, Json]:
    orders: dict[str, Json] = {
        "1001": order("lamp", "pending", 4),
        "1002": order("mug", "shipped", 3),
        "1003": order("tent", "delivered", 30),
        "1004": order("bike", "delivered", 31),
        "1005": order("vase", "pending", 5, customer="90210"),
    }
    return {"orders": orders}


def run(name: str, **arguments: Json) -> tuple[Executor, ToolResult]:
    return WORLDS["desk"].start(state()).run(ToolCall(name, arguments))


def answer(name: str, **arguments: Json) -> Json:
    _, result = run(name, **arguments)
    assert result.ok, result
    read: Json = json.loads(result.content)
    return read


def test_find_orders_lists_the_customers_own_of_that_item() -> None:
    assert answer("find_orders", customer_id="90210", item="vase") == [
        {"item": "vase", "order_id": "1005", "status": "pending"}
    ]
    assert answer("find_orders", customer_id="48151", item="mug") == [
        {"item": "mug", "order_id": "1002", "status": "shipped"}
    ]


def test_get_order_shows_days_total_and_city() -> None:
    assert answer("get_order", order_id="1002") == {
        "item": "mug",
        "order_id": "1002",
        "status": "shipped",
        "days": 3,
        "total": 48.35,
        "city": "Boston",
    }


def test_cancel_order_refunds_the_total() -> None:
    after, result = run("cancel_order", order_id="1001", reason="found cheaper")
    assert json.loads(result.content) == {
        "order_id": "1001",
        "status": "cancelled",
        "refund": 48.35,
        "refund_days": 14,
    }
    _, seen = after.run(ToolCall("get_order", {"order_id": "1001"}))
    assert json.loads(seen.content)["status"] == "cancelled"


def test_the_reason_belongs_to_the_state() -> None:
    cheaper, _ = run("cancel_order", order_id="1001", reason="found cheaper")
    mistake, _ = run("cancel_order", order_id="1001", reason="ordered by mistake")
    assert cheaper.digest != mistake.digest


def test_return_order_on_the_last_day() -> None:
    assert answer("return_order", order_id="1003") == {
        "order_id": "1003",
        "status": "return requested",
        "refund": 48.35,
        "refund_days": 14,
    }


def test_change_city_moves_the_delivery() -> None:
    days = 4 + desk.CITY_CHANGE_DAYS
    assert answer("change_city", order_id="1001", city="Miami") == {
        "order_id": "1001",
        "status": "pending",
        "city": "Miami",
        "days": days,
    }


def test_transfer_names_the_topic() -> None:
    after, result = run("transfer_to_human", topic="payment")
    assert json.loads(result.content) == {"status": "transferred", "topic": "payment"}
    assert after.digest == WORLDS["desk"].start(state()).digest


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("find_orders", {"customer_id": "1", "item": "mug"}, "customer 1 not found"),
        ("find_orders", {"customer_id": "90210", "item": "mug"}, "customer 90210 ordered no mug"),
        ("get_order", {"order_id": "9999"}, "order 9999 not found"),
        ("cancel_order", {"order_id": "9999", "reason": "found cheaper"}, "order 9999 not found"),
        (
            "cancel_order",
            {"order_id": "1002", "reason": "found cheaper"},
            "order 1002 is shipped: only pending orders can be cancelled",
        ),
        (
            "change_city",
            {"order_id": "1003", "city": "Miami"},
            "order 1003 is delivered: only pending orders can be sent to another city",
        ),
        (
            "change_city",
            {"order_id": "1001", "city": "Boston"},
            "order 1001 goes to Boston already",
        ),
        (
            "return_order",
            {"order_id": "1001"},
            "order 1001 is pending: only delivered orders can be returned",
        ),
    ],
)
def test_the_api_refuses(name: str, arguments: dict[str, Json], text: str) -> None:
    before = WORLDS["desk"].start(state())
    after, result = before.run(ToolCall(name, arguments))
    assert after is before
    assert result.content == text
    assert result.problem is not None
    assert result.problem.kind is ProblemKind.REJECTED


def test_the_api_leaves_it_to_the_agent_how_long_returns_are_taken() -> None:
    before = WORLDS["desk"].start(state())
    late, result = before.run(ToolCall("return_order", {"order_id": "1004"}))
    assert result.ok
    assert late.digest != before.digest


@pytest.mark.parametrize("name", ["cancel_order", "return_order", "change_city"])
def test_nothing_can_be_done_twice(name: str) -> None:
    arguments: dict[str, Json] = {"order_id": "1003" if name == "return_order" else "1001"}
    extra: dict[str, dict[str, Json]] = {
        "cancel_order": {"reason": "found cheaper"},
        "change_city": {"city": "Miami"},
    }
    call = ToolCall(name, arguments | extra.get(name, {}))
    once, first = WORLDS["desk"].start(state()).run(call)
    twice, second = once.run(call)
    assert first.ok
    assert not second.ok
    assert twice is once


def test_a_crash_is_an_answer() -> None:
    before = WORLDS["desk"].start({"orders": {"1001": {"item": "lamp"}}})
    after, result = before.run(ToolCall("get_order", {"order_id": "1001"}))
    assert after is before
    assert result.problem is not None
    assert result.problem.kind is ProblemKind.REJECTED
    assert "get_order failed: KeyError" in result.content


def test_an_unknown_tool_is_an_answer() -> None:
    _, result = run("fly_to_mars")
    assert result.problem is not None
    assert result.problem.kind is ProblemKind.UNKNOWN_TOOL
    assert "find_orders" in result.content


WILD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.sampled_from(list(desk.TOOLS)),
    st.dictionaries(st.sampled_from(["order_id", "city", "reason", "database", "x"]), WILD),
)
def test_no_arguments_raise(name: str, arguments: dict[str, Json]) -> None:
    before = WORLDS["desk"].start(state())
    after, result = before.run(ToolCall(name, arguments))
    assert isinstance(result.content, str)
    assert result.ok or after is before


def test_specs_are_valid_and_compact() -> None:
    specs = WORLDS["desk"].specs
    assert len(specs) == 6
    for spec in specs:
        Draft202012Validator.check_schema(spec.parameters)
        assert len(json.dumps(spec.as_dict())) < 320
        assert 0 < len(spec.description.split()) <= 9
        assert spec.parameters["required"] == list(_properties(spec.parameters))


def _properties(parameters: Mapping[str, Json]) -> dict[str, Json]:
    properties = parameters["properties"]
    assert isinstance(properties, dict)
    return properties


def test_literals_become_enums() -> None:
    cancel = next(spec for spec in WORLDS["desk"].specs if spec.name == "cancel_order")
    assert _properties(cancel.parameters)["reason"] == {
        "type": "string",
        "enum": ["no longer needed", "ordered by mistake", "found cheaper"],
    }


def test_effects_are_declared() -> None:
    effects = WORLDS["desk"].effects
    writes = {name for name, effect in effects.items() if effect.effect is Effect.WRITE}
    assert writes == {"cancel_order", "return_order", "change_city"}
    assert not any(effect.inferred for effect in effects.values())


def test_an_unknown_world_names_the_known() -> None:
    with pytest.raises(ValueError, match=r"expected the name of a world \(desk, .*\), got 'moon'"):
        world_named("moon")


@pytest.mark.parametrize("bad", [{"orders": 1}, {"orders": []}, {"orders": {"1001": "lamp"}}])
def test_a_state_of_another_shape_is_refused(bad: dict[str, Json]) -> None:
    with pytest.raises(ValueError, match="table -> key -> row"):
        WORLDS["desk"].start(bad)
