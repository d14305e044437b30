"""The known name that is nearest to an unknown one, for errors."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of an error's sentence; empty if no known name is near.

    >>> did_you_mean("agend", ["scripted", "agenda"])
    "; did you mean 'agenda'?"
    """
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
