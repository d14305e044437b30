"""Cuts conversations into tests: the agent's next turn, given all turns before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tasks.procedures.conversation import Conversation, Said
from tools.types import Role


@dataclass(frozen=True, slots=True)
class TurnTest:
    """One place of a conversation where the agent has to decide."""

    conversation: str
    """The conversation's id, which all its tests share."""
    number: int
    """The test's number among the conversation's tests."""
    context: tuple[Said, ...]
    """All turns before it."""
    expected: Said
    """The right reply or call."""


def cut(talk: Conversation, name: str) -> Iterator[TurnTest]:
    """The tests of a conversation, in order: one for each reply and call of the agent.

    Args:
        talk: The conversation.
        name: The conversation's id.
    """
    own = [i for i, said in enumerate(talk.turns) if said.role is Role.ASSISTANT]
    for number, index in enumerate(own):
        yield TurnTest(name, number, talk.turns[:index], talk.turns[index])
