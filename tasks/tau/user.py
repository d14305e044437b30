"""The user of a benchmark's task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.user import UserReport
from tools.protocol import parse
from tools.types import Message, MessageKind, Role

OPENING = "Hello, I need some help."
"""Every user's first words."""
NOTHING_MORE = (
    "If that is what I have asked for, then yes, please go ahead. I have nothing to add to what I "
    "have told you."
)
_MORE = 4
"""How often the scripted user answers beyond once a write. Chosen by hand: an agent may ask, look
something up and ask again."""


@dataclass(frozen=True, slots=True)
class TauUser:
    """A user who is told by a task what to want.

    As a script it tells all of its instructions at once when it is first answered, says yes to
    whatever it has asked for, and leaves after some replies. So no agent has to ask for anything,
    and no stubborn customer tries the rules: figures with it are none of the benchmark's. A model
    plays the user that the benchmark means, by `brief`.
    """

    instruction: str
    """What it wants and knows, in words to the user."""
    writes: int
    """How many changes its task asks for."""

    @property
    def kind(self) -> str:
        """The name in `user=`."""
        return "tau"

    def brief(self) -> str | None:
        """The text that a model needs to play this user."""
        return self.instruction

    def answer(self, messages: Sequence[Message]) -> str | None:
        """What the script says; None when it leaves."""
        last = messages[-1]
        if last.role is not Role.ASSISTANT or parse(last.content).kind is not MessageKind.REPLY:
            return ""
        said = sum(message.role is Role.USER for message in messages)
        if said == 1:
            return f"This is what I was told to ask you for, word for word: {self.instruction}"
        return NOTHING_MORE if said <= self.writes + _MORE else None

    def report(self, messages: Sequence[Message]) -> UserReport:
        """It understands everything, and never gives up."""
        return UserReport(misunderstood=0, gave_up=False)
