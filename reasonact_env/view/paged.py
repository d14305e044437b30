"""Long views page by page in a terminal, at once everywhere else."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.text import Text

from tools.inert import safe


def print_paged(console: Console, view: RenderableType, hint: str = "") -> None:
    """Prints a view; one that is higher than a person's terminal goes through their pager.

    That is `$PAGER`, or `less`. What is no terminal gets all of it at once.

    Args:
        console: Where it is shown.
        view: What is shown.
        hint: A line below it that is never broken, as it holds a command to be pasted; it stays
            when the pager is left.
    """
    if not _has_reader(console) or not _is_higher(console, view):
        console.print(view)
    else:
        with _colours_in_less(), console.pager(styles=True):
            console.print(view)
    if hint:
        console.print()
        console.print(Text(safe(hint), style="dim"), soft_wrap=True)


def _has_reader(console: Console) -> bool:
    return console.is_terminal and not console.is_dumb_terminal and sys.stdin.isatty()


def _is_higher(console: Console, view: RenderableType) -> bool:
    lines = console.render_lines(view, console.options.update(height=None), pad=False)
    return len(lines) >= console.height  # the prompt needs a line, too


@contextmanager
def _colours_in_less() -> Iterator[None]:
    """Tells `less` to show colours instead of their codes; nobody's own options are lost."""
    before = os.environ.get("LESS")
    os.environ["LESS"] = f"{before} -R" if before else "-R"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LESS"]
        else:
            os.environ["LESS"] = before
