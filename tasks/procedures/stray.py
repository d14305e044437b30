"""Strays: the places where a conversation left its procedure, and the ways in which it did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class StrayKind(StrEnum):
    """The ways of leaving a procedure."""

    WRONG_CALL = "wrong_call"
    """The agent made a call that was not due, or with other arguments."""
    WRONG_STEP = "wrong_step"
    """The agent said something that was not due."""
    NOISE_NOT_MET = "noise_not_met"
    """The agent did not meet noise as the rules say."""
    NOT_ENDED = "not_ended"
    """The conversation was over before the procedure had ended."""


@dataclass(frozen=True, slots=True)
class Stray:
    """One place where the agent left the procedure."""

    kind: StrayKind
    """The way in which the agent left it."""
    step: str
    """The step that was due."""
    text: str
    """What happened, in a sentence."""
