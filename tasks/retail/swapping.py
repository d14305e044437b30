"""Wishes for other variants of ordered items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tasks.agenda.agenda import Fact, Request
from tasks.agenda.slots import Slot
from tasks.retail.customer import Customer, method_fact
from tasks.retail.drafts import named, request
from tasks.retail.intents import Intent
from tasks.retail.naming import differing, product_name, wanted_variant
from tools.worlds.retail.rows import Item, Order, Variant


def swapping(customer: Customer, intent: Intent, *, available: bool) -> Request | None:
    """The wish for other variants."""
    order = customer.take("pending" if intent is Intent.ITEMS else "delivered")
    if order is None or not customer.methods:
        return None
    dice, pairs = customer.dice, swaps(customer, order, available=available)
    if not pairs:
        return None
    several = available and len(pairs) > 1 and dice.chance(0.3)
    chosen = dice.some(pairs, 2 if several else 1)
    about = named(customer, order, [item for item, _ in chosen])
    if about.items[0] is not chosen[0][0]:
        chosen.reverse()
    details = [*_new_items(customer, chosen), method_fact(customer, dice.pick(customer.methods))]
    wanted = request(dice, intent, about, details)
    return perhaps(customer, wanted, *_other_method(customer, details[-1]))


def swaps(customer: Customer, order: Order, *, available: bool) -> list[tuple[Item, Variant]]:
    """Items of an order, each with another variant that differs in few options."""
    pairs = []
    for item in customer.singles(order):
        others = customer.others(item, available=available)
        if others:
            least = min(len(differing(item, other)) for other in others)
            near = [other for other in others if len(differing(item, other)) == least]
            pairs.append((item, customer.dice.pick(near)))
    return pairs


def perhaps(customer: Customer, wanted: Request, *instead: Fact) -> Request:
    """The request, sometimes with a change of mind."""
    if not instead or not customer.dice.chance(customer.level.changes):
        return wanted
    if customer.dice.chance(0.3):
        return replace(wanted, withdrawn=True)
    return replace(wanted, change=instead)


def _new_items(customer: Customer, pairs: Sequence[tuple[Item, Variant]]) -> list[Fact]:
    facts = []
    for item, variant in pairs:
        says = wanted_variant(differing(item, variant))
        if len(pairs) > 1:
            says = f"{says} for the {product_name(item['name'])}"
        forms = tuple(differing(item, variant).values())
        rivals = _rivals(customer, item, variant)
        facts.append(Fact(Slot.NEW_ITEM, says, variant["item_id"], forms, rivals))
    return facts


def _rivals(customer: Customer, item: Item, variant: Variant) -> tuple[str, ...]:
    """The values of other variants that this one lacks; short values are left out as ambiguous."""
    found: dict[str, None] = {}
    for option in differing(item, variant):
        for other in customer.product(item)["variants"].values():
            value = other["options"].get(option, "")
            if value not in (item["options"][option], variant["options"][option]):
                found[value] = None
    return tuple(value for value in found if len(value) > 2 and value != "none")


def _other_method(customer: Customer, fact: Fact) -> list[Fact]:
    others = [method for method in customer.methods if method["id"] != fact.value]
    return [method_fact(customer, customer.dice.pick(others))] if others else []
