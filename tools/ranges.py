"""Ranges of numeric options, for the `__post_init__` of the dataclasses that declare them.

Each check takes an instance and the names of its fields, passes over None, looks at every entry of
a tuple, and raises a ValueError that names the option. NaN is in no range.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import get_type_hints

SEEDS = 2**32
"""Seeds are below this: the largest that NumPy's older generators take."""
LARGEST = 10_000_000
"""Tasks of one generated set at most: more of them fill the memory of any machine."""


def require_at_least(options: object, least: float, *names: str) -> None:
    """Refuses what is below a bound, or infinite."""
    _require(options, names, lambda value: value >= least, f"{least:g} or more")


def require_above(options: object, bound: float, *names: str) -> None:
    """Refuses what is not above a bound, or infinite."""
    _require(options, names, lambda value: value > bound, f"a number above {bound:g}")


def require_within(options: object, low: float, high: float, *names: str) -> None:
    """Refuses what is below the lower bound or above the upper one."""
    words = f"a number from {low:,} to {high:,}"
    _require(options, names, lambda value: low <= value <= high, words)


def require_seeds(options: object, *names: str) -> None:
    """Refuses what is no seed."""
    words = f"a whole number from 0 to {SEEDS - 1}"
    _require(options, names, lambda value: 0 <= value < SEEDS, words)


def _require(
    options: object, names: tuple[str, ...], holds: Callable[[float], bool], words: str
) -> None:
    for name in names:
        given = getattr(options, name)
        for value in given if isinstance(given, tuple) else (given,):
            # What was no number at all stands as it is: tyro checks a default's parts, too.
            if isinstance(value, int | float) and not (math.isfinite(value) and holds(value)):
                raise ValueError(f"--{_option(options, name)}: expected {words}, got {value}")


def _option(options: object, field: str) -> str:
    """A field's name as an option, which its annotation may give."""
    hints = get_type_hints(type(options), include_extras=True)
    marks = getattr(hints.get(field), "__metadata__", ())
    named = (getattr(mark, "name", None) for mark in marks)
    return next(filter(None, named), field.replace("_", "-"))
