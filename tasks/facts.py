"""The facts of a text: what can be right or wrong in it without understanding it.

A fact is a string with digits (an amount, a date, an id) or a code in capitals (an airport). The
same function reads the recorded reply and the agent's, so that a record always agrees with itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

MAX_LENGTH = 80
"""A longer run of characters is no fact."""

_LIST_MARKER = re.compile(r"^[ \t]*\d{1,2}[.)](?=\s)", re.MULTILINE)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_TOKEN = re.compile(r"[\w.:/+@-]+")
_CODE = re.compile(r"[A-Z]{3,}")
_DECIMAL = re.compile(r"-?\d+\.\d+")
_EDGES = ".:/+@-_"


def facts(reply: str, tool_texts: Iterable[str], user_texts: Iterable[str]) -> frozenset[str]:
    """The facts that a reply takes from tools and not from the user.

    Args:
        reply: The reply.
        tool_texts: What the tools have answered before it.
        user_texts: What the user has said before it.

    Returns:
        The facts in normal form: lower case, numbers without thousands separators, currency signs
        and trailing zeros.
    """
    said = fact_tokens(reply)
    if not said:
        return said
    known = frozenset[str]().union(*map(fact_tokens, tool_texts))
    return (said & known).difference(*map(fact_tokens, user_texts))


@lru_cache(maxsize=4096)
def fact_tokens(text: str) -> frozenset[str]:
    """All strings of a text that look like facts, wherever they come from.

    >>> sorted(fact_tokens("1. Flight HAT076 from JFK costs $1,204.50 on 2024-05-09."))
    ['1204.5', '2024-05-09', 'hat076', 'jfk']
    """
    plain = _THOUSANDS.sub("", _LIST_MARKER.sub("", text))
    tokens = (match[0].strip(_EDGES) for match in _TOKEN.finditer(plain))
    return frozenset(_normal(token) for token in tokens if _is_fact(token))


def _is_fact(token: str) -> bool:
    if not 0 < len(token) <= MAX_LENGTH:
        return False
    return any(c.isdigit() for c in token) or _CODE.fullmatch(token) is not None


def _normal(token: str) -> str:
    if _DECIMAL.fullmatch(token):
        return token.rstrip("0").rstrip(".")
    return token.lower()
