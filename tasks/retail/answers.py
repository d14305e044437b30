"""The gold agent's answers to questions."""

from __future__ import annotations

from tasks.agenda.slots import Slot
from tasks.facts import fact_tokens
from tasks.generation.talk import Rejected
from tasks.retail import replies
from tasks.retail.clerk import Clerk
from tasks.retail.naming import address_line, dollars, the_items
from tasks.retail.steps import ordered, total
from tools.worlds.retail.rows import Order, Variant


def status(clerk: Clerk) -> None:
    """Tells an order's status."""
    order = clerk.order()
    _answer(clerk, replies.STATUS, order, order["status"], status=order["status"])


def tracking(clerk: Clerk) -> None:
    """Tells a parcel's tracking number."""
    order = clerk.order()
    numbers = [number for parcel in order["fulfillments"] for number in parcel["tracking_id"]]
    _answer(clerk, replies.TRACKING, order, " and ".join(numbers))


def order_total(clerk: Clerk) -> None:
    """Tells what an order has cost."""
    order = clerk.order()
    _answer(clerk, replies.TOTAL, order, dollars(order["payment_history"][0]["amount"]))


def destination(clerk: Clerk) -> None:
    """Tells the address of an order."""
    order = clerk.order()
    _answer(clerk, replies.DESTINATION, order, address_line(order["address"]))


def price(clerk: Clerk) -> None:
    """Tells what an item has cost."""
    _answer_sum(clerk, replies.PRICE)


def refund(clerk: Clerk) -> None:
    """Tells the refund for some items."""
    _answer_sum(clerk, replies.REFUND)


def stock(clerk: Clerk) -> None:
    """Tells how many variants of a product are in stock."""
    product = _named_product(clerk)
    count = sum(variant["available"] for variant in product)
    why = f"Of {len(product)} variants {count} are available."
    clerk.tell_more(_picked(clerk, replies.STOCK, str(count)), why, str(count))


def offer(clerk: Clerk) -> None:
    """Tells the price of a variant."""
    wanted = clerk.fact(Slot.NEW_ITEM).value
    found = [variant for variant in _named_product(clerk) if variant["item_id"] == wanted]
    amount = dollars(found[0]["price"])
    why = f"The variant with these options is {wanted}, at {amount}."
    clerk.tell_more(_picked(clerk, replies.OFFER, amount), why, amount)


def balance(clerk: Clerk) -> None:
    """Tells the balance of the customer's gift card."""
    why = "The balance stands in the customer's profile."
    methods = clerk.profile(why)["payment_methods"].values()
    clerk.ask_for("get_user_details", "user_id", clerk.user_id)
    card = next(method for method in methods if method["source"] == "gift_card")
    amount = dollars(card["balance"])
    clerk.tell_more(_picked(clerk, replies.BALANCE, amount), f"{card['id']} has {amount}.", amount)


def _named_product(clerk: Clerk) -> list[Variant]:
    """The variants of the product that the customer has named."""
    fact = clerk.fact(Slot.ITEM)
    if fact.value not in clerk.product_ids().values():
        raise Rejected("unknown_product")
    why = f"The variants of {fact.says} have to be seen."
    return list(clerk.product(str(fact.value), why)["variants"].values())


def _answer_sum(clerk: Clerk, texts: tuple[str, ...]) -> None:
    order = clerk.order()
    clerk.need(Slot.ITEM, replies.ASK_ITEMS, "It is not yet known which items are meant.")
    items = ordered(clerk, order)
    _answer(clerk, texts, order, dollars(total(clerk, items)), items=the_items(items))


def _answer(clerk: Clerk, texts: tuple[str, ...], order: Order, answer: str, **words: str) -> None:
    number = order["order_id"]
    text = clerk.dice.pick(texts).format(number=number, answer=answer, **words)
    why = f"Order {number} belongs to the customer, and says: {answer}."
    clerk.tell_more(text, why, answer if fact_tokens(answer) else number)


def _picked(clerk: Clerk, texts: tuple[str, ...], answer: str) -> str:
    return clerk.dice.pick(texts).format(answer=answer)
