"""Tools that show one thing, or a fixed list."""

from __future__ import annotations

from collections.abc import Mapping

from tools.types import Json
from tools.worlds.airline.airline import Airline, Refusal

AIRPORTS: Mapping[str, str] = {
    "SFO": "San Francisco",
    "JFK": "New York",
    "LAX": "Los Angeles",
    "ORD": "Chicago",
    "DFW": "Dallas",
    "DEN": "Denver",
    "SEA": "Seattle",
    "ATL": "Atlanta",
    "MIA": "Miami",
    "BOS": "Boston",
    "PHX": "Phoenix",
    "IAH": "Houston",
    "LAS": "Las Vegas",
    "MCO": "Orlando",
    "EWR": "Newark",
    "CLT": "Charlotte",
    "MSP": "Minneapolis",
    "DTW": "Detroit",
    "PHL": "Philadelphia",
    "LGA": "LaGuardia",
}
"""Code -> city, in the order of the answer; the database has no table of airports."""


def get_user_details(airline: Airline, user_id: str) -> Json:
    """Shows a user: name, address, means of payment, membership and reservations.

    Args:
        user_id: The user's id, for example 'ada_king_1815'.
    """
    return airline.shown("users", airline.user(user_id), user_id=user_id)


def get_reservation_details(airline: Airline, reservation_id: str) -> Json:
    """Shows a reservation: its flights, passengers, payments and baggage.

    Args:
        reservation_id: The reservation's id, for example 'A0B1C2'.
    """
    found = airline.reservation(reservation_id, Refusal.NO_RESERVATION_TO_SHOW)
    return airline.shown("reservations", found)


def get_flight_status(airline: Airline, flight_number: str, date: str) -> Json:
    """Tells the status of a flight on a day, such as 'available', 'delayed' or 'landed'.

    Args:
        flight_number: The flight's number, for example 'HAT000'.
        date: The day as 'YYYY-MM-DD', for example '2024-05-01'.
    """
    return airline.day(flight_number, date)["status"]


def list_all_airports(airline: Airline) -> Json:
    """Lists the codes of all airports with their cities."""
    if airline.rules.airports_as_list:
        return [{"iata": code, "city": city} for code, city in AIRPORTS.items()]
    return dict(AIRPORTS)
