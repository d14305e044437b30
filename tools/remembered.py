"""Functions of texts that remember what they found, within a bound of memory.

`functools.lru_cache` bounds how many texts are kept. Texts of 100,000 characters, of which a policy
can write any number, would fill gigabytes before that.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

Found = TypeVar("Found")

_UNKNOWN: Any = object()
_EACH = 200
"""What an entry takes besides text and result."""
_PART = 120
"""What a part of a result takes: a short string and its place in a set."""


def remembered(megabytes: float) -> Callable[[Callable[[str], Found]], Callable[[str], Found]]:
    """Makes a function of a text remember its results.

    Args:
        megabytes: About how much memory texts and results may take; the latest ones are kept.

    >>> @remembered(1)
    ... def length(text):
    ...     print("counting", text)
    ...     return len(text)
    >>> length("one"), length("one")
    counting one
    (3, 3)
    """
    return lambda function: _remembering(function, megabytes * 1_000_000 / 2)


def _remembering(function: Callable[[str], Found], room: float) -> Callable[[str], Found]:
    """Keeps two generations of results; a full one becomes the old one, and the old one goes."""
    young: dict[str, Found] = {}
    old: dict[str, Found] = {}
    kept = 0

    @wraps(function)
    def known(text: str) -> Found:
        found: Found = young.get(text, _UNKNOWN)
        return take(text) if found is _UNKNOWN else found

    def take(text: str) -> Found:
        nonlocal young, old, kept
        found: Found = old.get(text, _UNKNOWN)
        if found is _UNKNOWN:
            found = function(text)
        if kept > room:
            young, old, kept = {}, young, 0
        young[text] = found
        kept += _bytes(text, found)
        return found

    return known


def _bytes(text: str, found: object) -> int:
    """About how much memory an entry takes; a result may hold the parts of its text once more."""
    parts = len(found) * _PART if isinstance(found, frozenset | tuple | dict) else 0
    return _EACH + 4 * len(text) + parts
