"""The known name that is nearest to an unknown one, for errors."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

FEW = 8
"""Names that an error lists at most: a reader looks for one."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The nearest known name; None if no name is near."""
    return next(iter(difflib.get_close_matches(name, known, n=1)), None)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of an error's sentence; empty if no known name is near.

    >>> did_you_mean("agend", ["scripted", "agenda"])
    "; did you mean 'agenda'?"
    """
    near = nearest(name, known)
    return "" if near is None else f"; did you mean {near!r}?"


def listed(known: Collection[str]) -> str:
    """Known names for an error: all of a few, and of many the first ones.

    >>> listed(["a", "b"]), listed("abcdefghij")
    ('a, b', 'a, b, c, d, e, f, g, h, … (10 in all)')
    """
    first = ", ".join([*known][:FEW])
    return first if len(known) <= FEW else f"{first}, … ({len(known)} in all)"
