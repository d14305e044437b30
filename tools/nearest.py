"""The known name that is nearest to an unknown one, for errors."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from pathlib import Path

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


def like_missing(path: Path) -> str:
    """The end of a sentence about a path that is not there: a neighbour with a name like it.

    Where its folder is missing, too, that is said, with what is like the folder.
    """
    there = next((one for one in path.parents if one.is_dir()), Path())
    first = path.relative_to(there).parts[0] if path.is_relative_to(there) else path.name
    try:
        near = nearest(first, (one.name for one in there.iterdir()))
    except OSError:
        near = None
    if near is not None:
        return f"; did you mean {str(there / near)!r}?"
    missing = there / first
    return "; give another path" if missing == path else f" (and no {missing}); give another path"
