"""An in-memory database as a value: a state keeps its changes next to a shared base.

A state costs only what has changed in it. `put` looks at one row, and updates a sum of row hashes
from which the digest follows; the rows of the base are hashed once for all states.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TypeAlias

from tools.jsontext import canonical, equal, sha, short
from tools.types import FieldChange, Json

Row: TypeAlias = Mapping[str, Json]
"""One row: column -> value."""
Tables: TypeAlias = Mapping[str, Mapping[str, Row]]
"""Table -> key -> row."""

_MODULUS = 1 << 256


@dataclass(frozen=True)
class Base:
    """The rows with which a world starts, shared by all its states."""

    tables: Tables = field(repr=False)
    """Table -> key -> row; never changed."""

    @classmethod
    def of(cls, state: Mapping[str, Json]) -> Base:
        """Checks that plain JSON has the shape of a database.

        Raises:
            ValueError: if the state is not an object of tables, each an object of rows.
        """
        tables: dict[str, dict[str, Row]] = {}
        for name, table in state.items():
            tables[name] = {key: _row(name, key, row) for key, row in _table(name, table).items()}
        return cls(tables)

    def __deepcopy__(self, memo: dict[int, object]) -> Base:
        """Itself: it is never changed."""
        return self

    def __getstate__(self) -> dict[str, object]:
        """What a copy in another process needs: the rows, and nothing that follows from them."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def row(self, table: str, key: str) -> Row | None:
        """The row with this key, or None."""
        return self.tables.get(table, {}).get(key)

    def text(self, table: str, key: str) -> str:
        """A row as JSON, written on first use and kept.

        Raises:
            KeyError: if there is no such row.
        """
        if (table, key) not in self._texts:
            self._texts[table, key] = json.dumps(self.tables[table][key])
        return self._texts[table, key]

    def index(self, table: str, by: Callable[[Row], str]) -> Mapping[str, str]:
        """Each value of `by` -> the key of the first row that has it.

        Args:
            table: The table.
            by: Maps a row to its value; the index is built once and kept.
        """
        if (table, by) not in self._indexes:
            rows = list(self.tables.get(table, {}).items())
            self._indexes[table, by] = {by(row): key for key, row in reversed(rows)}
        return self._indexes[table, by]

    def groups(self, table: str, by: Callable[[Row], str]) -> Mapping[str, Sequence[str]]:
        """Each value of `by` -> the keys of all rows that have it, in the table's order.

        Args:
            table: The table.
            by: Maps a row to its value; the groups are built once and kept.
        """
        if (table, by) not in self._groups:
            groups: dict[str, list[str]] = {}
            for key, row in self.tables.get(table, {}).items():
                groups.setdefault(by(row), []).append(key)
            self._groups[table, by] = groups
        return self._groups[table, by]

    def hash_of(self, table: str, key: str) -> int:
        """The hash of a row; 0 if there is no such row."""
        return self._hashes.get((table, key), 0)

    @cached_property
    def total(self) -> int:
        """The sum of all row hashes."""
        return sum(self._hashes.values()) % _MODULUS

    @cached_property
    def _indexes(self) -> dict[tuple[str, Callable[[Row], str]], Mapping[str, str]]:
        """(table, function) -> index."""
        return {}

    @cached_property
    def _groups(self) -> dict[tuple[str, Callable[[Row], str]], Mapping[str, Sequence[str]]]:
        """(table, function) -> groups."""
        return {}

    @cached_property
    def _texts(self) -> dict[tuple[str, str], str]:
        """(table, key) -> text, for the rows that were shown."""
        return {}

    @cached_property
    def _hashes(self) -> Mapping[tuple[str, str], int]:
        """(table, key) -> hash of the row."""
        rows = ((name, key, row) for name, t in self.tables.items() for key, row in t.items())
        return {(name, key): _row_hash(name, key, row) for name, key, row in rows}


@dataclass(frozen=True, slots=True)
class _Changed:
    """A row that differs from the base's, with its hash."""

    row: Row
    hash: int


@dataclass(frozen=True)
class Database:
    """One state of a world.

    The digest is the hash of a sum of row hashes: it depends on the content alone, not on the order
    of the changes or on which rows are in the base.
    """

    base: Base
    """The rows with which the world started."""
    changed: Mapping[tuple[str, str], _Changed] = field(default_factory=dict)
    """(table, key) -> row, for the rows that differ from the base."""
    shift: int = 0
    """The sum of hashes that the changed rows add to the base's; derived from them."""

    def row(self, table: str, key: str) -> Row | None:
        """The row with this key, or None."""
        changed = self.changed.get((table, key))
        return self.base.row(table, key) if changed is None else changed.row

    def rows(self, table: str) -> Iterator[tuple[str, Row]]:
        """The table's keys and rows: the base's, then new ones in the order of their insertion."""
        old = self.base.tables.get(table, {})
        own = {key: changed.row for (name, key), changed in self.changed.items() if name == table}
        if not own:
            yield from old.items()
            return
        for key, row in old.items():
            yield key, own.get(key, row)
        for key, row in own.items():
            if key not in old:
                yield key, row

    def text(self, table: str, key: str) -> str:
        """A row as JSON.

        Raises:
            KeyError: if there is no such row.
        """
        changed = self.changed.get((table, key))
        return self.base.text(table, key) if changed is None else json.dumps(changed.row)

    def put(self, table: str, key: str, row: Row) -> Database:
        """The database with this row; the same object if it has the row already."""
        new, first = _row_hash(table, key, row), self.base.hash_of(table, key)
        before = self.changed.get((table, key))
        current = first if before is None else before.hash
        if new == current:
            return self
        changed = {place: c for place, c in self.changed.items() if place != (table, key)}
        if new != first:
            changed[(table, key)] = _Changed(row, new)
        return Database(self.base, changed, (self.shift + new - current) % _MODULUS)

    @cached_property
    def digest(self) -> str:
        """A hash of the content (16 hex characters)."""
        return sha(f"{(self.base.total + self.shift) % _MODULUS:064x}")


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


def _row_hash(table: str, key: str, row: Row) -> int:
    text = canonical([table, key, dict(row)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")


def _table(name: str, table: Json) -> dict[str, Json]:
    if isinstance(table, dict):
        return table
    raise ValueError(
        f"expected table {short(name)} of the world's state to be an object of key -> row, "
        f"got {short(table)}; write the state as table -> key -> row"
    )


def _row(table: str, key: str, row: Json) -> Row:
    if isinstance(row, dict):
        return row
    raise ValueError(
        f"expected row {short(key)} of table {short(table)} to be an object, got {short(row)}; "
        "write the state as table -> key -> row"
    )
