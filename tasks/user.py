"""The protocol of users who talk to the agent, and their reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tools.types import Message, Role


class User(Protocol):
    """A simulated user.

    One user plays all episodes of its task, several at a time. Therefore it has no memory, and its
    answers depend on the messages alone: an episode can be played again, or forked.
    """

    def answer(self, messages: Sequence[Message]) -> str | None:
        """The user's answer to the agent's last reply, or None when the user is done.

        Args:
            messages: The conversation so far. Its last message is the agent's reply or, if the
            record
                ends with a call, the answer to a call.
        """
        ...


def is_tried(messages: Sequence[Message], place: int) -> bool:
    """Whether a message of the agent was answered by a tool: then the user does not read it.

    It attempts to call, perhaps in a form that only those who know the tools' names recognise.
    """
    return place + 1 < len(messages) and messages[place + 1].role is Role.TOOL


@dataclass(frozen=True, slots=True)
class UserReport:
    """The report of a user who listens, on a dialogue."""

    misunderstood: int
    """The number of replies that the user did not understand."""
    gave_up: bool
    """Whether the user lost its patience, or went round in circles."""


class Customer(User, Protocol):
    """The user that a task was generated for: it understands replies, and reports on them."""

    @property
    def kind(self) -> str:
        """The name in `user=`, such as "agenda"."""
        ...

    def report(self, messages: Sequence[Message]) -> UserReport:
        """The user's report on a conversation."""
        ...

    def brief(self) -> str | None:
        """The text that a model needs to play this user; None if only the record has it."""
        ...
