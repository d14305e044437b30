"""Generated databases: of tau-bench's shape, sound in themselves, and the same everywhere."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.types import Json, ToolCall
from tools.worlds import WORLDS
from tools.worlds.airline.generated import FREE_BAGS
from tools.worlds.database import Base, Database
from tools.worlds.generated.ids import Scatter

CUSTOMERS = 150
SEED = 5
RETAIL = ("retail", "retail-tau2")
AIRLINE = ("airline", "airline-tau2")
Rows = Mapping[str, Mapping[str, Any]]

GOLDEN_NUMBERS = [3104429, 9021639, 3603914, 5878717]
GOLDEN_DIGESTS: Mapping[str, str] = {
    "retail": "9f4680da1706fa6a",
    "retail-tau2": "467db29bc1511d10",
    "airline": "621508bc399d809b",
    "airline-tau2": "621508bc399d809b",
}
"""The states of 20 customers: a change here makes other databases of all seeds."""


def rows(world: str, table: str) -> Rows:
    return cast("Rows", WORLDS[world].generated(CUSTOMERS, SEED).tables[table])


def answer(world: str, name: str, **arguments: Json) -> str:
    executor = WORLDS[world].start(WORLDS[world].generated(CUSTOMERS, SEED))
    _, result = executor.run(ToolCall(name, arguments))
    assert result.ok, result.content
    return result.content


@given(left=st.integers(1, 60), right=st.integers(1, 60), key=st.integers())
def test_scattered_numbers_never_meet(left: int, right: int, key: int) -> None:
    scatter = Scatter.of(left, right, key)
    assert sorted(map(scatter, range(left * right))) == list(range(left * right))


def test_scattered_numbers_are_the_same_everywhere() -> None:
    scatter = Scatter.of(2_500, 4_000, "orders", 7)
    assert [scatter(number) for number in range(4)] == GOLDEN_NUMBERS


@pytest.mark.parametrize("world", [*RETAIL, *AIRLINE])
def test_a_larger_database_begins_with_the_smaller(world: str) -> None:
    small, large = (
        WORLDS[world].generated(20, SEED).tables,
        WORLDS[world].generated(CUSTOMERS, SEED).tables,
    )
    assert list(small) == list(large)
    for table, own in small.items():
        assert list(large[table].items())[: len(own)] == list(own.items())
    assert WORLDS[world].generated(20, SEED + 1).tables["users"].keys() != small["users"].keys()


@pytest.mark.parametrize("world", [*RETAIL, *AIRLINE])
def test_it_is_plain_json_and_the_same_everywhere(world: str) -> None:
    base = WORLDS[world].generated(20, SEED)
    again = Base.of(json.loads(json.dumps(base.tables)))
    assert Database(again).digest == Database(base).digest == GOLDEN_DIGESTS[world]


@pytest.mark.parametrize("world", [*RETAIL, *AIRLINE])
def test_people_can_be_told_apart(world: str) -> None:
    users = rows(world, "users")
    assert len(users) == CUSTOMERS == len({user["email"] for user in users.values()})
    names = {(*user["name"].values(), user["address"]["zip"]) for user in users.values()}
    assert len(names) == CUSTOMERS
    assert all(re.fullmatch(r"[a-z]+_[a-z]+_\d{4}", user_id) for user_id in users)
    assert all(re.fullmatch(r"\d{5}", user["address"]["zip"]) for user in users.values())


@pytest.mark.parametrize("world", RETAIL)
def test_every_order_is_found_and_shown(world: str) -> None:
    for user_id, user in rows(world, "users").items():
        assert answer(world, "find_user_id_by_email", email=user["email"]) == user_id
        first, last = user["name"]["first_name"], user["name"]["last_name"]
        zip_code = user["address"]["zip"]
        found = answer(
            world, "find_user_id_by_name_zip", first_name=first, last_name=last, zip=zip_code
        )
        assert found == user_id
        assert (user.get("user_id") == user_id) is (world == "retail-tau2")
        for order_id in user["orders"]:
            order = json.loads(answer(world, "get_order_details", order_id=order_id))
            assert order["user_id"] == user_id
    kinds = json.loads(answer(world, "list_all_product_types"))
    assert len(kinds) >= 40
    for product_id in kinds.values():
        answer(world, "get_product_details", product_id=product_id)


def test_products_have_variants_to_choose_from() -> None:
    items: list[str] = []
    for product_id, product in rows("retail", "products").items():
        variants = product["variants"]
        items += variants
        assert product["product_id"] == product_id
        assert 4 <= len(variants) <= 12
        assert sum(v["available"] for v in variants.values()) >= 3
        options = {tuple(v["options"].values()) for v in variants.values()}
        assert len(options) == len(variants)
        assert all(v["price"] > 0 and v["item_id"] == i for i, v in variants.items())
    ids = [*items, *rows("retail", "products")]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"\d{10}", name) for name in ids)


def test_orders_add_up() -> None:
    users, products = rows("retail", "users"), rows("retail", "products")
    for order_id, order in rows("retail", "orders").items():
        assert re.fullmatch(r"#W\d{7}", order_id)
        assert order_id in users[order["user_id"]]["orders"]
        owned = users[order["user_id"]]["payment_methods"]
        assert all(payment["payment_method_id"] in owned for payment in order["payment_history"])
        for item in order["items"]:
            variant = products[item["product_id"]]["variants"][item["item_id"]]
            assert (item["price"], item["options"]) == (variant["price"], variant["options"])
        signs = {"payment": 1, "refund": -1}
        paid = sum(signs[p["transaction_type"]] * p["amount"] for p in order["payment_history"])
        total = sum(item["price"] for item in order["items"])
        assert paid == pytest.approx(0 if order["status"] == "cancelled" else total)
        parcels = [item_id for f in order["fulfillments"] for item_id in f["item_ids"]]
        is_sent = order["status"] not in ("pending", "pending (item modified)", "cancelled")
        assert sorted(parcels) == sorted(i["item_id"] for i in order["items"] if is_sent)


def test_every_status_occurs_as_often_as_it_should() -> None:
    orders = WORLDS["retail"].generated(1_000, SEED).tables["orders"].values()
    counts = Counter(str(order["status"]) for order in orders)
    assert len(counts) == 7
    assert 0.34 < counts["pending"] / len(orders) < 0.46
    assert 0.32 < counts["delivered"] / len(orders) < 0.44
    assert min(counts["return requested"], counts["exchange requested"]) > 10


def test_pending_and_delivered_orders_can_be_changed() -> None:
    executor = WORLDS["retail"].start(WORLDS["retail"].generated(CUSTOMERS, SEED))
    done = Counter[str]()
    for order_id, order in rows("retail", "orders").items():
        call = _change(order_id, order)
        if call is not None:
            after, result = executor.run(call)
            assert result.ok, (call, result.content)
            assert after.digest != executor.digest
            done[call.name] += 1
    assert min(done["cancel_pending_order"], done["return_delivered_order_items"]) > 20


def _change(order_id: str, order: Mapping[str, Any]) -> ToolCall | None:
    match order["status"]:
        case "pending":
            reason: Json = {"order_id": order_id, "reason": "no longer needed"}
            return ToolCall("cancel_pending_order", cast("dict[str, Json]", reason))
        case "delivered":
            arguments: dict[str, Json] = {
                "order_id": order_id,
                "item_ids": [order["items"][0]["item_id"]],
                "payment_method_id": order["payment_history"][0]["payment_method_id"],
            }
            return ToolCall("return_delivered_order_items", arguments)
        case _:
            return None


@pytest.mark.parametrize("world", AIRLINE)
def test_every_reservation_is_shown(world: str) -> None:
    for user_id, user in rows(world, "users").items():
        assert json.loads(answer(world, "get_user_details", user_id=user_id))["email"]
        for reservation_id in user["reservations"]:
            assert re.fullmatch(r"[0-9A-Z]{6}", reservation_id)
            shown = answer(world, "get_reservation_details", reservation_id=reservation_id)
            assert json.loads(shown)["user_id"] == user_id


def test_reservations_go_where_flights_go_and_add_up() -> None:
    users, flights = rows("airline", "users"), rows("airline", "flights")
    for reservation in rows("airline", "reservations").values():
        legs, people = reservation["flights"], len(reservation["passengers"])
        for leg in legs:
            flight = flights[leg["flight_number"]]
            assert (flight["origin"], flight["destination"]) == (leg["origin"], leg["destination"])
            day = flight["dates"][leg["date"]]
            assert day.get("prices", {}).get(reservation["cabin"], leg["price"]) == leg["price"]
        for one, other in zip(legs, legs[1:], strict=False):
            assert one["destination"] == other["origin"]
            assert one["date"] <= other["date"]
        is_round = reservation["flight_type"] == "round_trip"
        assert legs[0]["origin"] == reservation["origin"]
        assert legs[-1]["destination"] == reservation["origin" if is_round else "destination"]
        assert reservation["created_at"] < legs[0]["date"] + "T24"
        user = users[reservation["user_id"]]
        free = FREE_BAGS[user["membership"]][reservation["cabin"]] * people
        beyond = max(0, reservation["total_baggages"] - free)
        assert reservation["nonfree_baggages"] == beyond
        insured = 30 if reservation["insurance"] == "yes" else 0
        price = (sum(leg["price"] for leg in legs) + insured) * people + 50 * beyond
        paid = sum(payment["amount"] for payment in reservation["payment_history"])
        assert paid == (0 if reservation.get("status") == "cancelled" else price)


def test_flights_of_all_kinds_can_be_found_and_booked() -> None:
    flights = rows("airline", "flights")
    assert len(flights) == 300
    today = Counter(flight["dates"]["2024-05-15"]["status"] for flight in flights.values())
    assert set(today) == {"landed", "flying", "on time", "delayed"}
    past = {flight["dates"]["2024-05-14"]["status"] for flight in flights.values()}
    later = {flight["dates"]["2024-05-16"]["status"] for flight in flights.values()}
    assert past == {"landed", "cancelled"}
    assert "available" in later
    route = {"origin": flights["HAT001"]["origin"], "destination": flights["HAT001"]["destination"]}
    found = json.loads(answer("airline", "search_direct_flight", date="2024-05-20", **route))
    assert all(hit["prices"]["economy"] < hit["prices"]["business"] for hit in found)


@pytest.mark.parametrize(
    ("world", "customers", "words"),
    [("desk", 3, "can be generated, got desk"), ("retail", 0, "got 0")],
)
def test_what_cannot_be_made_is_said(world: str, customers: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        WORLDS[world].generated(customers, 0)
