"""The order desk: six tools over one table of orders.

A row of `orders`, keyed by the order's number:

    "7312": {"customer_id": "48151", "item": "lamp", "status": "pending", "total": 48.35,
             "days": 4, "city": "Boston"}

`status` is pending, shipped, delivered, cancelled or return requested. `days` is the number of days
since the delivery of a delivered order, and until the delivery of any other.

Descriptions and schemas are short on purpose: each of their tokens stands in every prompt of a tiny
model.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from tools.types import Json
from tools.worlds.database import Database
from tools.worlds.functions import ApiError, Change, Handover, tools_of
from tools.worlds.rules.claims import claim
from tools.worlds.tables import Row
from tools.worlds.world import World

RETURN_DAYS = 30
"""The number of days after delivery within which an order may be returned.

The desk's rules say so, but its API does not check it: as in tau-bench, the agent itself has to
keep some rules. If an API refused everything that is forbidden, trying would cost nothing, and a
policy would learn from its rewards to try.
"""
REFUND_DAYS = 14
"""Days until a refund arrives; nobody asks for it, so an answer should not repeat it."""
CITY_CHANGE_DAYS = 2
"""The number of days by which a change of city delays an order."""

Reason: TypeAlias = Literal["no longer needed", "ordered by mistake", "found cheaper"]
"""The reason for which an order is cancelled."""
Topic: TypeAlias = Literal["payment", "complaint", "account", "product advice"]
"""The subject that a human takes over."""


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


def transfer_to_human(database: Database, topic: Topic) -> Handover:
    """Hand over to a human."""
    return Handover({"status": "transferred", "topic": topic})


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

CLAIMS = (
    claim("cancel+ed", "cancel_order", forms=r"\bis\ cancel+ed\b", mark="is cancel"),
    claim(r"returned|taken\ back", "return_order", shown="return"),
    claim("changed|updated|redirected", "change_city", forms=r"\bnow\ goes\ to\b", mark="now goes"),
    claim(
        "refunded",
        "cancel_order return_order",
        forms=r"\byou\ get\ \$[\d.]+\ back",
        mark="you get $",
    ),
    claim("transferred", "transfer_to_human"),
)
"""What agents of the desk claim, and the tools that make it true."""

DESK = World("desk", TOOLS, domain="desk", claims=CLAIMS)
"""The order desk; each task contains its own database."""
