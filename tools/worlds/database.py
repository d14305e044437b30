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
from typing import NamedTuple, cast

from tools.jsontext import canonical, is_deeper, sha, short
from tools.types import Json
from tools.worlds.readonly import read_only
from tools.worlds.tables import Row, Tables, rows_of, shaped

MAX_ROW = 50_000
"""A row may have this many characters as JSON, or twice those that it had at the beginning.

Chosen by hand, so that no write that makes a row longer can be repeated for ever. The longest rows
that are written in 626 real dialogues have 4,541 characters, in generated tasks 4,556.
"""
MAX_GROWTH = 1_000_000
"""All rows together may have this many characters more than at the beginning.

Chosen by hand, so that no write that adds rows can be repeated for ever. 626 real dialogues write
at most 48,137 characters of rows, generated tasks 13,426.
"""
MAX_ROWS = 500
"""This many rows may differ from the beginning.

Chosen by hand. In 626 real dialogues at most 8 do, in generated tasks 6.
"""
MAX_WRITTEN = 250_000
"""One call may write rows of this many characters, one after the other.

Chosen by hand, to bound a step's time. In 626 real dialogues a call writes 15,968 at most, in
generated tasks 11,543.
"""
MAX_DEPTH = 100
"""Objects and lists of a row may stand this deep in each other; those of a call's arguments may 32
deep. Chosen by hand; a row of tau-bench's has 4 levels."""

_MODULUS = 1 << 256


class TooLarge(Exception):
    """A write that would make a state larger than it may be; its text says how much that is."""

    def __init__(self, text: str, written: int) -> None:
        """Says why.

        Args:
            text: What was expected, and what came.
            written: How many characters of rows were looked at for nothing.
        """
        super().__init__(text)
        self.written = written


class _Print(NamedTuple):
    """What a row comes to."""

    hash: int
    size: int
    """Its characters as JSON."""


_NOTHING = _Print(0, 0)


@dataclass(frozen=True)
class Base:
    """The rows with which a world starts, shared by all its states."""

    tables: Tables = field(repr=False)
    """Table -> key -> row; never changed."""

    def __post_init__(self) -> None:
        """Checks the shape of the tables, and makes their rows read-only.

        Raises:
            ValueError: if this is not table -> key -> row of plain JSON.
        """
        tables = {name: rows_of(name, table) for name, table in shaped(self.tables).items()}
        object.__setattr__(self, "tables", tables)

    @classmethod
    def of(cls, state: Mapping[str, Json]) -> Base:
        """Checks that plain JSON has the shape of a database.

        Raises:
            ValueError: if the state is not an object of tables, each an object of rows.
        """
        return cls(cast(Tables, state))

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

    def print_of(self, table: str, key: str) -> _Print:
        """Hash and size of a row; zeros if there is none."""
        return self._prints.get((table, key), _NOTHING)

    @cached_property
    def total(self) -> int:
        """The sum of all row hashes."""
        return sum(row.hash for row in self._prints.values()) % _MODULUS

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
    def _prints(self) -> Mapping[tuple[str, str], _Print]:
        """(table, key) -> hash and size of the row."""
        rows = ((name, key, row) for name, t in self.tables.items() for key, row in t.items())
        return {(name, key): _printed(_text_of(name, key, row)) for name, key, row in rows}


class _Changed(NamedTuple):
    """A row that differs from the base's, with its hash."""

    row: Row
    hash: int
    size: int


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
    growth: int = 0
    """How many characters more than the base's rows all rows have; it follows from them."""
    written: int = field(default=0, compare=False)
    """How many characters of rows the present call has written; 0 between calls."""

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
        """The database with this row; itself, if the row is there already.

        Raises:
            TooLarge: if the row or the database would be larger than it may be.
        """
        place, text = (table, key), _text_of(table, key, row)
        new, first = _printed(text), self.base.print_of(table, key)
        before = self.changed.get(place)
        current = first if before is None else _Print(before.hash, before.size)
        if new.hash == current.hash:
            return self
        growth = self.growth + new.size - current.size
        self._require_room(table, key, text, growth)
        changed = {other: c for other, c in self.changed.items() if other != place}
        if new.hash != first.hash:
            changed[place] = _Changed(read_only(row), *new)
        shift = (self.shift + new.hash - current.hash) % _MODULUS
        return Database(self.base, changed, shift, growth, self.written + new.size)

    def _require_room(self, table: str, key: str, text: str, growth: int) -> None:
        """Refuses a row that would make the state larger than it may be.

        Raises:
            TooLarge: if it would.
        """
        size, rows = len(text), len(self.changed) + ((table, key) not in self.changed)
        longest = max(MAX_ROW, 2 * self.base.print_of(table, key).size)
        if size > longest:
            most = f"at most {longest:,} characters after this call, got {size:,}"
            text = f"row {short(key)} of {short(table)} with {most}"
        elif is_deeper(text, MAX_DEPTH):
            most = f"at most {MAX_DEPTH} levels after this call, got more"
            text = f"row {short(key)} of {short(table)} with {most}"
        elif growth > MAX_GROWTH and growth > self.growth:
            text = f"at most {MAX_GROWTH:,} characters more than at first, got {growth:,}"
        elif rows > MAX_ROWS:
            text = f"at most {MAX_ROWS:,} rows that are not as at first, got {rows:,}"
        elif self.written + size > MAX_WRITTEN:
            text = f"one call to write at most {MAX_WRITTEN:,} characters of rows, got more"
        else:
            return
        raise TooLarge(text, self.written + size)

    @cached_property
    def digest(self) -> str:
        """A hash of the content (16 hex characters)."""
        return sha(f"{(self.base.total + self.shift) % _MODULUS:064x}")


def _text_of(table: str, key: str, row: Row) -> str:
    return canonical([table, key, dict(row)])


def _printed(text: str) -> _Print:
    return _Print(int.from_bytes(hashlib.sha256(text.encode()).digest(), "big"), len(text))
