"""One assistant message with what followed it, as the reward reads it."""

from __future__ import annotations

from typing import NamedTuple

from reasonact_env.episode import CallRecord, Step, message_of
from tools.protocol import Parsed
from tools.types import Message


class Transition(NamedTuple):  # one per step; a frozen dataclass is slower
    """One assistant message and its answers, before it gets a reward."""

    parsed: Parsed
    """The message."""
    calls: tuple[CallRecord, ...]
    """The message's calls with their answers."""
    answers: tuple[Message, ...]
    """The messages that followed."""

    @classmethod
    def of(cls, step: Step) -> Transition:
        """Reads a saved step, for scoring it again."""
        return cls(message_of(step.action, step.calls), step.calls, step.answers)
