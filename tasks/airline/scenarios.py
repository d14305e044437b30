"""Requests of travellers, from what is in the database: one function per kind of request.

Each function returns None if the customer has no fitting reservation left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from tasks.agenda.agenda import Fact, Request
from tasks.agenda.slots import Slot
from tasks.airline import wishes
from tasks.airline.drafts import named, perhaps, request, worded
from tasks.airline.intents import Intent
from tasks.airline.naming import CABINS, as_json, bags, city, full_name
from tasks.airline.traveller import (
    LAST_DAY,
    Traveller,
    cabin_fact,
    date_fact,
    date_of,
    is_ahead,
    method_fact,
)
from tools.worlds.airline.lookups import AIRPORTS
from tools.worlds.airline.rows import Cabin, Method, Reservation

Scenario: TypeAlias = "Callable[[Traveller], Request | None]"

PREFERENCES = {
    "cheapest": ("the cheapest one", "whichever is cheapest", "the one with the lowest price"),
    "earliest": ("the earliest one", "the first one of the day", "the one that leaves first"),
    "latest": ("the latest one", "the last one of the day", "the one that leaves last"),
}
"""Preference among several flights -> the customers' words for it."""


def change_flights(traveller: Traveller) -> Request | None:
    """Wants one way of a trip on another day."""
    return moving(traveller, traveller.take(lambda one: is_ahead(one) and not _is_basic(one)))


def change_basic_flights(traveller: Traveller) -> Request | None:
    """Wants one way of a trip on another day, but its flights cannot be changed."""
    return moving(traveller, traveller.take(lambda one: is_ahead(one) and _is_basic(one)))


def moving(
    traveller: Traveller, reservation: Reservation | None, method: Method | None = None
) -> Request | None:
    """The wish to have one way of a trip on another day."""
    if reservation is None or not traveller.lasting:
        return None
    dice = traveller.dice
    back = reservation["flight_type"] == "round_trip" and dice.chance(0.5)
    dates = _other_days(traveller, reservation, back=back)
    if not dates:
        return None
    part = part_fact(reservation, back=back)
    new, *instead = dice.some(dates, min(2, len(dates)))
    payment = method_fact(traveller, [method or dice.pick(traveller.lasting)])
    details = [date_fact(new), preference_fact(traveller), payment]
    about = named(traveller, reservation)
    wanted = worded(
        dice, Intent.FLIGHTS, details, about=about, words={"trip": about.says, "part": part.says}
    )
    wanted = replace(wanted, facts=(*wanted.facts, part), stated=(*wanted.stated, Slot.CHOICE))
    return perhaps(traveller, wanted, *map(date_fact, instead))


def part_fact(reservation: Reservation, *, back: bool) -> Fact:
    """The way of a trip that is meant: there or back."""
    if reservation["flight_type"] == "one_way":
        return Fact(Slot.CHOICE, "the flight", "out")
    return Fact(Slot.CHOICE, "the way back" if back else "the way there", "back" if back else "out")


def preference_fact(traveller: Traveller) -> Fact:
    """The customer's preference among several flights."""
    kind = traveller.dice.pick(tuple(PREFERENCES))
    return Fact(Slot.FLIGHT, traveller.dice.pick(PREFERENCES[kind]), kind)


def change_cabin(traveller: Traveller) -> Request | None:
    """Wants a trip in another cabin that has seats."""
    dice = traveller.dice
    reservation = traveller.take(lambda one: is_ahead(one) and bool(cabins_for(traveller, one)))
    if reservation is None or not traveller.lasting:
        return None
    cabins = cabins_for(traveller, reservation)
    new, *instead = dice.some(cabins, min(2, len(cabins)))
    details = [cabin_fact(new), method_fact(traveller, [dice.pick(traveller.lasting)])]
    wanted = request(dice, Intent.CABIN, named(traveller, reservation), details)
    return perhaps(traveller, wanted, *map(cabin_fact, instead))


def change_cabin_with_certificate(traveller: Traveller) -> Request | None:
    """Wants another cabin, with a means of payment that cannot pay for changes."""
    certificates = traveller.methods("certificate")
    reservation = traveller.take(lambda one: is_ahead(one) and bool(cabins_for(traveller, one)))
    if reservation is None or not certificates:
        return None
    dice = traveller.dice
    cabin = dice.pick(cabins_for(traveller, reservation))
    details = [cabin_fact(cabin), method_fact(traveller, [dice.pick(certificates)])]
    return request(dice, Intent.CABIN, named(traveller, reservation), details)


def cabins_for(traveller: Traveller, reservation: Reservation) -> list[Cabin]:
    """The other cabins in which all flights of a reservation have seats."""
    size, legs = len(reservation["passengers"]), reservation["flights"]
    return [
        cabin
        for cabin in CABINS
        if cabin != reservation["cabin"]
        and all(traveller.seats(leg, cabin) >= size for leg in legs)
    ]


def change_passenger(traveller: Traveller) -> Request | None:
    """Wants to replace a passenger, or to change a passenger's name."""
    reservation = traveller.take(is_ahead)
    if reservation is None:
        return None
    wanted = request(
        traveller.dice,
        Intent.PASSENGER,
        named(traveller, reservation),
        [passenger_fact(traveller, reservation)],
    )
    return perhaps(traveller, wanted, passenger_fact(traveller, reservation))


def passenger_fact(traveller: Traveller, reservation: Reservation) -> Fact:
    """The replacement for a passenger, perhaps with the same first name and date of birth."""
    dice, old, new = (
        traveller.dice,
        traveller.dice.pick(reservation["passengers"]),
        traveller.person(),
    )
    if dice.chance(0.4):
        new = {**old, "last_name": new["last_name"]}
    says = f"{full_name(new)}, born {new['dob']}, instead of {full_name(old)}"
    return Fact(
        Slot.PASSENGERS, says, {"old": as_json(old), "new": as_json(new)}, (full_name(new),)
    )


def add_bags(traveller: Traveller) -> Request | None:
    """Wants to check more bags."""
    return adding_bags(traveller, traveller.take(is_ahead))


def adding_bags(traveller: Traveller, reservation: Reservation | None) -> Request | None:
    """The wish to check more bags."""
    if reservation is None or not traveller.lasting:
        return None
    dice = traveller.dice
    counts = dice.some((1, 2, 3), 2)
    payment = method_fact(traveller, [dice.pick(traveller.lasting)])
    details = [bags_fact(counts[0]), payment]
    wanted = request(dice, Intent.BAGS, named(traveller, reservation), details)
    return perhaps(traveller, wanted, bags_fact(counts[1]))


def bags_fact(count: int) -> Fact:
    """A number of bags."""
    return Fact(Slot.BAGGAGE, bags(count), count, (str(count), bags(count).split()[0]))


def add_insurance(traveller: Traveller) -> Request | None:
    """Wants to insure a trip after booking it."""
    return _about(traveller, Intent.INSURE, lambda one: one["insurance"] == "no")


def remove_bags(traveller: Traveller) -> Request | None:
    """Wants to remove a bag from a trip."""
    return _about(traveller, Intent.FEWER_BAGS, lambda one: one["total_baggages"] > 0)


def change_party(traveller: Traveller) -> Request | None:
    """Wants more or fewer passengers."""
    return _about(traveller, Intent.PARTY, lambda one: len(one["passengers"]) > 1)


def change_destination(traveller: Traveller) -> Request | None:
    """Wants another destination for a trip."""
    reservation = traveller.take(is_ahead)
    if reservation is None:
        return None
    places = [reservation["origin"], reservation["destination"]]
    code = traveller.dice.pick([code for code in AIRPORTS if code not in places])
    about = named(traveller, reservation, clear=True)
    words = {"trip": about.says, "city": city(code)}
    return worded(traveller.dice, Intent.DESTINATION, (), about=about, words=words)


def ask_for_the_impossible(traveller: Traveller) -> Request:
    """Something for which the agent has no tool; always the last request."""
    topic = traveller.dice.pick(tuple(wishes.BEYOND))
    says = traveller.dice.pick(wishes.BEYOND[topic])
    facts = (Fact(Slot.CHOICE, topic),)
    return Request(Intent.HUMAN.value, says, says, facts, signs=("human",))


def _about(
    traveller: Traveller, intent: Intent, fits: Callable[[Reservation], bool]
) -> Request | None:
    """A wish that names only the trip, which has not begun."""
    reservation = traveller.take(lambda one: is_ahead(one) and fits(one))
    if reservation is None:
        return None
    return request(traveller.dice, intent, named(traveller, reservation, clear=True))


def _is_basic(reservation: Reservation) -> bool:
    return reservation["cabin"] == "basic_economy"


def _other_days(traveller: Traveller, reservation: Reservation, *, back: bool) -> list[str]:
    """The other days for one way of a trip, with a direct flight that has seats."""
    there, home = reservation["origin"], reservation["destination"]
    dates = [leg["date"] for leg in reservation["flights"]]
    if reservation["flight_type"] == "one_way":
        days = range(16, LAST_DAY + 1)
    else:
        first, last = int(dates[0][-2:]), int(dates[-1][-2:])
        days = range(first + 1, LAST_DAY + 1) if back else range(16, last)
    here, to = (home, there) if back else (there, home)
    size, cabin = len(reservation["passengers"]), reservation["cabin"]
    return [
        date
        for date in map(date_of, days)
        if date not in dates and traveller.direct(here, to, date, cabin, size)
    ]
