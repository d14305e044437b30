"""A customer's case: all that a procedure leaves open, decided before the conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tasks.procedures.graph import Noise
from tasks.procedures.types import YES, Pattern, Procedure, Step
from tasks.procedures.values import draw_like, draw_slot
from tools.dice import Dice
from tools.types import Json

Place: TypeAlias = tuple[str, int]
"""A step's id, and the number of the agent's earlier visits to it."""

TRACE = {
    "request": Pattern("RQ-#####"),
    "handled_at": Pattern("1#:1#|1#:2#|1#:3#|1#:4#|1#:5#"),
    "server": Pattern("SV-##"),
    "trace": Pattern("TC-####"),
    "took_ms": Pattern(between=(101, 999)),
}
"""A field of every answer that nobody needs: an agent that repeats answers says too much."""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What the customer does at a question in place of a plain answer."""

    kind: Noise
    """The kind of noise."""
    slot: str = ""
    """The slot that a correction takes back; "" for other kinds."""


@dataclass(frozen=True, slots=True)
class Case:
    """A customer's knowledge, decisions and noise."""

    procedure: Procedure
    """The procedure that applies."""
    seed: str
    """The seed of all words, and of all decisions that are not given below."""
    values: Mapping[str, tuple[Json, ...]] = field(default_factory=dict)
    """Slot -> the values that the customer tells: the first, then one for each repetition or
    correction."""
    volunteered: tuple[str, ...] = ()
    """The slots that the customer tells unasked, in the first message."""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Step -> the customer's answers there: the first time, the second time, …"""
    noise: Mapping[Place, Disturbance] = field(default_factory=dict)
    """Place -> the customer's noise there."""
    wording: Mapping[str, str] = field(default_factory=dict)
    """The customer's sentence -> other words for it."""
    file: str | None = None
    """The procedure's file, or None for the library."""

    def dice(self, *place: object) -> Dice:
        """The random choices for one place of the conversation."""
        return Dice(self.seed, *place)

    def value(self, slot: str, number: int) -> Json:
        """The value that the customer tells of a slot the first (0), second (1), … time."""
        told = list(self.values.get(slot, ()))
        while len(told) <= number:
            dice = self.dice("value", slot, len(told))
            told.append(draw_slot(self.procedure.slots[slot], told, dice))
        return told[number]

    def choice(self, step: Step, number: int) -> str:
        """The customer's answer to a question the first (0), second (1), … time."""
        decided = self.choices.get(step.id, ())
        if number < len(decided):
            return decided[number]
        left = [answer for answer in step.branches if answer != YES] or list(step.branches)
        return self.dice("choice", step.id, number).pick(left)


def sampled_answer(procedure: Procedure, name: str, outcome: str, dice: Dice) -> dict[str, Json]:
    """A sampled answer of an API with this outcome."""
    gives = procedure.apis[name].gives[outcome]
    values = {key: draw_like(form, dice) for key, form in gives.items()}
    trace = {key: draw_like(form, dice) for key, form in TRACE.items()}
    return {"status": outcome, **values, **trace}
