"""One customer of the airline, with all that a dialogue about it can use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from tasks.agenda.agenda import Fact
from tasks.agenda.slots import Slot
from tasks.airline.naming import CABINS, as_json, day, full_name, method_forms, method_name
from tasks.airline.rules import TODAY
from tasks.generation.levels import Level
from tools.dice import Dice
from tools.types import Json
from tools.worlds.airline.rows import (
    Cabin,
    Day,
    Flight,
    Leg,
    Method,
    Passenger,
    Reservation,
    User,
)
from tools.worlds.database import Base
from tools.worlds.generated.people import some_birthday, some_name

LAST_DAY = 30
"""The last day of May for which the database has flights."""


@dataclass(slots=True)
class Traveller:
    """A row of `users`, with the reservations that no request uses yet."""

    base: Base
    """The database."""
    user_id: str
    """The row's key."""
    dice: Dice
    """All random choices."""
    level: Level
    """The difficulty of the dialogue."""
    can_see_status: bool
    """Whether a tool tells a flight's status."""
    free: list[Reservation] = field(init=False)
    """The reservations that no request uses yet."""
    books: bool = False
    """Whether a request already books a trip."""
    _taken: list[Reservation] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Makes all reservations free that were not cancelled."""
        self.free = [one for one in self.reservations if one.get("status") != "cancelled"]

    @property
    def user(self) -> User:
        """The row of `users`."""
        return cast("User", self.base.row("users", self.user_id))

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.user['name']['first_name']} {self.user['name']['last_name']}"

    @property
    def reservations(self) -> list[Reservation]:
        """All reservations."""
        rows = (self.base.row("reservations", key) for key in self.user["reservations"])
        return [cast("Reservation", row) for row in rows if row is not None]

    def methods(self, *sources: str) -> list[Method]:
        """The means of payment of these kinds whose names are unique."""
        methods = list(self.user["payment_methods"].values())
        names = Counter(method_name(method) for method in methods)
        return [m for m in methods if m["source"] in sources and names[method_name(m)] == 1]

    @property
    def lasting(self) -> list[Method]:
        """The means of payment that can pay for changes."""
        return self.methods("credit_card", "gift_card")

    def take(self, fits: Callable[[Reservation], bool]) -> Reservation | None:
        """Takes a free reservation that fits; None if no free one does."""
        fit = [one for one in self.free if fits(one)]
        if not fit:
            return None
        reservation = self.dice.pick(fit)
        self.free.remove(reservation)
        self._taken.append(reservation)
        return reservation

    def keep(self) -> None:
        """Confirms the reservations taken since the last `keep`."""
        self._taken.clear()

    def undo(self) -> None:
        """Frees the reservations taken since the last `keep`."""
        self.free += self._taken
        self._taken.clear()

    def is_told_apart(self, reservation: Reservation) -> bool:
        """Whether no other reservation of the customer has the same places."""
        places = [(one["origin"], one["destination"]) for one in self.reservations]
        return places.count((reservation["origin"], reservation["destination"])) == 1

    def slip_of(self, reservation_id: str) -> str:
        """A wrong reservation id with one other character; mostly ''."""
        if not self.dice.chance(self.level.slips):
            return ""
        place = self.dice.between(0, len(reservation_id) - 1)
        letter = self.dice.pick("ACEHKMPRTX349".replace(reservation_id[place], ""))
        wrong = reservation_id[:place] + letter + reservation_id[place + 1 :]
        return "" if self.base.row("reservations", wrong) else wrong

    def stranger(self) -> Reservation | None:
        """A reservation of another customer."""
        rows = list(self.base.tables["reservations"].values())
        row = cast("Reservation", self.dice.pick(rows))
        return None if row["user_id"] == self.user_id else row

    def flight(self, number: str) -> Flight:
        """A row of `flights`."""
        return cast("Flight", self.base.row("flights", number))

    def day_of(self, leg: Leg) -> Day:
        """The entry of a reservation's flight for its day."""
        return self.flight(leg["flight_number"])["dates"][leg["date"]]

    def seats(self, leg: Leg, cabin: Cabin) -> int:
        """The number of free seats of a reservation's flight in a cabin."""
        found = self.day_of(leg)
        return found.get("available_seats", {}).get(cabin, 0)

    def direct(
        self, origin: str, destination: str, date: str, cabin: Cabin, seats: int
    ) -> list[Flight]:
        """The direct flights between two places with enough free seats on a day."""
        rows = (cast("Flight", row) for row in self.base.tables["flights"].values())
        there = (f for f in rows if (f["origin"], f["destination"]) == (origin, destination))
        return [
            flight
            for flight in there
            if flight["dates"].get(date, {"status": ""}).get("available_seats", {}).get(cabin, 0)
            >= seats
        ]

    def routes(self) -> list[tuple[str, str]]:
        """All pairs of places with direct flights."""
        rows = (cast("Flight", row) for row in self.base.tables["flights"].values())
        return list(dict.fromkeys((f["origin"], f["destination"]) for f in rows))

    def person(self) -> Passenger:
        """An invented passenger."""
        first, last = some_name(self.dice)
        return {"first_name": first, "last_name": last, "dob": some_birthday(self.dice)}

    @property
    def myself(self) -> Passenger:
        """The customer as a passenger."""
        return {**self.user["name"], "dob": self.user["dob"]}


def is_ahead(reservation: Reservation) -> bool:
    """Whether all flights of a reservation leave after today."""
    return all(leg["date"] > TODAY for leg in reservation["flights"])


def date_of(number: int) -> str:
    """A day of May."""
    return f"2024-05-{number:02d}"


def method_fact(traveller: Traveller, methods: Sequence[Method]) -> Fact:
    """One means of payment, or two, the first of which pays as much as it can."""
    names = [f"my {method_name(method)}" for method in methods]
    says = names[0] if len(names) == 1 else f"{names[0]} first, and the rest with {names[1]}"
    own = tuple(form for method in methods for form in method_forms(method))
    others = [m for m in traveller.user["payment_methods"].values() if m not in methods]
    rivals = [form for other in others for form in method_forms(other) if form not in own]
    ids: list[Json] = [method["id"] for method in methods]
    return Fact(Slot.PAYMENT, says, ids, own, tuple(rivals))


def cabin_fact(cabin: Cabin) -> Fact:
    """A cabin, by its name."""
    others = tuple(name for other, name in CABINS.items() if other != cabin)
    return Fact(Slot.CABIN, CABINS[cabin], cabin, (cabin,), others)


def date_fact(date: str, says: str = "{day}") -> Fact:
    """A day.

    Args:
        date: The day.
        says: The customer's words, with `{day}` for the day.
    """
    number = int(date[-2:])
    forms = (day(date), date, f"{number} May", f"May {number}th", f"{number}th of May")
    return Fact(Slot.DATE, says.format(day=day(date)), date, forms)


def people_fact(traveller: Traveller, people: Sequence[Passenger]) -> Fact:
    """The passengers as a fact."""
    names = [
        "me" if person == traveller.myself else f"{full_name(person)}, born {person['dob']}"
        for person in people
    ]
    alone = people == [traveller.myself]
    says = "just me" if alone else names[0] if len(names) == 1 else _people(names)
    value: list[Json] = [as_json(person) for person in people]
    return Fact(Slot.PASSENGERS, says, value, tuple(full_name(person) for person in people))


def _people(names: Sequence[str]) -> str:
    return f"{'; '.join(names[:-1])}; and {names[-1]}" if len(names) > 2 else " and ".join(names)
