"""Joins the columns of expected turns, if replies and calls have separate columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from tasks.almita.cells import is_empty, read_cell
from tasks.almita.looks import Column, Field, Look, look_at
from tasks.almita.sheet import Sheet

AND = ","
"""The separator between the names of joined columns."""
_REPLIES = (Look.TEXT, Look.LONG_TEXT, Look.AGENT_TURNS)


def joined(sheet: Sheet, given: Mapping[str, str | None]) -> Sheet:
    """The table with one column for the expected turn.

    Args:
        sheet: The table.
        given: Field -> column; `expected` may be several columns, separated by commas. If it is
            not given, a column of replies and one of calls are joined if every row fills exactly
            one of them.

    Raises:
        ValueError: if a row fills several of the given columns.
    """
    if Field.EXPECTED not in given:
        names = _apart(sheet)
        return _join(sheet, names) if names else sheet
    wanted = given[Field.EXPECTED] or ""
    names = tuple(name.strip() for name in wanted.split(AND))
    if wanted in sheet.header or len(names) == 1 or not set(names) <= set(sheet.header):
        return sheet
    for number, row in enumerate(sheet.rows, start=1):
        full = _full(row, names)
        if len(full) > 1:
            raise ValueError(
                f"expected one of {', '.join(names)} in row {number}, got {' and '.join(full)}; "
                "leave one of them out of the map, or empty in the table"
            )
    return _join(sheet, names)


def _apart(sheet: Sheet) -> tuple[str, ...]:
    """The only pair of columns, replies and calls, of which each row fills one; else empty."""
    hinted = [column for column in sheet.columns if column.hints_at(Field.EXPECTED)]
    fitting = [
        (one.name, other.name)
        for one, other in combinations(hinted, 2)
        if _complement(one, other)
        and all(len(_full(r, (one.name, other.name))) == 1 for r in sheet.rows)
    ]
    return fitting[0] if len(fitting) == 1 else ()


def _complement(one: Column, other: Column) -> bool:
    looks = {one.look, other.look}
    return Look.CALL in looks and bool(looks & set(_REPLIES))


def _full(row: Mapping[str, str], names: Sequence[str]) -> list[str]:
    return [name for name in names if not is_empty(read_cell(row[name]))]


def _join(sheet: Sheet, names: Sequence[str]) -> Sheet:
    """The table with one column in place of several."""
    name = AND.join(names)
    header = (*(column for column in sheet.header if column not in names), name)
    rows = tuple({**row, name: next((row[n] for n in _full(row, names)), "")} for row in sheet.rows)
    return replace(sheet, header=header, rows=rows, columns=look_at(header, rows))
