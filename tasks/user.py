"""Who talks to the agent: the protocol of users, and what they can say of a dialogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tools.types import Message


class User(Protocol):
    """A simulated user.

    One user plays all episodes of its task, several at a time. So it remembers nothing, and what
    it says follows from the messages alone: an episode can be played again, or forked.
    """

    def answer(self, messages: Sequence[Message]) -> str | None:
        """What the user says after the agent's last reply, or None when the user is done.

        Args:
            messages: The conversation so far; its last message is the agent's reply, or, where
                the record ends with a call, the answer to a call.
        """
        ...


@dataclass(frozen=True, slots=True)
class UserReport:
    """How a user who listens fared in a dialogue."""

    misunderstood: int
    """How many replies it did not understand."""
    gave_up: bool
    """Whether it lost its patience."""


class Customer(User, Protocol):
    """The user that a task was made for: it understands what is said, and tells how that went."""

    @property
    def kind(self) -> str:
        """What `user=` calls it, such as "agenda"."""
        ...

    def report(self, messages: Sequence[Message]) -> UserReport:
        """How the user fared in a conversation."""
        ...

    def brief(self) -> str | None:
        """What somebody has to know who plays its part; None where only the record tells."""
        ...
