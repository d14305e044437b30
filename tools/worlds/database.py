"""An in-memory database as a value: changes are laid over a shared base, which nobody copies."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from tools.jsontext import canonical, sha, short
from tools.types import Json

Row: TypeAlias = Mapping[str, Json]
"""One row: column -> value."""
Tables: TypeAlias = Mapping[str, Mapping[str, Row]]
"""Table -> key -> row."""

_MODULUS = 1 << 256


@dataclass(frozen=True)
class Base:
    """The rows with which a world starts; shared by all states that follow."""

    tables: Tables
    """Table -> key -> row; never changed."""

    @cached_property
    def total(self) -> int:
        """The sum of all row hashes."""
        rows = ((name, key, row) for name, t in self.tables.items() for key, row in t.items())
        return sum(_row_hash(*row) for row in rows) % _MODULUS

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


@dataclass(frozen=True)
class Database:
    """One state of a world.

    The digest is taken of a sum of row hashes: it can be kept up to date row by row, and depends
    on the content alone, not on the order of the changes or on where the base ends.
    """

    base: Base
    """The rows of the start."""
    changed: Mapping[tuple[str, str], Row] = field(default_factory=dict)
    """(table, key) -> row, for the rows that differ from the base."""

    def row(self, table: str, key: str) -> Row | None:
        """The row with this key, or None."""
        changed = self.changed.get((table, key))
        return changed if changed is not None else self.base.tables.get(table, {}).get(key)

    def rows(self, table: str) -> Iterator[tuple[str, Row]]:
        """The table's keys and rows, in the order in which they came to be."""
        old = self.base.tables.get(table, {})
        for key, row in old.items():
            yield key, self.changed.get((table, key), row)
        for (name, key), row in self.changed.items():
            if name == table and key not in old:
                yield key, row

    def put(self, table: str, key: str, row: Row) -> Database:
        """The database with this row; itself, if the row is there already."""
        text = canonical(dict(row))
        current, first = self.row(table, key), self.base.tables.get(table, {}).get(key)
        if current is not None and canonical(dict(current)) == text:
            return self
        changed = {place: r for place, r in self.changed.items() if place != (table, key)}
        if first is None or canonical(dict(first)) != text:
            changed[(table, key)] = row
        return Database(self.base, changed)

    @cached_property
    def digest(self) -> str:
        """A hash of the content (16 hex characters)."""
        total = self.base.total
        for (table, key), row in self.changed.items():
            first = self.base.tables.get(table, {}).get(key)
            total -= 0 if first is None else _row_hash(table, key, first)
            total += _row_hash(table, key, row)
        return sha(f"{total % _MODULUS:064x}")


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
