"""Wishes of travellers who cancel a trip, or complain about one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tasks.agenda.agenda import Fact, Request
from tasks.agenda.slots import Slot
from tasks.airline import wishes
from tasks.airline.drafts import named, perhaps, reason_fact, request, worded
from tasks.airline.intents import Intent
from tasks.airline.naming import city
from tasks.airline.rules import AIRLINE, COVERED, ground_to_cancel, has_begun
from tasks.airline.traveller import (
    Traveller,
    is_ahead,
)
from tools.worlds.airline.rows import Leg, Reservation


def cancel(traveller: Traveller) -> Request | None:
    """Wants to cancel a trip, as the rules allow."""
    reason = traveller.dice.pick((*sorted(COVERED), *sorted(COVERED), "change of plan"))
    return cancelling(traveller, reason, lambda one: bool(ground_to_cancel(one, reason)))


def cancel_without_ground(traveller: Traveller) -> Request | None:
    """Wants to cancel a trip without any ground for it."""
    reason = traveller.dice.pick(("health", "weather", "change of plan", "change of plan"))
    return cancelling(traveller, reason, lambda one: not ground_to_cancel(one, reason))


def cancel_what_the_airline_cancelled(traveller: Traveller) -> Request | None:
    """Wants to cancel a trip because the airline has cancelled a flight of it."""
    if not traveller.can_see_status:
        return None
    return cancelling(
        traveller, AIRLINE, lambda one: bool(_with_status(traveller, one, "cancelled"))
    )


def cancel_for_a_wrong_reason(traveller: Traveller) -> Request | None:
    """Wants to cancel a trip because of a cancelled flight, but no flight was cancelled."""
    if not traveller.can_see_status:
        return None

    def fits(one: Reservation) -> bool:
        sound = not _with_status(traveller, one, "cancelled")
        return sound and not ground_to_cancel(one, AIRLINE)

    return cancelling(traveller, AIRLINE, fits)


def cancelling(
    traveller: Traveller, reason: str, fits: Callable[[Reservation], bool]
) -> Request | None:
    """The wish to cancel a trip that has not begun."""
    reservation = traveller.take(lambda one: is_ahead(one) and fits(one))
    if reservation is None:
        return None
    details = [reason_fact(traveller.dice, reason)]
    wanted = request(traveller.dice, Intent.CANCEL, named(traveller, reservation), details)
    return perhaps(traveller, wanted)


def cancel_of_stranger(traveller: Traveller) -> Request | None:
    """Wants to cancel another customer's trip."""
    reservation = traveller.stranger()
    if reservation is None:
        return None
    about = named(traveller, reservation, clear=True)
    number = Fact(Slot.RESERVATION_ID, reservation["reservation_id"])
    words = traveller.dice.pick(wishes.BY_ID).format(number=number.says)
    about = replace(about, facts=(number,), says=words, stated=(Slot.RESERVATION_ID,))
    return request(traveller.dice, Intent.CANCEL, about, [reason_fact(traveller.dice, "health")])


def cancel_too_late(traveller: Traveller) -> Request | None:
    """Wants to cancel a trip that has begun; a human has to help, so this request comes last."""
    reservation = traveller.take(has_begun)
    if reservation is None:
        return None
    details = [reason_fact(traveller.dice, "change of plan")]
    return request(traveller.dice, Intent.CANCEL, named(traveller, reservation), details)


def ask_compensation(traveller: Traveller) -> Request | None:
    """Wants compensation for a cancelled or late flight."""
    state = traveller.dice.pick(("cancelled", "cancelled", "cancelled", "delayed"))
    return complaining(traveller, state, lambda one: bool(_with_status(traveller, one, state)))


def ask_compensation_for_nothing(traveller: Traveller) -> Request | None:
    """Wants compensation for a cancelled or late flight, but the flight was neither."""
    state = traveller.dice.pick(("cancelled", "delayed"))

    def fits(one: Reservation) -> bool:
        return is_ahead(one) and not _with_status(traveller, one, state)

    return complaining(traveller, state, fits)


def complaining(
    traveller: Traveller, state: str, fits: Callable[[Reservation], bool]
) -> Request | None:
    """The wish for compensation."""
    reservation = traveller.take(fits) if traveller.can_see_status else None
    if reservation is None:
        return None
    legs = _with_status(traveller, reservation, state) or reservation["flights"]
    about, leg = named(traveller, reservation, clear=True), traveller.dice.pick(legs)
    what = leg_words(traveller, reservation, leg)
    facts = (*about.facts, leg_fact(what, leg), Fact(Slot.CHOICE, state, state))
    words = {"trip": about.says, "what": what, "state": state}
    wanted = worded(traveller.dice, Intent.COMPENSATION, (), about=about, words=words)
    stated = (*about.stated, Slot.FLIGHT, Slot.CHOICE)
    return replace(wanted, facts=facts, stated=stated)


def leg_fact(says: str, leg: Leg) -> Fact:
    """One flight of a reservation."""
    number, date = leg["flight_number"], leg["date"]
    return Fact(Slot.FLIGHT, says, {"flight_number": number, "date": date}, (number,))


def leg_words(traveller: Traveller, reservation: Reservation, leg: Leg) -> str:
    """A flight of a reservation, in its owner's words."""
    if len(reservation["flights"]) == 1:
        return "the flight"
    places = f"{city(leg['origin'])} to {city(leg['destination'])}"
    return traveller.dice.pick((f"the flight from {places}", f"the leg from {places}"))


def _with_status(traveller: Traveller, reservation: Reservation, status: str) -> list[Leg]:
    """The flights of a reservation that have this status."""
    legs: Sequence[Leg] = reservation["flights"]
    return [leg for leg in legs if traveller.day_of(leg)["status"] == status]
