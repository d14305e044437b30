"""The two ways to walk through episodes: on a full screen, and line by line."""

from __future__ import annotations

from dataclasses import replace
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.control import Control
from rich.text import Text

from reasonact_env.episodes.storage import StorageError
from reasonact_env.replay.against import PARTNERS
from reasonact_env.replay.branches import branch_tree
from reasonact_env.replay.cursor import Cursor, Entry, Sheet, View
from reasonact_env.replay.failure_sheet import FailureRows
from reasonact_env.replay.help import SHEET_LINES, Help
from reasonact_env.replay.keys import Keys
from reasonact_env.replay.listing import FilterRows, ListHead, ListRows
from reasonact_env.replay.moves import move
from reasonact_env.replay.panels import rules_view, scores_beside_gold, step_words
from reasonact_env.replay.screen import Screen
from reasonact_env.replay.shelf import Shelf
from reasonact_env.view.episode import opening_view, step_view
from reasonact_env.view.goal import goal_line, goal_view
from reasonact_env.view.scores import summary
from tools.inert import safe

PATIENCE = 0.2
"""Seconds between looks at the window's size, and at whether data have been read."""
_PAGE = 20
"""Rows of the list that are printed at a time."""


def on_screen(shelf: Shelf, cursor: Cursor, keys: Keys, console: Console) -> Cursor:
    """Shows a full screen until the user quits; afterwards the terminal is as before.

    Args:
        shelf: The episodes.
        cursor: Where to begin.
        keys: The source of keys.
        console: The console to show it on.

    Returns:
        Where it ended.
    """
    view, drawn = Screen(shelf, cursor), None
    with console.screen(hide_cursor=True) as screen:
        while not view.cursor.done:
            row = view.cursor.row(shelf)
            if shelf.news():
                view.cursor = view.cursor.kept_at(row, shelf)
                drawn = None
            now = (console.size, view.cursor, _data(shelf, view.cursor))
            if now != drawn:
                console.control(Control.home())
                screen.update(view)
                drawn = (console.size, view.cursor, _data(shelf, view.cursor))
            key = keys.read(PATIENCE)
            if key is not None:
                view.cursor = move(view.cursor, key, shelf)
                drawn = None
    shelf.close()
    return view.cursor


def _data(shelf: Shelf, cursor: Cursor) -> int:
    """How far what is read in the background has come."""
    row = cursor.row(shelf)
    if row >= 0 and cursor.sheet is Sheet.FAILURES:
        return int(shelf.causes(row).ready.is_set())
    return int(cursor.view is View.EPISODE and row >= 0 and shelf.is_ready(row))


def by_lines(shelf: Shelf, cursor: Cursor, lines: TextIO, console: Console) -> Cursor:
    """Prints each view and reads one command per line: a key, or `/` or `:` with a text.

    An empty line goes one step, or one page, forward; the end of the input quits.
    """
    shown: object = None
    while not cursor.done:
        place = _place(cursor)
        if place != shown:
            _print(shelf, cursor, console)
        if cursor.sheet not in (Sheet.FILTERS, Sheet.FAILURES):
            cursor = replace(cursor, sheet=Sheet.NONE)
        shown = _place(cursor)
        if cursor.note:
            console.print(safe(cursor.note), markup=False, highlight=False)
        console.print(_prompt(shelf, cursor), end="", markup=False, highlight=False)
        line = lines.readline()
        if not line:
            console.print()
            return cursor
        if not lines.isatty():  # nobody saw the command being typed
            console.print(Text(safe(line.rstrip())))
        cursor = obeyed(shelf, cursor, line.strip())
    return cursor


def obeyed(shelf: Shelf, cursor: Cursor, command: str) -> Cursor:
    """The cursor after a line: a key's name, or `/` or `:` and a text."""
    if command[:1] in ("/", ":") and command[1:].strip():
        keys = [command[0], *command[1:], "enter"]
    elif command in ("/", ":"):
        keys = []
    else:
        usual = "pagedown" if cursor.view is View.LIST else "n"
        keys = [command or usual]
    if cursor.entry in (Entry.SAY, Entry.LET):
        keys = [*command, "enter"]  # the line after i or a is what goes on
    for key in keys:
        cursor = move(cursor, key, shelf)
    return cursor


def _place(cursor: Cursor) -> object:
    """What has to change before a view is printed again."""
    return replace(cursor, note="", scroll=0, typed="", found="")


def _prompt(shelf: Shelf, cursor: Cursor) -> str:
    shown = len(shelf.select(cursor.query))
    place = f"[{min(cursor.at + 1, shown)}/{shown}]"
    if cursor.sheet:
        return f"{place} {SHEET_LINES[cursor.sheet][0]}> "
    if cursor.view is View.LIST:
        return f"{place} j k enter a f m / c o : ? q> "
    return f"{place} n p ] [ f e l w d g b i a y r t s x / : u ? q> "


def _print(shelf: Shelf, cursor: Cursor, console: Console) -> None:
    try:
        console.print(Group(*_parts(shelf, cursor)))
    except StorageError as error:
        console.print(Text(safe(str(error)), style="red"))


def _parts(shelf: Shelf, cursor: Cursor) -> list[RenderableType]:
    """What is printed of a place, without what came before."""
    row = cursor.row(shelf)
    match cursor.sheet:
        case Sheet.HELP:
            return [Help()]
        case Sheet.FILTERS:
            return [FilterRows(shelf, cursor, _PAGE)]
        case Sheet.FAILURES:
            shelf.causes(row).ready.wait()
            return [FailureRows(shelf, cursor, 2 * _PAGE)]
        case Sheet.AGAINST | Sheet.BESIDE:
            return [PARTNERS[cursor.sheet](shelf, cursor)]
        case Sheet.TREE:
            return [branch_tree(shelf.episode(row), shelf.branches(row), cursor.branch)]
        case Sheet.RULES:
            return [rules_view(shelf.episode(row), cursor.look)]
        case Sheet.GOAL:
            why = shelf.why(row, cursor.branch, wait=True)
            return [goal_view(why.goal, why.cause, cursor.step, why.missing)]
    if cursor.view is View.LIST:
        return [ListHead(shelf, cursor), ListRows(shelf, cursor, _PAGE)]
    episode, why = cursor.episode(shelf), shelf.why(row, cursor.branch)
    if not cursor.step:
        about = shelf.abouts[shelf.file_of(row)]
        head = [summary(episode, about.model), goal_line(why.goal)]
        return [*head, *opening_view(episode, cursor.look)]
    scores = scores_beside_gold(episode, why.gold, cursor.step, every=cursor.look.scores)
    return [*step_view(episode, cursor.step, cursor.look), step_words(episode, cursor.step), scores]
