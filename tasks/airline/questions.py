"""Questions of travellers, which change nothing."""

from __future__ import annotations

from tasks.agenda.agenda import Fact, Request
from tasks.agenda.slots import Slot
from tasks.airline.cancellations import leg_fact, leg_words
from tasks.airline.drafts import named, question, request, worded
from tasks.airline.intents import Intent
from tasks.airline.naming import CABINS, city, day, way
from tasks.airline.scenarios import cabins_for
from tasks.airline.traveller import LAST_DAY, Traveller, cabin_fact, date_fact, date_of, is_ahead

_STATES = "available delayed flying landed cancelled time"
"""Words, one of which an answer about a flight's status contains."""


def ask_status(traveller: Traveller) -> Request | None:
    """Asks for the status of a flight."""
    reservation = traveller.take(lambda one: traveller.can_see_status)
    if reservation is None:
        return None
    leg = traveller.dice.pick(reservation["flights"])
    about = named(traveller, reservation, clear=True)
    what = leg_words(traveller, reservation, leg)
    words = {"trip": about.says, "what": what}
    wanted = worded(traveller.dice, Intent.STATUS, (), _STATES, about, words)
    return _with(wanted, leg_fact(what, leg))


def ask_paid(traveller: Traveller) -> Request | None:
    """Asks what a trip has cost."""
    reservation = traveller.take(lambda one: True)
    if reservation is None:
        return None
    return request(traveller.dice, Intent.PAID, named(traveller, reservation), signs="0")


def ask_allowance(traveller: Traveller) -> Request | None:
    """Asks how many bags are free."""
    reservation = traveller.take(is_ahead)
    if reservation is None:
        return None
    return request(traveller.dice, Intent.ALLOWANCE, named(traveller, reservation), signs="0")


def ask_cabin_price(traveller: Traveller) -> Request | None:
    """Asks what another cabin would cost."""
    reservation = traveller.take(lambda one: is_ahead(one) and bool(cabins_for(traveller, one)))
    if reservation is None:
        return None
    cabin = traveller.dice.pick(cabins_for(traveller, reservation))
    about = named(traveller, reservation)
    words = {"trip": about.says, "cabin": CABINS[cabin]}
    wanted = worded(traveller.dice, Intent.UPGRADE, (), "0", about, words)
    return _with(wanted, cabin_fact(cabin))


def ask_fare(traveller: Traveller) -> Request | None:
    """Asks for the price of the cheapest direct flight."""
    dice = traveller.dice
    origin, destination = dice.pick(traveller.routes())
    date, cabin = date_of(dice.between(16, LAST_DAY)), dice.pick(tuple(CABINS))
    if not traveller.direct(origin, destination, date, cabin, 1):
        return None
    route = Fact(Slot.ROUTE, way(origin, destination), [city(origin), city(destination)])
    words = {"places": route.says, "day": day(date), "cabin": CABINS[cabin]}
    facts = (route, date_fact(date), cabin_fact(cabin))
    return question(dice, Intent.FARE, facts, **words)


def ask_balance(traveller: Traveller) -> Request | None:
    """Asks for the balance of all gift cards together."""
    if not traveller.methods("gift_card"):
        return None
    return question(traveller.dice, Intent.BALANCE)


def _with(wanted: Request, fact: Fact) -> Request:
    """The request with a fact that the wish tells."""
    return Request(
        wanted.intent,
        wanted.wish,
        wanted.short,
        (*wanted.facts, fact),
        (*wanted.stated, fact.slot),
        wanted.signs,
    )
