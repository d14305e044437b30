"""How difficult generated dialogues are: a dial with five positions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tools.dice import Dice


@dataclass(frozen=True, slots=True)
class Level:
    """One position of the dial; chances are for each request."""

    requests: tuple[int, int]
    """The least and the most requests a customer has."""
    conditions: float
    """How often a request is refused and another one depends on that."""
    refusals: float
    """How often a request is against the rules, with nothing to fall back on."""
    changes: float
    """How often the customer's mind changes at the read-back."""
    slips: float
    """How often a number or address is wrong at first."""
    entities: int
    """How many orders (or bookings) a customer has at least."""
    tools: int
    """How many tools of another domain are on offer, too."""


LEVELS: Mapping[int, Level] = {
    1: Level((1, 1), 0.0, 0.0, 0.0, 0.0, 1, 0),
    2: Level((1, 2), 0.1, 0.1, 0.1, 0.05, 1, 0),
    3: Level((1, 3), 0.2, 0.15, 0.15, 0.1, 2, 0),
    4: Level((2, 4), 0.3, 0.2, 0.2, 0.2, 3, 4),
    5: Level((3, 4), 0.4, 0.2, 0.3, 0.3, 4, 10),
}
"""The dial's positions, from easy to difficult: chosen by hand, so that every number rises."""
MIXED = (1, 2, 2, 3, 3, 3, 4, 4, 5)
"""A task's level is drawn from these where the caller names none: mostly middling ones."""


def level_of(number: int | None, dice: Dice) -> tuple[int, Level]:
    """A level and its number, drawn where none is given.

    Raises:
        ValueError: if there is no such level.
    """
    if number is None:
        number = dice.pick(MIXED)
    if number not in LEVELS:
        raise ValueError(f"expected a level out of {', '.join(map(str, LEVELS))}; got {number}")
    return number, LEVELS[number]
