"""Finding flights between two airports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from tools.types import Json
from tools.worlds.airline.airline import Airline
from tools.worlds.airline.rows import Flight
from tools.worlds.tables import Row


def search_direct_flight(airline: Airline, origin: str, destination: str, date: str) -> Json:
    """Finds the direct flights between two airports on a day that can be booked, with times, seats
    and prices.

    Args:
        origin: The code of the airport where the trip begins, for example 'BOS'.
        destination: The code of the airport where it ends, for example 'MIA'.
        date: The day as 'YYYY-MM-DD', for example '2024-05-01'.
    """
    flights = _between(airline, origin, destination)
    return [_found(airline, flight, date) for flight in flights if _is_available(flight, date)]


def search_onestop_flight(airline: Airline, origin: str, destination: str, date: str) -> Json:
    """Finds pairs of flights with one stop between two airports that can be booked, with times,
    seats and prices; the second flight may leave on the day after.

    Args:
        origin: The code of the airport where the trip begins, for example 'BOS'.
        destination: The code of the airport where it ends, for example 'MIA'.
        date: The day of the first flight as 'YYYY-MM-DD', for example '2024-05-01'.
    """
    pairs: list[Json] = []
    for one in _from(airline, origin):
        if not _is_available(one, date):
            continue
        day = _arrival(one, date)
        for other in _between(airline, one["destination"], destination):
            if _in_time(one, other) and _is_available(other, day):
                shown = _found(airline, other, day if airline.rules.onward_day_shown else date)
                pairs.append([{**_found(airline, one, date), "date": date}, {**shown, "date": day}])
    return pairs


# No tool adds flights or changes their routes: the base has all routes.


def _between(airline: Airline, origin: str, destination: str) -> Iterator[Flight]:
    """The flights from one airport to another, in their order."""
    routes = airline.database.base.groups("flights", _route)
    return map(airline.flight, routes.get(f"{origin} {destination}", ()))


def _from(airline: Airline, origin: str) -> Iterator[Flight]:
    """The flights from an airport, in their order."""
    airports = airline.database.base.groups("flights", _origin)
    return map(airline.flight, airports.get(origin, ()))


def _route(row: Row) -> str:
    return f"{row['origin']} {row['destination']}"


def _origin(row: Row) -> str:
    return str(row["origin"])


def _is_available(flight: Flight, date: str) -> bool:
    day = flight["dates"].get(date)
    return day is not None and day["status"] == "available"


def _in_time(one: Flight, other: Flight) -> bool:
    """Whether the second flight does not leave before the first one arrives.

    The clock alone is compared, as tau-bench does it, with '+1' behind an arrival after midnight.
    """
    return one["scheduled_arrival_time_est"] <= other["scheduled_departure_time_est"]


def _arrival(flight: Flight, date: str) -> str:
    """The day on which a flight arrives.

    As in tau-bench, it is written without a leading zero, and always in May 2024. All flights are
    in that month; before the 10th, a search for the next day finds no flight.
    """
    if "+1" not in flight["scheduled_arrival_time_est"]:
        return date
    return f"2024-05-{int(date[-2:]) + 1}"


def _found(airline: Airline, flight: Flight, date: str) -> dict[str, Json]:
    """A flight as a search shows it, with its seats and prices on that day."""
    fields = {name: value for name, value in flight.items() if name != "dates"}
    return cast("dict[str, Json]", airline.shown("found", {**fields, **flight["dates"][date]}))
