"""The users who talk to the agent, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias, cast

from tasks.types import Task
from tasks.user import User, UserReport
from tools.chat_address import address_of, is_llm, is_model, read_address
from tools.load_object import described, is_object_name, load_object, name_of, takes
from tools.nearest import did_you_mean
from tools.types import Message, Role

MakeUser: TypeAlias = Callable[[Task], User]
"""A class or a function that takes a task and returns its user."""


@dataclass(frozen=True, slots=True)
class ScriptedUser:
    """A user who says the recorded turns in order, whatever the agent says."""

    turns: tuple[str, ...]
    """The recorded turns; the first opens the dialogue."""

    def answer(self, messages: Sequence[Message]) -> str | None:
        """The next recorded turn, or None after the last one."""
        said = [message.role for message in messages].count(Role.USER)
        return self.turns[said] if said < len(self.turns) else None


def report_of(user: User, messages: Sequence[Message]) -> UserReport | None:
    """The user's report; None for a user who does not listen."""
    # isinstance with a protocol would take longer than the report itself
    report: Callable[[Sequence[Message]], UserReport] | None = getattr(user, "report", None)
    return None if report is None else report(messages)


def _scripted(task: Task) -> User:
    return ScriptedUser(task.user_turns)


def _customer(task: Task, kind: str, has: str, generator: str) -> User:
    """The task's own user, if it is of this kind."""
    user = task.setup.user
    if user is not None and user.kind == kind:
        return user
    raise ValueError(
        f"expected a task with {has} for the user {kind!r}, got {task.id} of {task.source}, which "
        f"has none; take user='scripted', or generated tasks (data='{generator}:500')"
    )


def _own(task: Task) -> User:
    return task.setup.user or _scripted(task)


def _llm(task: Task, model: str | None = None) -> User:
    from reasonact_env.users.llm import LlmUser  # nobody else needs it
    from tools.chat_endpoint import Endpoint

    endpoint = Endpoint.from_environment() if model is None else Endpoint.of(model)
    return LlmUser.of(task, endpoint)


def _person(task: Task) -> User:
    from reasonact_env.play.user import PersonUser  # a console

    return PersonUser(task)


OWN = "own"
"""The user of whom nothing was said: each task's own."""

USERS: Mapping[str, MakeUser] = {
    "scripted": _scripted,
    "agenda": partial(_customer, kind="agenda", has="an agenda", generator="retail"),
    "procedure": partial(_customer, kind="procedure", has="a case", generator="procedures"),
    OWN: _own,
    "llm": _llm,
    "person": _person,
}
"""Name -> function from a task to its user.

scripted    says the recorded turns in order, whatever is said
agenda      answers questions from its agenda; needs generated tasks with an agenda
procedure   follows the task's procedure; needs tasks with a case
own         the one of these that the task was generated for
llm         the language model that the environment variables of `tools.chat_endpoint` name;
            `llm:MODEL@URL[,key=VARIABLE][,NAME=VALUE…]` is one that is named here
person      whoever sits at the console; see `python -m reasonact_env.play`
"""


def require_user(user: str | MakeUser) -> MakeUser:
    """The function that makes users: one of `USERS`, your own as MODULE:NAME, or an object.

    Raises:
        ValueError: if there is no such user, or it cannot be called with a task.
    """
    if isinstance(user, str) and user in USERS:
        return USERS[user]
    if isinstance(user, str) and is_llm(user) and (model := address_of(user)) is not None:
        read_address(model)
        return partial(_llm, model=model)
    if isinstance(user, str) and (is_model(user) or not is_object_name(user)):
        raise ValueError(
            f"expected user to be one of {', '.join(USERS)}, llm:MODEL@URL, or MODULE:NAME for one "
            f"of your own; got {_meant(user)}"
        )
    if isinstance(user, str) and user.startswith("llm:"):
        raise ValueError(f"expected the user llm:MODEL@URL, got {user!r}; add the address")
    found = load_object(user, "a user") if isinstance(user, str) else user
    if not takes(found, "a task"):
        raise ValueError(
            f"expected the user {_name(user)} to be a class or a function that makes a user of a "
            f"task alone, got {described(found)}; write `def __init__(self, task)` or "
            "`def make(task)`"
        )
    return cast(MakeUser, found)


def make_user(user: str | MakeUser, task: Task) -> User:
    """Makes a task's user.

    Args:
        user: A name or object, as for `require_user`.
        task: The task; one user serves any number of episodes.

    Raises:
        ValueError: if there is no such user, the task lacks what it needs, or the result has no
            method `answer`.
    """
    made: object = require_user(user)(task)
    answer = getattr(made, "answer", None)
    if not takes(answer, []):
        has = "one without it" if answer is None else f"{described(answer)} as answer"
        raise ValueError(
            f"expected the user {_name(user)} to have a method answer(messages) -> str | None, "
            f"got a {type(made).__name__}: {has}"
        )
    return cast(User, made)


def _meant(user: str) -> str:
    """What came, and what may be meant; of an address the model alone, as it may be secret."""
    if not is_model(user):
        return f"{user!r}{did_you_mean(user, USERS)}"
    model = user.partition("@")[0]
    return f"'{model}@…'; did you mean 'llm:{model}@…'?"


def _name(user: object) -> str:
    """A user's name for errors."""
    return str(user) if isinstance(user, str) else name_of(user) or repr(user)
