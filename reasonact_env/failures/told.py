"""Facts told wrongly: what a reply says in the place of what was wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal

from reasonact_env.failures.played import Move
from tasks.facts import fact_tokens
from tasks.words import token_f1

ALIKE = 0.8
"""How alike two sentences are, by their words' F1, that tell the same thing with another value.

Chosen by hand: in a sentence of ten words one may differ, and the value.
"""
_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_AMOUNT = re.compile(r"\d{1,9}\.\d{1,2}|\d{2,9}")
"""An amount of money; of whole ones those of one digit are left out, which count things."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Told:
    """What was told in a fact's place."""

    step: int
    """The step, from 1."""
    instead: str
    """The value, in the normal form of `tasks.facts`."""
    invented: bool
    """Whether nobody had said it before; else it was there, and belongs to something else."""


def wrongly_told(
    fact: str,
    recorded: str,
    wanted: frozenset[str],
    moves: Sequence[Move],
    known: Sequence[frozenset[str]],
) -> Told | None:
    """What was told in the place of a fact that nobody told; None if nothing was.

    That is a value of the same shape that nobody had said before; or one that was known or worked
    out, in a sentence like the one with which the record tells the fact.

    Args:
        fact: The fact.
        recorded: The record's reply that tells it; empty if none does.
        wanted: All facts of the goal.
        moves: The agent's messages.
        known: For each of them, the tokens that anybody had said before.
    """
    sentences = [one for one in _SENTENCE.split(recorded) if fact in fact_tokens(one)]
    for move, before in zip(moves, known, strict=True):
        likely = [token for token in sorted(move.told - wanted) if alike(token, fact)]
        own = {token for token in move.told if worked_out(token, before)}
        for token in likely:
            if token not in before and token not in own and not worked_out(token, before | own):
                return Told(move.number, token, invented=True)
        for token in _in_place(fact, likely, move, sentences):
            return Told(move.number, token, invented=False)
    return None


def worked_out(fact: str, known: Set[str]) -> bool:
    """Whether an amount is the sum or the difference of two known ones, one of them with cents.

    Two whole numbers say nothing: many are the difference of others by chance.

    >>> worked_out("3.25", {"12.5", "9.25"}), worked_out("20", {"12.75", "7.25"})
    (True, True)
    >>> worked_out("3.25", {"12.5"}), worked_out("20", {"12", "8"})
    (False, False)
    """
    if not _NUMBER.fullmatch(fact):
        return False
    amounts = {Decimal(token) for token in known if _AMOUNT.fullmatch(token)}
    cents = [amount for amount in amounts if amount % 1]
    value = Decimal(fact)
    return any({value - one, value + one, one - value} & amounts for one in cents)


def alike(one: str, other: str) -> bool:
    """Whether one fact could stand in the other's place: two amounts, dates, codes, or ids.

    Whole numbers are alike if they are about as long; an amount may have lost its cents.

    >>> alike("12.5", "31.25"), alike("12.5", "14"), alike("12.5", "3"), alike("hat076", "hat115")
    (True, True, False, True)
    """
    if not (_NUMBER.fullmatch(one) and _NUMBER.fullmatch(other)):
        return _shape(one) == _shape(other)
    whole = [len(number.split(".")[0]) for number in (one, other)]
    if "." in one and "." in other:
        return True
    if "." in one or "." in other:
        return min(whole) > 1 and abs(whole[0] - whole[1]) <= 1
    return abs(whole[0] - whole[1]) <= 1


def _shape(fact: str) -> str:
    """A fact's form: `2024-05-09` is 9-9-9, `hat076` is a9."""
    if _NUMBER.fullmatch(fact):
        return ""
    return _DIGITS.sub("9", _LETTERS.sub("a", fact))


def _in_place(
    fact: str, likely: Sequence[str], move: Move, sentences: Sequence[str]
) -> Iterator[str]:
    """The values in sentences like the record's, in the order of the values."""
    reply = move.parsed.reply
    if reply is None or not sentences or not likely:
        return
    parts = _SENTENCE.split(reply.text)
    for token in likely:
        own = [part for part in parts if token in (said := fact_tokens(part)) and fact not in said]
        if any(token_f1(part, one) >= ALIKE for part in own for one in sentences):
            yield token
