"""What the gold agent does for customers: checks the rules, reads back, acts, reports."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeAlias, cast

from tasks.agenda.mind import Act
from tasks.agenda.slots import Slot
from tasks.retail import replies
from tasks.retail.clerk import Clerk, Refused, Settled
from tasks.retail.intents import Intent
from tasks.retail.naming import dollars, listed, method_label, the_items
from tasks.talk import Rejected
from tools.types import Json
from tools.worlds.retail.rows import Item, Method, Order, Variant

Service: TypeAlias = "Callable[[Clerk], None]"


def cancel(clerk: Clerk) -> None:
    """Cancels a pending order for one of the two reasons."""
    order = _order_in(clerk, "pending", "cancel it")
    clerk.need(Slot.REASON, replies.ASK_REASON, "A cancellation needs the customer's reason.")
    reason = str(clerk.fact(Slot.REASON).value)
    if not reason:
        why = "The reason is neither that it is not needed nor a mistake, so the rules say no."
        raise Refused(clerk.dice.pick(replies.REASON_REFUSED), why)
    paid = order["payment_history"][0]
    number, amount = order["order_id"], dollars(paid["amount"])
    method = method_label(paid["payment_method_id"])
    words = {"number": number, "reason": reason, "amount": amount, "method": method}
    text = _filled(clerk, replies.CANCEL, **words)
    why = f"Order {number} is pending and the reason is accepted ({reason}): read back."
    _confirmed(clerk, text, why, f"{number} {amount}")
    _write(clerk, "cancel_pending_order", order, {"order_id": number, "reason": reason})
    _report(clerk, replies.CANCELLED)


def change_address(clerk: Clerk) -> None:
    """Sends a pending order elsewhere."""
    order = _order_in(clerk, "pending", "change its address")
    clerk.need(Slot.ADDRESS, replies.ASK_ADDRESS, "The new address is not yet known.")
    number, fact = order["order_id"], clerk.fact(Slot.ADDRESS)
    text = _filled(clerk, replies.ADDRESS, number=number, address=fact.says)
    why = f"Order {number} is pending, so its address can be changed: read back, ask for yes."
    _confirmed(clerk, text, why, number)
    address = cast("dict[str, Json]", clerk.fact(Slot.ADDRESS).value)
    _write(clerk, "modify_pending_order_address", order, {"order_id": number, **address})
    _report(clerk, replies.CHANGED)


def move(clerk: Clerk) -> None:
    """Changes the customer's default address."""
    clerk.need(Slot.ADDRESS, replies.ASK_ADDRESS, "The new address is not yet known.")
    text = _filled(clerk, replies.MOVE, address=clerk.fact(Slot.ADDRESS).says)
    _confirmed(clerk, text, "It is the customer's own address: read back, ask for yes.", "")
    address = cast("dict[str, Json]", clerk.fact(Slot.ADDRESS).value)
    why = "The customer said yes to the new default address."
    clerk.talk.must("modify_user_address", why, user_id=clerk.user_id, **address)
    clerk.forget_profile()
    _report(clerk, replies.CHANGED)


def change_payment(clerk: Clerk) -> None:
    """Has a pending order paid in another way."""
    order = _order_in(clerk, "pending", "change its payment")
    clerk.need(Slot.PAYMENT, replies.ASK_PAYMENT, "The new means of payment is not yet known.")
    paid, method = order["payment_history"][0], clerk.method()
    _check_covers(clerk, method, paid["amount"])
    number, amount = order["order_id"], dollars(paid["amount"])
    old = method_label(paid["payment_method_id"])
    text = _filled(
        clerk, replies.PAYMENT, number=number, amount=amount, old=old, method=_your(clerk)
    )
    why = f"Order {number} is pending and {method['id']} is the customer's and covers {amount}."
    _confirmed(clerk, text, why, f"{number} {amount}")
    arguments: dict[str, Json] = {"order_id": number, "payment_method_id": clerk.method()["id"]}
    _write(clerk, "modify_pending_order_payment", order, arguments)
    _report(clerk, replies.CHANGED)


def change_items(clerk: Clerk) -> None:
    """Makes items of a pending order other variants."""
    order = _order_in(clerk, "pending", "change its items")
    _swap(clerk, order, "modify_pending_order_items", replies.ITEMS)
    _report(clerk, replies.CHANGED)


def exchange(clerk: Clerk) -> None:
    """Exchanges items of a delivered order for other variants."""
    order = _order_in(clerk, "delivered", "exchange anything from it")
    _swap(clerk, order, "exchange_delivered_order_items", replies.EXCHANGE)
    _report(clerk, replies.REQUESTED)


def give_back(clerk: Clerk) -> None:
    """Takes items of a delivered order back."""
    order = _order_in(clerk, "delivered", "take anything back from it")
    clerk.need(Slot.ITEM, replies.ASK_ITEMS, "It is not yet known which items go back.")
    clerk.need(Slot.PAYMENT, replies.ASK_REFUND, "The refund needs a means of payment.")
    items, method = ordered(clerk, order), clerk.method()
    original = order["payment_history"][0]["payment_method_id"]
    if method["id"] != original and method["source"] != "gift_card":
        why = f"Order {order['order_id']} was paid with {original}; {method['id']} is no gift card."
        raise Refused(clerk.dice.pick(replies.METHOD_REFUSED), why)
    number, amount = order["order_id"], dollars(total(clerk, items))
    text = _filled(
        clerk,
        replies.RETURN,
        number=number,
        items=the_items(items),
        amount=amount,
        method=_your(clerk),
    )
    why = f"Order {number} is delivered and the refund may go to {method['id']}: read back."
    _confirmed(clerk, text, why, f"{number} {amount}")
    ids: list[Json] = [item["item_id"] for item in items]
    arguments = {"order_id": number, "item_ids": ids, "payment_method_id": clerk.method()["id"]}
    _write(clerk, "return_delivered_order_items", order, arguments)
    _report(clerk, replies.REQUESTED)


def hand_over(clerk: Clerk) -> None:
    """Hands the customer over to a human."""
    topic = clerk.talk.request.of(Slot.CHOICE)[0].says
    why = f"There is no tool for this ({topic}), and no rule forbids it: a human has to help."
    summary = f"The customer {clerk.user_id} asks for something beyond the tools: {topic}."
    clerk.talk.must("transfer_to_human_agents", why, asked=False, summary=summary)


def ordered(clerk: Clerk, order: Order) -> list[Item]:
    """The items of the order that the customer has named."""
    wanted = [fact.value for fact in clerk.facts(Slot.ITEM)]
    items = [item for value in wanted for item in order["items"] if item["item_id"] == value]
    if len(items) != len(wanted):
        raise Rejected("unknown_item")
    return items


def total(clerk: Clerk, items: list[Item]) -> float:
    """What items cost together; a single price is read off, several are added up."""
    if len(items) == 1:
        return items[0]["price"]
    return clerk.calculated(" + ".join(str(item["price"]) for item in items))


def _swap(clerk: Clerk, order: Order, tool: str, texts: tuple[str, ...]) -> None:
    clerk.need(Slot.ITEM, replies.ASK_ITEMS, "It is not yet known which items are meant.")
    clerk.need(Slot.NEW_ITEM, replies.ASK_NEW, "It is not yet known what they shall become.")
    items = ordered(clerk, order)
    variants = [_variant(clerk, item, n) for n, item in enumerate(items)]
    clerk.need(Slot.PAYMENT, replies.ASK_DIFFERENCE, "A means of payment settles the difference.")
    new = " + ".join(str(variant["price"]) for variant in variants)
    old = " - ".join(str(item["price"]) for item in items)
    difference = clerk.calculated(f"{new} - {old}")
    _check_covers(clerk, clerk.method(), difference)
    number, says = order["order_id"], [fact.says for fact in clerk.facts(Slot.NEW_ITEM)]
    one = len(items) == 1
    swaps = listed(
        f"{the_items([item])} for {said}" if one else said
        for item, said in zip(items, says, strict=True)
    )
    why = (
        f"Order {number} is {order['status']}, the new variants are in stock, and the difference "
        f"is {difference}: read back, ask for yes."
    )
    _confirm_swap(clerk, texts, {"number": number, "swaps": swaps}, difference, why)
    _check_covers(clerk, clerk.method(), difference)
    arguments: dict[str, Json] = {
        "order_id": number,
        "item_ids": [item["item_id"] for item in items],
        "new_item_ids": [variant["item_id"] for variant in variants],
        "payment_method_id": clerk.method()["id"],
    }
    _write(clerk, tool, order, arguments)


def _confirm_swap(
    clerk: Clerk, texts: tuple[str, ...], words: Mapping[str, str], difference: float, why: str
) -> None:
    amount = dollars(abs(difference)) if difference else ""

    def text() -> str:
        money = replies.MORE_TO_PAY if difference > 0 else replies.BACK_TO_YOU
        settled = money if difference else replies.NO_DIFFERENCE
        said = settled.format(amount=amount, method=_your(clerk)())
        return clerk.dice.pick(texts).format(**words, difference=said)

    _confirmed(clerk, text, why, f"{words['number']} {amount}")


def _variant(clerk: Clerk, item: Item, number: int) -> Variant:
    """The variant that an item shall become."""
    fact = clerk.facts(Slot.NEW_ITEM)[number]
    why = f"Which variants of {the_items([item])} are in stock, and at what price, has to be seen."
    variants = clerk.product(item["product_id"], why)["variants"]
    variant = variants[str(fact.value)]
    if not variant["available"]:
        why = f"The variant {variant['item_id']} is not in stock, so it cannot be had."
        raise Refused(clerk.dice.pick(replies.STOCK_REFUSED).format(new=fact.says), why)
    return variant


def _order_in(clerk: Clerk, status: str, action: str) -> Order:
    """The order, if it is in the state that an action needs."""
    order = clerk.order()
    if order["status"] == status:
        return order
    words = {"number": order["order_id"], "status": order["status"], "action": action}
    text = clerk.dice.pick(replies.STATUS_REFUSED).format(**words)
    why = f"Order {order['order_id']} is {order['status']}, but it would have to be {status}."
    raise Refused(text, why, order["order_id"])


def _check_covers(clerk: Clerk, method: Method, amount: float) -> None:
    if method["source"] == "gift_card" and method["balance"] < amount:
        why = f"{method['id']} has {method['balance']}, which does not cover {amount}."
        raise Refused(clerk.dice.pick(replies.POOR_REFUSED), why)


def _your(clerk: Clerk) -> Callable[[], str]:
    """The means of payment as the customer called it, said back; later, as it may change."""

    def name() -> str:
        says = clerk.fact(Slot.PAYMENT).says
        return says.replace("my ", "your ", 1).replace("the way I paid", "the way you paid")

    return name


def _filled(
    clerk: Clerk, texts: tuple[str, ...], **words: str | Callable[[], str]
) -> Callable[[], str]:
    """A text that is filled in when it is said."""

    def text() -> str:
        ready = {name: word if isinstance(word, str) else word() for name, word in words.items()}
        return clerk.dice.pick(texts).format(**ready)

    return text


def _confirmed(clerk: Clerk, text: Callable[[], str], why: str, told: str) -> None:
    """Reads back what will be done and waits for a yes.

    Raises:
        Settled: if the customer calls it off.
        Again: if the customer wants something else after all.
    """
    clerk.tell(f"{text()} {clerk.dice.pick(replies.GO_AHEAD)}", why, told)
    match clerk.talk.turn.act:
        case Act.AGREES:
            return
        case Act.CHANGES:
            raise Again
        case Act.WITHDRAWS:
            raise Settled
        case _:
            raise Rejected("unconfirmed")


class Again(Exception):
    """The customer's mind has changed: the request has to be looked at afresh."""


def _write(clerk: Clerk, tool: str, order: Order, arguments: dict[str, Json]) -> None:
    """Does what was agreed on, and keeps what the order has become."""
    why = f"The customer said yes to this change of order {order['order_id']}."
    text = clerk.talk.must(tool, why, **arguments)
    clerk.orders[order["order_id"]] = cast("Order", json.loads(text))
    clerk.forget_profile()


def _report(clerk: Clerk, texts: tuple[str, ...]) -> None:
    clerk.tell_more(clerk.dice.pick(texts), "The tool has done it: report, and ask for more.")


SERVICES: Mapping[Intent, Service] = {
    Intent.CANCEL: cancel,
    Intent.ADDRESS: change_address,
    Intent.PAYMENT: change_payment,
    Intent.ITEMS: change_items,
    Intent.RETURN: give_back,
    Intent.EXCHANGE: exchange,
    Intent.MOVE: move,
    Intent.HUMAN: hand_over,
}
"""Intent -> service."""
