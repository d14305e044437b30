"""How rows look in answers: tau2 has an order of its own, and shows what has no value as null."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from tools.types import Json

Columns: TypeAlias = Mapping[str, tuple[str, ...]]
"""`users`, `reservations` or `found` (a flight on a day) -> the fields that are shown, null where
there is no value; `flights` or `payment_methods` -> the order of the fields inside of these."""


def arranged(
    columns: Columns, table: str, row: Mapping[str, Json], known: Mapping[str, Json]
) -> Json:
    """A row as answers show it.

    Args:
        columns: What is shown; without an entry, the row is shown as it is.
        table: What the row is.
        row: The row.
        known: Values of columns that the row may lack.
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
    """Balances are shown as floats, unlike payments."""
    if isinstance(part, dict) and isinstance(amount := part.get("amount"), int):
        return {**part, "amount": float(amount)}
    return part
