"""The difficulty of generated dialogues: five levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tools.dice import Dice


@dataclass(frozen=True, slots=True)
class Level:
    """One level; the probabilities are per request."""

    requests: tuple[int, int]
    """The smallest and the largest number of requests."""
    conditions: float
    """The probability that a request is refused and the customer falls back on another one."""
    refusals: float
    """The probability that a request is against the rules, without another to fall back on."""
    changes: float
    """The probability that the customer changes its mind at the read-back."""
    slips: float
    """The probability that a number or address is wrong at first."""
    entities: int
    """The smallest number of orders (or bookings) of a customer."""
    tools: int
    """The number of distractors from another domain."""


LEVELS: Mapping[int, Level] = {
    1: Level((1, 1), 0.0, 0.0, 0.0, 0.0, 1, 0),
    2: Level((1, 2), 0.1, 0.1, 0.1, 0.05, 1, 0),
    3: Level((1, 3), 0.2, 0.15, 0.15, 0.1, 2, 0),
    4: Level((2, 4), 0.3, 0.2, 0.2, 0.2, 3, 4),
    5: Level((3, 4), 0.4, 0.2, 0.3, 0.3, 4, 10),
}
"""The levels, from easy to difficult; chosen by hand, with rising numbers."""
MIXED = (1, 2, 2, 3, 3, 3, 4, 4, 5)
"""The levels to sample from if the caller names none: mostly the middle ones."""


def level_of(number: int | None, dice: Dice) -> tuple[int, Level]:
    """A level and its number, sampled if no number is given.

    Raises:
        ValueError: if there is no such level.
    """
    if number is None:
        number = dice.pick(MIXED)
    if number not in LEVELS:
        raise ValueError(f"expected a level out of {', '.join(map(str, LEVELS))}; got {number}")
    return number, LEVELS[number]
