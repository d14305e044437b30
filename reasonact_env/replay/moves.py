"""What each key does: `move(cursor, key, shelf)` gives the next cursor and changes nothing."""

from __future__ import annotations

from dataclasses import replace

from reasonact_env.episodes.storage import StorageError
from reasonact_env.replay.cursor import Cursor, Entry, Sheet, View
from reasonact_env.replay.episode_keys import find_step, in_episode, opened
from reasonact_env.replay.failure_sheet import in_failures
from reasonact_env.replay.filters import in_filters
from reasonact_env.replay.list_keys import in_list, with_terms
from reasonact_env.replay.query import terms_of
from reasonact_env.replay.shelf import Shelf
from reasonact_env.replay.ways_on import let, said
from tools.jsontext import short
from tools.nearest import did_you_mean

_NEXT = {Sheet.BESIDE: ("b", "]"), Sheet.AGAINST: ("A", "]")}
"""A sheet -> the keys that show the next of its partners."""
_LINES = ("up", "k", "down", "j", "pageup", "pagedown")


def move(cursor: Cursor, key: str, shelf: Shelf) -> Cursor:
    """The cursor after a key; an episode that cannot be read is a note and not the end."""
    fresh = replace(cursor, note="")
    try:
        if cursor.entry:
            return _typed(fresh, key, shelf)
        if cursor.sheet:
            return _on_sheet(fresh, key, shelf)
        if (common := _anywhere(fresh, key)) is not None:
            return common
        return (
            in_list(fresh, key, shelf)
            if cursor.view is View.LIST
            else in_episode(fresh, key, shelf)
        )
    except StorageError as error:
        return cursor.told(str(error))


def jump(cursor: Cursor, wanted: str, shelf: Shelf) -> Cursor:
    """Opens an episode of the list by its number, its task id, or a part of it."""
    rows = shelf.select(cursor.query)
    if wanted.isdecimal():
        number = int(wanted[:9])
        if 1 <= number <= len(rows):
            return opened(cursor, number - 1, shelf)
        return cursor.told(f"expected an episode from 1 to {len(rows):,}, got {short(wanted)}")
    tasks = shelf.columns.tasks
    places = [*range(cursor.at + 1, len(rows)), *range(min(cursor.at + 1, len(rows)))]
    place = next((place for place in places if wanted in tasks[rows[place]]), None)
    if place is None:
        near = did_you_mean(wanted, {tasks[row] for row in rows})
        return cursor.told(f"no episode's task id contains {short(wanted)}{near}")
    return opened(cursor, place, shelf)


def _anywhere(cursor: Cursor, key: str) -> Cursor | None:
    match key:
        case "q":
            return replace(cursor, done=True)
        case "?" | "h":
            return replace(cursor, sheet=Sheet.HELP, scroll=0)
        case "/":
            entry = Entry.QUERY if cursor.view is View.LIST else Entry.FIND
            return replace(cursor, entry=entry, typed="")
        case ":":
            return replace(cursor, entry=Entry.JUMP, typed="")
    return None


def _on_sheet(cursor: Cursor, key: str, shelf: Shelf) -> Cursor:
    """Scrolls a sheet, or takes it away; the view below is where it was."""
    if key == "q":
        return replace(cursor, done=True)
    if cursor.sheet is Sheet.FILTERS:
        return in_filters(cursor, key, shelf)
    if cursor.sheet is Sheet.FAILURES:
        return in_failures(cursor, key, shelf)
    if key in _NEXT.get(cursor.sheet, ()):
        return replace(cursor, pick=cursor.pick + 1, scroll=0)
    if key in _LINES:
        return scrolled(cursor, key)
    return replace(cursor, sheet=Sheet.NONE, scroll=0)


def scrolled(cursor: Cursor, key: str) -> Cursor:
    """Moves the view by a line or a page."""
    lines = cursor.page if key.startswith("page") else 1
    down = key in ("down", "j", "pagedown")
    return replace(cursor, scroll=cursor.scroll + (lines if down else -lines))


def _typed(cursor: Cursor, key: str, shelf: Shelf) -> Cursor:
    match key:
        case "enter":
            return _entered(replace(cursor, entry=Entry.NONE, typed=""), cursor, shelf)
        case "escape":
            return replace(cursor, entry=Entry.NONE, typed="")
        case "backspace":
            entry = cursor.entry if cursor.typed else Entry.NONE
            return replace(cursor, entry=entry, typed=cursor.typed[:-1])
        case _ if len(key) == 1:
            return replace(cursor, typed=cursor.typed + key)
    return cursor


def _entered(after: Cursor, before: Cursor, shelf: Shelf) -> Cursor:
    text = before.typed.strip()
    match before.entry:
        case Entry.QUERY:
            return with_terms(after, terms_of(text), shelf) if text else after
        case Entry.JUMP:
            return jump(after, text, shelf) if text else after
        case Entry.SAY:
            return said(after, text, shelf) if text else after
        case Entry.LET:
            return let(after, text, shelf) if text else after
    return find_step(after, text or after.found, shelf)
