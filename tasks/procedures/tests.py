"""Cuts conversations into tests: what comes next, given all that was said before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tasks.procedures.conversation import Conversation, Said
from tools.types import Role


@dataclass(frozen=True, slots=True)
class TurnTest:
    """One place of a conversation where the agent has to decide."""

    conversation: str
    """The conversation's id: the tests of one belong together."""
    number: int
    """Its place among the conversation's tests."""
    context: tuple[Said, ...]
    """What was said and called before."""
    expected: Said
    """The reply or the call that is right."""


def cut(talk: Conversation, name: str) -> Iterator[TurnTest]:
    """The tests of a conversation, in order: one for each reply and each call of the agent's.

    Args:
        talk: The conversation.
        name: Its id.
    """
    own = [i for i, said in enumerate(talk.turns) if said.role is Role.ASSISTANT]
    for number, index in enumerate(own):
        yield TurnTest(name, number, talk.turns[:index], talk.turns[index])
