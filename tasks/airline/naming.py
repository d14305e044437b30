"""People's names for things in the airline's database: places, days, cabins, means of payment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tools.types import Json
from tools.worlds.airline.lookups import AIRPORTS
from tools.worlds.airline.rows import Cabin, Method, Passenger, Reservation

CABINS: Mapping[Cabin, str] = {
    "basic_economy": "basic economy",
    "economy": "economy",
    "business": "business class",
}
"""Cabin -> its name."""
_BRANDS = {"visa": "Visa card", "mastercard": "Mastercard"}
_SOURCES = {"gift_card": "gift card", "certificate": "travel certificate"}
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_MONTHS = {"05": "May", "06": "June"}


def city(code: str) -> str:
    """The city of an airport."""
    return AIRPORTS[code]


def day(date: str) -> str:
    """A date in spoken form.

    >>> day("2024-05-07")
    'May 7'
    """
    _, month, number = date.split("-")
    return f"{_MONTHS[month]} {int(number)}"


def listed(names: Iterable[str]) -> str:
    """`a`, `a and b`, or `a, b and c`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def way(origin: str, destination: str) -> str:
    """Origin and destination in words."""
    return f"from {city(origin)} to {city(destination)}"


def trip(reservation: Reservation) -> str:
    """A reservation by its places."""
    return way(reservation["origin"], reservation["destination"])


def bags(count: int) -> str:
    """A number of bags in words.

    >>> bags(1), bags(3)
    ('one checked bag', 'three checked bags')
    """
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    return f"{number} checked bag{'' if count == 1 else 's'}"


def as_json(passenger: Passenger) -> dict[str, Json]:
    """A passenger as an argument of a call."""
    return {name: str(value) for name, value in passenger.items()}


def full_name(passenger: Passenger) -> str:
    """First and last name."""
    return f"{passenger['first_name']} {passenger['last_name']}"


def method_name(method: Method) -> str:
    """A means of payment, after "my" or "your"."""
    if method["source"] == "credit_card":
        return f"{_BRANDS[method['brand']]} ending in {method['last_four']}"
    return f"{_SOURCES[method['source']]} ending in {method['id'][-4:]}"


def method_forms(method: Method) -> tuple[str, ...]:
    """All names of a means of payment."""
    if method["source"] == "credit_card":
        return (method["id"], method["last_four"])
    return (method["id"], method["id"][-4:])


def dollars(amount: float) -> str:
    """An amount with its sign, without cents if it is whole.

    >>> dollars(1234), dollars(0.5)
    ('$1,234', '$0.50')
    """
    return f"${amount:,.0f}" if amount == int(amount) else f"${amount:,.2f}"
