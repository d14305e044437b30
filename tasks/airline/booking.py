"""The booking of a trip by the airline's gold agent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from tasks.agenda.slots import Slot
from tasks.airline import replies, rules
from tasks.airline.choosing import choose
from tasks.airline.clerk import Clerk, Found
from tasks.airline.naming import (
    CABINS,
    as_json,
    bags,
    city,
    day,
    dollars,
    full_name,
    listed,
    method_name,
)
from tasks.generation.talk import Rejected
from tools.types import Json
from tools.worlds.airline.booking import BAG_FEE, INSURANCE_FEE
from tools.worlds.airline.rows import Cabin, Method, Passenger, Trip


@dataclass(frozen=True, slots=True)
class _Order:
    """The trip to book."""

    places: tuple[str, str]
    """The codes of origin and destination."""
    kind: Trip
    """One way, or there and back."""
    cabin: Cabin
    """The cabin."""
    flights: tuple[tuple[Found, str], ...]
    """The flights with their days."""
    people: tuple[Passenger, ...]
    """The passengers."""
    bags: int
    """The number of all bags."""
    paid_bags: int
    """The number of bags that cost a fee."""
    insured: bool
    """Whether the trip is insured."""

    @property
    def sum(self) -> str:
        """The price as an expression."""
        each = [found["prices"][self.cabin] for found, _ in self.flights]
        each += [INSURANCE_FEE] if self.insured else []
        whole = f"({rules.added(each)}) * {len(self.people)}"
        return f"{whole} + {BAG_FEE} * {self.paid_bags}" if self.paid_bags else whole


def book(clerk: Clerk) -> None:
    """Asks for all that a booking needs, reads it back, and books."""
    order = _order(clerk)
    clerk.need(Slot.PAYMENT, replies.ASK_PAY, "The means of payment is not yet known.")
    price = int(clerk.calculated(order.sum))
    payments = _payments(clerk.methods(), price)
    found = [found["flight_number"] for found, _ in order.flights]
    why = (
        f"All is known; {order.paid_bags} of {order.bags} bags cost a fee for a "
        f"{clerk.profile['membership']} member; the payments add up to {price}."
    )
    text = clerk.dice.pick(replies.BOOK).format(**_words(order, price, payments))
    clerk.confirm(text, why, f"{' '.join(found)} {dollars(price)}")
    _write(clerk, order, payments)
    number = next(reversed(clerk.reservations))
    text = clerk.dice.pick(replies.BOOKED).format(number=number)
    clerk.tell_more(text, "The tool has booked it: report, and ask for more.", number)


def _order(clerk: Clerk) -> _Order:
    clerk.need(Slot.ROUTE, replies.ASK_ROUTE, "From where to where is not yet known.")
    clerk.need(Slot.DATE, replies.ASK_DATE, "The day is not yet known.")
    clerk.need(Slot.CABIN, replies.ASK_CABIN, "The cabin is not yet known.")
    clerk.need(Slot.PASSENGERS, replies.ASK_PEOPLE, "Who travels is not yet known.")
    origin, destination, kind = cast("list[str]", clerk.fact(Slot.ROUTE).value)
    places = (clerk.code(origin), clerk.code(destination))
    cabin = cast("Cabin", clerk.fact(Slot.CABIN).value)
    people = tuple(cast("list[Passenger]", clerk.fact(Slot.PASSENGERS).value))
    flights = _flights(clerk, places, cabin, len(people))
    clerk.need(Slot.BAGGAGE, replies.ASK_BAGS, "How many bags is not yet known.")
    clerk.need(Slot.INSURANCE, replies.ASK_INSURANCE, "The rules want insurance to be asked about.")
    total = cast("int", clerk.fact(Slot.BAGGAGE).value)
    free = rules.free_bags(clerk.profile, cabin, len(people))
    insured = clerk.fact(Slot.INSURANCE).value == "yes"
    trip = cast("Trip", kind)
    return _Order(places, trip, cabin, flights, people, total, max(0, total - free), insured)


def _flights(
    clerk: Clerk, places: tuple[str, str], cabin: Cabin, seats: int
) -> tuple[tuple[Found, str], ...]:
    """The flight there and, if there is one, the flight back."""
    origin, destination = places
    dates = [str(fact.value) for fact in clerk.facts(Slot.DATE)]
    ends = ((origin, destination), (destination, origin))
    return tuple(
        (choose(clerk, *end, date, cabin, seats), date)
        for end, date in zip(ends, dates, strict=False)
    )


def _payments(methods: Sequence[Method], price: int) -> list[tuple[Method, int]]:
    """The share of each means of payment: a certificate pays all it can, the card the rest."""
    if len(methods) == 1:
        return [(methods[0], price)]
    first, second = methods
    part = min(int(first["amount"]), price)
    return [(first, part), (second, price - part)] if part < price else [(first, price)]


def _words(order: _Order, price: int, payments: Sequence[tuple[Method, int]]) -> dict[str, str]:
    return {
        "places": " to ".join(map(city, order.places)),
        "cabin": CABINS[order.cabin],
        "flights": listed(f"{one['flight_number']} on {day(date)}" for one, date in order.flights),
        "people": listed(map(full_name, order.people)),
        "bags": bags(order.bags),
        "insurance": "with travel insurance" if order.insured else "without travel insurance",
        "price": dollars(price),
        "payments": listed(
            f"{dollars(amount)} from your {method_name(method)}" for method, amount in payments
        ),
    }


def _write(clerk: Clerk, order: _Order, payments: Sequence[tuple[Method, int]]) -> None:
    origin, destination = order.places
    flights: list[Json] = [
        {"flight_number": one["flight_number"], "date": date} for one, date in order.flights
    ]
    people: list[Json] = [as_json(person) for person in order.people]
    paid: list[Json] = [
        {"payment_id": method["id"], "amount": amount} for method, amount in payments
    ]
    if not people:
        raise Rejected("nobody_travels")
    text = clerk.talk.call(
        "book_reservation",
        "The customer said yes to this booking.",
        user_id=clerk.user_id,
        origin=origin,
        destination=destination,
        flight_type=order.kind,
        cabin=order.cabin,
        flights=flights,
        passengers=people,
        payment_methods=paid,
        total_baggages=order.bags,
        nonfree_baggages=order.paid_bags,
        insurance="yes" if order.insured else "no",
    )
    clerk.changed(text)
