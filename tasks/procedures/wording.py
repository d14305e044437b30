"""The words of a case's customer, which depend on the case and the place in the procedure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from tasks.procedures import phrases
from tasks.procedures.case import Case, Disturbance, Place
from tasks.procedures.graph import Noise
from tools.dice import Dice
from tools.types import Json

Told: TypeAlias = tuple[str, Json]
"""A slot and its value."""


def opening(case: Case, told: Sequence[Told]) -> str:
    """The first message: a greeting, the wish, and the volunteered slots."""
    dice = case.dice("opening")
    wish = dice.pick(case.procedure.intents)
    slots = [_tell(case, one, phrases.VOLUNTEERED, dice) for one in told]
    return _joined(case, dice.pick(phrases.GREETINGS), wish, *slots)


def answer(
    case: Case, place: Place, told: Sequence[Told], choice: str = "", *, impatient: bool = False
) -> str:
    """An answer to questions or, if nothing was asked, words that show understanding.

    Args:
        case: The case.
        place: The place in the procedure.
        told: The slots that were asked for, with their values.
        choice: The customer's answer to a decision; "" if the question is not a decision.
        impatient: Whether it begins with a complaint.
    """
    dice = case.dice("answer", *place)
    sentences = [_tell(case, one, phrases.TOLD, dice) for one in told]
    if choice or not told:
        sentences.append(dice.pick(phrases.answers_of(case.procedure, choice)))
    complaint = dice.pick(phrases.IMPATIENT) if impatient else ""
    return _joined(case, complaint, *sentences)


def disturb(case: Case, place: Place, disturbance: Disturbance, value: Json) -> str:
    """The words of noise; `value` is the right value of a slot that a correction takes back."""
    dice = case.dice("noise", *place)
    if disturbance.kind is Noise.CORRECTION:
        told = (disturbance.slot, value)
        return _joined(case, _tell(case, told, phrases.CORRECTIONS, dice))
    return _joined(case, dice.pick(phrases.NOISE[disturbance.kind]))


def puzzled(case: Case, number: int) -> str:
    """The customer's answer to a reply that it does not understand, the `number`th time from 0."""
    return _joined(case, case.dice("puzzled", number).pick(phrases.PUZZLED))


def _tell(case: Case, told: Told, words: Sequence[str], dice: Dice) -> str:
    slot, value = told
    return dice.pick(words).format(words=case.procedure.slots[slot].words, value=value)


def _joined(case: Case, *sentences: str) -> str:
    text = " ".join(filter(None, sentences))
    return case.wording.get(text, text)
