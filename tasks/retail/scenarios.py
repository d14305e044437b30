"""Requests of customers, from what is in the database: one function per kind of request.

Each function returns None if the customer has no fitting order left.
"""

from __future__ import annotations

from dataclasses import replace

from tasks.agenda.agenda import Fact, Request
from tasks.agenda.slots import Slot
from tasks.retail import wishes
from tasks.retail.customer import Customer, Scenario, address_fact, method_fact
from tasks.retail.drafts import named, plain, reason_fact, request
from tasks.retail.intents import Intent
from tasks.retail.swapping import perhaps, swapping
from tools.worlds.retail.rows import Method, Order

_VALID_REASONS = ("no longer needed", "ordered by mistake")


def cancel(customer: Customer) -> Request | None:
    """Wants to cancel a pending order."""
    return cancelling(customer, customer.take("pending"), customer.dice.pick(_VALID_REASONS))


def cancel_for_bad_reason(customer: Customer) -> Request | None:
    """Wants to cancel a pending order, for a reason that the rules do not accept."""
    return cancelling(customer, customer.take("pending"), "")


def cancel_too_late(customer: Customer) -> Request | None:
    """Wants to cancel an order that is on its way or has arrived."""
    order = customer.take("processed", "delivered")
    return cancelling(customer, order, customer.dice.pick(_VALID_REASONS))


def cancelling(customer: Customer, order: Order | None, reason: str) -> Request | None:
    """The wish to cancel an order."""
    if order is None:
        return None
    details = [reason_fact(customer.dice, reason)]
    return request(customer.dice, Intent.CANCEL, named(customer, order), details)


def cancel_of_stranger(customer: Customer) -> Request | None:
    """Wants to cancel another customer's order."""
    order = customer.stranger()
    if order is None:
        return None
    about = replace(named(customer, order), numbered=True, vague=False, slip="")
    details = [reason_fact(customer.dice, customer.dice.pick(_VALID_REASONS))]
    return request(customer.dice, Intent.CANCEL, about, details)


def change_address(customer: Customer) -> Request | None:
    """Wants another address for a pending order."""
    return readdressing(customer, customer.take("pending"))


def change_address_too_late(customer: Customer) -> Request | None:
    """Wants another address for an order that was already sent."""
    return readdressing(customer, customer.take("processed", "delivered"))


def readdressing(customer: Customer, order: Order | None) -> Request | None:
    """The wish to change an order's address."""
    if order is None:
        return None
    fact = address_fact(customer.new_address(), order["address"])
    wanted = request(customer.dice, Intent.ADDRESS, named(customer, order), [fact])
    return perhaps(customer, wanted, address_fact(customer.new_address(), order["address"]))


def change_payment(customer: Customer) -> Request | None:
    """Wants to pay a pending order in another way."""
    return repaying(customer, covered=True)


def change_payment_uncovered(customer: Customer) -> Request | None:
    """Wants to pay a pending order with a gift card that does not cover it."""
    return repaying(customer, covered=False)


def repaying(customer: Customer, *, covered: bool) -> Request | None:
    """The wish to pay an order in another way."""
    order = customer.take("pending")
    if order is None:
        return None
    paid = order["payment_history"][0]
    others = [m for m in customer.methods if m["id"] != paid["payment_method_id"]]
    fit = [m for m in others if _covers(m, paid["amount"]) is covered]
    if not fit:
        return None
    fact = method_fact(customer, customer.dice.pick(fit))
    return request(customer.dice, Intent.PAYMENT, named(customer, order), [fact])


def change_items(customer: Customer) -> Request | None:
    """Wants other variants for items of a pending order."""
    return swapping(customer, Intent.ITEMS, available=True)


def exchange(customer: Customer) -> Request | None:
    """Wants to exchange items of a delivered order for other variants."""
    return swapping(customer, Intent.EXCHANGE, available=True)


def exchange_out_of_stock(customer: Customer) -> Request | None:
    """Wants to exchange an item for a variant that is out of stock."""
    return swapping(customer, Intent.EXCHANGE, available=False)


def change_items_out_of_stock(customer: Customer) -> Request | None:
    """Wants a variant that is out of stock for an item of a pending order."""
    return swapping(customer, Intent.ITEMS, available=False)


def give_back(customer: Customer) -> Request | None:
    """Wants to return items of a delivered order."""
    return returning(customer, customer.take("delivered"))


def give_back_too_early(customer: Customer) -> Request | None:
    """Wants to return items of an order that has not arrived."""
    return returning(customer, customer.take("pending", "processed"))


def returning(
    customer: Customer, order: Order | None, *, method: Method | None = None
) -> Request | None:
    """The wish to return items of an order."""
    if order is None or not (singles := customer.singles(order)):
        return None
    dice = customer.dice
    items = dice.some(singles, dice.between(1, min(3, len(singles))))
    paid = order["payment_history"][0]["payment_method_id"]
    fit = [m for m in customer.methods if m["id"] == paid or m["source"] == "gift_card"]
    method = method or (dice.pick(fit) if fit else None)
    if method is None:
        return None
    fact = method_fact(customer, method, original=method["id"] == paid)
    wanted = request(dice, Intent.RETURN, named(customer, order, items), [fact])
    others = [m for m in fit if m is not method]
    return perhaps(customer, wanted, *[method_fact(customer, m) for m in others[:1]])


def give_back_to_other_card(customer: Customer) -> Request | None:
    """Wants the refund of a return on a means of payment that the rules do not accept."""
    order = customer.take("delivered")
    if order is None:
        return None
    paid = order["payment_history"][0]["payment_method_id"]
    bad = [m for m in customer.methods if m["id"] != paid and m["source"] != "gift_card"]
    return returning(customer, order, method=customer.dice.pick(bad)) if bad else None


def move(customer: Customer) -> Request | None:
    """Wants to change the default address."""
    old = customer.user["address"]
    fact = address_fact(customer.new_address(), old)
    wanted = plain(customer.dice, Intent.MOVE, "", ())
    told = customer.dice.chance(0.5)
    if told:
        add = customer.dice.pick(wishes.ADDITIONS["address"][1:]).format(address=fact.says)
        wanted = replace(wanted, wish=f"{wanted.wish} {add}", stated=(Slot.ADDRESS,))
    return perhaps(
        customer, replace(wanted, facts=(fact,)), address_fact(customer.new_address(), old)
    )


def ask_for_the_impossible(customer: Customer) -> Request:
    """Something for which the agent has no tool; always the last request."""
    topic = customer.dice.pick(tuple(wishes.BEYOND))
    says = customer.dice.pick(wishes.BEYOND[topic])
    facts = (Fact(Slot.CHOICE, topic),)
    return Request(Intent.HUMAN.value, says, says, facts, signs=("human",))


def _covers(method: Method, amount: float) -> bool:
    return method["source"] != "gift_card" or method["balance"] >= amount


WRITES: tuple[Scenario, ...] = (
    *(cancel, cancel, change_address, change_payment, change_items, change_items),
    *(give_back, give_back, give_back, exchange, exchange, exchange, move),
)


REFUSED: tuple[Scenario, ...] = (
    *(cancel_too_late, cancel_too_late, cancel_for_bad_reason, cancel_of_stranger),
    *(change_address_too_late, change_payment_uncovered, give_back_too_early),
    *(give_back_to_other_card, exchange_out_of_stock, change_items_out_of_stock),
)
