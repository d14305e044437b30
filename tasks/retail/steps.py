"""The steps of the gold agent's services: check, read back, act, report."""

from __future__ import annotations

import json
from typing import cast

from tasks.agenda.slots import Slot
from tasks.generation.talk import Rejected
from tasks.retail import replies
from tasks.retail.clerk import Clerk
from tools.types import Json
from tools.worlds.retail.rows import Item, Method, Order


def ordered(clerk: Clerk, order: Order) -> list[Item]:
    """The items of the order that the customer has named."""
    wanted = [fact.value for fact in clerk.facts(Slot.ITEM)]
    items = [item for value in wanted for item in order["items"] if item["item_id"] == value]
    if len(items) != len(wanted):
        raise Rejected("unknown_item")
    return items


def total(clerk: Clerk, items: list[Item]) -> float:
    """The price of items together; the calculator adds several prices up."""
    if len(items) == 1:
        return items[0]["price"]
    return clerk.calculated(" + ".join(str(item["price"]) for item in items))


def order_in(clerk: Clerk, status: str, action: str) -> Order:
    """The order, if it is in the state that an action needs."""
    order = clerk.order()
    if order["status"] == status:
        return order
    state = replies.STATES.get(order["status"], order["status"])
    words = {"number": order["order_id"], "status": state, "action": action}
    why = f"Order {order['order_id']} is {order['status']}, but it would have to be {status}."
    raise clerk.refuse(replies.STATUS_REFUSED, why, **words)


def check_covers(clerk: Clerk, method: Method, amount: float) -> None:
    """Refuses a gift card with too low a balance."""
    if method["source"] == "gift_card" and method["balance"] < amount:
        why = f"{method['id']} has {method['balance']}, which does not cover {amount}."
        raise clerk.refuse(replies.POOR_REFUSED, why)


def your(clerk: Clerk) -> str:
    """The means of payment in the customer's words, from the agent's point of view."""
    says = clerk.fact(Slot.PAYMENT).says
    return says.replace("my ", "your ", 1).replace("one I paid", "one you paid")


def write(clerk: Clerk, tool: str, order: Order, arguments: dict[str, Json]) -> None:
    """Makes the agreed call, and keeps the changed order."""
    why = f"The customer said yes to this change of order {order['order_id']}."
    text = clerk.talk.call(tool, why, **arguments)
    clerk.orders[order["order_id"]] = cast("Order", json.loads(text))
    clerk.forget_profile()


def report(clerk: Clerk, texts: tuple[str, ...]) -> None:
    """Reports success, and asks for further wishes."""
    clerk.tell_more(clerk.dice.pick(texts), "The tool has done it: report, and ask for more.")
