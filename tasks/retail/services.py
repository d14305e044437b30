"""The gold agent's services: it checks the rules, reads back, acts, reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from tasks.agenda.agenda import Fact
from tasks.agenda.slots import Slot
from tasks.retail import replies
from tasks.retail.clerk import Clerk
from tasks.retail.naming import dollars, listed, method_label, the_items
from tasks.retail.steps import (
    check_covers,
    order_in,
    ordered,
    report,
    total,
    write,
    your,
)
from tools.types import Json
from tools.worlds.retail.rows import Item, Order, Variant


def cancel(clerk: Clerk) -> None:
    """Cancels a pending order for one of the two reasons."""
    order = order_in(clerk, "pending", "cancel it")
    clerk.need(Slot.REASON, replies.ASK_REASON, "A cancellation needs the customer's reason.")
    reason = str(clerk.fact(Slot.REASON).value)
    if not reason:
        why = "The reason is neither that it is not needed nor a mistake, so the rules say no."
        raise clerk.refuse(replies.REASON_REFUSED, why)
    paid = order["payment_history"][0]
    number, amount = order["order_id"], dollars(paid["amount"])
    method = method_label(paid["payment_method_id"])
    words = {"number": number, "reason": reason, "amount": amount, "method": method}
    text = clerk.dice.pick(replies.CANCEL).format(**words)
    why = f"Order {number} is pending and the reason is accepted ({reason}): read back."
    clerk.confirm(text, why, amount)
    write(clerk, "cancel_pending_order", order, {"order_id": number, "reason": reason})
    report(clerk, replies.CANCELLED)


def change_address(clerk: Clerk) -> None:
    """Sends a pending order to another address."""
    order = order_in(clerk, "pending", "change its address")
    clerk.need(Slot.ADDRESS, replies.ASK_ADDRESS, "The new address is not yet known.")
    number, fact = order["order_id"], clerk.fact(Slot.ADDRESS)
    text = clerk.dice.pick(replies.ADDRESS).format(number=number, address=fact.says)
    why = f"Order {number} is pending, so its address can be changed: read back, ask for yes."
    clerk.confirm(text, why)
    address = cast("dict[str, Json]", clerk.fact(Slot.ADDRESS).value)
    write(clerk, "modify_pending_order_address", order, {"order_id": number, **address})
    report(clerk, replies.CHANGED)


def move(clerk: Clerk) -> None:
    """Changes the customer's default address."""
    clerk.need(Slot.ADDRESS, replies.ASK_ADDRESS, "The new address is not yet known.")
    text = clerk.dice.pick(replies.MOVE).format(address=clerk.fact(Slot.ADDRESS).says)
    clerk.confirm(text, "It is the customer's own address: read back, ask for yes.")
    address = cast("dict[str, Json]", clerk.fact(Slot.ADDRESS).value)
    why = "The customer said yes to the new default address."
    clerk.talk.call("modify_user_address", why, user_id=clerk.user_id, **address)
    clerk.forget_profile()
    report(clerk, replies.CHANGED)


def change_payment(clerk: Clerk) -> None:
    """Changes the payment of a pending order."""
    order = order_in(clerk, "pending", "change its payment")
    clerk.need(Slot.PAYMENT, replies.ASK_PAYMENT, "The new means of payment is not yet known.")
    paid, method = order["payment_history"][0], clerk.method()
    check_covers(clerk, method, paid["amount"])
    number, amount = order["order_id"], dollars(paid["amount"])
    old = method_label(paid["payment_method_id"])
    words = {"number": number, "amount": amount, "old": old, "method": your(clerk)}
    text = clerk.dice.pick(replies.PAYMENT).format(**words)
    why = f"Order {number} is pending and {method['id']} is the customer's and covers {amount}."
    clerk.confirm(text, why, amount)
    arguments: dict[str, Json] = {"order_id": number, "payment_method_id": clerk.method()["id"]}
    write(clerk, "modify_pending_order_payment", order, arguments)
    report(clerk, replies.CHANGED)


def change_items(clerk: Clerk) -> None:
    """Changes items of a pending order to other variants."""
    order = order_in(clerk, "pending", "change its items")
    _swap(clerk, order, "modify_pending_order_items", replies.ITEMS)
    report(clerk, replies.CHANGED)


def exchange(clerk: Clerk) -> None:
    """Exchanges items of a delivered order for other variants."""
    order = order_in(clerk, "delivered", "exchange anything from it")
    _swap(clerk, order, "exchange_delivered_order_items", replies.EXCHANGE)
    report(clerk, replies.REQUESTED)


def give_back(clerk: Clerk) -> None:
    """Takes items of a delivered order back."""
    order = order_in(clerk, "delivered", "take anything back from it")
    clerk.need(Slot.ITEM, replies.ASK_ITEMS, "It is not yet known which items go back.")
    clerk.need(Slot.PAYMENT, replies.ASK_REFUND, "The refund needs a means of payment.")
    items, method = ordered(clerk, order), clerk.method()
    original = order["payment_history"][0]["payment_method_id"]
    if method["id"] != original and method["source"] != "gift_card":
        why = f"Order {order['order_id']} was paid with {original}; {method['id']} is no gift card."
        raise clerk.refuse(replies.METHOD_REFUSED, why)
    number, amount = order["order_id"], dollars(total(clerk, items))
    words = {"items": the_items(items), "method": your(clerk)}
    text = clerk.dice.pick(replies.RETURN).format(number=number, amount=amount, **words)
    why = f"Order {number} is delivered and the refund may go to {method['id']}: read back."
    clerk.confirm(text, why, amount)
    arguments: dict[str, Json] = {
        "order_id": number,
        "item_ids": [item["item_id"] for item in items],
        "payment_method_id": clerk.method()["id"],
    }
    write(clerk, "return_delivered_order_items", order, arguments)
    report(clerk, replies.REQUESTED)


def hand_over(clerk: Clerk) -> None:
    """Hands the customer over to a human."""
    topic = clerk.talk.request.of(Slot.CHOICE)[0].says
    why = f"There is no tool for this ({topic}), and no rule forbids it: a human has to help."
    summary = f"The customer {clerk.user_id} asks for something beyond the tools: {topic}."
    clerk.hand_over(why, summary)


def _swap(clerk: Clerk, order: Order, tool: str, texts: tuple[str, ...]) -> None:
    clerk.need(Slot.ITEM, replies.ASK_ITEMS, "It is not yet known which items are meant.")
    clerk.need(Slot.NEW_ITEM, replies.ASK_NEW, "It is not yet known what they shall become.")
    items = ordered(clerk, order)
    variants = [_variant(clerk, item, n) for n, item in enumerate(items)]
    clerk.need(Slot.PAYMENT, replies.ASK_DIFFERENCE, "A means of payment settles the difference.")
    new = " + ".join(str(variant["price"]) for variant in variants)
    old = " - ".join(str(item["price"]) for item in items)
    difference = clerk.calculated(f"{new} - {old}")
    check_covers(clerk, clerk.method(), difference)
    number = order["order_id"]
    joint = "for" if texts is replies.EXCHANGE else "to"
    pairs = zip(items, clerk.facts(Slot.NEW_ITEM), strict=True)
    swaps = listed(f"{the_items([item])} {joint} {_bare(fact, item)}" for item, fact in pairs)
    why = (
        f"Order {number} is {order['status']}, the new variants are in stock, and the difference "
        f"is {difference}: read back, ask for yes."
    )
    _confirm_swap(clerk, texts, {"number": number, "swaps": swaps}, difference, why)
    check_covers(clerk, clerk.method(), difference)
    arguments: dict[str, Json] = {
        "order_id": number,
        "item_ids": [item["item_id"] for item in items],
        "new_item_ids": [variant["item_id"] for variant in variants],
        "payment_method_id": clerk.method()["id"],
    }
    write(clerk, tool, order, arguments)


def _bare(fact: Fact, item: Item) -> str:
    """The customer's words for the new variant, without those for the item."""
    return fact.says.removesuffix(f" for {the_items([item])}")


def _confirm_swap(
    clerk: Clerk, texts: tuple[str, ...], words: Mapping[str, str], difference: float, why: str
) -> None:
    amount = dollars(abs(difference)) if difference else ""
    money = replies.MORE_TO_PAY if difference > 0 else replies.BACK_TO_YOU
    settled = money if difference else replies.NO_DIFFERENCE
    said = settled.format(amount=amount, method=your(clerk))
    text = clerk.dice.pick(texts).format(**words, difference=said)
    clerk.confirm(text, why, f"{words['number']} {amount}")


def _variant(clerk: Clerk, item: Item, number: int) -> Variant:
    """The variant that the customer wants for an item."""
    fact = clerk.facts(Slot.NEW_ITEM)[number]
    why = f"Which variants of {the_items([item])} are in stock, and at what price, has to be seen."
    variants = clerk.product(item["product_id"], why)["variants"]
    variant = variants[str(fact.value)]
    if not variant["available"]:
        why = f"The variant {variant['item_id']} is not in stock, so it cannot be had."
        raise clerk.refuse(replies.STOCK_REFUSED, why, new=fact.says)
    return variant
