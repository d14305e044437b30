"""What the airline's database holds: three tables, in tau-bench's own form."""

from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict

Cabin: TypeAlias = Literal["basic_economy", "economy", "business"]
"""Where one sits."""
Trip: TypeAlias = Literal["one_way", "round_trip"]
"""Whether one comes back."""
Insurance: TypeAlias = Literal["yes", "no"]
"""Whether a trip is insured."""


class FlightInfo(TypedDict):
    """A flight on a day, as a call names it.

    Attributes:
        flight_number: The flight's number, for example 'HAT000'.
        date: The day as 'YYYY-MM-DD', for example '2024-05-01'.
    """

    flight_number: str
    date: str


class Passenger(TypedDict):
    """Somebody who travels.

    Attributes:
        first_name: The first name, for example 'Ada'.
        last_name: The last name, for example 'King'.
        dob: The date of birth as 'YYYY-MM-DD', for example '1985-12-10'.
    """

    first_name: str
    last_name: str
    dob: str


class Payment(TypedDict):
    """Money that is paid or, if negative, given back.

    Attributes:
        payment_id: A means of payment of the user's, for example 'credit_card_0000000',
            'gift_card_0000000' or 'certificate_0000000'.
        amount: How much, in dollars.
    """

    payment_id: str
    amount: float


class Day(TypedDict):
    """A flight on one day; only an available one has seats and prices, by cabin.

    `status` is available, on time, delayed, flying, landed or cancelled.
    """

    status: str
    available_seats: NotRequired[dict[str, int]]
    prices: NotRequired[dict[str, int]]
    estimated_departure_time_est: NotRequired[str]
    estimated_arrival_time_est: NotRequired[str]
    actual_departure_time_est: NotRequired[str]
    actual_arrival_time_est: NotRequired[str]


class Flight(TypedDict):
    """A row of `flights`, keyed by its number; an arrival on the next day ends in `+1`."""

    flight_number: str
    origin: str
    destination: str
    scheduled_departure_time_est: str
    scheduled_arrival_time_est: str
    dates: dict[str, Day]


class Leg(FlightInfo):
    """A flight of a reservation; the price is that of one seat when it was booked."""

    origin: str
    destination: str
    price: float


class Reservation(TypedDict):
    """A row of `reservations`, keyed by its id; `status` comes with being cancelled."""

    reservation_id: str
    user_id: str
    origin: str
    destination: str
    flight_type: Trip
    cabin: Cabin
    flights: list[Leg]
    passengers: list[Passenger]
    payment_history: list[Payment]
    created_at: str
    total_baggages: int
    nonfree_baggages: int
    insurance: Insurance
    status: NotRequired[Literal["cancelled"] | None]


class Name(TypedDict):
    """A user's name."""

    first_name: str
    last_name: str


class Address(TypedDict):
    """Where a user lives."""

    address1: str
    address2: NotRequired[str | None]
    city: str
    country: str
    state: str
    zip: str


class Method(TypedDict):
    """A means of payment: a `credit_card`, or a `gift_card` or `certificate` with an amount."""

    source: str
    id: str
    brand: NotRequired[str]
    last_four: NotRequired[str]
    amount: NotRequired[float]


class User(TypedDict):
    """A row of `users`, keyed by the user's id, which only tau2 repeats inside."""

    user_id: NotRequired[str]
    name: Name
    address: Address
    email: str
    dob: str
    payment_methods: dict[str, Method]
    saved_passengers: list[Passenger]
    membership: str
    reservations: list[str]
