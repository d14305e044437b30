"""The thoughts of a perfect agent: the reason for each of its acts, for a cold start."""

from __future__ import annotations

from collections.abc import Mapping

from tasks.procedures.flowgraph import KNOWN
from tasks.procedures.graph import Noise
from tasks.procedures.types import Step, StepKind
from tasks.procedures.walk import Walk

_NOISE: Mapping[Noise, str] = {
    Noise.OUT_OF_SCOPE: "The customer asks about something else.",
    Noise.INTERRUPTION: "The customer needs a moment.",
    Noise.ADVERSARIAL: "The customer wants me to leave the procedure.",
    Noise.CORRECTION: "The customer corrects an earlier answer.",
}


def thought(walk: Walk) -> str:
    """The reason for the act that is due, in one or two sentences.

    Args:
        walk: A conversation that goes on.
    """
    if walk.noise is not None:
        return f"{_NOISE[walk.noise]} The rules say what to answer."
    step = walk.step
    number = 1 + walk.case.procedure.steps.index(step)
    return " ".join(
        filter(None, [_before(walk, step), f"Step {number} is due:", _doing(walk, step)])
    )


def _before(walk: Walk, step: Step) -> str:
    """The event before the step: an API's answer, or the customer's."""
    if step.id != walk.here:
        return "The customer has told that already."
    last = walk.path[-1]
    if last.condition in ("", KNOWN):
        return ""
    came_from = walk.case.procedure.step(last.source)
    who = came_from.api if came_from.kind is StepKind.CALL else "The customer"
    return f"{who} has answered {last.condition}."


def _doing(walk: Walk, step: Step) -> str:
    procedure = walk.case.procedure
    match step.kind:
        case StepKind.CALL:
            takes = procedure.apis[step.api].takes
            return f"call {step.api} with {', '.join(f'{n} {walk.known[n]}' for n in takes)}."
        case StepKind.ASK:
            words = " and ".join(procedure.slots[slot].words for slot in step.asks)
            return f"ask {'once more ' if step.again else ''}for the {words}."
        case StepKind.CHOICE:
            return f"ask whether it is {' or '.join(step.branches)}."
        case StepKind.TELL:
            return "tell how it stands." if step.end else "tell it, and go on."
