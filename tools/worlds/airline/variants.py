"""The airline's two variants: which tools, texts and rules tau-bench and tau2-bench have.

Compared with these revisions:

tau1   https://github.com/sierra-research/tau-bench, `tau_bench/envs/airline`,
       commit 59a200c6d575d595120f1cb70fea53cef0632f6b
tau2   https://github.com/sierra-research/tau2-bench, `src/tau2/domains/airline/tools.py`,
       commit a2c024725189473d2d7cea3a5cfdbcc67478e41f
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, TypedDict

from tools.types import Json
from tools.worlds.airline.airline import Airline, Refusal, Variant
from tools.worlds.airline.booking import book_reservation
from tools.worlds.airline.changes import (
    cancel_reservation,
    send_certificate,
    update_reservation_baggages,
    update_reservation_flights,
    update_reservation_passengers,
)
from tools.worlds.airline.lookups import (
    get_flight_status,
    get_reservation_details,
    get_user_details,
    list_all_airports,
)
from tools.worlds.airline.rows import FlightInfo, Passenger
from tools.worlds.airline.searches import search_direct_flight, search_onestop_flight
from tools.worlds.functions import ToolFunction, tools_over
from tools.worlds.general import calculate, think, transfer_to_human_agents

_TEXTS = {
    Refusal.NO_USER: "user not found",
    Refusal.NO_RESERVATION: "reservation not found",
    Refusal.NO_RESERVATION_TO_SHOW: "user not found",
    Refusal.NO_FLIGHT: "flight {id} not found",
    Refusal.NO_FLIGHT_ON_DATE: "flight {id} not found on date {date}",
    Refusal.NOT_AVAILABLE: "flight {id} not available on date {date}",
    Refusal.NO_SEATS: "not enough seats on flight {id}",
    Refusal.NO_METHOD: "payment method not found",
    Refusal.NO_METHOD_TO_BOOK: "payment method {id} not found",
    Refusal.TOO_POOR: "gift card balance is not enough",
    Refusal.TOO_POOR_TO_BOOK: "not enough balance in payment method {id}",
    Refusal.USED_UP: "'{id}'",
    Refusal.CERTIFICATE: "certificate cannot be used to update reservation",
    Refusal.WRONG_SUM: "payment amount does not add up, total price is {price}, but paid {paid}",
    Refusal.UNLIKE_COUNTS: "number of passengers does not match",
    Refusal.TOO_MANY_RESERVATIONS: "too many reservations",
    Refusal.TOO_MANY_CERTIFICATES: "too many certificates",
}
"""tau1's words, to the letter: agents read them, and recorded dialogues have them.

The exception is `TOO_MANY_…`: tau1 does not limit bookings, so it has no words for that.
`USED_UP` is the text of the KeyError that its code raises.
"""

_TAU2_TEXTS = {why: text[0].upper() + text[1:] for why, text in _TEXTS.items()} | {
    Refusal.NO_USER: "User {id} not found",
    Refusal.NO_RESERVATION: "Reservation {id} not found",
    Refusal.NO_RESERVATION_TO_SHOW: "Reservation {id} not found",
}
"""tau2's words: nearly the same, with a capital letter at the beginning."""

_COLUMNS = {
    "users": (
        "user_id",
        "name",
        "address",
        "email",
        "dob",
        "payment_methods",
        "saved_passengers",
        "membership",
        "reservations",
    ),
    "reservations": (
        "reservation_id",
        "user_id",
        "origin",
        "destination",
        "flight_type",
        "cabin",
        "flights",
        "passengers",
        "payment_history",
        "created_at",
        "total_baggages",
        "nonfree_baggages",
        "insurance",
        "status",
    ),
    "found": (
        "flight_number",
        "origin",
        "destination",
        "status",
        "scheduled_departure_time_est",
        "scheduled_arrival_time_est",
        "date",
        "available_seats",
        "prices",
    ),
    "flights": ("flight_number", "origin", "destination", "date", "price"),
    "payment_methods": ("source", "id", "brand", "last_four", "amount"),
}
"""The fields of tau2's answers: those of its data model, in its order."""

RULES_1 = Variant(
    texts=_TEXTS,
    columns={},
    airports_as_list=False,
    parts_checked_late=False,
    onward_day_shown=False,
    booking_takes_seats=False,
    cabin_follows=False,
    bookings_limited=False,
)
RULES_2 = Variant(
    texts=_TAU2_TEXTS,
    columns=_COLUMNS,
    airports_as_list=True,
    parts_checked_late=True,
    onward_day_shown=True,
    booking_takes_seats=True,
    cabin_follows=True,
    bookings_limited=True,
)


class WholePayment(TypedDict):
    """tau2's payments are of whole dollars.

    Attributes:
        payment_id: A means of payment of the user's, for example 'credit_card_0000000',
            'gift_card_0000000' or 'certificate_0000000'.
        amount: How much, in whole dollars.
    """

    payment_id: str
    amount: int


Loose: TypeAlias = dict[str, Json]
"""Any object; tau2's schemas allow it in place of each object with known fields."""

_TYPES_2: Mapping[str, object] = {
    "amount": int,
    "cabin": Literal["business", "economy", "basic_economy"],
    "flight_type": Literal["round_trip", "one_way"],
    "flights": list[FlightInfo | Loose],
    "passengers": list[Passenger | Loose],
    "payment_methods": list[WholePayment | Loose],
}
"""Parameter -> its type in tau2's schemas, where it differs (if only in the order of values)."""

_BEFORE: tuple[ToolFunction, ...] = (
    book_reservation,
    calculate,
    cancel_reservation,
    get_reservation_details,
    get_user_details,
    list_all_airports,
    search_direct_flight,
    search_onestop_flight,
    send_certificate,
)
_AFTER: tuple[ToolFunction, ...] = (
    transfer_to_human_agents,
    update_reservation_baggages,
    update_reservation_flights,
    update_reservation_passengers,
)


TAU1 = tools_over((*_BEFORE, think, *_AFTER), lambda database: Airline(database, RULES_1))
"""The tools of tau-bench's airline."""
TAU2 = tools_over(
    (*_BEFORE, *_AFTER, get_flight_status),
    lambda database: Airline(database, RULES_2),
    types=_TYPES_2,
)
"""The tools of tau2-bench's airline; objects inside arguments are checked when it is called."""
