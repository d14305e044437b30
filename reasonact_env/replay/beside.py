"""The same task played by others: an episode of another run, or of its group, beside this one."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from reasonact_env.episodes.header import unlike
from reasonact_env.failures.aligned import Group as Members
from reasonact_env.failures.aligned import groups
from reasonact_env.replay.cursor import Cursor
from reasonact_env.replay.shelf import Shelf
from reasonact_env.view.compare import SideBySide, advantages_line
from tools.command import command
from tools.counts import counted
from tools.inert import safe


def partners(shelf: Shelf, row: int) -> list[int]:
    """The rows of all other episodes of a row's task, those of other runs first."""
    task, file = shelf.columns.tasks[row], shelf.file_of(row)
    rows = [n for n, name in enumerate(shelf.columns.tasks) if name == task and n != row]
    return sorted(rows, key=lambda other: (shelf.file_of(other) == file, other))


def two_runs(shelf: Shelf, row: int) -> str:
    """The command that opens a row's run and another one."""
    path = shelf.sources[shelf.file_of(row)].path
    data, database = shelf.places
    told = command("reasonact_env.replay", path, "OTHER_RUN", data=data, database=database)
    return safe(told)


def beside_view(shelf: Shelf, cursor: Cursor) -> RenderableType:
    """The chosen episode beside one of its partners."""
    row = cursor.row(shelf)
    others = partners(shelf, row)
    if not others:
        words = "No other episode of this task is open. Open another run over the same tasks, too:"
        return Group(Text(words, overflow="fold"), Text(two_runs(shelf, row), overflow="fold"))
    place = cursor.pick % len(others)
    other = others[place]
    head = Text(
        f"{place + 1} of {counted(len(others), 'other')} of this task · b the next", style="dim"
    )
    names = (f"A {_name(shelf, row)}", f"B {_name(shelf, other)}")
    causes = (shelf.why(row).cause, shelf.why(other).cause)
    pair = SideBySide(shelf.episode(row), shelf.episode(other), names, causes)
    return Group(head, *_notes(shelf, row, other), pair)


def _notes(shelf: Shelf, row: int, other: int) -> Iterator[Text]:
    """What has to be known of the two: how they were played otherwise, or their advantages."""
    told = [unlike(shelf.header(row), shelf.header(other))]
    mine, theirs = shelf.episode(row).decision, shelf.episode(other).decision
    if mine != theirs:
        both = ("all" if one is None else str(one) for one in (mine, theirs))
        told.append(f"decision {' ↔ '.join(both)}")
    if words := " · ".join(filter(None, told)):
        yield Text(safe(words), style="bold yellow", overflow="fold")
    if shelf.file_of(row) == shelf.file_of(other):
        marked = {shelf.number_of(row): "A", shelf.number_of(other): "B"}
        group = _group(shelf, row)
        if group is not None:
            yield advantages_line(group, marked)


def _group(shelf: Shelf, row: int) -> Members | None:
    """The episodes of a row's file that played the same task and decision; None for one alone."""
    file = shelf.file_of(row)
    rows = [row, *(one for one in partners(shelf, row) if shelf.file_of(one) == file)]
    found = groups(
        (shelf.number_of(one), shelf.episode(one))
        for one in sorted(rows)
        if not shelf.columns.broken[one]
    )
    decision = shelf.episode(row).decision
    return next((group for group in found if group.decision == decision), None)


def _name(shelf: Shelf, row: int) -> str:
    about = shelf.abouts[shelf.file_of(row)]
    words = " ".join(part for part in (about.stage, about.sampling) if part)
    return f"{words} #{shelf.number_of(row)}"
