"""The order desk: six tools over one table of orders.

A row of `orders`, keyed by the order's number:

    "7312": {"customer_id": "48151", "item": "lamp", "status": "pending", "total": 48.35,
             "days": 4, "city": "Boston"}

`status` is pending, shipped, delivered, cancelled or return requested. `days` counts back to the
delivery of a delivered order, and forward to the delivery of one that is still to come.

Descriptions and schemas are short on purpose: a tiny model pays for each of their tokens in
every prompt.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from tools.types import Json
from tools.worlds.database import Database, Row
from tools.worlds.functions import ApiError, Change, tools_of
from tools.worlds.world import World

RETURN_DAYS = 30
"""A delivered order may be returned for this many days.

The desk's rules say so and its API does not look: as at tau-bench's shops, some rules are the
agent's own to keep. Where an API refuses whatever is forbidden, trying costs nothing, and that is
what a policy learns from its rewards.
"""
REFUND_DAYS = 14
"""Days until a refund arrives; nobody asks, and an answer that echoes all says too much."""
CITY_CHANGE_DAYS = 2
"""How much later an order arrives that is sent to another city."""

Reason: TypeAlias = Literal["no longer needed", "ordered by mistake", "found cheaper"]
"""Why an order is cancelled."""
Topic: TypeAlias = Literal["payment", "complaint", "account", "product advice"]
"""What a human is asked to take over."""


def find_orders(database: Database, customer_id: str, item: str) -> Json:
    """List a customer's orders of an item."""
    own = [(k, row) for k, row in database.rows("orders") if row["customer_id"] == customer_id]
    if not own:
        raise ApiError(f"customer {customer_id} not found")
    orders: list[Json] = [
        {"item": item, "order_id": key, "status": row["status"]}
        for key, row in own
        if row["item"] == item
    ]
    if not orders:
        raise ApiError(f"customer {customer_id} ordered no {item}")
    return orders


def get_order(database: Database, order_id: str) -> Json:
    """Show an order; days count to or since delivery."""
    row = _order(database, order_id)
    shown: dict[str, Json] = {"item": row["item"], "order_id": order_id}
    return shown | {name: row[name] for name in ("status", "days", "total", "city")}


def cancel_order(database: Database, order_id: str, reason: Reason) -> Change:
    """Cancel a pending order."""
    row = _pending(database, order_id, "cancelled")
    after = database.put("orders", order_id, {**row, "status": "cancelled", "reason": reason})
    answer: Json = {
        "order_id": order_id,
        "status": "cancelled",
        "refund": row["total"],
        "refund_days": REFUND_DAYS,
    }
    return Change(after, answer)


def return_order(database: Database, order_id: str) -> Change:
    """Return a delivered order."""
    row = _order(database, order_id)
    if row["status"] != "delivered":
        raise ApiError(
            f"order {order_id} is {row['status']}: only delivered orders can be returned"
        )
    after = database.put("orders", order_id, {**row, "status": "return requested"})
    answer: Json = {
        "order_id": order_id,
        "status": "return requested",
        "refund": row["total"],
        "refund_days": REFUND_DAYS,
    }
    return Change(after, answer)


def change_city(database: Database, order_id: str, city: str) -> Change:
    """Send a pending order to another city."""
    row = _pending(database, order_id, "sent to another city")
    if row["city"] == city:
        raise ApiError(f"order {order_id} goes to {city} already")
    assert isinstance(row["days"], int)
    days = row["days"] + CITY_CHANGE_DAYS
    after = database.put("orders", order_id, {**row, "city": city, "days": days})
    answer: Json = {"order_id": order_id, "status": "pending", "city": city, "days": days}
    return Change(after, answer)


def transfer_to_human(database: Database, topic: Topic) -> Json:
    """Hand over to a human."""
    return {"status": "transferred", "topic": topic}


def _order(database: Database, order_id: str) -> Row:
    row = database.row("orders", order_id)
    if row is None:
        raise ApiError(f"order {order_id} not found")
    return row


def _pending(database: Database, order_id: str, done: str) -> Row:
    row = _order(database, order_id)
    if row["status"] != "pending":
        raise ApiError(f"order {order_id} is {row['status']}: only pending orders can be {done}")
    return row


TOOLS = tools_of(find_orders, get_order, cancel_order, return_order, change_city, transfer_to_human)
"""The desk's tools, in the order in which they are offered."""

DESK = World("desk", TOOLS, domain="desk")
"""The order desk; its databases stand in the tasks themselves."""
