"""What a list of episodes is filtered and sorted by.

A query is a line of terms, all of which have to hold:

    failed  won  running  broken          how it ended; lines that are no episode
    stop=max_turns  problem=unknown_tool  what happened
    episode=7                             its number in its file
    cause="goal call missing"             what went wrong first; in turn mode, in any decision;
                                          cause=goal_call_missing is understood, too
    about=cancel_order  kind="a + b"      the tool that this is about; the kind of task
    tool=cancel_order  missing=cancel_order  rule=…  wrong=…
    run=eval-SFT  stage=GRPO              the file by its label; all files of that stage
    writes  harm  facts  cut              writes; others harmed; facts not told; cut off
    answer<0.5  return>=1  steps=10       a component's mean, the return, the number of steps
    text="id=17"  or words without =      stands in a message, a call, an answer or the id

A minus in front turns a term round: `-tool=cancel_order`. Quotes keep spaces: `"order 17"`. Terms
without a value may also be written `FAILED`. A term that looks like a filter and is none is a
mistake (`replay.terms`).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from reasonact_env.replay.columns import Columns, Ints
from reasonact_env.replay.rows import BROKEN, RUNNING, texts_of

if TYPE_CHECKING:
    from reasonact_env.replay.shelf import Shelf

Mask: TypeAlias = NDArray[np.bool_]

ORDERS = ("file", "return", "steps", "task", "wrong")
"""What a list can be sorted by."""
TAGS = ("cause", "about", "kind", "tool", "problem", "rule", "missing")
"""The names of tags with a value."""
VALUED = (*TAGS, "stop", "wrong", "run", "stage", "episode", "text")
"""All names that stand before an equals sign."""
NUMBERS = ("return", "steps")
"""What is compared besides components."""
FLAGS = ("writes", "harm", "facts", "cut")
"""Tags without a value."""
_ENDS = {"failed": 0, "won": 1}
PLAIN = (*_ENDS, RUNNING, BROKEN, *FLAGS)
"""Terms that have no value."""
_COMPARED = re.compile(r"([\w.]+)(<=|>=|<|>|=)(-?\d+(?:\.\d+)?)")
_SIGNS: dict[str, Any] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "=": np.equal,
}


@dataclass(frozen=True, slots=True)
class Query:
    """Filters and an order."""

    terms: tuple[str, ...] = ()
    """The terms, all of which have to hold."""
    order: str = "file"
    """One of `ORDERS`."""
    reverse: bool = False
    """Whether the order is turned round."""


def terms_of(text: str) -> tuple[str, ...]:
    """The terms of a line; of one with an odd quote, its words.

    >>> terms_of('failed "order 17"')
    ('failed', 'order 17')
    """
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    small = (word.lower() for word in words)
    terms = (low if bare(low) in PLAIN else word for low, word in zip(small, words, strict=True))
    return tuple(dict.fromkeys(terms))


def line_of(terms: Sequence[str]) -> str:
    """The line that has these terms."""
    return " ".join(f'"{term}"' if " " in term else term for term in terms)


def bare(term: str) -> str:
    """A term without the minus that turns it round."""
    return term.removeprefix("-") or term


def matching(shelf: Shelf, terms: Sequence[str]) -> Ints:
    """The rows for which all terms hold, in the order of the files."""
    mask = np.ones(len(shelf), bool)
    texts = []
    for term in terms:
        name = bare(term)
        found = _mask(shelf, name)
        if found is None:
            texts.append(term)
        else:
            mask &= found if name == term else ~found
    rows = np.flatnonzero(mask)
    for text in texts:  # last, since it reads the files: only what is left
        rows = _with_text(shelf, rows, text)
    return rows


def ordered(shelf: Shelf, rows: Ints, query: Query) -> Ints:
    """Rows in a query's order; equal ones in that of the files."""
    key = _key(shelf.columns, query.order)
    if key is not None:
        rows = rows[np.argsort(key[rows], kind="stable")]
    rows = rows[::-1] if query.reverse else rows
    if key is not None and (none := np.isnan(key[rows])).any():  # what has none is neither end
        rows = np.concatenate([rows[~none], rows[none]])
    return rows


def _key(columns: Columns, order: str) -> NDArray[Any] | None:
    match order:
        case "return":
            return columns.returns
        case "steps":
            return columns.steps
        case "task":
            return _ranks(columns.tasks)
        case "wrong":
            return _ranks([columns.words[place] for place in columns.wrong.tolist()])
    return None


def _ranks(texts: Sequence[str]) -> Ints:
    """Numbers in the order of the texts, in which numbers count as numbers."""

    def natural(text: str) -> list[tuple[int, str]]:
        parts = re.split(r"(\d+)", text)
        return [(int(p[:18]), "") if p.isdecimal() else (-1, p) for p in parts]

    ranks = {text: rank for rank, text in enumerate(sorted(set(texts), key=natural))}
    return np.array([ranks[text] for text in texts], np.int64)


def _mask(shelf: Shelf, term: str) -> Mask | None:
    """The rows for which a term holds; None for a text to look for."""
    columns = shelf.columns
    if term in _ENDS:
        return np.asarray(columns.won == _ENDS[term])
    if term in (RUNNING, BROKEN):
        return _words(columns, columns.stop, term)
    if term in FLAGS:
        return _tagged(columns, term)
    compared = _COMPARED.fullmatch(term)
    if compared and not (compared[2] == "=" and compared[1] in VALUED):
        return _compared(columns, *compared.groups())
    name, equals, value = term.partition("=")
    return _valued(shelf, name, value) if equals else None


def _valued(shelf: Shelf, name: str, value: str) -> Mask | None:
    """The rows for which `name=value` holds; None if that is a text to look for."""
    columns = shelf.columns
    if name == "cause":  # two blanks less to quote
        value = value.replace("_", " ")
    if name in TAGS:
        return _tagged(columns, f"{name}={value}")
    match name:
        case "stop":
            return _words(columns, columns.stop, value)
        case "wrong":
            return _words(columns, columns.wrong, value)
        case "run":
            return _of_run(shelf, value)
        case "stage":
            return _of_files(shelf, [value in stages_of(one.stage) for one in shelf.abouts])
        case "episode" if value.isdecimal():
            return np.asarray(_numbers(shelf) == int(value))
    return None


def _numbers(shelf: Shelf) -> Ints:
    """(N,) each episode's number in its file, from 1."""
    return np.concatenate([np.arange(1, n + 1) for n in np.diff(shelf.first).tolist()])


def _tagged(columns: Columns, tag: str) -> Mask:
    place = columns.words.index(tag) if tag in columns.words else -1
    return _at(len(columns), columns.tag_rows[columns.tags == place])


def _at(size: int, rows: Ints) -> Mask:
    """(size,) true at these rows."""
    mask = np.zeros(size, bool)
    mask[rows] = True
    return mask


def _words(columns: Columns, places: Ints, word: str) -> Mask:
    place = columns.words.index(word) if word in columns.words else -1
    return np.asarray(places == place)


def _compared(columns: Columns, name: str, sign: str, number: str) -> Mask | None:
    values = dict(zip(NUMBERS, (columns.returns, columns.steps), strict=True)).get(name)
    if values is None and name in columns.names:
        values = columns.components[:, columns.names.index(name)]
    if values is None:
        return None
    shown = np.round(values, 9)  # a return of 0.9999999999999999 is 1 to everybody
    return np.asarray(_SIGNS[sign](shown, float(number)))


def _of_run(shelf: Shelf, wanted: str) -> Mask:
    """The rows of the files of that label or, if there is none, of that stage."""
    labels = [source.label for source in shelf.sources]
    names = labels if wanted in labels else [one.stage for one in shelf.abouts]
    return _of_files(shelf, [name == wanted for name in names])


def stages_of(stage: str) -> tuple[str, ...]:
    """The names by which a stage is found.

    >>> stages_of("GRPO, generation 12")
    ('GRPO', 'GRPO, generation 12')
    """
    return tuple(dict.fromkeys((stage.partition(", generation ")[0], stage)))


def _of_files(shelf: Shelf, chosen: Sequence[bool]) -> Mask:
    """The rows of these files."""
    return np.repeat(np.array(chosen, bool), np.diff(shelf.first))


def _with_text(shelf: Shelf, rows: Ints, term: str) -> Ints:
    """Those rows whose messages have a text, or with a minus in front have it not.

    The lines of a file are looked through as bytes; only those that may have it are read.
    """
    text = bare(term)
    wanted, text = text == term, text.removeprefix("text=")
    needle = msgspec.json.encode(text)[1:-1].lower() if _is_plain(text) else b""
    found = np.zeros(len(rows), bool)
    for number, (file, start, end) in enumerate(_spans(shelf, rows)):
        part = rows[start:end]
        lines = file.lines(part - shelf.first[number])
        for place, line in enumerate(lines, start):
            if needle in line.lower():
                found[place] = text.lower() in texts_of(line).lower()
    return rows[found if wanted else ~found]


def _spans(shelf: Shelf, rows: Ints) -> list[tuple[Any, int, int]]:
    """Each file with the part of the rows that it has."""
    cuts = np.searchsorted(rows, shelf.first)
    return [
        (file, int(cuts[number]), int(cuts[number + 1])) for number, file in enumerate(shelf.files)
    ]


def _is_plain(text: str) -> bool:
    """Whether bytes of a line can tell that it lacks a text: not where letters have other cases."""
    return text.isascii() and text.isprintable()
