"""The tables of a database, read from whatever somebody gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from tools.jsontext import short
from tools.types import Json
from tools.worlds.readonly import read_only

Row: TypeAlias = Mapping[str, Json]
"""One row: column -> value. It refuses changes in place, since all episodes share it."""
Tables: TypeAlias = Mapping[str, Mapping[str, Row]]
"""Table -> key -> row."""


def shaped(tables: object) -> Mapping[str, object]:
    """Tables that are a mapping; ValueError for anything else."""
    if isinstance(tables, Mapping):
        return tables
    raise ValueError(
        f"expected a database as table -> key -> row, got a {type(tables).__name__}; write "
        '{"TABLE": {"KEY": {"COLUMN": value}}}'
    )


def rows_of(name: str, table: object) -> Mapping[str, Row]:
    """A table's rows, which refuse changes from now on; ValueError if it is not a table."""
    if not isinstance(table, Mapping):
        raise ValueError(
            f"expected table {short(name)} of the world's state to be an object of key -> row, "
            f"got {short(table)}; write the state as table -> key -> row"
        )
    return {key: _row(name, key, row) for key, row in table.items()}


def _row(table: str, key: object, row: object) -> Row:
    if not isinstance(key, str):
        raise ValueError(
            f"expected the keys of table {short(table)} to be strings, got {short(repr(key))}; "
            "write str(key)"
        )
    if not isinstance(row, Mapping):
        raise ValueError(
            f"expected row {short(key)} of table {short(table)} to be an object, got {short(row)}; "
            "write the state as table -> key -> row"
        )
    try:
        return read_only(row)
    except TypeError as error:
        raise ValueError(
            f"in row {short(key)} of table {short(table)}: {error}; write it as JSON would"
        ) from None
