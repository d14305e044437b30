"""Cancelling and changing reservations; certificates."""

from __future__ import annotations

from tools.worlds.airline.airline import Airline, Refusal
from tools.worlds.airline.booking import BAG_FEE, placed
from tools.worlds.airline.parts import parts_of
from tools.worlds.airline.rows import Cabin, FlightInfo, Leg, Passenger, Payment, Reservation
from tools.worlds.functions import Change

CERTIFICATES = ("certificate_3221322", "certificate_3221323", "certificate_3221324")
"""The ids of new certificates: fixed, so that a call always has the same outcome."""


def cancel_reservation(airline: Airline, reservation_id: str) -> Change:
    """Cancels a whole reservation; what was paid is given back the way it came.

    Args:
        reservation_id: The reservation's id, for example 'A0B1C2'.
    """
    reservation = airline.reservation(reservation_id)
    paid = reservation["payment_history"]
    refunds: list[Payment] = [
        {"payment_id": payment["payment_id"], "amount": -payment["amount"]} for payment in paid
    ]
    return airline.changed(
        {**reservation, "payment_history": [*paid, *refunds], "status": "cancelled"}
    )


def update_reservation_flights(
    airline: Airline,
    reservation_id: str,
    cabin: Cabin,
    flights: list[FlightInfo],
    payment_id: str,
) -> Change:
    """Changes the flights or the cabin of a reservation; the difference in price is paid or given
    back.

    Args:
        reservation_id: The reservation's id, for example 'A0B1C2'.
        cabin: The cabin from now on, for all flights and passengers.
        flights: All flights of the reservation as it shall be, unchanged ones included.
        payment_id: What pays the difference or gets it back, for example 'gift_card_0000000'.
    """
    wanted = parts_of(airline, FlightInfo, flights)
    reservation = airline.reservation(reservation_id)
    legs = [_leg(airline, reservation, info, cabin) for info in wanted]
    each = sum(leg["price"] for leg in legs) - sum(leg["price"] for leg in reservation["flights"])
    price = each * len(reservation["passengers"])
    after = _charged(airline, reservation["user_id"], payment_id, price)
    changed: Reservation = {**reservation, "flights": legs}
    if airline.rules.cabin_follows:
        changed["cabin"] = cabin
    return after.changed(_with_payment(changed, payment_id, price))


def update_reservation_baggages(
    airline: Airline,
    reservation_id: str,
    total_baggages: int,
    nonfree_baggages: int,
    payment_id: str,
) -> Change:
    """Changes the bags of a reservation; more bags that are not free cost a fee, fewer give
    nothing back.

    Args:
        reservation_id: The reservation's id, for example 'A0B1C2'.
        total_baggages: The number of all bags from now on.
        nonfree_baggages: The number of bags from now on that cost a fee.
        payment_id: What pays the fee, for example 'gift_card_0000000'.
    """
    reservation = airline.reservation(reservation_id)
    price = BAG_FEE * max(0, nonfree_baggages - reservation["nonfree_baggages"])
    after = _charged(airline, reservation["user_id"], payment_id, price)
    changed: Reservation = {
        **reservation,
        "total_baggages": total_baggages,
        "nonfree_baggages": nonfree_baggages,
    }
    return after.changed(_with_payment(changed, payment_id, price))


def update_reservation_passengers(
    airline: Airline, reservation_id: str, passengers: list[Passenger]
) -> Change:
    """Changes who the passengers of a reservation are, but not how many.

    Args:
        reservation_id: The reservation's id, for example 'A0B1C2'.
        passengers: All passengers as they shall be, unchanged ones included.
    """
    people = parts_of(airline, Passenger, passengers)
    reservation = airline.reservation(reservation_id)
    if len(people) != len(reservation["passengers"]):
        raise airline.no(Refusal.UNLIKE_COUNTS)
    return airline.changed({**reservation, "passengers": people})


def send_certificate(airline: Airline, user_id: str, amount: float) -> Change:
    """Gives a user a certificate to pay with. Mind that it cannot be taken back.

    Args:
        user_id: The user's id, for example 'ada_king_1815'.
        amount: What the certificate is worth, in dollars.
    """
    owned = airline.user(user_id)["payment_methods"]
    name = next((name for name in CERTIFICATES if name not in owned), None)
    if name is None:
        raise airline.no(Refusal.TOO_MANY_CERTIFICATES)
    after = airline.with_method(user_id, {"source": "certificate", "amount": amount, "id": name})
    text = f"Certificate {name} added to user {user_id} with amount {amount}."
    return Change(after.database, text)


def _leg(airline: Airline, reservation: Reservation, info: FlightInfo, cabin: Cabin) -> Leg:
    """A flight of the changed reservation; an unchanged flight keeps its price."""
    number, date = info["flight_number"], info["date"]
    if cabin == reservation["cabin"]:
        for leg in reservation["flights"]:
            if (leg["flight_number"], leg["date"]) == (number, date):
                return placed(info, leg)
    return placed(info, airline.leg(number, date, cabin, len(reservation["passengers"])))


def _charged(airline: Airline, user_id: str, payment_id: str, price: float) -> Airline:
    """The airline after a change was paid for; a negative price is credited to a gift card.

    Raises:
        ApiError: if the user has no such means of payment, or it cannot pay for changes.
    """
    method = airline.user(user_id)["payment_methods"].get(payment_id)
    if method is None:
        raise airline.no(Refusal.NO_METHOD)
    if method["source"] == "certificate":
        raise airline.no(Refusal.CERTIFICATE)
    if method["source"] != "gift_card":
        return airline
    if method["amount"] < price:
        raise airline.no(Refusal.TOO_POOR)
    return airline.with_method(user_id, {**method, "amount": method["amount"] - price})


def _with_payment(reservation: Reservation, payment_id: str, price: float) -> Reservation:
    if price == 0:
        return reservation
    payment: Payment = {"payment_id": payment_id, "amount": price}
    return {**reservation, "payment_history": [*reservation["payment_history"], payment]}
