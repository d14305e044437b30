"""Questions of customers: one function per kind of question.

Each function returns None if the customer has no fitting order left.
"""

from __future__ import annotations

from dataclasses import replace

from tasks.agenda.agenda import Fact, Request
from tasks.agenda.slots import Slot
from tasks.retail.customer import Customer, Scenario
from tasks.retail.drafts import named, plain, product_words, request
from tasks.retail.intents import Intent
from tasks.retail.naming import product_name, wanted_variant
from tools.worlds.retail.rows import Item

_STATUS_SIGNS = "pending processed delivered cancelled requested shipped arrived way transit"

_MAY_BE_VAGUE = (Intent.STATUS, Intent.TRACKING)
"""Questions about "one of my orders" that sound natural."""


def ask(intent: Intent, signs: str, *statuses: str) -> Scenario:
    """A function that samples a question about an order with one of these statuses."""

    def asking(customer: Customer) -> Request | None:
        order = customer.take(*statuses)
        if order is None:
            return None
        about = named(customer, order)
        about = replace(about, vague=about.vague and intent in _MAY_BE_VAGUE)
        return request(customer.dice, intent, about, signs=signs)

    return asking


def ask_about_items(intent: Intent, most: int, *statuses: str) -> Scenario:
    """A function that samples a question about items of an order with one of these statuses."""

    def asking(customer: Customer) -> Request | None:
        order = customer.take(*statuses)
        if order is None or not (singles := customer.singles(order)):
            return None
        items = customer.dice.some(singles, customer.dice.between(1, min(most, len(singles))))
        about = replace(named(customer, order, items), vague=False)
        return request(customer.dice, intent, about, signs="0")

    return asking


def ask_stock(customer: Customer) -> Request | None:
    """Asks how many variants of some product are in stock."""
    item = _any_item(customer)
    fact = Fact(Slot.ITEM, f"the {product_name(item['name'])}", item["product_id"])
    return plain(customer.dice, Intent.STOCK, "0", [fact], **product_words(item))


def ask_offer(customer: Customer) -> Request | None:
    """Asks for the price of a variant of some product."""
    item = _any_item(customer)
    variants = [v for v in customer.product(item)["variants"].values() if v["available"]]
    if not variants:
        return None
    variant = customer.dice.pick(variants)
    says = wanted_variant(variant["options"])
    facts = [
        Fact(Slot.ITEM, f"the {product_name(item['name'])}", item["product_id"]),
        Fact(Slot.NEW_ITEM, says, variant["item_id"]),
    ]
    words = product_words(item) | {"new": says}
    return plain(customer.dice, Intent.OFFER, "0", facts, **words)


def ask_balance(customer: Customer) -> Request | None:
    """Asks for the balance of the gift card."""
    if not any(method["source"] == "gift_card" for method in customer.methods):
        return None
    return plain(customer.dice, Intent.BALANCE, "0", ())


def _any_item(customer: Customer) -> Item:
    """An item of any order, so that its product exists."""
    orders = customer.orders
    return customer.dice.pick(customer.dice.pick(orders)["items"])


STATUS = ask(Intent.STATUS, _STATUS_SIGNS, "pending", "processed", "delivered", "cancelled")


TRACKING = ask(Intent.TRACKING, "0", "processed", "delivered")


TOTAL = ask(Intent.TOTAL, "0", "pending", "processed", "delivered")


DESTINATION = ask(Intent.DESTINATION, "0", "pending", "processed")


PRICE = ask_about_items(Intent.PRICE, 1, "pending", "processed", "delivered")


REFUND = ask_about_items(Intent.REFUND, 3, "delivered")


READS: tuple[Scenario, ...] = (
    *(STATUS, TRACKING, TOTAL, DESTINATION, PRICE, REFUND, REFUND),
    *(ask_stock, ask_offer, ask_balance),
)
