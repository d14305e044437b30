"""The look-ups of the airline's gold agent: the customer, the trip meant, the flights."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TypeAlias, TypedDict, cast

from tasks.agenda.mind import CustomerAct
from tasks.agenda.slots import Slot
from tasks.airline import replies
from tasks.airline.naming import dollars, method_name
from tasks.generation.serving import Server
from tasks.generation.talk import Rejected
from tools.worlds.airline.rows import Cabin, Leg, Method, Reservation, User

_TRIES = 3
Trip: TypeAlias = tuple[str, str, str]
"""Origin, destination and day."""


class Found(TypedDict):
    """A flight on a day, as a search shows it."""

    flight_number: str
    scheduled_departure_time_est: str
    scheduled_arrival_time_est: str
    available_seats: dict[str, int]
    prices: dict[str, int]


@dataclass(slots=True)
class Clerk(Server):
    """An agent of the airline."""

    user_id: str = ""
    """The customer's id, once found; else ''."""
    can_see_status: bool = False
    """Whether a tool tells a flight's status."""
    reservations: dict[str, Reservation] = field(default_factory=dict)
    """Reservation id -> reservation, for those that were looked up."""
    _profile: User | None = None
    _found: dict[Trip, list[Found]] = field(default_factory=dict)
    _codes: dict[str, str] = field(default_factory=dict)
    _states: dict[tuple[str, str], str] = field(default_factory=dict)

    def identify(self) -> None:
        """Finds out who the customer is."""
        why = "The rules ask for the user id before all else."
        if not self.talk.told(Slot.USER_ID):
            self.say(replies.ASK_USER, why)
        for _ in range(_TRIES):
            if self.talk.told(Slot.USER_ID) and self._find():
                return
            why = "There is nobody of that id; it must be wrong."
            self.say(replies.ASK_USER_AGAIN, why)
        raise Rejected("never_identified")

    def _find(self) -> bool:
        named = self.talk.mind.tells(self.talk.agenda, Slot.USER_ID)[0]
        why = f"The customer gave the user id {named}; the rules ask to look the profile up."
        result = self.talk.try_call("get_user_details", why, user_id=named)
        if result.ok:
            self.user_id, self._profile = named, cast("User", json.loads(result.content))
        return result.ok

    @property
    def profile(self) -> User:
        """The customer's profile, looked up again if it may have changed."""
        if self._profile is None:
            why = "What was paid or booked may have changed the profile."
            text = self.talk.search("get_user_details", why, user_id=self.user_id)
            self._profile = cast("User", json.loads(text))
        return self._profile

    def changed(self, text: str) -> None:
        """Keeps a reservation that a tool has changed; forgets the profile, now out of date."""
        reservation = cast("Reservation", json.loads(text))
        self.reservations[reservation["reservation_id"]] = reservation
        self._profile = None

    def forget_profile(self) -> None:
        """Forgets the profile, since the means of payment have changed."""
        self._profile = None

    def methods(self) -> list[Method]:
        """The means of payment that the customer has named."""
        known = self.profile["payment_methods"]
        named = cast("list[str]", self.fact(Slot.PAYMENT).value)
        if any(name not in known for name in named):
            raise Rejected("unknown_method")
        return [known[name] for name in named]

    def method_for(self, amount: float) -> Method:
        """The one means of payment for a change.

        Raises:
            Refused: if it cannot pay for changes, or holds too little.
        """
        method = self.methods()[0]
        if method["source"] == "certificate":
            why = f"{method['id']} is a certificate, and certificates do not pay for changes."
            raise self.refuse(replies.CERTIFICATE_REFUSED, why)
        if method["source"] == "gift_card" and method["amount"] < amount:
            why = f"{method['id']} has {method['amount']:g}, which does not cover {amount:g}."
            raise self.refuse(replies.POOR_REFUSED, why, method=method_name(method))
        return method

    def reservation(self) -> Reservation:
        """The reservation that the customer means.

        Raises:
            Refused: if it belongs to somebody else.
        """
        if not self.talk.told(Slot.RESERVATION_ID) and not self.talk.told(Slot.ROUTE):
            self.say(replies.ASK_RESERVATION, "It is not yet known which trip is meant.")
        by_id = self.talk.told(Slot.RESERVATION_ID)
        found = self._by_id() if by_id else self._by_places()
        if found["user_id"] != self.user_id:
            why = (
                f"Reservation {found['reservation_id']} belongs to {found['user_id']}, the "
                f"customer is {self.user_id}: what concerns others has to be refused."
            )
            raise self.refuse(replies.FOREIGN_REFUSED, why)
        return found

    def _by_id(self) -> Reservation:
        for _ in range(_TRIES):
            number = self.talk.mind.tells(self.talk.agenda, Slot.RESERVATION_ID)[0]
            if number in self.reservations:
                return self.reservations[number]
            why = f"What reservation {number} holds has to be known first."
            result = self.talk.try_call("get_reservation_details", why, reservation_id=number)
            if result.ok:
                return self._keep(result.content)
            why = f"There is no reservation {number}; the id must be wrong."
            self.say(replies.ASK_RESERVATION_AGAIN, why)
            if self.talk.turn.act is not CustomerAct.CORRECTS:
                break
        raise Rejected("never_located")

    def _by_places(self) -> Reservation:
        """Looks at the customer's reservations until the places fit."""
        fact = self.fact(Slot.ROUTE)
        for number in self.profile["reservations"]:
            if number not in self.reservations:
                why = f"The customer means {fact.says}: perhaps it is {number}."
                text = self.talk.search("get_reservation_details", why, reservation_id=number)
                self._keep(text)
            one = self.reservations[number]
            if [one["origin"], one["destination"]] == fact.value:
                self.ask_for("get_reservation_details", "reservation_id", number)
                return one
        raise Rejected("never_located")

    def _keep(self, text: str) -> Reservation:
        reservation = cast("Reservation", json.loads(text))
        self.reservations[reservation["reservation_id"]] = reservation
        return reservation

    def direct(self, origin: str, destination: str, date: str) -> list[Found]:
        """The direct flights between two places that can be booked on a day; searched for once."""
        key = (origin, destination, date)
        if key not in self._found:
            why = f"What flies from {origin} to {destination} on {date}, and at what price?"
            words = {"origin": origin, "destination": destination, "date": date}
            text = self.talk.search("search_direct_flight", why, **words)
            self._found[key] = cast("list[Found]", json.loads(text))
        return self._found[key]

    def price_of(self, leg: Leg, cabin: Cabin, seats: int) -> int:
        """Today's price of a flight of a reservation.

        Raises:
            Refused: if the flight has too few seats.
        """
        for found in self.direct(leg["origin"], leg["destination"], leg["date"]):
            is_it = found["flight_number"] == leg["flight_number"]
            if is_it and found["available_seats"][cabin] >= seats:
                return found["prices"][cabin]
        why = f"Flight {leg['flight_number']} has fewer than {seats} seats left in that cabin."
        raise self.refuse(replies.SEATS_REFUSED, why)

    def code(self, city: str) -> str:
        """The code of a city's airport."""
        if not self._codes:
            why = "Searches need codes of airports; the list has those of all cities."
            listed = json.loads(self.talk.search("list_all_airports", why))
            pairs = listed if isinstance(listed, list) else _as_rows(listed)
            self._codes = {row["city"]: row["iata"] for row in pairs}
        return self._codes[city]

    def status(self, number: str, date: str) -> str:
        """The status of a flight on a day; asked for once."""
        if (number, date) not in self._states:
            why = f"Only the status of {number} on {date} tells whether it is so."
            text = self.talk.call("get_flight_status", why, flight_number=number, date=date)
            self._states[number, date] = text
        return self._states[number, date]


def _as_rows(codes: dict[str, str]) -> list[dict[str, str]]:
    return [{"iata": code, "city": city} for code, city in codes.items()]


def difference_words(difference: float, method: str) -> str:
    """The price or refund of a change, in words."""
    if difference == 0:
        return replies.NO_DIFFERENCE
    money = replies.MORE_TO_PAY if difference > 0 else replies.BACK_TO_YOU
    return money.format(amount=difference_amount(difference), method=method)


def difference_amount(difference: float) -> str:
    """The amount of a price or refund; '' if it is zero."""
    return dollars(abs(difference)) if difference else ""
