"""Who talks to the agent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from reasonact_env.users.llm import LlmUser
from tasks.agenda.mind import CustomerAct
from tasks.agenda.user import AgendaUser
from tasks.procedures.customer import ProcedureCustomer, walked
from tasks.procedures.walk import PATIENCE
from tasks.types import Task
from tools.chat_endpoint import Endpoint
from tools.types import Message, Role


class User(Protocol):
    """A simulated user; a value, so that an episode can be played again or forked."""

    def answer(self, messages: Sequence[Message]) -> str | None:
        """What the user says after the agent's last reply, or None when the user is done.

        Args:
            messages: The conversation so far; its last message is the agent's reply.
        """
        ...


@dataclass(frozen=True, slots=True)
class ScriptedUser:
    """Says the recorded turns in order, whatever was said."""

    turns: tuple[str, ...]
    """What it says; the first turn opens the dialogue."""

    def answer(self, messages: Sequence[Message]) -> str | None:
        """The next recorded turn, or None after the last one."""
        said = sum(message.role is Role.USER for message in messages)
        return self.turns[said] if said < len(self.turns) else None


USERS = ("scripted", "agenda", "procedure", "own", "llm")
"""The names that `make_user` knows."""


@dataclass(frozen=True, slots=True)
class UserReport:
    """How a user who listens fared in a dialogue."""

    misunderstood: int
    """How many replies it did not understand."""
    gave_up: bool
    """Whether it lost its patience."""


def report_of(user: User, messages: Sequence[Message]) -> UserReport | None:
    """How the user fared; None for one who does not listen."""
    if isinstance(user, ProcedureCustomer):
        misunderstood = walked(user.case, messages).misunderstood
        return UserReport(misunderstood, misunderstood >= PATIENCE)
    if not isinstance(user, AgendaUser):
        return None
    last = user.heard(messages)[-1]
    return UserReport(last.mind.misunderstood, last.act is CustomerAct.GIVES_UP)


def make_user(name: str, task: Task) -> User:
    """Makes a task's user by name.

    Raises:
        ValueError: if there is no such user, or the task has nothing for it.
    """
    match name:
        case "scripted":
            return ScriptedUser(task.user_turns)
        case "agenda" if task.agenda is None:
            raise ValueError(
                f"expected a task with an agenda for the user 'agenda', got {task.id} of "
                f"{task.source}, which has none; take user='scripted', or generated tasks "
                "(data='retail:500')"
            )
        case "agenda":
            assert task.agenda is not None
            return AgendaUser(task.agenda)
        case "procedure" if task.case is None:
            raise ValueError(
                f"expected a task with a case for the user 'procedure', got {task.id} of "
                f"{task.source}, which has none; take user='scripted', or generated tasks "
                "(data='procedures:500')"
            )
        case "procedure":
            assert task.case is not None
            return ProcedureCustomer(task.case)
        case "own":
            return make_user(_own(task), task)
        case "llm":
            return LlmUser.of(task, Endpoint.from_environment())
        case _:
            raise ValueError(f"expected a user out of {', '.join(USERS)}; got {name!r}")


def _own(task: Task) -> str:
    """The name of the user that a task was made for."""
    if task.agenda is not None:
        return "agenda"
    return "procedure" if task.case is not None else "scripted"
