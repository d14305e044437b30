"""A customer's case: all that a procedure leaves open, decided before the conversation begins."""

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
"""A step's id, and how often the agent has been there before."""

TRACE = {
    "request": Pattern("RQ-#####"),
    "handled_at": Pattern("1#:1#|1#:2#|1#:3#|1#:4#|1#:5#"),
    "server": Pattern("SV-##"),
    "trace": Pattern("TC-####"),
    "took_ms": Pattern(between=(101, 999)),
}
"""What every answer holds and nobody asks about: so an agent that echoes all says too much."""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What the customer does at a question instead of just answering it."""

    kind: Noise
    """Its kind."""
    slot: str = ""
    """The slot that a correction takes back; "" for all else."""


@dataclass(frozen=True, slots=True)
class Case:
    """What the customer knows, decides and does: the rest of a conversation is the agent's."""

    procedure: Procedure
    """The procedure that applies."""
    seed: str
    """Whatever is not decided below is drawn with it, and so are all words."""
    values: Mapping[str, tuple[Json, ...]] = field(default_factory=dict)
    """Slot -> what the customer tells: at first, and whenever it is asked again or corrects it."""
    volunteered: tuple[str, ...] = ()
    """The slots that the customer tells unasked, in the first words."""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Step -> what the customer answers there: the first time, the second time, …"""
    noise: Mapping[Place, Disturbance] = field(default_factory=dict)
    """Place -> what the customer does there that no procedure foresees."""
    wording: Mapping[str, str] = field(default_factory=dict)
    """What the customer would say -> other words for it."""
    file: str | None = None
    """Where the procedure stands, if not in the library."""

    def dice(self, *place: object) -> Dice:
        """Draws for one place of the conversation."""
        return Dice(self.seed, *place)

    def value(self, slot: str, number: int) -> Json:
        """What the customer tells of a slot the first (0), second (1), … time."""
        told = list(self.values.get(slot, ()))
        while len(told) <= number:
            dice = self.dice("value", slot, len(told))
            told.append(draw_slot(self.procedure.slots[slot], told, dice))
        return told[number]

    def choice(self, step: Step, number: int) -> str:
        """What the customer answers to a question the first (0), second (1), … time."""
        decided = self.choices.get(step.id, ())
        if number < len(decided):
            return decided[number]
        left = [answer for answer in step.branches if answer != YES] or list(step.branches)
        return self.dice("choice", step.id, number).pick(left)


def drawn_answer(procedure: Procedure, name: str, outcome: str, dice: Dice) -> dict[str, Json]:
    """An API's answer with this outcome."""
    gives = procedure.apis[name].gives[outcome]
    values = {key: draw_like(form, dice) for key, form in gives.items()}
    trace = {key: draw_like(form, dice) for key, form in TRACE.items()}
    return {"status": outcome, **values, **trace}
