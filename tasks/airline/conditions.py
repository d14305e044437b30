"""Requests that the agent has to refuse, each with another one to fall back on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tasks.agenda.agenda import Request
from tasks.agenda.slots import Slot
from tasks.airline import wishes
from tasks.airline.drafts import named, reason_fact, request, with_otherwise
from tasks.airline.intents import Intent
from tasks.airline.naming import CABINS
from tasks.airline.rules import ground_to_cancel
from tasks.airline.scenarios import adding_bags, cabins_for, moving
from tasks.airline.traveller import Traveller, cabin_fact, is_ahead, method_fact
from tools.worlds.airline.rows import Reservation


def cancel_else_cabin(traveller: Traveller) -> Request | None:
    """A trip cannot be cancelled, but its cabin can be changed."""
    first = _uncancellable(traveller, lambda one: bool(cabins_for(traveller, one)))
    if first is None:
        return None
    wanted, reservation = first
    return _else_cabin(traveller, wanted, reservation)


def cancel_else_flights(traveller: Traveller) -> Request | None:
    """A trip cannot be cancelled, but one way of it can be moved to another day."""
    first = _uncancellable(traveller, lambda one: one["cabin"] != "basic_economy")
    if first is None:
        return None
    wanted, reservation = first
    second = moving(traveller, reservation)
    if second is None:
        return None
    part, date = second.of(Slot.CHOICE)[0], second.of(Slot.DATE)[0]
    words = {"part": part.says, "day": date.says}
    second = _same_trip(wanted, second, Slot.CHOICE, Slot.DATE)
    return with_otherwise(traveller.dice, wanted, second, wishes.ELSE_FLIGHTS, **words)


def flights_else_cabin(traveller: Traveller) -> Request | None:
    """The flights of a basic economy trip cannot be changed, but its cabin can."""
    basic = traveller.take(
        lambda one: (
            one["cabin"] == "basic_economy" and is_ahead(one) and bool(cabins_for(traveller, one))
        )
    )
    wanted = moving(traveller, basic)
    if basic is None or wanted is None:
        return None
    return _else_cabin(traveller, wanted, basic)


def flights_else_cancel(traveller: Traveller) -> Request | None:
    """The flights of a basic economy trip cannot be changed, but it can be cancelled."""
    reason = traveller.dice.pick(("health", "weather"))
    basic = traveller.take(
        lambda one: (
            one["cabin"] == "basic_economy"
            and is_ahead(one)
            and bool(ground_to_cancel(one, reason))
        )
    )
    wanted = moving(traveller, basic)
    if basic is None or wanted is None:
        return None
    about = named(traveller, basic)
    second = request(traveller.dice, Intent.CANCEL, about, [reason_fact(traveller.dice, reason)])
    second = _same_trip(wanted, second)
    return with_otherwise(traveller.dice, wanted, second, wishes.ELSE_CANCEL)


def insurance_else_bags(traveller: Traveller) -> Request | None:
    """Insurance cannot be added, but bags can."""
    reservation = traveller.take(lambda one: is_ahead(one) and one["insurance"] == "no")
    second = adding_bags(traveller, reservation)
    if reservation is None or second is None:
        return None
    wanted = request(traveller.dice, Intent.INSURE, named(traveller, reservation, clear=True))
    bags = second.of(Slot.BAGGAGE)[0].says
    second = _same_trip(wanted, second, Slot.BAGGAGE)
    return with_otherwise(traveller.dice, wanted, second, wishes.ELSE_BAGS, bags=bags)


def pay_else_pay(traveller: Traveller) -> Request | None:
    """A certificate cannot pay for another cabin, but a card can."""
    certificates, cards = traveller.methods("certificate"), traveller.methods("credit_card")
    reservation = traveller.take(lambda one: is_ahead(one) and bool(cabins_for(traveller, one)))
    if reservation is None or not certificates or not cards:
        return None
    dice = traveller.dice
    cabin = cabin_fact(dice.pick(cabins_for(traveller, reservation)))
    bad, good = (method_fact(traveller, [dice.pick(methods)]) for methods in (certificates, cards))
    about = named(traveller, reservation, clear=True)
    wanted = request(dice, Intent.CABIN, about, [cabin, bad])
    second = replace(wanted, facts=(*about.facts, cabin, good), stated=(Slot.PAYMENT,))
    return with_otherwise(dice, wanted, second, wishes.ELSE_METHOD, method=good.says)


def _else_cabin(traveller: Traveller, wanted: Request, reservation: Reservation) -> Request | None:
    if not traveller.methods("credit_card"):
        return None
    dice = traveller.dice
    cabin = dice.pick(cabins_for(traveller, reservation))
    card = dice.pick(traveller.methods("credit_card"))
    details = [cabin_fact(cabin), method_fact(traveller, [card])]
    second = request(dice, Intent.CABIN, named(traveller, reservation), details)
    second = _same_trip(wanted, second, Slot.CABIN)
    return with_otherwise(dice, wanted, second, wishes.ELSE_CABIN, cabin=CABINS[cabin])


def _uncancellable(
    traveller: Traveller, fits: Callable[[Reservation], bool]
) -> tuple[Request, Reservation] | None:
    """The wish to cancel a trip without any ground for it."""
    reason = traveller.dice.pick(("health", "weather", "change of plan", "change of plan"))
    reservation = traveller.take(
        lambda one: is_ahead(one) and not ground_to_cancel(one, reason) and fits(one)
    )
    if reservation is None:
        return None
    about = named(traveller, reservation, clear=True)
    details = [reason_fact(traveller.dice, reason)]
    return request(traveller.dice, Intent.CANCEL, about, details), reservation


def _same_trip(first: Request, second: Request, *stated: Slot) -> Request:
    """The second request, about the trip in the words of the first, without a change of mind."""
    slots = (Slot.RESERVATION_ID, Slot.ROUTE)
    own = tuple(fact for fact in second.facts if fact.slot not in slots)
    trip = tuple(fact for fact in first.facts if fact.slot in slots)
    return replace(second, facts=(*trip, *own), stated=stated, withdrawn=False, change=())


CONDITIONS = (
    *(cancel_else_cabin, cancel_else_cabin, cancel_else_flights, cancel_else_flights),
    *(flights_else_cabin, flights_else_cabin, flights_else_cancel),
    *(insurance_else_bags, pay_else_pay),
)
