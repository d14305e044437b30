"""Tables whose names stay whole, where the terminal has room for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Column, Table

_GAP = 2
"""Cells between two columns of a table without a box."""


@dataclass(frozen=True, slots=True)
class WholeNames:
    """A table without a box, in which no name is broken that has room in its column."""

    table: Table
    """The table; the columns that fold share what the others leave."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        settle(self.table, console, options)
        yield self.table


def settle(table: Table, console: Console, options: ConsoleOptions) -> bool:
    """Gives each column that folds the width of its longest name, and a part of what is left.

    By itself rich makes the widest columns narrower, whatever is in them.

    Returns:
        Whether there is room for that; otherwise the widest of them are as narrow as they have to.
    """
    folding = [column for column in table.columns if column.overflow == "fold"]
    for column in folding:  # a table may be shown again, at another width
        column.width = None
    others = (column for column in table.columns if column.overflow != "fold")
    room = options.max_width - _GAP * (len(table.columns) - 1)
    room -= sum(column.width or _size(column, console, options).maximum for column in others)
    sizes = [_size(column, console, options) for column in folding]
    least, wished = [size.minimum for size in sizes], sum(size.span for size in sizes)
    spare = room - sum(least)
    if spare >= wished:
        return True
    widths = _narrowed(least, room) if spare < 0 else least
    for column, size, width in zip(folding, sizes, widths, strict=True):
        column.width = width + size.span * max(spare, 0) // max(wished, 1)
    return spare >= 0


def _narrowed(widths: Sequence[int], room: int) -> list[int]:
    """Widths of which the greatest are cut until they fit.

    >>> _narrowed([17, 14, 3], 22)
    [9, 10, 3]
    """
    found = list(widths)
    while sum(found) > room and max(found) > 1:
        found[found.index(max(found))] -= 1
    return found


def _size(column: Column, console: Console, options: ConsoleOptions) -> Measurement:
    """The least and the greatest width of use to a column."""
    sizes = [Measurement.get(console, options, cell) for cell in (column.header, *column.cells)]
    least = max(column.min_width or 0, *(size.minimum for size in sizes))
    least = min(least, options.max_width)
    return Measurement(least, max(least, *(size.maximum for size in sizes)))
