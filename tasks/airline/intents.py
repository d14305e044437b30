"""The kinds of requests to the airline."""

from __future__ import annotations

from enum import StrEnum


class Intent(StrEnum):
    """What a request asks for; whether it can be met depends on the database."""

    BOOK = "book_trip"
    CANCEL = "cancel_reservation"
    FLIGHTS = "change_flights"
    """Another day for the outward or the return flight."""
    CABIN = "change_cabin"
    PASSENGER = "change_passenger"
    BAGS = "add_bags"
    COMPENSATION = "ask_compensation"
    """A certificate for a cancelled or delayed flight."""
    STATUS = "ask_flight_status"
    PAID = "ask_amount_paid"
    ALLOWANCE = "ask_free_bags"
    UPGRADE = "ask_cabin_price"
    """How much another cabin would cost."""
    FARE = "ask_fare"
    """The cheapest direct flight between two places on a day."""
    BALANCE = "ask_balance"
    """The balance of all gift cards together."""
    INSURE = "add_insurance"
    FEWER_BAGS = "remove_bags"
    PARTY = "change_party"
    """More passengers, or fewer, than were booked."""
    DESTINATION = "change_destination"
    HUMAN = "ask_beyond_scope"
    """Something for which there is no tool."""
