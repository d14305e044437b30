"""What chunks of tokens have in common, and where to cut them."""

from __future__ import annotations

from collections.abc import Sequence

APART = 0.8
"""A pass apart for the beginnings of long chunks is worth it below this share of the tokens, with
padding. Chosen by hand; only speed depends on it."""


def cut(lengths: Sequence[int]) -> int:
    """How many of their last tokens rows read together, so that little padding is read.

    >>> cut([10] * 60 + [100] * 4)  # 64 x 10 + 4 x 90 instead of 64 x 100
    10
    >>> cut([80, 90, 100])  # not worth a pass of its own
    100
    """

    def cost(length: int) -> int:
        longer = [one - length for one in lengths if one > length]
        return len(lengths) * length + len(longer) * max(longer, default=0)

    longest = max(lengths)
    best = min({*lengths}, key=cost)
    return best if cost(best) < APART * cost(longest) else longest


def common(left: Sequence[int], right: Sequence[int]) -> int:
    """How many tokens both begin with."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(left), len(right)))


def all_begin_with(chunks: Sequence[tuple[int, ...]], rows: int) -> int:
    """How many tokens several rows begin with, of these chunks; each row goes on after them."""
    if rows == 1:
        return 0
    return min(common(min(chunks), max(chunks)), min(map(len, chunks)) - 1)
