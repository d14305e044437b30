"""Who talks to the agent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reasonact_env.users.llm import LlmUser
from tasks.types import Task
from tasks.user import User, UserReport
from tools.chat_endpoint import Endpoint
from tools.types import Message, Role


@dataclass(frozen=True, slots=True)
class ScriptedUser:
    """Says the recorded turns in order, whatever was said."""

    turns: tuple[str, ...]
    """What it says; the first turn opens the dialogue."""

    def answer(self, messages: Sequence[Message]) -> str | None:
        """The next recorded turn, or None after the last one."""
        said = sum(message.role is Role.USER for message in messages)
        return self.turns[said] if said < len(self.turns) else None


__all__ = ["USERS", "ScriptedUser", "User", "UserReport", "make_user", "report_of"]

USERS = ("scripted", "agenda", "procedure", "own", "llm")
"""The names that `make_user` knows."""


def report_of(user: User, messages: Sequence[Message]) -> UserReport | None:
    """How the user fared; None for one who does not listen."""
    # isinstance with a protocol takes longer than the report itself
    report: Callable[[Sequence[Message]], UserReport] | None = getattr(user, "report", None)
    return None if report is None else report(messages)


def make_user(name: str, task: Task) -> User:
    """Makes a task's user by name.

    Raises:
        ValueError: if there is no such user, or the task has nothing for it.
    """
    match name:
        case "scripted":
            return ScriptedUser(task.user_turns)
        case "agenda" | "procedure":
            return _customer(name, task)
        case "own":
            return task.setup.user or ScriptedUser(task.user_turns)
        case "llm":
            return LlmUser.of(task, Endpoint.from_environment())
        case _:
            raise ValueError(f"expected a user out of {', '.join(USERS)}; got {name!r}")


_ABOUT = {"agenda": ("an agenda", "retail"), "procedure": ("a case", "procedures")}
"""User -> what its tasks have, and a generator of such."""


def _customer(name: str, task: Task) -> User:
    """The user that the task was made for, if it is of this kind."""
    user = task.setup.user
    if user is not None and user.kind == name:
        return user
    what, generator = _ABOUT[name]
    raise ValueError(
        f"expected a task with {what} for the user {name!r}, got {task.id} of {task.source}, which "
        f"has none; take user='scripted', or generated tasks (data='{generator}:500')"
    )
