"""The shop's rules in both variants, on a small database of our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools.executor import Executor
from tools.types import Effect, Json, ProblemKind, ToolCall, ToolResult
from tools.worlds import WORLDS
from tools.worlds.database import Base, Database
from tools.worlds.differences import changes
from tools.worlds.world import WorldExecutor

VARIANTS = ["retail", "retail-tau2"]
Shop = dict[str, Json]
ADDRESS: Shop = {
    "address1": "9 Hill",
    "address2": "Flat 2",
    "city": "Top",
    "country": "USA",
    "state": "VT",
    "zip": "3003",
}


def run(state: Shop, world: str, name: str, /, **arguments: Json) -> tuple[Executor, ToolResult]:
    return WORLDS[world].start(state).run(ToolCall(name, arguments))


def read(result: ToolResult) -> Any:
    assert result.ok, result
    return json.loads(result.content)


def database(executor: Executor) -> Database:
    assert isinstance(executor, WorldExecutor)
    return executor.database


def balance(executor: Executor, user: str = "ida_berg_1") -> object:
    _, result = executor.run(ToolCall("get_user_details", {"user_id": user}))
    return read(result)["payment_methods"]["gift_card_1"]["balance"]


@pytest.mark.parametrize("world", VARIANTS)
@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("find_user_id_by_email", {"email": "IDA.berg@example.com"}, "ida_berg_1"),
        (
            "find_user_id_by_name_zip",
            {"first_name": "tom", "last_name": "VALE", "zip": "2002"},
            "tom_vale_2",
        ),
        ("list_all_product_types", {}, '{"Hat": "3", "Lamp": "1", "Mug": "2"}'),
        ("calculate", {"expression": "2 * (3 + 4)"}, "14.0"),
        ("transfer_to_human_agents", {"summary": "help"}, "Transfer successful"),
    ],
)
def test_texts_are_answered(shop: Shop, world: str, name: str, arguments: Shop, text: str) -> None:
    before = WORLDS[world].start(shop)
    after, result = before.run(ToolCall(name, arguments))
    assert result == ToolResult(text)
    assert after is before


def test_rows_are_shown_as_they_are(shop: Any) -> None:
    for table, name, argument in [
        ("orders", "get_order_details", "order_id"),
        ("products", "get_product_details", "product_id"),
        ("users", "get_user_details", "user_id"),
    ]:
        for key, row in shop[table].items():
            _, result = run(shop, "retail", name, **{argument: key})
            assert result.content == json.dumps(row)


def test_tau2_shows_fields_without_value(shop: Any) -> None:
    _, result = run(shop, "retail-tau2", "get_order_details", order_id="#W1")
    shown = read(result)
    assert shown["cancel_reason"] is None
    assert {k: v for k, v in shown.items() if v is not None} == shop["orders"]["#W1"]


@pytest.mark.parametrize("world", VARIANTS)
def test_what_is_no_sum_is_an_error(shop: Shop, world: str) -> None:
    _, result = run(shop, world, "calculate", expression="two")
    assert result.content == "Error: invalid characters in expression"


def test_thinking_says_nothing(shop: Shop) -> None:
    _, result = run(shop, "retail", "think", thought="hm")
    assert result == ToolResult("")


def test_item_details(shop: Any) -> None:
    _, result = run(shop, "retail-tau2", "get_item_details", item_id="M2")
    assert read(result) == shop["products"]["2"]["variants"]["M2"]
    _, missing = run(shop, "retail-tau2", "get_item_details", item_id="X")
    assert missing.content == "Error: Item not found"


@pytest.mark.parametrize("world", VARIANTS)
def test_cancelling_refunds_a_gift_card_at_once(shop: Shop, world: str) -> None:
    after, result = run(
        shop, world, "cancel_pending_order", order_id="#W1", reason="no longer needed"
    )
    order = read(result)
    assert (order["status"], order["cancel_reason"]) == ("cancelled", "no longer needed")
    assert order["payment_history"][1:] == [
        {"transaction_type": "refund", "amount": 56.5, "payment_method_id": "gift_card_1"}
    ]
    assert balance(after) == 66.5
    assert [(c.table, c.field) for c in changes(Database(Base.of(shop)), database(after))] == [
        ("orders", "cancel_reason"),
        ("orders", "payment_history"),
        ("orders", "status"),
        ("users", "payment_methods.gift_card_1.balance"),
    ]


def test_cancelling_what_a_card_paid_leaves_the_user_alone(shop: Shop) -> None:
    after, _ = run(
        shop, "retail", "cancel_pending_order", order_id="#W5", reason="ordered by mistake"
    )
    assert {c.table for c in changes(Database(Base.of(shop)), database(after))} == {"orders"}


@pytest.mark.parametrize("world", VARIANTS)
def test_addresses_change(shop: Shop, world: str) -> None:
    _, order = run(shop, world, "modify_pending_order_address", order_id="#W1", **ADDRESS)
    _, user = run(shop, world, "modify_user_address", user_id="tom_vale_2", **ADDRESS)
    assert read(order)["address"] == read(user)["address"] == ADDRESS


@pytest.mark.parametrize("world", VARIANTS)
def test_the_means_of_payment_changes(shop: Shop, world: str) -> None:
    after, result = run(
        shop,
        world,
        "modify_pending_order_payment",
        order_id="#W1",
        payment_method_id="credit_card_1",
    )
    assert [
        (p["transaction_type"], p["amount"], p["payment_method_id"])
        for p in read(result)["payment_history"]
    ] == [
        ("payment", 56.5, "gift_card_1"),
        ("payment", 56.5, "credit_card_1"),
        ("refund", 56.5, "gift_card_1"),
    ]
    assert balance(after) == 66.5
    again = {"order_id": "#W1", "payment_method_id": "paypal_1"}
    _, twice = after.run(ToolCall("modify_pending_order_payment", dict(again)))
    assert "exactly one payment for a pending order" in twice.content


@pytest.mark.parametrize(
    ("world", "prices"), [("retail", [52.25, 11, 8]), ("retail-tau2", [11, 11, 8])]
)
def test_items_are_replaced(shop: Shop, world: str, prices: list[float]) -> None:
    """tau2's code gives all of them the price and options of the last one."""
    after, result = run(
        shop,
        world,
        "modify_pending_order_items",
        order_id="#W1",
        item_ids=["L1", "M1"],
        new_item_ids=["L2", "M2"],
        payment_method_id="credit_card_1",
    )
    order = read(result)
    assert [item["item_id"] for item in order["items"]] == ["L2", "M2", "M1"]
    assert [item["price"] for item in order["items"]] == prices
    assert order["status"] == "pending (item modified)"
    assert order["payment_history"][-1] == {
        "transaction_type": "payment",
        "amount": 14.75,
        "payment_method_id": "credit_card_1",
    }
    assert balance(after) == 10


def test_a_cheaper_item_refunds_the_gift_card(shop: Shop) -> None:
    after, result = run(
        shop,
        "retail",
        "modify_pending_order_items",
        order_id="#W5",
        item_ids=["L2"],
        new_item_ids=["L1"],
        payment_method_id="gift_card_1",
    )
    assert read(result)["payment_history"][-1]["transaction_type"] == "refund"
    assert balance(after) == 21.75


def test_one_replacement_after_the_other(shop: Shop) -> None:
    """The second one finds what the first one has put there."""
    _, result = run(
        shop,
        "retail",
        "modify_pending_order_items",
        order_id="#W1",
        item_ids=["M1", "M1"],
        new_item_ids=["M2", "M2"],
        payment_method_id="paypal_1",
    )
    assert [item["item_id"] for item in read(result)["items"]] == ["L1", "M2", "M2"]


@pytest.mark.parametrize(("world", "ok"), [("retail", False), ("retail-tau2", True)])
def test_after_its_items_only_tau2_changes_an_order(shop: Shop, world: str, ok: bool) -> None:
    after, _ = run(
        shop,
        world,
        "modify_pending_order_items",
        order_id="#W4",
        item_ids=["M2"],
        new_item_ids=["M1"],
        payment_method_id="paypal_1",
    )
    _, result = after.run(ToolCall("modify_pending_order_address", {"order_id": "#W4", **ADDRESS}))
    assert result.ok is ok


def test_changing_an_item_to_itself(shop: Shop) -> None:
    arguments: Shop = {
        "order_id": "#W4",
        "item_ids": ["M2"],
        "new_item_ids": ["M2"],
        "payment_method_id": "paypal_1",
    }
    assert run(shop, "retail", "modify_pending_order_items", **arguments)[1].ok
    _, refused = run(shop, "retail-tau2", "modify_pending_order_items", **arguments)
    assert refused.content == "Error: The new item id should be different from the old item id"


@pytest.mark.parametrize("world", VARIANTS)
def test_delivered_items_are_exchanged(shop: Shop, world: str) -> None:
    after, result = run(
        shop,
        world,
        "exchange_delivered_order_items",
        order_id="#W2",
        item_ids=["M1", "L1"],
        new_item_ids=["M2", "L2"],
        payment_method_id="paypal_1",
    )
    order = read(result)
    assert order["status"] == "exchange requested"
    assert order["exchange_items"] == ["L1", "M1"]
    assert order["exchange_new_items"] == ["L2", "M2"]
    assert order["exchange_price_difference"] == 14.75
    assert order["exchange_payment_method_id"] == "paypal_1"
    assert balance(after) == 10


@pytest.mark.parametrize("world", VARIANTS)
@pytest.mark.parametrize("method", ["credit_card_1", "gift_card_1"])
def test_delivered_items_are_returned(shop: Shop, world: str, method: str) -> None:
    _, result = run(
        shop,
        world,
        "return_delivered_order_items",
        order_id="#W2",
        item_ids=["M1", "L1"],
        payment_method_id=method,
    )
    order = read(result)
    assert order["status"] == "return requested"
    assert order["return_items"] == ["L1", "M1"]
    assert order["return_payment_method_id"] == method


ITEMS: Shop = {"item_ids": ["L1"], "new_item_ids": ["L2"], "payment_method_id": "credit_card_1"}
CANCEL: Shop = {"reason": "no longer needed"}
PAY: Shop = {"payment_method_id": "credit_card_1"}
REFUSALS = [
    ("find_user_id_by_email", {"email": "x@example.com"}, "user not found"),
    (
        "find_user_id_by_name_zip",
        {"first_name": "Ida", "last_name": "Berg", "zip": "9"},
        "user not found",
    ),
    ("get_order_details", {"order_id": "#W9"}, "order not found"),
    ("get_product_details", {"product_id": "9"}, "product not found"),
    ("get_user_details", {"user_id": "x"}, "user not found"),
    ("modify_user_address", {"user_id": "x", **ADDRESS}, "user not found"),
    ("cancel_pending_order", {"order_id": "#W9", **CANCEL}, "order not found"),
    (
        "cancel_pending_order",
        {"order_id": "#W3", **CANCEL},
        "non-pending order cannot be cancelled",
    ),
    ("cancel_pending_order", {"order_id": "#W1", "reason": "bored"}, "invalid reason"),
    ("modify_pending_order_address", {"order_id": "#W9", **ADDRESS}, "order not found"),
    (
        "modify_pending_order_address",
        {"order_id": "#W2", **ADDRESS},
        "non-pending order cannot be modified",
    ),
    (
        "modify_pending_order_payment",
        {"order_id": "#W3", **PAY},
        "non-pending order cannot be modified",
    ),
    (
        "modify_pending_order_payment",
        {"order_id": "#W1", "payment_method_id": "x"},
        "payment method not found",
    ),
    (
        "modify_pending_order_payment",
        {"order_id": "#W5", **PAY},
        "the new payment method should be different from the current one",
    ),
    (
        "modify_pending_order_payment",
        {"order_id": "#W5", "payment_method_id": "gift_card_1"},
        "insufficient gift card balance to pay for the order",
    ),
    (
        "modify_pending_order_items",
        {"order_id": "#W2", **ITEMS},
        "non-pending order cannot be modified",
    ),
    (
        "modify_pending_order_items",
        {"order_id": "#W1", **ITEMS, "item_ids": ["L1", "L1"]},
        "L1 not found",
    ),
    (
        "modify_pending_order_items",
        {"order_id": "#W1", **ITEMS, "new_item_ids": []},
        "the number of items to be exchanged should match",
    ),
    (
        "modify_pending_order_items",
        {"order_id": "#W1", **ITEMS, "new_item_ids": ["L3"]},
        "new item L3 not found or available",
    ),
    (
        "modify_pending_order_items",
        {"order_id": "#W1", **ITEMS, "payment_method_id": "x"},
        "payment method not found",
    ),
    (
        "modify_pending_order_items",
        {"order_id": "#W1", **ITEMS, "payment_method_id": "gift_card_1"},
        "insufficient gift card balance to pay for the new item",
    ),
    (
        "exchange_delivered_order_items",
        {"order_id": "#W1", **ITEMS},
        "non-delivered order cannot be exchanged",
    ),
    (
        "exchange_delivered_order_items",
        {"order_id": "#W2", **ITEMS, "payment_method_id": "gift_card_1"},
        "insufficient gift card balance to pay for the price difference",
    ),
    (
        "return_delivered_order_items",
        {"order_id": "#W1", "item_ids": ["L1"], **PAY},
        "non-delivered order cannot be returned",
    ),
    (
        "return_delivered_order_items",
        {"order_id": "#W2", "item_ids": ["L1"], "payment_method_id": "x"},
        "payment method not found",
    ),
    (
        "return_delivered_order_items",
        {"order_id": "#W2", "item_ids": ["L2"], **PAY},
        "some item not found",
    ),
]


@pytest.mark.parametrize("world", VARIANTS)
@pytest.mark.parametrize(("name", "arguments", "text"), REFUSALS)
def test_the_shop_refuses(shop: Shop, world: str, name: str, arguments: Shop, text: str) -> None:
    before = WORLDS[world].start(shop)
    after, result = before.run(ToolCall(name, arguments))
    capital = world == "retail-tau2"
    assert result.content == f"Error: {text[0].upper() if capital else text[0]}{text[1:]}"
    assert result.problem is not None
    assert result.problem.kind is ProblemKind.REJECTED
    assert after is before


@pytest.mark.parametrize(
    ("name", "arguments", "tau1", "tau2"),
    [
        (
            "exchange_delivered_order_items",
            {"order_id": "#W2", **ITEMS, "item_ids": ["L9"]},
            "L9 not found",
            "Number of L9 not found.",
        ),
        (
            "exchange_delivered_order_items",
            {"order_id": "#W2", **ITEMS, "new_item_ids": []},
            "the number of items to be exchanged should match",
            "The number of items to be exchanged should match.",
        ),
        (
            "exchange_delivered_order_items",
            {"order_id": "#W2", **ITEMS, "new_item_ids": ["M1"]},
            "new item M1 not found or available",
            "Variant not found",
        ),
        (
            "return_delivered_order_items",
            {"order_id": "#W2", "item_ids": ["L1"], "payment_method_id": "paypal_1"},
            "payment method should be either the original payment method or a gift card",
            "Payment method should be the original payment method",
        ),
    ],
)
def test_the_variants_have_words_of_their_own(
    shop: Shop, name: str, arguments: Shop, tau1: str, tau2: str
) -> None:
    for world, text in (("retail", tau1), ("retail-tau2", tau2)):
        assert run(shop, world, name, **arguments)[1].content == f"Error: {text}"


IDS = st.sampled_from(["#W1", "#W2", "#W3", "#W4", "#W5", "#W9"])
LISTS = st.lists(st.sampled_from(["L1", "L2", "L3", "M1", "M2", "X"]), max_size=3)
METHODS = st.sampled_from(["gift_card_1", "credit_card_1", "paypal_1", "x"])
WRITES = st.one_of(
    st.builds(
        lambda name, order, old, new, method: ToolCall(
            name,
            {
                "order_id": order,
                "item_ids": old,
                "new_item_ids": new,
                "payment_method_id": method,
            },
        ),
        st.sampled_from(["modify_pending_order_items", "exchange_delivered_order_items"]),
        IDS,
        LISTS,
        LISTS,
        METHODS,
    ),
    st.builds(
        lambda order, method: ToolCall(
            "modify_pending_order_payment", {"order_id": order, "payment_method_id": method}
        ),
        IDS,
        METHODS,
    ),
    st.builds(
        lambda order: ToolCall("cancel_pending_order", {"order_id": order, **CANCEL}),
        IDS,
    ),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sampled_from(VARIANTS), st.lists(WRITES, max_size=6))
def test_no_calls_break_the_shop(shop: Shop, world: str, calls: list[ToolCall]) -> None:
    """Whatever is called, the start stays as it was, and refusals change nothing."""
    text, base = json.dumps(shop), Base.of(shop)
    executor = start = WORLDS[world].start(base)
    for call in calls:
        after, result = executor.run(call)
        assert "failed:" not in result.content
        assert result.ok or after is executor
        executor = after
    assert json.dumps(shop) == text
    assert start.digest == WORLDS[world].start(base).digest
    end = database(executor)
    tables = {name: dict(end.rows(name)) for name in base.tables}
    assert Database(Base(tables)).digest == end.digest


def test_effects_are_declared() -> None:
    for world in VARIANTS:
        effects = WORLDS[world].effects
        writes = {name for name, effect in effects.items() if effect.effect is Effect.WRITE}
        assert writes == {name for name in effects if name.startswith(VERBS)}
        assert not any(effect.inferred for effect in effects.values())


VERBS = ("cancel", "exchange", "modify", "return")


@pytest.mark.parametrize(("world", "folder"), [("retail", "tau1"), ("retail-tau2", "tau2")])
def test_schemas_are_those_of_tau_bench(shared_data: Path, world: str, folder: str) -> None:
    path = shared_data / "tau" / folder / "retail_tools.json"
    theirs = {
        t["function"]["name"]: t["function"]["parameters"] for t in json.loads(path.read_text())
    }
    ours = {spec.name: spec.parameters for spec in WORLDS[world].specs}
    assert ours.keys() == theirs.keys()
    for name, schema in theirs.items():
        assert essence(ours[name]) == essence(schema), name


def essence(schema: Any) -> Any:
    """Required names, and the type, enum and items of each property."""
    return schema.get("required", []), {
        name: {key: part[key] for key in ("type", "enum", "items") if key in part}
        for name, part in schema["properties"].items()
    }
