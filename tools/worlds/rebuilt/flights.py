"""Reads a dialogue's observations as flights: the price of a seat for each day and cabin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias, cast

from tools.types import Json, ToolCall

Object: TypeAlias = "dict[str, Json]"
Answer: TypeAlias = "tuple[ToolCall, Json]"
"""A call that succeeded, and its answer."""

_LEG = frozenset({"flight_number", "origin", "destination", "date", "price"})


class _Weight(IntEnum):
    """How well an observation shows today's prices; the larger weight wins."""

    SEARCHED = 0
    """A search shows today's prices."""
    PLACED = 1
    """A reservation that was just booked or changed was paid at today's prices."""
    ONCE = 2
    """An old reservation shows the prices of its own day, which is better than nothing."""


@dataclass(frozen=True, slots=True)
class _Sighting:
    """A flight on a day, as an observation shows it."""

    weight: _Weight
    """The kind of observation."""
    flight: Object
    """The flight's fields that do not depend on the day."""
    date: str
    """The day."""
    seats: Mapping[str, Json]
    """Cabin -> free seats."""
    prices: Mapping[str, Json]
    """Cabin -> price."""


def flights_shown(
    answers: Sequence[Answer], certain: bool, *, onward_day_shown: bool
) -> dict[str, Object]:
    """The table of flights: each day with the cabins that answers show.

    Args:
        answers: The dialogue's calls that succeeded, with their answers.
        certain: Whether to leave out the prices of old reservations.
        onward_day_shown: Whether a search shows an onward flight's seats and prices on its own day,
            as in tau2; in tau1 it shows those of the day that was asked for.
    """
    flights: dict[str, Object] = {}
    seen = [*_searched(answers, onward_day_shown), *_in_reservations(answers)]
    for sighting in sorted(seen, key=lambda sighting: sighting.weight):
        if not (certain and sighting.weight is _Weight.ONCE):
            _enter(flights, sighting)
    return flights


def _enter(flights: dict[str, Object], seen: _Sighting) -> None:
    """Adds the cabins that are new; a known cabin stays as it is."""
    empty: Object = {**seen.flight, "dates": {}}
    known = flights.setdefault(str(seen.flight["flight_number"]), empty)
    unseen: Object = {"status": "available", "available_seats": {}, "prices": {}}
    day = cast("Object", cast("Object", known["dates"]).setdefault(seen.date, unseen))
    prices, seats = cast("Object", day["prices"]), cast("Object", day["available_seats"])
    for cabin, price in seen.prices.items():
        if cabin not in prices:
            prices[cabin], seats[cabin] = price, seen.seats.get(cabin, 0)


def _searched(answers: Iterable[Answer], onward_day_shown: bool) -> Iterator[_Sighting]:
    for call, answer in answers:
        for hit in _hits(answer):
            asked = call.arguments.get("date")
            date = str(hit.get("date") or asked)
            if date != asked and not onward_day_shown:
                continue  # these are the seats and prices of the day before
            seats, prices = (hit.get(name) for name in ("available_seats", "prices"))
            if isinstance(seats, dict) and isinstance(prices, dict):
                flight = {name: hit[name] for name in hit if name not in _DAILY}
                yield _Sighting(_Weight.SEARCHED, flight, date, seats, prices)


_DAILY = frozenset({"available_seats", "prices", "status", "date"})


def _hits(answer: Json) -> Iterator[Object]:
    """The flights of a search's answer; pairs count as two flights."""
    for hit in answer if isinstance(answer, list) else []:
        for part in hit if isinstance(hit, list) else [hit]:
            if isinstance(part, dict) and "flight_number" in part:
                yield part


def _in_reservations(answers: Iterable[Answer]) -> Iterator[_Sighting]:
    """The flights of reservations, each at the first place that shows it at its price."""
    known: set[tuple[str, str, str, str]] = set()
    for call, answer in answers:
        if not isinstance(answer, dict) or "reservation_id" not in answer:
            continue
        for leg in _legs(answer):
            number, date = str(leg["flight_number"]), str(leg["date"])
            place = (str(answer["reservation_id"]), number, date, str(leg["price"]))
            if place not in known:
                known.add(place)
                yield _paid(call, answer, leg)


def _paid(call: ToolCall, reservation: Object, leg: Object) -> _Sighting:
    """A leg's flight with its price in its cabin, and with as many seats as passengers."""
    placed = call.name in ("book_reservation", "update_reservation_flights")
    cabin = str(call.arguments.get("cabin") if placed else reservation["cabin"])
    flight: Object = {name: leg[name] for name in ("flight_number", "origin", "destination")}
    seats: Object = {cabin: len(cast("list[Json]", reservation["passengers"]))}
    weight = _Weight.PLACED if placed else _Weight.ONCE
    return _Sighting(weight, flight, str(leg["date"]), seats, {cabin: leg["price"]})


def _legs(reservation: Object) -> Iterator[Object]:
    """The complete legs; damaged records are skipped."""
    legs, people = reservation.get("flights"), reservation.get("passengers")
    if isinstance(legs, list) and isinstance(people, list) and "cabin" in reservation:
        yield from (leg for leg in legs if isinstance(leg, dict) and leg.keys() >= _LEG)
