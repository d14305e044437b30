"""The two ways to walk through episodes: on a full screen, and line by line."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console, Group
from rich.control import Control
from rich.text import Text

from reasonact_env.replay.cursor import Cursor
from reasonact_env.replay.keys import Keys
from reasonact_env.replay.screen import Screen, help_view, progress_line
from reasonact_env.view.episode import opening_view, step_view
from reasonact_env.view.scores import score_view, summary
from reasonact_env.view.text import safe

PATIENCE = 0.2
"""Seconds between looks at the window's size."""


def on_screen(cursor: Cursor, keys: Keys, console: Console) -> None:
    """Shows a full screen until the user quits; afterwards the terminal is as before.

    Args:
        cursor: What to show.
        keys: The source of keys.
        console: The console to show it on.
    """
    view, size = Screen(cursor), None
    with console.screen(hide_cursor=True) as screen:
        while not cursor.done:
            if size != console.size:
                size = console.size
                console.control(Control.home())
                screen.update(view)
            key = keys.read(PATIENCE)
            if key is not None:
                cursor.press(key)
                size = None


def by_lines(cursor: Cursor, lines: TextIO, console: Console) -> None:
    """Prints each step and reads one command per line: a key, or `/` with a number or task id.

    An empty line goes one step forward; the end of the input quits.
    """
    shown: object = None
    while not cursor.done:
        place = (cursor.index, cursor.position, cursor.look)
        if place != shown:
            _print(cursor, console)
            shown = place
        if cursor.note:
            console.print(cursor.note, markup=False, highlight=False)
        prompt = f"[{cursor.index + 1}/{len(cursor.episodes)}] n p ] [ / f t r s x ? q> "
        console.print(prompt, end="", markup=False, highlight=False)
        line = lines.readline()
        if not line:
            console.print()
            return
        if not lines.isatty():  # nobody saw the command being typed
            console.print(Text(safe(line.rstrip())))
        _obey(cursor, line.strip(), console)


def _obey(cursor: Cursor, command: str, console: Console) -> None:
    if command.startswith("/") and command[1:].strip():
        cursor.press("/")
        for key in [*command[1:], "enter"]:
            cursor.press(key)
    elif command in ("?", "h"):
        console.print(help_view())
    elif command != "/":
        cursor.press(command or "n")


def _print(cursor: Cursor, console: Console) -> None:
    """The opening or the current step, without what came before."""
    episode, number, look = cursor.episode, cursor.position, cursor.look
    if not number:
        parts = [summary(episode, cursor.agent), *opening_view(episode, look)]
    else:
        step = episode.steps[number - 1]
        parts = [*step_view(episode, number, look), progress_line(cursor)]
        parts.append(score_view(step, every=look.scores))
    console.print(Group(*parts))
