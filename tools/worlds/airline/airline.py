"""One state of the airline, the rules of a variant, and its refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import cast

from tools.types import Json
from tools.worlds.airline.answers import Columns, arranged
from tools.worlds.airline.rows import Day, Flight, Leg, Method, Reservation, User
from tools.worlds.database import Database
from tools.worlds.functions import ApiError, Change
from tools.worlds.tables import Row


class Refusal(Enum):
    """The reasons for which the airline refuses a call; each variant has its own texts."""

    NO_USER = auto()
    NO_RESERVATION = auto()
    NO_RESERVATION_TO_SHOW = auto()
    NO_FLIGHT = auto()
    NO_FLIGHT_ON_DATE = auto()
    NOT_AVAILABLE = auto()
    NO_SEATS = auto()
    NO_METHOD = auto()
    NO_METHOD_TO_BOOK = auto()
    TOO_POOR = auto()
    TOO_POOR_TO_BOOK = auto()
    USED_UP = auto()
    CERTIFICATE = auto()
    WRONG_SUM = auto()
    UNLIKE_COUNTS = auto()
    TOO_MANY_RESERVATIONS = auto()
    TOO_MANY_CERTIFICATES = auto()


@dataclass(frozen=True, slots=True)
class Variant:
    """What differs between the airline's variants, apart from their tools."""

    texts: Mapping[Refusal, str]
    """The text of each refusal, with placeholders in braces."""
    columns: Columns
    """The fields that answers show; empty if answers show rows as they are."""
    airports_as_list: bool
    """Whether airports are listed as objects, not as one object of code -> city."""
    parts_checked_late: bool
    """Whether the API, not the schema, checks objects in arguments, and drops unknown fields."""
    onward_day_shown: bool
    """Whether a second flight on the next day is shown with that day's seats and prices; tau1's
    code shows those of the day before."""
    booking_takes_seats: bool
    """Whether a booking reduces the free seats on its flights."""
    cabin_follows: bool
    """Whether a reservation's cabin changes with its flights; tau1's code forgets it."""
    bookings_limited: bool
    """Whether a booking is refused when no id is left, instead of replacing the last one."""


@dataclass(frozen=True, slots=True)
class Airline:
    """A state of the database under a variant's rules."""

    database: Database
    """The state."""
    rules: Variant
    """The variant's rules."""

    def no(self, why: Refusal, **about: object) -> ApiError:
        """The error with the refusal's text."""
        return ApiError("Error: " + self.rules.texts[why].format(**about))

    def user(self, user_id: str) -> User:
        """The user with this id.

        Raises:
            ApiError: if no user has it.
        """
        return cast("User", self._row("users", user_id, Refusal.NO_USER))

    def reservation(
        self, reservation_id: str, otherwise: Refusal = Refusal.NO_RESERVATION
    ) -> Reservation:
        """The reservation with this id.

        Raises:
            ApiError: if no reservation has it.
        """
        return cast("Reservation", self._row("reservations", reservation_id, otherwise))

    def flight(self, flight_number: str) -> Flight:
        """The flight with this number.

        Raises:
            ApiError: if no flight has it.
        """
        return cast("Flight", self._row("flights", flight_number, Refusal.NO_FLIGHT))

    def day(self, flight_number: str, date: str) -> Day:
        """A flight on a day.

        Raises:
            ApiError: if the flight does not go on that day.
        """
        dates = self.flight(flight_number)["dates"]
        if date not in dates:
            raise self.no(Refusal.NO_FLIGHT_ON_DATE, id=flight_number, date=date)
        return dates[date]

    def leg(self, flight_number: str, date: str, cabin: str, seats: int) -> Leg:
        """A flight at today's price, as part of a reservation.

        Raises:
            ApiError: if the flight cannot be booked, or has too few seats in the cabin.
        """
        flight, day = self.flight(flight_number), self.day(flight_number, date)
        if day["status"] != "available":
            raise self.no(Refusal.NOT_AVAILABLE, id=flight_number, date=date)
        if day["available_seats"][cabin] < seats:
            raise self.no(Refusal.NO_SEATS, id=flight_number)
        return {
            "flight_number": flight_number,
            "date": date,
            "price": day["prices"][cabin],
            "origin": flight["origin"],
            "destination": flight["destination"],
        }

    def with_row(self, table: str, key: str, row: Reservation | User | Flight) -> Airline:
        """The airline with this row."""
        return Airline(self.database.put(table, key, cast("Row", row)), self.rules)

    def with_method(self, user_id: str, method: Method) -> Airline:
        """The airline with a user's means of payment, added or changed."""
        user = self.user(user_id)
        methods = {**user["payment_methods"], method["id"]: method}
        return self.with_row("users", user_id, {**user, "payment_methods": methods})

    def changed(self, reservation: Reservation) -> Change:
        """The return value of a tool that has created or changed a reservation."""
        after = self.with_row("reservations", reservation["reservation_id"], reservation)
        return Change(after.database, self.shown("reservations", reservation))

    def shown(self, table: str, row: Mapping[str, object], **known: Json) -> Json:
        """A row as answers show it.

        Args:
            table: The table, or `found` for a flight on a day.
            row: The row.
            known: Column -> value, for columns that the row may lack.
        """
        return arranged(self.rules.columns, table, cast("dict[str, Json]", row), known)

    def _row(self, table: str, key: str, otherwise: Refusal) -> Row:
        row = self.database.row(table, key)
        if row is None:
            raise self.no(otherwise, id=key)
        return row
