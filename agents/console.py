"""Tables and progress bars for people."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

BAR = 24
"""Columns of a progress bar."""
_NUMBERS = 12
"""Columns beside it, for the time that is left, and between all of these."""
LABEL = 31
"""Columns of a row's name that are reckoned with, lines included; longer names are folded."""
_RULES = 3
"""Columns that a cell takes besides its text."""
WIDTH = 110
"""Columns of a table when the output is no terminal."""
EVERY = 30.0
"""Seconds between lines of progress when the output is no terminal."""


def console() -> Console:
    """Standard output; wide enough for tables when it is no terminal and COLUMNS is not set."""
    terminal = Console(highlight=False, markup=False)
    told = terminal.is_terminal or os.environ.get("COLUMNS", "").isdecimal()
    return terminal if told else Console(highlight=False, width=WIDTH, markup=False)


@contextmanager
def progress(what: str, total: int, *, every: float = EVERY) -> Iterator[Callable[[int], None]]:
    """A progress bar with the time that is left; yields the function that moves it on.

    A file or a pipe gets a plain line now and then, and the bar at the end.

    Args:
        what: What makes progress, in words; cut where the terminal is too narrow for them.
        total: Steps in all.
        every: Seconds between such lines at least.
    """
    screen = console()
    words = Text(what)
    words.truncate(
        max(12, screen.width - BAR - _NUMBERS - 2 * len(f"{total}")), overflow="ellipsis"
    )
    bar = BarColumn(bar_width=BAR)
    parts = (TextColumn("{task.description}", markup=False), bar, MofNCompleteColumn())
    with Progress(*parts, TimeRemainingColumn(), console=screen) as shown:
        task = shown.add_task(words.plain, total=total)
        count, told = 0, monotonic()

        def advance(done: int) -> None:
            nonlocal count, told
            shown.update(task, advance=done)
            count += done
            if not screen.is_terminal and count < total and monotonic() - told >= every:
                told = monotonic()
                screen.print(f"{words.plain} {count}/{total}", markup=False, soft_wrap=True)

        yield advance


def plain_table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table of ready-made cells: words on the left, numbers on the right."""
    table = Table(title=title, title_justify="left")
    for i, head in enumerate(heads):
        table.add_column(head, justify="right" if i else "left")
    for row in rows:
        table.add_row(*row)
    return table


def show_table(
    title: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    caption: str = "",
    words: int = 1,
) -> None:
    """Prints a table; where it is too wide, its columns stand in several, and no number is cut.

    Args:
        title: What stands above, on lines of its own.
        heads: The columns' names.
        rows: Ready-made cells.
        caption: What stands below the last one.
        words: How many columns on the left say what a row is; each of the tables begins with them.
    """
    screen, cells = console(), [tuple(row) for row in rows]
    if title:
        screen.print(title, style="italic")
    for part in _parts(heads, cells, words, screen.width):
        chosen = (*range(words), *part)
        picked = [[row[i] for i in chosen] for row in cells]
        table = plain_table("", [heads[i] for i in chosen], picked)
        for i, column in enumerate(table.columns):
            column.no_wrap = i >= words
            column.overflow = "fold"
        for column in table.columns[1:words]:
            column.justify = "left"
        table.title = None
        screen.print(table)
    if caption:
        screen.print(caption, style="dim italic")


def _parts(
    heads: Sequence[str], rows: Sequence[Sequence[str]], words: int, width: int
) -> Iterator[list[int]]:
    """The numbers of the columns that stand beside each other."""
    wide = [max(map(cell_len, column)) + _RULES for column in zip(heads, *rows, strict=True)]
    room = width - 1 - sum(min(one, LABEL) for one in wide[:words])
    part: list[int] = []
    for i in range(words, len(wide)):
        if part and sum(wide[j] for j in (*part, i)) > room:
            yield part
            part = []
        part.append(i)
    yield part
