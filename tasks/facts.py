"""The facts of a text: the parts that can be checked without understanding it.

A fact is a string with digits (an amount, a date, an id) or a code in capitals (an airport). The
same function reads the recorded reply and the agent's, so that a record always agrees with itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tools.remembered import remembered

MAX_LENGTH = 80
"""The most characters of a fact. Chosen by hand: ids and amounts are far shorter."""

_LIST_MARKER = re.compile(r"^[ \t*#>-]*\d{1,2}[.)](?=[\s*])", re.MULTILINE)
_TOKEN = re.compile(r"[\w.:/+@-]+(?:(?<=\d),(?=\d{3}(?!\d))[\w.:/+@-]+)*")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DECIMAL = re.compile(r"\d+\.\d+")
_DIGIT = re.compile(r"\d")
_CODE = re.compile(r"[A-Z]{3,}")
_LETTERS = re.compile(r"[a-z]{3,}")
_EDGES = ".:/+@-_"


def facts(reply: str, tool_texts: Iterable[str], user_texts: Iterable[str]) -> frozenset[str]:
    """The facts in a reply that come from tools and not from the user.

    Args:
        reply: The reply.
        tool_texts: The tools' answers before the reply.
        user_texts: The user's messages before the reply.

    Returns:
        The facts in normal form: lower case, numbers without thousands separators, currency signs
        and trailing zeros.
    """
    said = fact_tokens(reply)
    if not said:
        return said
    known = frozenset[str]().union(*(said & fact_tokens(text) for text in tool_texts))
    return known.difference(*map(user_tokens, user_texts)) if known else known


@remembered(megabytes=32)
def fact_tokens(text: str) -> frozenset[str]:
    """All strings of a text that look like facts, wherever they come from.

    >>> sorted(fact_tokens("1. Flight HAT076 from JFK costs $1,204.50 on 2024-05-09."))
    ['1204.5', '2024-05-09', 'hat076', 'jfk']
    """
    words: set[str] = set(_TOKEN.findall(_LIST_MARKER.sub(" ", text)))
    numbers = {word for word in words if word.isdecimal() and len(word) <= MAX_LENGTH}
    runs = [word for word in words - numbers if not word.isalpha() or word.isupper()]
    return frozenset(numbers).union(_normal(t) for t in _tokens(runs) if _is_fact(t))


@remembered(megabytes=8)
def user_tokens(text: str) -> frozenset[str]:
    """The tokens that a reply can repeat after the user: facts, and codes in upper or lower case.

    >>> sorted(user_tokens("From jfk, on May 5"))
    ['5', 'from', 'jfk', 'may']
    """
    return fact_tokens(text).union(_LETTERS.findall(text.lower()))


def _tokens(runs: Iterable[str]) -> Iterator[str]:
    """The runs without punctuation at their ends; commas stay only if they group thousands."""
    for run in runs:
        token = run.strip(_EDGES)
        if "," not in token or _GROUPED.fullmatch(token):
            yield token
        else:
            yield from (part.strip(_EDGES) for part in token.split(","))


def _is_fact(token: str) -> bool:
    if not 0 < len(token) <= MAX_LENGTH:
        return False
    return (_CODE.fullmatch if token.isalpha() else _DIGIT.search)(token) is not None


def _normal(token: str) -> str:
    plain = token.replace(",", "")
    if _DECIMAL.fullmatch(plain):
        return plain.rstrip("0").rstrip(".")
    return plain.lower()
