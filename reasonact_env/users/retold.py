"""A user who says what a saved episode has: for episodes with a user who cannot be asked again."""

from __future__ import annotations

from collections.abc import Sequence

from reasonact_env.episode import Episode
from tasks.types import Task
from tasks.user import User
from tools.chat_address import is_llm
from tools.protocol import parse
from tools.types import Message, MessageKind, Role

PERSON = "person"


def is_retold(user: object) -> bool:
    """Whether a user's answers do not follow from the conversation: a model's, or a person's."""
    return user == PERSON or is_llm(user)


class Retold:
    """Makes the users of an environment that plays saved episodes again, one after the other."""

    def __init__(self) -> None:
        """Knows no episode yet."""
        self._turns: tuple[str, ...] = ()

    def follow(self, episode: Episode) -> None:
        """From now on the user says what this episode's user said."""
        messages = [*episode.opening, *(one for step in episode.steps for one in step.answers)]
        self._turns = tuple(one.content for one in messages if one.role is Role.USER)

    def __call__(self, task: Task) -> User:
        """The user of any task: this one."""
        return self

    def answer(self, messages: Sequence[Message]) -> str | None:
        """The next turn; None after the last one, "" to what is no reply."""
        last = messages[-1]
        if last.role is not Role.ASSISTANT or parse(last.content).kind is not MessageKind.REPLY:
            return ""
        said = sum(message.role is Role.USER for message in messages)
        return self._turns[said] if said < len(self._turns) else None
