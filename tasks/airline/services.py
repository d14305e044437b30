"""The services of the airline's gold agent: it checks the rules, reads back, acts, reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from tasks.agenda.slots import Slot
from tasks.airline import replies, rules
from tasks.airline.choosing import choose, ways
from tasks.airline.clerk import Clerk, difference_amount, difference_words
from tasks.airline.naming import (
    CABINS,
    as_json,
    bags,
    day,
    dollars,
    full_name,
    method_name,
    trip,
)
from tasks.generation.talk import Rejected
from tools.types import Json
from tools.worlds.airline.booking import BAG_FEE
from tools.worlds.airline.rows import Cabin, Leg, Passenger, Reservation


def cancel(clerk: Clerk) -> None:
    """Cancels a trip, if the rules allow it."""
    reservation = clerk.reservation()
    number = reservation["reservation_id"]
    if rules.has_begun(reservation):
        why = f"A flight of {number} lies in the past, so a human has to help."
        clerk.hand_over(why, f"{clerk.user_id} wants to cancel {number}, which has begun.")
        return
    clerk.need(Slot.REASON, replies.ASK_REASON, "Whether it can be cancelled depends on why.")
    reason = str(clerk.fact(Slot.REASON).value)
    ground = rules.ground_to_cancel(reservation, reason) or _airlines_doing(
        clerk, reservation, reason
    )
    if not ground:
        why = (
            f"{number} was booked at {reservation['created_at']}, is in {reservation['cabin']}, "
            f"insurance: {reservation['insurance']}, reason: {reason}. Nothing allows it."
        )
        raise clerk.refuse(replies.CANCEL_REFUSED, why)
    amount = dollars(_paid(clerk, reservation))
    words = {"number": number, "places": trip(reservation), "amount": amount}
    text = clerk.dice.pick(replies.CANCEL).format(**words)
    clerk.confirm(text, f"{number} may be cancelled: {ground}.", amount)
    why = f"The customer said yes to cancelling {number}."
    clerk.changed(clerk.talk.call("cancel_reservation", why, reservation_id=number))
    _report(clerk, replies.CANCELLED)


def change_flights(clerk: Clerk) -> None:
    """Moves one way of a trip to another day."""
    reservation = clerk.reservation()
    number, cabin = reservation["reservation_id"], reservation["cabin"]
    if cabin == "basic_economy":
        why = f"{number} is in basic economy, whose flights cannot be changed."
        raise clerk.refuse(replies.BASIC_REFUSED, why)
    clerk.need(Slot.DATE, replies.ASK_NEW_DATE, "The new day is not yet known.")
    out, back = ways(reservation)
    moves_back = clerk.fact(Slot.CHOICE).value == "back"
    old, seats = (back if moves_back else out), len(reservation["passengers"])
    date = str(clerk.fact(Slot.DATE).value)
    new = choose(clerk, old[0]["origin"], old[-1]["destination"], date, cabin, seats)
    clerk.need(Slot.PAYMENT, replies.ASK_DIFFERENCE, "A means of payment settles the difference.")
    was = " - ".join(f"{leg['price']:g}" for leg in old)
    difference = clerk.calculated(f"({new['prices'][cabin]} - {was}) * {seats}")
    method = clerk.method_for(difference)
    words = {"number": number, "flight": new["flight_number"], "day": day(date)}
    money = difference_words(difference, f"your {method_name(method)}")
    text = clerk.dice.pick(replies.FLIGHTS).format(**words, money=money)
    why = f"{number} is not in basic economy, and {new['flight_number']} has seats on {date}."
    told = f"{new['flight_number']} {difference_amount(difference)}"
    clerk.confirm(text, why, told)
    moved = [{"flight_number": new["flight_number"], "date": date}]
    flights = [*_infos(out), *moved] if moves_back else [*moved, *_infos(back)]
    _update(clerk, reservation, cabin, flights, method["id"])


def change_cabin(clerk: Clerk) -> None:
    """Puts a trip into another cabin."""
    reservation = clerk.reservation()
    clerk.need(Slot.CABIN, replies.ASK_NEW_CABIN, "The new cabin is not yet known.")
    cabin = cast("Cabin", clerk.fact(Slot.CABIN).value)
    if clerk.talk.told(Slot.PAYMENT):
        clerk.method_for(0)
    difference = cabin_difference(clerk, reservation, cabin)
    clerk.need(Slot.PAYMENT, replies.ASK_DIFFERENCE, "A means of payment settles the difference.")
    method, number = clerk.method_for(difference), reservation["reservation_id"]
    money = difference_words(difference, f"your {method_name(method)}")
    words = {"number": number, "cabin": CABINS[cabin], "money": money}
    text = clerk.dice.pick(replies.CABIN).format(**words)
    why = f"Any reservation can change its cabin; all flights of {number} have seats in {cabin}."
    clerk.confirm(text, why, difference_amount(difference))
    _update(clerk, reservation, cabin, _infos(reservation["flights"]), method["id"])


def change_passenger(clerk: Clerk) -> None:
    """Replaces a passenger."""
    reservation = clerk.reservation()
    clerk.need(Slot.PASSENGERS, replies.ASK_PASSENGER, "Who is to be changed is not yet known.")
    value = cast("dict[str, Passenger]", clerk.fact(Slot.PASSENGERS).value)
    old, new, number = value["old"], value["new"], reservation["reservation_id"]
    if old not in reservation["passengers"]:
        raise Rejected("unknown_passenger")
    words = {"number": number, "old": full_name(old), "new": full_name(new), "dob": new["dob"]}
    text = clerk.dice.pick(replies.PASSENGER).format(**words)
    why = f"{full_name(old)} travels on {number}; the number of passengers stays the same."
    clerk.confirm(text, why)
    people: list[Json] = [
        as_json(new if person == old else person) for person in reservation["passengers"]
    ]
    why = f"The customer said yes to {full_name(new)} on {number}."
    text = clerk.talk.call(
        "update_reservation_passengers", why, reservation_id=number, passengers=people
    )
    clerk.changed(text)
    _report(clerk, replies.CHANGED)


def add_bags(clerk: Clerk) -> None:
    """Adds checked bags."""
    reservation = clerk.reservation()
    clerk.need(Slot.BAGGAGE, replies.ASK_MORE_BAGS, "How many bags is not yet known.")
    clerk.need(Slot.PAYMENT, replies.ASK_PAYMENT, "Even free bags need a means of payment.")
    number, more = reservation["reservation_id"], cast("int", clerk.fact(Slot.BAGGAGE).value)
    total = reservation["total_baggages"] + more
    size = len(reservation["passengers"])
    free = rules.free_bags(clerk.profile, reservation["cabin"], size)
    nonfree = max(reservation["nonfree_baggages"], total - free)
    fee = BAG_FEE * (nonfree - reservation["nonfree_baggages"])
    method = clerk.method_for(fee)
    cost = replies.BAG_FEE if fee else replies.NO_BAG_FEE
    money = cost.format(amount=dollars(fee), method=f"your {method_name(method)}")
    words = {"number": number, "bags": bags(more), "total": str(total), "money": money}
    text = clerk.dice.pick(replies.BAGS).format(**words)
    why = (
        f"A {clerk.profile['membership']} member with {size} in {reservation['cabin']} has {free} "
        f"bags free; there are {total} then, and {nonfree} of them cost a fee."
    )
    clerk.confirm(text, why, dollars(fee) if fee else "")
    text = clerk.talk.call(
        "update_reservation_baggages",
        f"The customer said yes to {total} bags on {number}.",
        reservation_id=number,
        total_baggages=total,
        nonfree_baggages=nonfree,
        payment_id=method["id"],
    )
    clerk.changed(text)
    _report(clerk, replies.CHANGED)


def compensate(clerk: Clerk) -> None:
    """Sends a certificate for a cancelled flight, if the rules allow one."""
    reservation = clerk.reservation()
    number, state = reservation["reservation_id"], str(clerk.fact(Slot.CHOICE).value)
    leg = cast("dict[str, str]", clerk.fact(Slot.FLIGHT).value)
    if not rules.may_be_compensated(clerk.profile, reservation):
        why = f"A regular member, and {number} is neither insured nor in business class: nothing."
        raise clerk.refuse(replies.COMPENSATION_REFUSED, why)
    found = clerk.status(leg["flight_number"], leg["date"])
    if found != state:
        why = f"{leg['flight_number']} is {found}, not {state}, so there is nothing to make up for."
        raise clerk.refuse(replies.UNTRUE_REFUSED, why, state=state)
    if state == "delayed":
        why = "A delay alone, without a change or a cancellation, gives nothing."
        raise clerk.refuse(replies.DELAY_REFUSED, why)
    size = len(reservation["passengers"])
    amount = 100 * size
    text = clerk.dice.pick(replies.COMPENSATION).format(amount=dollars(amount), size=size)
    why = f"{leg['flight_number']} was cancelled; $100 for each of {size} passengers of {number}."
    clerk.confirm(text, why, dollars(amount))
    why = f"The customer said yes to a certificate of {amount}."
    clerk.talk.call("send_certificate", why, user_id=clerk.user_id, amount=amount)
    clerk.forget_profile()
    _report(clerk, replies.SENT)


def cabin_difference(clerk: Clerk, reservation: Reservation, cabin: Cabin) -> float:
    """The extra price of a trip in another cabin, at today's prices."""
    legs, size = reservation["flights"], len(reservation["passengers"])
    new = " + ".join(str(clerk.price_of(leg, cabin, size)) for leg in legs)
    old = " - ".join(f"{leg['price']:g}" for leg in legs)
    return clerk.calculated(f"({new} - {old}) * {size}")


def _airlines_doing(clerk: Clerk, reservation: Reservation, reason: str) -> str:
    """The ground "the airline has cancelled a flight", if it is the reason and true; else ''."""
    if reason != rules.AIRLINE or not clerk.can_see_status:
        return ""
    for leg in reservation["flights"]:
        if clerk.status(leg["flight_number"], leg["date"]) == "cancelled":
            return f"the airline has cancelled {leg['flight_number']}"
    return ""


def _paid(clerk: Clerk, reservation: Reservation) -> float:
    amounts = [payment["amount"] for payment in reservation["payment_history"]]
    return amounts[0] if len(amounts) == 1 else clerk.calculated(rules.added(amounts))


def _infos(legs: Sequence[Leg]) -> list[dict[str, str]]:
    return [{"flight_number": leg["flight_number"], "date": leg["date"]} for leg in legs]


def _update(
    clerk: Clerk,
    reservation: Reservation,
    cabin: Cabin,
    flights: Sequence[dict[str, str]],
    method: str,
) -> None:
    infos: list[Json] = [dict(info) for info in flights]
    number = reservation["reservation_id"]
    text = clerk.talk.call(
        "update_reservation_flights",
        f"The customer said yes to this change of {number}; all its flights have to be listed.",
        reservation_id=number,
        cabin=cabin,
        flights=infos,
        payment_id=method,
    )
    clerk.changed(text)
    _report(clerk, replies.CHANGED)


def _report(clerk: Clerk, texts: tuple[str, ...]) -> None:
    clerk.tell_more(clerk.dice.pick(texts), "The tool has done it: report, and ask for more.")
