"""The generated airline's flights: three hundred a day, over the month that tau-bench covers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

from tools.dice import Dice
from tools.worlds.airline.rows import Day, Flight

DAYS = tuple(range(1, 31))
"""The days of May 2024 on which flights go."""
TODAY = 15
"""The day of `booking.NOW`."""
NOON_AND_THREE = 15 * 60
"""The minute of that day at `booking.NOW`."""

_FLIGHTS = 300
_HUBS = ("ORD", "DFW", "DEN", "ATL", "JFK")
_EXTRA_ROUTES = 14
_PLACES: Mapping[str, tuple[int, int]] = {
    "SFO": (0, 3),
    "JFK": (258, 21),
    "LAX": (21, -21),
    "ORD": (183, 30),
    "DFW": (135, -28),
    "DEN": (94, 17),
    "SEA": (0, 70),
    "ATL": (201, -23),
    "MIA": (223, -77),
    "BOS": (272, 33),
    "PHX": (55, -25),
    "IAH": (144, -48),
    "LAS": (38, -6),
    "MCO": (218, -59),
    "EWR": (255, 22),
    "CLT": (220, -12),
    "MSP": (155, 50),
    "DTW": (207, 32),
    "PHL": (250, 17),
    "LGA": (257, 23),
}
"""Airport -> its position, east and north, in tens of miles."""


@dataclass(frozen=True, slots=True)
class Fare:
    """The prices and free seats of a flight on a day, by cabin."""

    prices: dict[str, int]
    """Cabin -> price in dollars; past days have prices, too, though the database hides them."""
    seats: dict[str, int]
    """Cabin -> the number of free seats."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A flight with its times in numbers, and its fares."""

    flight: Flight
    """The row of `flights`, without days."""
    departure: int
    """The departure, in minutes after midnight."""
    minutes: int
    """The flight's duration in minutes."""
    fares: Mapping[int, Fare]
    """Day of May -> fare."""

    @property
    def arrival(self) -> int:
        """The arrival, in minutes after midnight of the day of departure."""
        return self.departure + self.minutes


def connections(seed: int) -> list[Connection]:
    """All flights, in the order of their numbers."""
    dice = Dice("network", seed)
    routes = _routes(dice)
    plan = routes * (_FLIGHTS // len(routes)) + routes[: _FLIGHTS % len(routes)]
    shuffled = dice.some(plan, len(plan))
    return [
        _connection(number, *route, Dice("flight", seed, number))
        for number, route in enumerate(shuffled, 1)
    ]


def date_of(day: int) -> str:
    """A day of May as 'YYYY-MM-DD'."""
    return f"2024-05-{day:02d}"


def _routes(dice: Dice) -> list[tuple[str, str]]:
    """Pairs of airports, in both directions: each hub with all hubs, any other airport with two."""
    pairs = list(combinations(_HUBS, 2))
    others = [code for code in _PLACES if code not in _HUBS]
    for code in others:
        near = [hub for hub in _HUBS if _miles(code, hub) > 60]
        pairs += [(code, hub) for hub in dice.some(near, 2)]
    far = [pair for pair in combinations(others, 2) if _miles(*pair) > 60]
    pairs += dice.some(far, _EXTRA_ROUTES)
    both = [*pairs, *((there, here) for here, there in pairs)]
    return dice.some(both, len(both))


def _connection(number: int, origin: str, destination: str, dice: Dice) -> Connection:
    half_hours = round((35 + _miles(origin, destination) * 60 / 450) / 30)
    minutes = 30 * max(2, half_hours)
    departure = 30 * dice.between(10, 45)
    fares = {day: _fare(minutes / 60, dice) for day in DAYS}
    arrival = departure + minutes
    flight: Flight = {
        "flight_number": f"HAT{number:03d}",
        "origin": origin,
        "destination": destination,
        "scheduled_departure_time_est": _clock(departure),
        "scheduled_arrival_time_est": _clock(arrival) + ("+1" if arrival >= 1440 else ""),
        "dates": {date_of(day): _day(day, departure, minutes, fares[day], dice) for day in DAYS},
    }
    return Connection(flight, departure, minutes, fares)


def _fare(hours: float, dice: Dice) -> Fare:
    basic = int(35 + 14 * hours) + dice.between(0, 30)
    economy = basic + int(40 + 10 * hours) + dice.between(0, 50)
    business = 2 * economy + 100 + dice.between(0, 120)
    prices = {"basic_economy": basic, "economy": economy, "business": business}
    return Fare(prices, {cabin: max(0, dice.between(-1, 20)) for cabin in prices})


def _day(day: int, departure: int, minutes: int, fare: Fare, dice: Dice) -> Day:
    """A flight's entry for a day: what the database shows at `booking.NOW`."""
    cancelled, late = dice.chance(0.08), dice.chance(0.15)
    left = departure + (dice.between(60, 240) if late else dice.between(-10, 30))
    arrived = left + minutes + dice.between(-15, 15)
    if day > TODAY:
        if cancelled and late:
            return {"status": "cancelled"}
        return {"status": "available", "available_seats": fare.seats, "prices": fare.prices}
    if day < TODAY:
        return {"status": "cancelled"} if cancelled else _landed(day, left, arrived)
    return _today(left, arrived, late=late)


def _today(left: int, arrived: int, *, late: bool) -> Day:
    if arrived <= NOON_AND_THREE:
        return _landed(TODAY, left, arrived)
    arrival = _moment(TODAY, arrived)
    if left <= NOON_AND_THREE:
        return {
            "status": "flying",
            "actual_departure_time_est": _moment(TODAY, left),
            "estimated_arrival_time_est": arrival,
        }
    return {
        "status": "delayed" if late else "on time",
        "estimated_departure_time_est": _moment(TODAY, left),
        "estimated_arrival_time_est": arrival,
    }


def _landed(day: int, left: int, arrived: int) -> Day:
    return {
        "status": "landed",
        "actual_departure_time_est": _moment(day, left),
        "actual_arrival_time_est": _moment(day, arrived),
    }


def _moment(day: int, minute: int) -> str:
    return f"{date_of(day + minute // 1440)}T{_clock(minute)}"


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}:00"


def _miles(one: str, other: str) -> float:
    (east, north), (east2, north2) = _PLACES[one], _PLACES[other]
    return 10 * sqrt((east - east2) ** 2 + (north - north2) ** 2)
