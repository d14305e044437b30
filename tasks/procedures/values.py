"""Samples the values that customers tell and APIs give."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.procedures.types import Pattern, Slot
from tools.dice import Dice
from tools.types import Json

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""The letters of codes, without those that look like digits."""
TRIES = 200
"""The number of samples after which a slot counts as having no other value; chosen by hand."""


def draw_slot(slot: Slot, told: Sequence[Json], dice: Dice) -> Json:
    """Samples a value of a slot that was not told before; if there is none, not the last one.

    Args:
        slot: The slot.
        told: The values told before, in order.
        dice: The random choices.
    """
    value = _draw(slot, dice)
    for tries in range(TRIES):
        if value not in (told if tries < TRIES / 2 else told[-1:]):
            break
        value = _draw(slot, dice)
    return value


def draw_like(pattern: Pattern, dice: Dice) -> Json:
    """Samples a value of an API's answer."""
    if pattern.between:
        return dice.between(*pattern.between)
    return fill(dice.pick(pattern.looks.split("|")), dice)


def fill(looks: str, dice: Dice) -> str:
    """A text of this form: `#` becomes a digit other than 0, `%` a capital letter."""
    return "".join(_character(character, dice) for character in looks)


def _character(character: str, dice: Dice) -> str:
    if character == "#":
        return str(dice.between(1, 9))
    return dice.pick(LETTERS) if character == "%" else character


def _draw(slot: Slot, dice: Dice) -> Json:
    if slot.one_of:
        return dice.pick(slot.one_of)
    return dice.between(*slot.between) if slot.between else fill(slot.looks, dice)
