"""Regular expressions from schemas, matched in bounded time or refused when they are loaded.

A schema comes from a data set, and Python's `re` can need years for a pattern of seven
characters. Therefore `re` matches only patterns with few paths on any text. RE2, which takes linear
time, matches all others if it is installed (the extra `re2`); otherwise they are refused. A pattern
that `re` can match safely goes to `re` even if RE2 is installed, so that a schema means the same
on every machine.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from math import prod
from typing import TypeAlias

from tools.jsontext import short

MAX_MATCHED = 1_000
"""The most characters of a text that is matched; a longer one is a `too_large` problem."""
_MAX_STEPS = 10_000_000
"""The most steps for `re` on a text of `MAX_MATCHED` characters: about a tenth of a second."""
_MAX_PATTERN = 500
_MORE_BLANKS = "\v\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""What ECMA-262 takes for blanks, and `\\s` of `re` in ASCII or of RE2 does not."""
_NO_BLANKS = (
    "\0-\x08\x0e-\x1f!-\x9f\xa1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e"
    "\u2030-\u205e\u2060-\u2fff\u3001-\ufefe\uff00-\U0010ffff"
)
"""All other characters."""
_SPELT: Mapping[str, str] = {
    r"\s": rf"[\s{_MORE_BLANKS}]",
    r"\S": rf"[^\s{_MORE_BLANKS}]",
    ".": "[^\n\r\u2028\u2029]",
}
"""What ECMA-262 reads in another way than `re` and RE2 -> how they write it."""
_SPELT_IN_SET: Mapping[str, str] = {
    r"\s": rf"\s{_MORE_BLANKS}\s",
    r"\S": rf"\w{_NO_BLANKS}\w",
}
"""The same inside of brackets. A class stands at both ends, since none can begin or end a range."""
_PART = re.compile(r"\\.|\[\^?\]?|.", re.DOTALL)
_PART_OF_SET = re.compile(r"\\.|\[:\^?\w+:\]|.", re.DOTALL)
_WITH_LINE_ENDS = re.compile(r"\(\?\w*s")
"""A flag that makes `.` match the end of a line, too."""

Matcher: TypeAlias = Callable[[str], bool]
"""Whether the pattern is found anywhere in a text of at most `MAX_MATCHED` characters."""


class PatternRefused(ValueError):
    """A text that is not a pattern, or a pattern that cannot be matched safely here."""


class Engine(StrEnum):
    """The engine that matches patterns."""

    PLAIN = "plain"
    """Python's `re`, for the patterns that it matches quickly; all others are refused."""
    RE2 = "re2"
    """In addition RE2, for all other patterns without look-around and back references."""


def best_engine() -> Engine:
    """RE2 if it is installed, else `re`."""
    return Engine.RE2 if importlib.util.find_spec("re2") else Engine.PLAIN


@lru_cache(maxsize=1024)
def compile_pattern(pattern: str, engine: Engine | None = None) -> Matcher:
    r"""Compiles a schema's pattern.

    As in JSON Schema, it may match anywhere in the text, `\d` and `\w` are ASCII, `\s` is any blank
    of Unicode, `.` is no end of a line, and `$` is the very end of the text.

    Args:
        pattern: The regular expression.
        engine: The engine to match with; by default the best one that is installed.

    Raises:
        PatternRefused: if the pattern is wrong, or no engine here matches it in bounded time.
    """
    if len(pattern) > _MAX_PATTERN:
        raise PatternRefused(
            f"expected a pattern of at most {_MAX_PATTERN} characters, got {short(pattern)}"
        )
    spelt = _spelt_out(pattern)
    plain = _read_plain(spelt)
    if plain is not None and plain.steps <= _MAX_STEPS:
        return _compile_plain(pattern, "".join(plain.source))
    if (engine or best_engine()) is Engine.RE2:
        return _compile_re2(pattern, spelt)
    raise PatternRefused(
        f"expected a pattern without repeated groups, look-around and back references, "
        f"got {short(pattern)}, which can take very long to match; simplify it, or install the "
        "extra 're2', which matches most patterns in linear time"
    )


def _spelt_out(pattern: str) -> str:
    """The pattern with what ECMA-262 reads in another way as characters."""
    kept = {"."} if _WITH_LINE_ENDS.search(pattern) else set()
    spelt, inside, position = "", False, 0
    while found := (_PART_OF_SET if inside else _PART).match(pattern, position):
        part, position = found[0], found.end()
        known = _SPELT_IN_SET if inside else _SPELT
        spelt += part if part in kept else known.get(part, part)
        inside = part != "]" if inside else part.startswith("[")
    return spelt


def _compile_plain(pattern: str, source: str) -> Matcher:
    try:
        search = re.compile(source, re.ASCII).search
    except re.error as error:
        raise PatternRefused(f"expected a pattern, got {short(pattern)}: {error}") from None
    return lambda text: search(text) is not None


def _compile_re2(pattern: str, source: str) -> Matcher:
    re2 = importlib.import_module("re2")
    options = re2.Options()
    options.log_errors = False
    try:
        search = re2.compile(source, options).search
    except re2.error as error:
        raise PatternRefused(
            f"expected a pattern that RE2 can match, got {short(pattern)}: {short(str(error))}"
        ) from None
    # RE2 reads UTF-8, which cannot encode half of a surrogate pair.
    return lambda text: search(text.encode("utf-8", "replace").decode()) is not None


_TOKEN = re.compile(
    r"""(?P<anchor>\^|\$|\\b)
    |(?P<open>\((?:\?:|(?!\?)))
    |(?P<close>\))
    |(?P<bar>\|)
    |(?P<repeat>(?:[*+?]|\{(?P<least>\d{1,3})(?P<comma>,(?P<most>\d{0,3}))?\})\??)
    |(?P<set>\[\^?(?:\\[dDwWsStnrfv]|\\[^0-9A-Za-z]|[^\]\\\[])+\])
    |(?P<atom>\\[dDwWsStnrfv]|\\[^0-9A-Za-z]|[^\\^$()|*+?{}\[\]])""",
    re.VERBOSE,
)
_SET_OPERATION = re.compile(r"--|&&|\|\||~~")


@dataclass(slots=True)
class _Plain:
    """A pattern in the part of the grammar whose cost is easily bounded."""

    anchored: bool = False
    """Whether it begins with `^` and has no alternative outside groups."""
    source: list[str] = field(default_factory=list)
    """Its tokens, as `re` takes them."""
    repeats: list[int] = field(default_factory=list)
    """The number of ways in which each repetition can match."""
    bars: list[int] = field(default_factory=lambda: [1])
    """The number of alternatives: of the whole pattern, then of each group."""
    width: int = 1
    """The number of characters tested on one path, without repetitions of variable length."""

    @property
    def steps(self) -> int:
        """An upper bound on the steps of a search: start positions x paths x width."""
        starts = 1 if self.anchored and self.bars[0] == 1 else MAX_MATCHED
        return starts * prod(self.repeats) * prod(self.bars) * self.width


def _read_plain(pattern: str) -> _Plain | None:
    """Reads a pattern token by token; None if it uses anything outside the plain grammar."""
    plain = _Plain(anchored=pattern.startswith("^"))
    groups = [0]
    before, position = "", 0
    while position < len(pattern):
        token = _TOKEN.match(pattern, position)
        if token is None or not _take(plain, token, groups, before):
            return None
        before, position = str(token.lastgroup), token.end()
        if token["repeat"]:
            before = "repeat"
    return plain if len(groups) == 1 else None


def _take(plain: _Plain, token: re.Match[str], groups: list[int], before: str) -> bool:
    """Adds one token to the reading; False if the token is outside the plain grammar."""
    text = token[0]
    if token["repeat"]:
        return _take_repeat(plain, token, before)
    if token["open"]:
        groups.append(len(plain.bars))
        plain.bars.append(1)
    elif token["bar"]:
        plain.bars[groups[-1]] += 1
    elif token["close"]:
        if len(groups) == 1:
            return False
        groups.pop()
    elif token["set"] and _SET_OPERATION.search(text):
        return False
    else:
        plain.width += 1
    plain.source.append(r"\Z" if text == "$" else text)
    return True


def _take_repeat(plain: _Plain, token: re.Match[str], before: str) -> bool:
    """Adds a repetition; a group can only be optional, not repeated."""
    text = token[0]
    if before not in {"set", "atom"} and not (before == "close" and text in {"?", "??"}):
        return False
    least, most = _bounds(token)
    plain.repeats.append(most - least + 1)
    plain.width += least
    plain.source.append(text)
    return most >= least


def _bounds(token: re.Match[str]) -> tuple[int, int]:
    """The smallest and largest number of repetitions, at most the length of a text."""
    if token["least"] is None:
        return int(token[0][0] == "+"), 1 if token[0][0] == "?" else MAX_MATCHED
    least = int(token["least"])
    if token["comma"] is None:
        return least, least
    return least, int(token["most"]) if token["most"] else MAX_MATCHED
