"""The sheet of filters: everything that could be asked for next, with how many episodes have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from reasonact_env.replay.columns import Ints
from reasonact_env.replay.cursor import Cursor, Sheet
from reasonact_env.replay.list_keys import with_terms
from reasonact_env.replay.query import stages_of
from reasonact_env.replay.rows import BROKEN
from reasonact_env.replay.shelf import Shelf

_ENDS = (("failed", 0), ("won", 1), ("running", -1))


@dataclass(frozen=True, slots=True)
class Choice:
    """A term that narrows the list."""

    term: str
    """The term, as `tool=cancel_order`."""
    count: int
    """How many of the listed episodes have it."""


def choices(shelf: Shelf, cursor: Cursor) -> list[Choice]:
    """What can be asked for: first the terms that hold now, then all others, the frequent first."""
    rows = shelf.select(cursor.query)
    terms = cursor.query.terms
    asked = [Choice(term, len(rows)) for term in terms]
    return asked + [one for one in _all(shelf, rows) if one.count and one.term not in terms]


def in_filters(cursor: Cursor, key: str, shelf: Shelf) -> Cursor:
    """The cursor after a key on the sheet of filters."""
    found = choices(shelf, cursor)
    last = len(found) - 1
    match key:
        case "down" | "j" | "n":
            return replace(cursor, pick=min(cursor.pick + 1, last))
        case "up" | "k" | "p":
            return replace(cursor, pick=max(cursor.pick - 1, 0))
        case "pagedown":
            return replace(cursor, pick=min(cursor.pick + cursor.page, last))
        case "pageup":
            return replace(cursor, pick=max(cursor.pick - cursor.page, 0))
        case "home":
            return replace(cursor, pick=0)
        case "end":
            return replace(cursor, pick=max(0, last))
        case "enter" | " " | "right" if last >= 0:
            term = found[min(cursor.pick, last)].term
            return replace(with_terms(cursor, (term,), shelf), pick=0)
        case "-" if last >= 0:  # what is asked for must not have it
            term = found[min(cursor.pick, last)].term
            return replace(with_terms(cursor, (f"-{term}",), shelf), pick=0)
    return replace(cursor, sheet=Sheet.NONE, pick=0, scroll=0)


def _all(shelf: Shelf, rows: Ints) -> Iterator[Choice]:
    columns = shelf.columns
    for name, value in _ENDS:
        yield Choice(name, int((columns.won[rows] == value).sum()))
    if len(shelf.files) > 1:
        ends = np.searchsorted(np.sort(rows), shelf.first)
        counts: list[int] = np.diff(ends).tolist()
        for source, count in zip(shelf.sources, counts, strict=True):
            yield Choice(f"run={source.label}", count)
        stages = Counter[str]()
        for about, count in zip(shelf.abouts, counts, strict=True):
            stages.update(dict.fromkeys(stages_of(about.stage), count))
        yield from (Choice(f"stage={stage}", count) for stage, count in stages.items())
    if broken := int(columns.broken[rows].sum()):
        yield Choice(BROKEN, broken)
    yield from _counted("wrong=", columns.words, columns.wrong[rows])
    yield from _counted("stop=", columns.words, columns.stop[rows])
    listed = np.zeros(len(shelf), bool)
    listed[rows] = True
    yield from _counted("", columns.words, columns.tags[listed[columns.tag_rows]])


def _counted(name: str, words: list[str], places: Ints) -> Iterator[Choice]:
    counts = np.bincount(places, minlength=len(words))
    for place in np.argsort(-counts, kind="stable").tolist():
        if counts[place] and words[place]:
            yield Choice(f"{name}{words[place]}", int(counts[place]))
