"""The choice among several flights by the airline's gold agent."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.agenda.slots import Slot
from tasks.airline import replies
from tasks.airline.clerk import Clerk, Found
from tasks.airline.naming import (
    city,
    day,
    dollars,
)
from tasks.generation.talk import Rejected
from tools.worlds.airline.rows import Cabin, Leg, Reservation


def ways(reservation: Reservation) -> tuple[list[Leg], list[Leg]]:
    """The flights there, and the flights back."""
    legs = reservation["flights"]
    if reservation["flight_type"] == "one_way":
        return legs, []
    turn = next(i for i, leg in enumerate(legs) if leg["destination"] == reservation["destination"])
    return legs[: turn + 1], legs[turn + 1 :]


def choose(
    clerk: Clerk, origin: str, destination: str, date: str, cabin: Cabin, seats: int
) -> Found:
    """The direct flight that the customer wants; asks for a preference if there are several.

    Raises:
        Refused: if there is no such flight.
    """
    found = clerk.direct(origin, destination, date)
    free = [one for one in found if one["available_seats"][cabin] >= seats]
    if not free:
        why = f"No direct flight on {date} has {seats} seats in {cabin}."
        raise clerk.refuse(replies.SEATS_REFUSED, why)
    if len(free) == 1:
        return free[0]
    lines = "; ".join(_offer(one, cabin) for one in free)
    words = {"places": f"from {city(origin)} to {city(destination)}", "day": day(date)}
    why = f"There are {len(free)} flights that fit: the customer has to choose."
    clerk.need(Slot.FLIGHT, replies.ASK_FLIGHT, why, flights=lines, **words)
    return preferred(free, str(clerk.fact(Slot.FLIGHT).value), cabin)


def preferred(found: Sequence[Found], preference: str, cabin: Cabin) -> Found:
    """The cheapest, the earliest or the latest flight.

    Raises:
        Rejected: if two flights share the first place.
    """

    def rank(one: Found) -> float:
        hours, minutes, _ = one["scheduled_departure_time_est"].split(":")
        minute = int(hours) * 60 + int(minutes)
        return {"cheapest": one["prices"][cabin], "earliest": minute, "latest": -minute}[preference]

    first, *others = sorted(found, key=rank)
    if others and rank(others[0]) == rank(first):
        raise Rejected("ambiguous_flight")
    return first


def _offer(one: Found, cabin: Cabin) -> str:
    leaves = one["scheduled_departure_time_est"][:5]
    return f"{one['flight_number']} at {leaves} for {dollars(one['prices'][cabin])}"
