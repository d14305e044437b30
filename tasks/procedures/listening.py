"""How the customer understands a reply: as which messages of the procedure, if any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tasks.procedures.graph import Noise
from tasks.procedures.text import MEETS, meeting
from tasks.procedures.types import Procedure, Step, StepKind
from tasks.words import token_f1
from tools.types import Json

Chain: TypeAlias = tuple[Step, ...]
"""Consecutive messages."""
ALIKE = 0.5
"""The smallest F1 of words at which a reply counts as a message of the procedure.

Chosen by hand; what a customer understands, and so every return on procedures, depends on it.
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """The messages as which a reply was understood."""

    chain: Chain
    """The messages."""
    is_due: bool
    """Whether these messages were due."""


def hear(
    reply: str, due: Sequence[Chain], procedure: Procedure, known: Mapping[str, Json]
) -> Heard | None:
    """Finds the messages that a reply is most similar to; those that are due come first.

    Args:
        reply: The agent's reply.
        due: The chains of messages that are due.
        procedure: The procedure, whose other messages are candidates, too.
        known: The known values, which the messages may contain.

    Returns:
        The messages; None if the reply is not similar to any. A question counts as asked if the
        reply names all its slots, whatever its wording is.
    """
    others = [(step,) for step in procedure.steps if step.kind is not StepKind.CALL]
    options = [Heard(chain, True) for chain in due]
    options += [Heard(chain, False) for chain in others if chain not in due]
    scores = [token_f1(reply, chain_text(option.chain, known)) for option in options]
    best = max(scores, default=0.0)
    if best >= ALIKE:
        return options[scores.index(best)]
    return next(_asked(reply, due, procedure), None)


def is_met(reply: str, kind: Noise, last: str) -> bool:
    """Whether a reply to noise is more similar to the rules' whole answer than to a part of it."""
    right = meeting(kind, last)
    parts = {last, MEETS[kind]} - {right}
    score = token_f1(reply, right)
    return score >= ALIKE and all(token_f1(reply, part) < score for part in parts)


def chain_text(chain: Chain, known: Mapping[str, Json]) -> str:
    """The words of several messages."""
    return " ".join(text_of(step, known) for step in chain)


def text_of(step: Step, known: Mapping[str, Json]) -> str:
    """A message's words with the values that are known."""
    values: dict[str, Json] = defaultdict(str, known)
    return step.say.format_map(values)


def _asked(reply: str, due: Sequence[Chain], procedure: Procedure) -> Iterator[Heard]:
    """The questions that are due and whose slots a reply names."""
    said = reply.lower()
    for chain in due:
        names = [procedure.slots[slot].words.lower() for step in chain for slot in step.asks]
        if names and chain[-1].kind is StepKind.ASK and all(name in said for name in names):
            yield Heard(chain, True)
