"""Counts with their nouns, in one or in many."""

from __future__ import annotations


def counted(count: int, one: str, many: str = "") -> str:
    """A count and what is counted.

    Args:
        count: How many there are.
        one: The noun, with what stands before it.
        many: The same for any other number than one; with an `s` unless given.

    >>> counted(1, "step"), counted(0, "step"), counted(1204, "match", "matches")
    ('1 step', '0 steps', '1,204 matches')
    """
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
