"""Travellers who want to book a trip."""

from __future__ import annotations

from tasks.agenda.agenda import Fact, Request
from tasks.agenda.slots import Slot
from tasks.airline.drafts import perhaps, worded
from tasks.airline.intents import Intent
from tasks.airline.naming import CABINS, city
from tasks.airline.scenarios import bags_fact, preference_fact
from tasks.airline.traveller import (
    LAST_DAY,
    Traveller,
    cabin_fact,
    date_fact,
    date_of,
    method_fact,
    people_fact,
)
from tools.types import Json
from tools.worlds.airline.rows import Cabin, Method, Passenger

TOLD = 0.25
"""The probability that the wish tells a detail: low, as there are many. Chosen by hand."""


def book(traveller: Traveller) -> Request | None:
    """Wants to book a trip with direct flights, one way or there and back."""
    methods = _methods(traveller)
    if traveller.books or not methods:
        return None
    dice = traveller.dice
    origin, destination = dice.pick(traveller.routes())
    people, cabin = _people(traveller), dice.pick(tuple(CABINS))
    out = dice.between(16, LAST_DAY - 6)
    numbers = [out, out + dice.between(1, 6)] if dice.chance(0.45) else [out]
    dates = [date_of(number) for number in numbers]
    if not _can_fly(traveller, (origin, destination), dates, cabin, len(people)):
        return None
    traveller.books = True
    insured = dice.chance(0.4)
    details = [
        _route_fact(origin, destination, back=len(dates) == 2),
        *_date_facts(dates),
        cabin_fact(cabin),
        preference_fact(traveller),
        people_fact(traveller, people),
        bags_fact(dice.between(0, 2 * len(people))),
        Fact(
            Slot.INSURANCE, f"with{'' if insured else 'out'} insurance", "yes" if insured else "no"
        ),
        method_fact(traveller, methods),
    ]
    wanted = worded(dice, Intent.BOOK, details, stated=TOLD)
    return perhaps(traveller, wanted, bags_fact(dice.between(0, 2)))


def _can_fly(
    traveller: Traveller, places: tuple[str, str], dates: list[str], cabin: Cabin, seats: int
) -> bool:
    """Whether direct flights with seats exist on each day."""
    return all(
        traveller.direct(here, there, date, cabin, seats)
        for (here, there), date in zip((places, places[::-1]), dates, strict=False)
    )


def _people(traveller: Traveller) -> list[Passenger]:
    """The passengers: mostly the customer, perhaps with others."""
    dice = traveller.dice
    others = dice.some(traveller.user["saved_passengers"], 1) if _has_saved(traveller) else []
    people = [traveller.myself] if dice.chance(0.85) else []
    if not people or dice.chance(0.4):
        people += others or [traveller.person()]
    return people


def _has_saved(traveller: Traveller) -> bool:
    return bool(traveller.user["saved_passengers"]) and traveller.dice.chance(0.6)


def _methods(traveller: Traveller) -> list[Method]:
    """The means of payment of a trip: a card, perhaps after a certificate."""
    cards = traveller.methods("credit_card")
    certificates = traveller.methods("certificate")
    if not cards:
        return []
    card = traveller.dice.pick(cards)
    if certificates and traveller.dice.chance(0.7):
        return [traveller.dice.pick(certificates), card]
    return [card]


def _route_fact(origin: str, destination: str, *, back: bool) -> Fact:
    places = f"from {city(origin)} to {city(destination)}"
    says = f"{places} and back" if back else f"{places}, one way"
    value: list[Json] = [city(origin), city(destination), "round_trip" if back else "one_way"]
    return Fact(Slot.ROUTE, says, value)


def _date_facts(dates: list[str]) -> list[Fact]:
    if len(dates) == 1:
        return [date_fact(dates[0])]
    out, back = dates
    return [date_fact(out, "{day} out"), date_fact(back, "{day} back")]
