"""Reproducible random choices for generators."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Random choices from a seed, computed from `random()` alone.

    Python promises the same `random()` sequence in every version, but not for its other methods.
    """

    def __init__(self, *seed: object) -> None:
        """Seeds the dice with values whose text is the same on every machine."""
        digest = hashlib.sha256(repr(seed).encode()).digest()
        self._random = random.Random(int.from_bytes(digest, "big")).random

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self._random() < probability

    def between(self, low: int, high: int) -> int:
        """An integer of low..high, both included."""
        return low + int(self._random() * (high - low + 1))

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[int(self._random() * len(options))]

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """`count` different options, in random order."""
        left = list(options)
        return [left.pop(int(self._random() * len(left))) for _ in range(count)]
