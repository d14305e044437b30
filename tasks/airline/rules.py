"""The rules as functions of the data that the agent has read."""

from __future__ import annotations

from collections.abc import Iterable

from tools.worlds.airline.generated import FREE_BAGS
from tools.worlds.airline.rows import Cabin, Reservation, User

TODAY = "2024-05-15"
DAY_AGO = "2024-05-14T15:00:00"
"""The time 24 hours before now; what was booked later can be cancelled."""
COVERED = frozenset({"health", "weather"})
"""The reasons that the insurance covers."""
AIRLINE = "cancelled by the airline"
"""The reason that the agent has to check."""


def has_begun(reservation: Reservation) -> bool:
    """Whether any flight of a reservation lies in the past."""
    return any(leg["date"] < TODAY for leg in reservation["flights"])


def free_bags(user: User, cabin: Cabin, passengers: int) -> int:
    """The number of free bags."""
    return FREE_BAGS[user["membership"]][cabin] * passengers


def ground_to_cancel(reservation: Reservation, reason: str) -> str:
    """The ground on which a reservation may be cancelled, or ''."""
    if reservation["created_at"] >= DAY_AGO:
        return "it was booked within the last 24 hours"
    if reservation["cabin"] == "business":
        return "it is in business class"
    if reservation["insurance"] == "yes" and reason in COVERED:
        return f"it is insured, and the reason is {reason}"
    return ""


def may_be_compensated(user: User, reservation: Reservation) -> bool:
    """Whether a customer may get a certificate for a cancelled or late flight."""
    return (
        user["membership"] in ("silver", "gold")
        or reservation["insurance"] == "yes"
        or reservation["cabin"] == "business"
    )


def added(values: Iterable[float]) -> str:
    """The sum of values, as an expression."""
    return " + ".join(f"{value:g}" for value in values)
