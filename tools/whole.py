"""Whole numbers, whichever type they come in."""

from __future__ import annotations

import operator
from typing import cast


def whole(value: object) -> int | None:
    """The plain int that a value is: an int, or NumPy's; None for all else, also for True and 1.0.

    >>> [whole(value) for value in (1, True, 1.0, "1")]
    [1, None, None, None]
    """
    if value is None or isinstance(value, bool):
        return None
    try:
        return int(operator.index(cast("int", value)))
    except TypeError:
        return None
