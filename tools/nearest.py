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
    try:
        return _like_missing(path)
    except OSError:  # a name that is too long, a folder that cannot be read
        return "; give another path"


def _like_missing(path: Path) -> str:
    there = next((one for one in path.parents if one.is_dir()), Path())
    parts = path.relative_to(there).parts if path.is_relative_to(there) else (path.name,)
    if not parts or path.exists():  # an empty path, or a file whose other name is what is missing
        return "; give another path"
    near = nearest(parts[0], (one.name for one in there.iterdir()))
    if near is not None:
        return f"; did you mean {str(there / near)!r}?"
    missing = there / parts[0]
    return "; give another path" if missing == path else f" (and no {missing}); give another path"
