"""What keys do in the list of episodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from reasonact_env.replay.cursor import Cursor, Sheet
from reasonact_env.replay.episode_keys import opened
from reasonact_env.replay.query import ORDERS, Query, line_of
from reasonact_env.replay.shelf import Shelf
from reasonact_env.replay.terms import meant, mistake

_FIRST_FALLING = ("steps",)
"""Orders that begin with the greatest."""


def in_list(cursor: Cursor, key: str, shelf: Shelf) -> Cursor:
    """The cursor after a key in the list."""
    last = len(shelf.select(cursor.query)) - 1
    match key:
        case "down" | "j" | "n":
            return _at(cursor, cursor.at + 1, last, shelf)
        case "up" | "k" | "p":
            return _at(cursor, cursor.at - 1, last, shelf)
        case "pagedown" | " ":
            return _at(cursor, cursor.at + cursor.page, last, shelf)
        case "pageup":
            return _at(cursor, cursor.at - cursor.page, last, shelf)
        case "home" | "g":
            return _at(cursor, 0, last, shelf)
        case "end" | "G":
            return _at(cursor, last, last, shelf)
        case "enter" | "right":
            return opened(cursor, cursor.at, shelf) if last >= 0 else _nothing(cursor, shelf)
        case "]" | "[":
            return _next_file(cursor, 1 if key == "]" else -1, shelf)
    return _filtered(cursor, key, shelf)


def with_terms(cursor: Cursor, terms: Sequence[str], shelf: Shelf) -> Cursor:
    """Adds terms to the query, or takes away those that it has; the chosen episode stays chosen."""
    new = [term for term in terms if term not in cursor.query.terms]
    if words := mistake(shelf, new):
        return cursor.told(words)
    kept = [term for term in cursor.query.terms if term not in terms]
    return asked(cursor, replace(cursor.query, terms=(*kept, *new)), shelf)


def asked(cursor: Cursor, query: Query, shelf: Shelf) -> Cursor:
    """Lists what a query asks for, with the same episode chosen where it is in it."""
    row, rows = cursor.row(shelf), shelf.select(query)
    place = np.flatnonzero(rows == row)
    at = int(place[0]) if len(place) else 0
    changed = replace(cursor, query=query, at=at, scroll=0)
    return changed if len(rows) else _nothing(changed, shelf)


def _filtered(cursor: Cursor, key: str, shelf: Shelf) -> Cursor:
    match key:
        case "f":
            return with_terms(cursor, ("failed",), shelf)
        case "a" if cursor.row(shelf) >= 0:
            return replace(cursor, sheet=Sheet.FAILURES, pick=0, scroll=0)
        case "A" if cursor.row(shelf) >= 0:
            return replace(cursor, sheet=Sheet.AGAINST, pick=0, scroll=0)
        case "m":
            return replace(cursor, sheet=Sheet.FILTERS, pick=0, scroll=0)
        case "c":
            return asked(cursor, replace(cursor.query, terms=()), shelf).told("no filter")
        case "o":
            place = (ORDERS.index(cursor.query.order) + 1) % len(ORDERS)
            order = ORDERS[place]
            query = replace(cursor.query, order=order, reverse=order in _FIRST_FALLING)
            return asked(cursor, query, shelf).told(f"by {order}")
        case "O":
            query = replace(cursor.query, reverse=not cursor.query.reverse)
            return asked(cursor, query, shelf).told(f"by {query.order}, turned round")
    return cursor


def _at(cursor: Cursor, at: int, last: int, shelf: Shelf) -> Cursor:
    if last < 0:
        return _nothing(cursor, shelf)
    note = "the first episode" if at < 0 else "the last episode" if at > last else ""
    return replace(cursor, at=min(max(0, at), last), note=note)


def _nothing(cursor: Cursor, shelf: Shelf) -> Cursor:
    terms = cursor.query.terms
    near = meant(shelf, terms)
    return cursor.told(f"no episode has {line_of(terms)}{near or '; c takes the filters away'}")


def _next_file(cursor: Cursor, by: int, shelf: Shelf) -> Cursor:
    """Goes to the first listed episode of the next file, or of the one before."""
    rows = shelf.select(cursor.query)
    if not len(rows):
        return _nothing(cursor, shelf)
    here = shelf.file_of(int(rows[cursor.at]))
    files = np.searchsorted(shelf.first, rows, "right") - 1
    others = files[files > here] if by > 0 else files[files < here]
    if not len(others):
        return cursor.told(f"no run {'after' if by > 0 else 'before'} this one")
    wanted = others.min() if by > 0 else others.max()
    return replace(cursor, at=int(np.flatnonzero(files == wanted)[0]))
