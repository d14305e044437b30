"""The same task played by others: an episode of another run, or of its group, beside this one."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from reasonact_env.replay.cursor import Cursor
from reasonact_env.replay.shelf import Shelf
from reasonact_env.view.compare import SideBySide


def partners(shelf: Shelf, row: int) -> list[int]:
    """The rows of all other episodes of a row's task, those of other runs first."""
    task, file = shelf.columns.tasks[row], shelf.file_of(row)
    rows = [n for n, name in enumerate(shelf.columns.tasks) if name == task and n != row]
    return sorted(rows, key=lambda other: (shelf.file_of(other) == file, other))


def beside_view(shelf: Shelf, cursor: Cursor) -> RenderableType:
    """The chosen episode beside one of its partners."""
    row = cursor.row(shelf)
    others = partners(shelf, row)
    if not others:
        words = "No other episode of this task is open: name another run, or a folder of runs."
        return Text(words, overflow="fold")
    place = cursor.pick % len(others)
    other = others[place]
    head = Text(f"{place + 1} of {len(others)} others of this task · b the next", style="dim")
    names = (f"A {_name(shelf, row)}", f"B {_name(shelf, other)}")
    causes = (shelf.why(row).cause, shelf.why(other).cause)
    pair = SideBySide(shelf.episode(row), shelf.episode(other), names, causes)
    return Group(head, pair)


def _name(shelf: Shelf, row: int) -> str:
    about = shelf.abouts[shelf.file_of(row)]
    words = " ".join(part for part in (about.stage, about.sampling) if part)
    return f"{words} #{shelf.number_of(row)}"
