"""Where a conversation left its procedure, and in which way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class StrayKind(StrEnum):
    """In which way the procedure was left."""

    WRONG_CALL = "wrong_call"
    """A call that was not due, or with other arguments."""
    WRONG_STEP = "wrong_step"
    """Something was said that was not due."""
    NOISE_NOT_MET = "noise_not_met"
    """Noise was not met as the rules say."""
    NOT_ENDED = "not_ended"
    """The conversation was over before an end of the procedure was reached."""


@dataclass(frozen=True, slots=True)
class Stray:
    """One place where the procedure was left."""

    kind: StrayKind
    """In which way."""
    step: str
    """The step that was due."""
    text: str
    """What happened, in a sentence."""
