"""Generated databases of the airline.

A customer, with all reservations, depends on the seed and the customer's number alone.
Therefore a larger database begins with the customers of a smaller one. The flights of a seed are
the same at every size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from tools.dice import Dice
from tools.worlds.airline.booking import BAG_FEE, IDS, INSURANCE_FEE
from tools.worlds.airline.network import (
    DAYS,
    NOON_AND_THREE,
    TODAY,
    Connection,
    connections,
    date_of,
)
from tools.worlds.airline.rows import (
    Address,
    Cabin,
    Leg,
    Method,
    Passenger,
    Payment,
    Reservation,
    User,
)
from tools.worlds.generated import people
from tools.worlds.generated.ids import Scatter
from tools.worlds.generated.people import People, Person, some_birthday, some_name
from tools.worlds.tables import Row

_RESERVATIONS = (0, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6)
"""The numbers of reservations that a customer can have, all entries equally likely."""
_PARTY = (1, 1, 1, 1, 2, 2, 2, 3, 3, 4)
_MEMBERSHIPS = ("regular", "regular", "regular", "silver", "silver", "gold", "gold")
_CABINS: tuple[Cabin, ...] = ("basic_economy", "economy", "business")
FREE_BAGS: Mapping[str, Mapping[str, int]] = {
    "regular": {"basic_economy": 0, "economy": 1, "business": 2},
    "silver": {"basic_economy": 1, "economy": 2, "business": 3},
    "gold": {"basic_economy": 2, "economy": 3, "business": 3},
}
"""Membership -> cabin -> the number of free bags for each passenger."""
_CHANGE_MINUTES = 45
_SLOTS = 8
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MAY = datetime(2024, 5, 1)
LIMIT = people.LIMIT
"""The largest number of customers: beyond it, their reservations have no ids left."""


@dataclass(frozen=True, slots=True)
class _Network:
    """What all customers share."""

    people: People
    """The people of the seed."""
    ids: Scatter
    """The order in which their reservations get ids."""
    ways: Mapping[str, Mapping[str, Sequence[tuple[Connection, ...]]]]
    """Origin -> destination -> the connections: one flight, or two on one day."""


@dataclass(frozen=True, slots=True)
class _Customer:
    """Somebody who travels."""

    person: Person
    """Name, id, email and home."""
    user: User
    """The row of `users`."""


def tables(customers: int, seed: int) -> dict[str, dict[str, Row]]:
    """The airline's three tables.

    Args:
        customers: The number of customers; at most `LIMIT`.
        seed: The seed of all rows.

    Raises:
        ValueError: if `customers` is not in 1 to `LIMIT`.
    """
    people.require_customers(customers, LIMIT)
    flights = connections(seed)
    ids = Scatter.of(36**3, 36**3, "reservations", seed)
    network = _Network(People.of(seed), ids, _ways(flights))
    users: dict[str, Row] = {}
    reservations: dict[str, Row] = {}
    for number in range(customers):
        dice = Dice("traveller", seed, number)
        customer = _customer(network.people, number, dice)
        for place in range(dice.pick(_RESERVATIONS)):
            made = _reservation(network, number * _SLOTS + place, customer, dice)
            reservations[made["reservation_id"]] = cast("Row", made)
            customer.user["reservations"].append(made["reservation_id"])
        users[customer.person.user_id] = cast("Row", customer.user)
    rows = {one.flight["flight_number"]: cast("Row", one.flight) for one in flights}
    return {"flights": rows, "reservations": reservations, "users": users}


def _ways(
    flights: Sequence[Connection],
) -> dict[str, dict[str, list[tuple[Connection, ...]]]]:
    """Origin -> destination -> flights and pairs of flights; direct ones first."""
    ways: dict[str, dict[str, list[tuple[Connection, ...]]]] = {}
    leaving: dict[str, list[Connection]] = {}
    for one in flights:
        leaving.setdefault(one.flight["origin"], []).append(one)
        there = ways.setdefault(one.flight["origin"], {})
        there.setdefault(one.flight["destination"], []).append((one,))
    for one in flights:
        origin = one.flight["origin"]
        for other in leaving[one.flight["destination"]]:
            destination = other.flight["destination"]
            if destination != origin and one.arrival + _CHANGE_MINUTES <= other.departure:
                ways[origin].setdefault(destination, []).append((one, other))
    return ways


def _customer(crowd: People, number: int, dice: Dice) -> _Customer:
    person = crowd.person(number, dice)
    user: User = {
        "name": {"first_name": person.first, "last_name": person.last},
        "address": cast("Address", person.address),
        "email": person.email,
        "dob": some_birthday(dice),
        "payment_methods": _methods(dice),
        "saved_passengers": [_passenger(person.last, dice) for _ in range(dice.between(0, 3))],
        "membership": dice.pick(_MEMBERSHIPS),
        "reservations": [],
    }
    return _Customer(person, user)


def _passenger(last: str, dice: Dice) -> Passenger:
    """Another passenger, often with the customer's last name."""
    first, other = some_name(dice)
    name = last if dice.chance(0.6) else other
    return {"first_name": first, "last_name": name, "dob": some_birthday(dice)}


def _methods(dice: Dice) -> dict[str, Method]:
    """Up to six means of payment, with at least one credit card or gift card."""
    wanted = ["credit_card" if dice.chance(0.7) else "gift_card"]
    wanted += dice.some(["credit_card", "gift_card", "gift_card"], dice.pick((0, 0, 1, 1, 2, 3)))
    wanted += ["certificate"] * dice.pick((0, 0, 0, 1, 1, 2))
    methods = [_method(source, dice) for source in dice.some(wanted, len(wanted))]
    return {method["id"]: method for method in methods}


def _method(source: str, dice: Dice) -> Method:
    name = f"{source}_{dice.between(1_000_000, 9_999_999)}"
    if source == "credit_card":
        brand, digits = dice.pick(("visa", "mastercard")), f"{dice.between(0, 9_999):04d}"
        return {"source": source, "brand": brand, "last_four": digits, "id": name}
    amount = 50 * dice.between(1, 10) if source == "certificate" else dice.between(5, 400)
    return {"source": source, "amount": amount, "id": name}


def _reservation(network: _Network, number: int, customer: _Customer, dice: Dice) -> Reservation:
    origin = dice.pick(list(network.ways))
    destination = dice.pick(list(network.ways[origin]))
    back = origin in network.ways.get(destination, {}) and dice.chance(0.45)
    cabin = dice.pick(_CABINS)
    first = dice.between(TODAY + 1, 26) if dice.chance(0.75) else dice.between(4, TODAY)
    legs = _legs(network.ways[origin][destination], first, cabin, dice)
    if back:
        last = min(first + dice.between(1, 6), DAYS[-1])
        legs += _legs(network.ways[destination][origin], last, cabin, dice)
    reservation: Reservation = {
        "reservation_id": _id(network.ids, number),
        "user_id": customer.person.user_id,
        "origin": origin,
        "destination": destination,
        "flight_type": "round_trip" if back else "one_way",
        "cabin": cabin,
        "flights": legs,
        "passengers": _party(customer, dice),
        "payment_history": [],
        "created_at": _created(first, dice),
        "total_baggages": 0,
        "nonfree_baggages": 0,
        "insurance": "yes" if dice.chance(0.4) else "no",
    }
    return _paid(_with_bags(reservation, customer.user["membership"], dice), customer, dice)


def _legs(ways: Sequence[tuple[Connection, ...]], day: int, cabin: Cabin, dice: Dice) -> list[Leg]:
    direct = [way for way in ways if len(way) == 1]
    way = dice.pick(direct if direct and dice.chance(0.6) else ways)
    return [
        {
            "flight_number": one.flight["flight_number"],
            "date": date_of(day),
            "price": one.fares[day].prices[cabin],
            "origin": one.flight["origin"],
            "destination": one.flight["destination"],
        }
        for one in way
    ]


def _party(customer: _Customer, dice: Dice) -> list[Passenger]:
    """The passengers: mostly the customer, then saved passengers, then others."""
    own: Passenger = {
        "first_name": customer.person.first,
        "last_name": customer.person.last,
        "dob": customer.user["dob"],
    }
    party = [own] if dice.chance(0.85) else []
    party += customer.user["saved_passengers"]
    size = dice.pick(_PARTY)
    while len(party) < size:
        party.append(_passenger(customer.person.last, dice))
    return party[:size]


def _created(first: int, dice: Dice) -> str:
    """The booking's time: up to two weeks before the trip, sometimes in the last 24 hours."""
    now = (TODAY - 1) * 1440 + NOON_AND_THREE
    latest = min(now, (first - 1) * 1440) - 60
    recent = first > TODAY and dice.chance(0.15)
    minute = latest - dice.between(0, 1_300 if recent else 14 * 1440)
    return (_MAY + timedelta(minutes=minute, seconds=dice.between(0, 59))).isoformat()


def _with_bags(reservation: Reservation, membership: str, dice: Dice) -> Reservation:
    """The reservation with the membership's free bags and, if these are few, sometimes more."""
    each = FREE_BAGS[membership][reservation["cabin"]]
    free = each * len(reservation["passengers"])
    extra = dice.pick((0, 0, 0, 0, 1, 2)) if each < 3 else 0
    total = free + extra if extra else dice.between(0, min(free, 5))
    return {**reservation, "total_baggages": total, "nonfree_baggages": extra}


def _paid(reservation: Reservation, customer: _Customer, dice: Dice) -> Reservation:
    """The reservation with its payments; a few are cancelled, with their refunds."""
    each = sum(leg["price"] for leg in reservation["flights"])
    each += INSURANCE_FEE if reservation["insurance"] == "yes" else 0
    price = each * len(reservation["passengers"]) + BAG_FEE * reservation["nonfree_baggages"]
    payments = _payments(price, customer.user["payment_methods"], dice)
    if not dice.chance(0.04):
        return {**reservation, "payment_history": payments}
    refunds: list[Payment] = [{**payment, "amount": -payment["amount"]} for payment in payments]
    return {**reservation, "payment_history": [*payments, *refunds], "status": "cancelled"}


def _payments(price: float, methods: Mapping[str, Method], dice: Dice) -> list[Payment]:
    """One payment, or two if a certificate covers a part of the price."""
    lasting = [name for name, method in methods.items() if method["source"] != "certificate"]
    payments: list[Payment] = []
    if dice.chance(0.1):
        amount = min(price, 50 * dice.between(1, 6))
        name = f"certificate_{dice.between(1_000_000, 9_999_999)}"
        payments.append({"payment_id": name, "amount": amount})
        price -= amount
    if price:
        payments.append({"payment_id": dice.pick(lasting), "amount": price})
    return payments


def _id(ids: Scatter, number: int) -> str:
    """Six letters and digits, never an id that a new reservation gets."""
    made = _in_base_36(ids(number))
    while made in IDS:
        number = int(made, 36)
        made = _in_base_36(ids(number))
    return made


def _in_base_36(number: int) -> str:
    digits = [_DIGITS[number // 36**place % 36] for place in range(5, -1, -1)]
    return "".join(digits)
