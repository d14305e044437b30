"""Terms of a query that look like filters and are none: what is wrong, and what was meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from reasonact_env.replay.query import FLAGS, NUMBERS, TAGS, VALUED, bare
from reasonact_env.replay.rows import BROKEN, RUNNING
from tools.jsontext import short
from tools.nearest import did_you_mean

if TYPE_CHECKING:
    from reasonact_env.replay.shelf import Shelf

PLAIN = ("failed", "won", RUNNING, BROKEN, *FLAGS)
"""Terms that have no value."""
_FILTER = re.compile(r"([A-Za-z_][\w.-]*)(<=|>=|<|>|=)(.*)", re.DOTALL)
_WITH_COLON = re.compile(r"([A-Za-z_][\w.-]*):(.*)", re.DOTALL)
_ALIKE = 0.75
"""How like a name of a filter a word before a colon is, from 0 to 1, that is taken for it."""


def mistake(shelf: Shelf, terms: Iterable[str]) -> str:
    """What is wrong with the first term that is no filter of these episodes; '' if all are.

    Words without a sign of comparison are texts to look for, and never wrong; so are all words
    after `text=`.

    Args:
        shelf: The episodes, whose values and components are known.
        terms: The terms.
    """
    return next((words for term in terms if (words := _mistake(shelf, bare(term)))), "")


def _mistake(shelf: Shelf, term: str) -> str:
    if match := _FILTER.fullmatch(term):
        return _of_filter(shelf, *match.groups())
    match = _WITH_COLON.fullmatch(term)
    if match and (near := difflib.get_close_matches(match[1], VALUED, n=1, cutoff=_ALIKE)):
        return f"expected {near[0]}=VALUE, got {short(term)} {_as_text(term)}"
    return ""


def _of_filter(shelf: Shelf, name: str, sign: str, value: str) -> str:
    compared = (*NUMBERS, *shelf.columns.names)
    if name in compared and not (sign == "=" and name in VALUED):
        if re.fullmatch(r"-?\d+(?:\.\d+)?", value):
            return ""
        return f"expected a number after {name}{sign}, got {short(value)}; as {name}{sign}0.5"
    if name in PLAIN:
        return f"expected {name} alone, got {short(name + sign + value)}"
    if sign != "=" or name not in VALUED:
        known = VALUED if sign == "=" else compared
        near = did_you_mean(name, known) or f"; expected one of {', '.join(known)}"
        text = _as_text(name + sign + value)
        return f"no filter with {sign} is called {short(name)}{near} {text}"
    return _of_value(shelf, name, value)


def _of_value(shelf: Shelf, name: str, value: str) -> str:
    """What is wrong with a value that no episode has, if another one was meant."""
    if name in ("text", "episode"):
        return "" if name == "text" or value.isdecimal() else f"expected a number after {name}="
    known = known_values(shelf, name)
    plain = value.replace("_", " ") if name == "cause" else value
    if plain in known:
        return ""
    near = did_you_mean(plain, known)
    return f"no episode has {name}={short(value)}{near}" if near else ""


def known_values(shelf: Shelf, name: str) -> Sequence[str]:
    """The values that a filter has in these episodes."""
    columns = shelf.columns
    if name in TAGS:
        start = f"{name}="
        return [word.removeprefix(start) for word in columns.words if word.startswith(start)]
    if name == "run":
        stages = dict.fromkeys(one.stage for one in shelf.abouts)
        return [*(source.label for source in shelf.sources), *stages]
    places = columns.stop if name == "stop" else columns.wrong
    words = (columns.words[place] for place in dict.fromkeys(places.tolist()))
    return [word for word in words if word]


def _as_text(term: str) -> str:
    return f"(to look for these words: text={short(term)})"
