"""The form of rows in answers: tau2 orders fields in its own way, and shows absent ones as null."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from tools.types import Json

Columns: TypeAlias = Mapping[str, tuple[str, ...]]
"""`users`, `reservations` or `found` (a flight on a day) -> the fields that are shown, null where
there is no value; `flights` or `payment_methods` -> the order of the fields inside these."""


def arranged(
    columns: Columns, table: str, row: Mapping[str, Json], known: Mapping[str, Json]
) -> Json:
    """A row as answers show it.

    Args:
        columns: The fields to show; a row whose table has no entry is shown as it is.
        table: The row's table, or `found` for a flight on a day.
        row: The row.
        known: Column -> value, for columns that the row may lack.
    """
    if table not in columns:
        return dict(row)
    shown = {name: row.get(name, known.get(name)) for name in columns[table]}
    return {name: _inner(columns.get(name), value) for name, value in shown.items()}


def _inner(names: tuple[str, ...] | None, value: Json) -> Json:
    """The objects in a list, or under the keys of an object, each in its order."""
    if names is None:
        return value
    if isinstance(value, list):
        return [_ordered(names, part) for part in value]
    if isinstance(value, dict):
        return {key: _with_float(_ordered(names, part)) for key, part in value.items()}
    return value


def _ordered(names: tuple[str, ...], part: Json) -> Json:
    if not isinstance(part, dict):
        return part
    return {name: part[name] for name in names if name in part}


def _with_float(part: Json) -> Json:
    """A means of payment with its amount as a float; amounts of payments stay as they are."""
    if isinstance(part, dict) and isinstance(amount := part.get("amount"), int):
        return {**part, "amount": float(amount)}
    return part
