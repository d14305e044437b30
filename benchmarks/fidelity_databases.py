"""The databases of the recorded runs; some differ from today's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from tools.types import Json
from tools.worlds import WORLDS
from tools.worlds.database import Base
from tools.worlds.tables import Row

Rows: TypeAlias = Mapping[str, Row]

DATABASES: Mapping[str, tuple[str, ...]] = {
    "retail": ("tau1/retail_db",),
    "retail-tau2": ("tau2/retail_db.json",),
    "airline": ("tau1/airline_db",),
    "airline-tau2": ("tau2/airline_db.json", "tau1/airline_db"),
}
"""World -> its database below `tau/`, and one that stands in where that is missing."""
PARTS = ("tau", "dialogues")
"""The folders of real material."""
_PROVINCES = frozenset({"tau1-gpt4o-airline"})
"""Runs from before 16 January 2025, when tau-bench renamed `province` to `state` in all addresses
(its commit 404f33e, which changed nothing else in the airline's database)."""


def require_material(folder: Path) -> None:
    """Refuses a folder without the two parts that are read.

    Raises:
        FileNotFoundError: for such a folder.
    """
    if not all((folder / part).is_dir() for part in PARTS):
        raise FileNotFoundError(
            f"expected --material with a folder that holds {'/ and '.join(PARTS)}/, got {folder}; "
            "tau-bench's data and recorded runs do not come with this project: without them, "
            "python -m benchmarks.standings --data retail:200 judges tasks that do"
        )


def database(data: Path, world: str, source: str = "", *, as_given: bool = False) -> Base:
    """The database on which a run was recorded.

    Args:
        data: The folder of real material.
        world: The run's world.
        source: The run's name; none for today's database.
        as_given: Whether to leave the database as it lies there.
    """
    if as_given:
        return WORLDS[world].read(_place(data, world))
    return _revised(data, world, provinces=source in _PROVINCES)


def _place(data: Path, world: str) -> Path:
    paths = [data / "tau" / name for name in DATABASES[world]]
    return next((path for path in paths if path.exists()), paths[0])


@lru_cache(maxsize=8)
def _revised(data: Path, world: str, *, provinces: bool) -> Base:
    """The database as it was for a run; one object for all that ask, since rows are hashed once."""
    place = _place(data, world)
    base = WORLDS[world].read(place)
    if place != data / "tau" / DATABASES[world][0]:
        base = _with(base, "reservations", {"Z7GOZK": _as_round_trip})
        base = _with(base, "flights", {"HAT018": _with_delay})
    if provinces:
        base = _with(base, "users", dict.fromkeys(base.tables["users"], _in_a_province))
    return base


def _with(base: Base, table: str, changes: Mapping[str, Callable[[Row], Row]]) -> Base:
    """A base with some rows of a table changed."""
    rows: Rows = base.tables[table]
    return Base({**base.tables, table: {**rows, **{k: f(rows[k]) for k, f in changes.items()}}})


def _as_round_trip(reservation: Row) -> Row:
    """tau2-bench has made a round trip of what tau-bench calls one way, from Newark to Newark."""
    return {**reservation, "destination": "IAH", "flight_type": "round_trip"}


def _with_delay(flight: Row) -> Row:
    """tau2-bench has a flight delayed that landed in tau-bench, since a task complains of it."""
    delayed: Json = {
        "status": "delayed",
        "estimated_departure_time_est": "2024-05-11T16:30:00",
        "estimated_arrival_time_est": "2024-05-11T19:05:00",
    }
    dates = flight["dates"]
    assert isinstance(dates, dict)
    return {**flight, "dates": {**dates, "2024-05-11": delayed}}


def _in_a_province(user: Row) -> Row:
    address = user["address"]
    assert isinstance(address, dict)
    renamed = {"province" if name == "state" else name: part for name, part in address.items()}
    return {**user, "address": renamed}
