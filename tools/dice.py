"""Reproducible draws for generators."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Reproducible draws, made of `random()` alone.

    Python promises equal sequences over versions for `random()`, but not for what is built on it.
    """

    def __init__(self, *seed: object) -> None:
        """Seeds the dice with anything that prints the same everywhere."""
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
        """That many different options, in random order."""
        left = list(options)
        return [left.pop(int(self._random() * len(left))) for _ in range(count)]
