"""Making a reservation."""

from __future__ import annotations

from collections.abc import Sequence

from tools.worlds.airline.airline import Airline, Refusal
from tools.worlds.airline.parts import parts_of
from tools.worlds.airline.rows import (
    Cabin,
    Day,
    FlightInfo,
    Insurance,
    Leg,
    Passenger,
    Payment,
    Reservation,
    Trip,
)
from tools.worlds.functions import Change

IDS = ("HATHAT", "HATHAU", "HATHAV")
"""The ids of new reservations: fixed, so that a call always has the same outcome."""
NOW = "2024-05-15T15:00:00"
"""The time at which every reservation is booked."""
BAG_FEE = 50
"""The fee for each bag that is not free, in dollars."""
INSURANCE_FEE = 30
"""The price of one passenger's insurance, in dollars."""


def book_reservation(
    airline: Airline,
    user_id: str,
    origin: str,
    destination: str,
    flight_type: Trip,
    cabin: Cabin,
    flights: list[FlightInfo],
    passengers: list[Passenger],
    payment_methods: list[Payment],
    total_baggages: int,
    nonfree_baggages: int,
    insurance: Insurance,
) -> Change:
    """Books flights for a user; the payments must add up to the price, with bags and insurance.

    Args:
        user_id: The user's id, for example 'ada_king_1815'.
        origin: The code of the airport where the trip begins, for example 'BOS'.
        destination: The code of the airport where it ends, for example 'MIA'.
        flight_type: Whether it goes one way, or there and back.
        cabin: The cabin, for all flights and passengers.
        flights: All flights of the trip, in order.
        passengers: All who travel.
        payment_methods: What pays how much.
        total_baggages: The number of all bags.
        nonfree_baggages: The number of bags that cost a fee.
        insurance: Whether the trip is insured.
    """
    wanted = parts_of(airline, FlightInfo, flights)
    people = parts_of(airline, Passenger, passengers)
    payments = parts_of(airline, Payment, payment_methods)
    airline.user(user_id)
    reservation: Reservation = {
        "reservation_id": _new_id(airline),
        "user_id": user_id,
        "origin": origin,
        "destination": destination,
        "flight_type": flight_type,
        "cabin": cabin,
        "flights": [_leg(airline, info, cabin, len(people)) for info in wanted],
        "passengers": people,
        "payment_history": payments,
        "created_at": NOW,
        "total_baggages": total_baggages,
        "nonfree_baggages": nonfree_baggages,
        "insurance": insurance,
    }
    return _booked(airline, reservation).changed(reservation)


def _booked(airline: Airline, reservation: Reservation) -> Airline:
    """The airline with the reservation paid for, its seats taken, and its id in the user's list."""
    user_id, payments = reservation["user_id"], reservation["payment_history"]
    _check_payments(airline, user_id, payments, _price(reservation))
    after = _paid(airline, user_id, payments)
    if airline.rules.booking_takes_seats:
        seats = len(reservation["passengers"])
        after = _seated(after, reservation["flights"], reservation["cabin"], seats)
    return _listed(after, user_id, reservation["reservation_id"])


def _price(reservation: Reservation) -> float:
    """The price of a new reservation, in dollars."""
    each = sum(leg["price"] for leg in reservation["flights"])
    if reservation["insurance"] == "yes":
        each += INSURANCE_FEE
    return each * len(reservation["passengers"]) + BAG_FEE * reservation["nonfree_baggages"]


def placed(info: FlightInfo, leg: Leg) -> Leg:
    """The flight with all fields of the call, completed by those of the leg."""
    price, origin, destination = leg["price"], leg["origin"], leg["destination"]
    return {**info, "price": price, "origin": origin, "destination": destination}


def _new_id(airline: Airline) -> str:
    for reservation_id in IDS:
        if airline.database.row("reservations", reservation_id) is None:
            return reservation_id
    if airline.rules.bookings_limited:
        raise airline.no(Refusal.TOO_MANY_RESERVATIONS)
    return IDS[-1]


def _leg(airline: Airline, info: FlightInfo, cabin: Cabin, seats: int) -> Leg:
    return placed(info, airline.leg(info["flight_number"], info["date"], cabin, seats))


def _check_payments(
    airline: Airline, user_id: str, payments: Sequence[Payment], price: float
) -> None:
    """Refuses payments that the user cannot make, or that do not add up to the price."""
    methods = airline.user(user_id)["payment_methods"]
    for payment in payments:
        method = methods.get(payment["payment_id"])
        if method is None:
            raise airline.no(Refusal.NO_METHOD_TO_BOOK, id=payment["payment_id"])
        if method["source"] != "credit_card" and method["amount"] < payment["amount"]:
            raise airline.no(Refusal.TOO_POOR_TO_BOOK, id=payment["payment_id"])
    paid = sum(payment["amount"] for payment in payments)
    if paid != price:
        raise airline.no(Refusal.WRONG_SUM, price=price, paid=paid)


def _paid(airline: Airline, user_id: str, payments: Sequence[Payment]) -> Airline:
    """The airline after payments: they reduce gift cards and use certificates up entirely."""
    user = airline.user(user_id)
    methods = dict(user["payment_methods"])
    for payment in payments:
        name = payment["payment_id"]
        if name not in methods:
            raise airline.no(Refusal.USED_UP, id=name)
        if methods[name]["source"] == "gift_card":
            left = methods[name]["amount"] - payment["amount"]
            methods[name] = {**methods[name], "amount": left}
        elif methods[name]["source"] == "certificate":
            del methods[name]
    return airline.with_row("users", user_id, {**user, "payment_methods": methods})


def _seated(airline: Airline, legs: Sequence[Leg], cabin: Cabin, seats: int) -> Airline:
    """The airline with fewer seats on these flights."""
    for leg in legs:
        number, date = leg["flight_number"], leg["date"]
        flight, day = airline.flight(number), airline.day(number, date)
        left = {**day["available_seats"], cabin: day["available_seats"][cabin] - seats}
        fuller: Day = {**day, "available_seats": left}
        dates = {**flight["dates"], date: fuller}
        airline = airline.with_row("flights", number, {**flight, "dates": dates})
    return airline


def _listed(airline: Airline, user_id: str, reservation_id: str) -> Airline:
    """The airline with the id added to the user's reservations, even if it is there already."""
    user = airline.user(user_id)
    reservations = [*user["reservations"], reservation_id]
    return airline.with_row("users", user_id, {**user, "reservations": reservations})
