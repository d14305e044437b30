"""Requests that the agent has to refuse, each with another one to fall back on."""

from __future__ import annotations

from dataclasses import replace

from tasks.agenda.agenda import Fact, Request
from tasks.agenda.slots import Slot
from tasks.retail.customer import Customer, Scenario, address_fact, method_fact
from tasks.retail.drafts import Named, named, reason_fact, request, with_otherwise
from tasks.retail.intents import Intent
from tasks.retail.naming import differing, the_items, wanted_variant
from tasks.retail.scenarios import returning
from tasks.retail.swapping import swaps
from tools.worlds.retail.rows import Item, Order


def cancel_else_return(customer: Customer) -> Request | None:
    """A delivered order cannot be cancelled, but its items can be returned."""
    order = customer.take("delivered")
    if order is None:
        return None
    second = returning(customer, order)
    if second is None:
        return None
    about = replace(named(customer, order, _named_by(second, order)), vague=False)
    reason = reason_fact(customer.dice, "no longer needed")
    first = request(customer.dice, Intent.CANCEL, about, [reason])
    return _joined(customer, first, second, about)


def return_else_cancel(customer: Customer) -> Request | None:
    """A pending order cannot be returned, but it can be cancelled."""
    order = customer.take("pending")
    first = returning(customer, order)
    if order is None or first is None:
        return None
    about = Named(order, _named_by(first, order), numbered=True, vague=False, whole=True)
    reason = reason_fact(customer.dice, "no longer needed")
    second = replace(request(customer.dice, Intent.CANCEL, about, [reason]), stated=())
    words = {"order": "the order"}
    return with_otherwise(customer.dice, _settled(first), second, words)


def address_else_move(customer: Customer) -> Request | None:
    """A sent order keeps its address, but the default address can be changed."""
    order = customer.take("processed", "delivered")
    if order is None:
        return None
    fact = address_fact(customer.new_address(), customer.user["address"])
    about = replace(named(customer, order), vague=False)
    first = request(customer.dice, Intent.ADDRESS, about, [fact])
    second = Request(Intent.MOVE.value, "", "", (fact,))
    return with_otherwise(customer.dice, first, second, {})


def swap_else_swap(customer: Customer) -> Request | None:
    """A variant is out of stock, but another one is in stock."""
    intent = customer.dice.pick((Intent.ITEMS, Intent.EXCHANGE))
    order = customer.take("pending" if intent is Intent.ITEMS else "delivered")
    if order is None or not customer.methods:
        return None
    good = {item["item_id"]: (item, new) for item, new in swaps(customer, order, available=True)}
    missing = swaps(customer, order, available=False)
    both = [(item, bad) for item, bad in missing if item["item_id"] in good]
    if not both:
        return None
    item, bad = customer.dice.pick(both)
    new = good[item["item_id"]][1]
    about = replace(named(customer, order, [item]), vague=False)
    method = method_fact(customer, customer.dice.pick(customer.methods))
    wanted = [_variant_fact(differing(item, v), v["item_id"]) for v in (bad, new)]
    first = request(customer.dice, intent, about, [wanted[0], method])
    second = replace(
        first,
        facts=(*about.facts, wanted[1], method),
        stated=(Slot.NEW_ITEM,),
    )
    return with_otherwise(customer.dice, first, second, {"new": wanted[1].says})


def exchange_else_return(customer: Customer) -> Request | None:
    """A variant is out of stock, so the customer returns the item."""
    order = customer.take("delivered")
    if order is None:
        return None
    missing, second = swaps(customer, order, available=False), returning(customer, order)
    if not missing or second is None:
        return None
    item, bad = customer.dice.pick(missing)
    about = replace(named(customer, order, [item]), vague=False)
    method = second.of(Slot.PAYMENT)[0]
    wanted = _variant_fact(differing(item, bad), bad["item_id"])
    first = request(customer.dice, Intent.EXCHANGE, about, [wanted, method])
    return _joined(customer, first, second, about)


def pay_else_pay(customer: Customer) -> Request | None:
    """A gift card does not cover an order, but another means of payment does."""
    order = customer.take("pending")
    if order is None:
        return None
    paid = order["payment_history"][0]
    others = [m for m in customer.methods if m["id"] != paid["payment_method_id"]]
    poor = [m for m in others if m["source"] == "gift_card" and m["balance"] < paid["amount"]]
    rich = [m for m in others if m["source"] != "gift_card"]
    if not poor or not rich:
        return None
    facts = [method_fact(customer, customer.dice.pick(methods)) for methods in (poor, rich)]
    about = replace(named(customer, order), vague=False)
    first = request(customer.dice, Intent.PAYMENT, about, facts[:1])
    second = replace(first, facts=(*about.facts, facts[1]), stated=(Slot.PAYMENT,))
    return with_otherwise(customer.dice, first, second, {"method": facts[1].says})


def _joined(customer: Customer, first: Request, second: Request, about: Named) -> Request:
    """Falls back on returning the items that the first request is about."""
    items = [fact for fact in about.facts if fact.slot is Slot.ITEM]
    facts = (*about.facts, *second.of(Slot.PAYMENT))
    second = replace(
        second, facts=facts, stated=(Slot.ITEM,), withdrawn=False, change=(), otherwise=None
    )
    names = the_items(item for item in about.items[: len(items)])
    return with_otherwise(customer.dice, first, second, {"items": names})


def _settled(first: Request) -> Request:
    """A request without a change of mind: it will be refused anyway."""
    return replace(first, withdrawn=False, change=())


def _named_by(wanted: Request, order: Order) -> tuple[Item, ...]:
    """The items of an order that a request is about."""
    ids = [fact.value for fact in wanted.of(Slot.ITEM)]
    return tuple(item for item in order["items"] if item["item_id"] in ids)


def _variant_fact(options: dict[str, str], item_id: str) -> Fact:
    return Fact(Slot.NEW_ITEM, wanted_variant(options), item_id, tuple(options.values()))


CONDITIONS: tuple[Scenario, ...] = (
    *(cancel_else_return, cancel_else_return, return_else_cancel, address_else_move),
    *(swap_else_swap, exchange_else_return, pay_else_pay),
)
