"""Terms of a query that look like filters and are none: what is wrong, and what was meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from reasonact_env.replay.query import NUMBERS, PLAIN, TAGS, VALUED, Query, bare, stages_of
from tools.jsontext import short

if TYPE_CHECKING:
    from reasonact_env.replay.shelf import Shelf

_FILTER = re.compile(r"([A-Za-z_][\w.-]*)(<=|>=|<|>|=)(.*)", re.DOTALL)
_OTHER_SIGN = re.compile(r"([A-Za-z_][\w.-]*)(==|=>|=<|!=|<>|≥|≤|≠)(.*)", re.DOTALL)
_SIGNS = {"==": "=", "=>": ">=", "=<": "<=", "≥": ">=", "≤": "<="}
"""Signs of other languages -> ours; all others turn `=` round."""
_WITH_COLON = re.compile(r"([A-Za-z_][\w.-]*):(.*)", re.DOTALL)
_ALIKE = 0.75
"""How like a name of a filter a word before a colon is, from 0 to 1, that is taken for it."""
_NAMED = 8
"""The known values that are named where none is near."""


def mistake(shelf: Shelf, terms: Iterable[str]) -> str:
    """What is wrong with the first term that is no filter of these episodes; '' if all are.

    Words without a sign of comparison are texts to look for, and never wrong; so are all words
    after `text=`.

    Args:
        shelf: The episodes, whose values and components are known.
        terms: The terms.
    """
    found = (_mistake(shelf, bare(term), bare(term) != term) for term in terms)
    return next(filter(None, found), "")


def meant(shelf: Shelf, terms: Iterable[str]) -> str:
    """What was perhaps meant where no episode was found, as the end of a sentence; else ''.

    Args:
        shelf: The episodes.
        terms: The terms, none of which is a mistake.
    """
    for term in terms:
        is_text = term == bare(term) and term not in PLAIN and not _FILTER.fullmatch(term)
        if is_text and not len(shelf.select(Query((term,)))):
            return _near(term, _all_known(shelf))
    return ""


def _all_known(shelf: Shelf) -> dict[str, str]:
    """Whatever a word may be meant for -> the term for it."""
    values = {
        value: f"{name}={value}"
        for name in (*TAGS, "stop", "stage", "run")
        for value in known_values(shelf, name)
    }
    return values | {name: f"{name}=" for name in VALUED} | {name: name for name in PLAIN}


def _near(name: str, known: Iterable[str] | Mapping[str, str]) -> str:
    """As `tools.nearest.did_you_mean`, whatever the case; of a mapping, what is meant by it."""
    names = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name.lower(), names, n=1)
    if not near:
        return ""
    found = names[near[0]]
    return f"; did you mean {known[found] if isinstance(known, Mapping) else found!r}?"


def _mistake(shelf: Shelf, term: str, turned: bool) -> str:
    match = _OTHER_SIGN.fullmatch(term)
    if match and match[1] != "text" and match[1] in (*_compared(shelf), *VALUED):
        name, sign, value = match.groups()
        minus = "-" * (turned == (sign in _SIGNS))
        ours = f"{minus}{name}{_SIGNS.get(sign, '=')}{short(value)[1:-1] or 'VALUE'}"
        return f"expected {ours}, got {short('-' * turned + term)}"
    if match := _FILTER.fullmatch(term):
        return _of_filter(shelf, *match.groups(), turned=turned)
    match = _WITH_COLON.fullmatch(term)
    if match and (near := difflib.get_close_matches(match[1], VALUED, n=1, cutoff=_ALIKE)):
        return f"expected {near[0]}=VALUE, got {short(term)} {_as_text(term)}"
    return ""


def _compared(shelf: Shelf) -> tuple[str, ...]:
    return (*NUMBERS, *shelf.columns.names)


def _of_filter(shelf: Shelf, name: str, sign: str, value: str, *, turned: bool) -> str:
    compared = _compared(shelf)
    if name in compared and not (sign == "=" and name in VALUED):
        if re.fullmatch(r"-?\d+(?:\.\d+)?", value):
            return ""
        example = 3 if name == "steps" else 0.5
        return f"expected a number after {name}{sign}, got {short(value)}; as {name}{sign}{example}"
    if name.lower() in PLAIN:
        return f"expected {name.lower()} alone, got {short(name + sign + value)}"
    if sign != "=" or name not in VALUED:
        known = VALUED if sign == "=" else compared
        near = _near(name, known) or f"; expected one of {', '.join(known)}"
        text = _as_text(name + sign + value)
        return f"no filter with {sign} is called {short(name)}{near} {text}"
    return _of_value(shelf, name, value, turned)


def _of_value(shelf: Shelf, name: str, value: str, turned: bool) -> str:
    """What is wrong with a value that no episode has; turned round, only if another is near."""
    if name in ("text", "episode"):
        return "" if name == "text" or value.isdecimal() else f"expected a number after {name}="
    known = known_values(shelf, name)
    plain = value.replace("_", " ") if name == "cause" else value
    if plain in known:
        return ""
    near = _begun(name, plain, known) or _near(plain, known)
    if not near and turned:
        return ""
    return f"no episode has {name}={short(value)}{near or _known_ones(name, known)}"


def _begun(name: str, value: str, known: Sequence[str]) -> str:
    """The value whose first word was given: without quotes, the others are terms of their own."""
    whole = next((one for one in known if one.startswith(f"{value} ")), None)
    if whole is None:
        return ""
    term = f"{name}={whole}"
    return f"; did you mean {term.replace(' ', '_') if name == 'cause' else repr(term)}?"


def _known_ones(name: str, known: Sequence[str]) -> str:
    if not known:
        return f"; none has a {name}"
    more = ", …" * (len(known) > _NAMED)
    return f"; expected one of {', '.join(map(repr, known[:_NAMED]))}{more}"


def known_values(shelf: Shelf, name: str) -> Sequence[str]:
    """The values that a filter has in these episodes."""
    columns = shelf.columns
    if name in TAGS:
        start = f"{name}="
        return [word.removeprefix(start) for word in columns.words if word.startswith(start)]
    if name == "run":
        labels = (source.label for source in shelf.sources)
        return list(dict.fromkeys((*labels, *known_values(shelf, "stage"))))
    if name == "stage":
        return list(dict.fromkeys(n for one in shelf.abouts for n in stages_of(one.stage)))
    places = columns.stop if name == "stop" else columns.wrong
    words = (columns.words[place] for place in dict.fromkeys(places.tolist()))
    return [word for word in words if word]


def _as_text(term: str) -> str:
    return f"(to look for these words: text={short(term)})"
