"""What differs between two states of a database."""

from __future__ import annotations

from collections.abc import Iterator

from tools.jsontext import equal
from tools.types import FieldChange, Json
from tools.worlds.database import Database
from tools.worlds.tables import Row


def changes(before: Database, after: Database) -> tuple[FieldChange, ...]:
    """What differs between two states, value by value, in the order of tables, keys and fields.

    Lists are compared as a whole. Between states of one base only the changed rows are compared.
    """
    return tuple(
        FieldChange(table, key, *difference)
        for table, key in sorted(_places(before, after))
        for difference in _differences(before.row(table, key), after.row(table, key))
    )


def _places(before: Database, after: Database) -> set[tuple[str, str]]:
    """The places, as (table, key), at which two states may differ."""
    places = {*before.changed, *after.changed}
    if before.base is after.base:
        return {p for p in places if before.changed.get(p) is not after.changed.get(p)}
    for base in (before.base, after.base):
        places |= {(table, key) for table, rows in base.tables.items() for key in rows}
    return places


def _differences(
    before: Row | None, after: Row | None, above: str = ""
) -> Iterator[tuple[str, Json, Json]]:
    """(field, before, after) for each value that differs between two rows."""
    old, new = before or {}, after or {}
    for name in sorted({*old, *new}):
        one, other = old.get(name), new.get(name)
        if one is other and name in old and name in new:
            continue  # a changed row shares its unchanged values
        if isinstance(one, dict) and isinstance(other, dict):
            yield from _differences(one, other, f"{above}{name}.")
        elif (name in old) != (name in new) or not equal(one, other):
            yield f"{above}{name}", one, other
