"""The protocol of agents: one method that answers many conversations at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from inspect import iscoroutinefunction
from typing import Protocol, TypedDict, cast

from tools.load_object import described, load_object, takes
from tools.types import Json


class Observation(TypedDict):
    """What an agent sees, in the Hugging Face chat form."""

    messages: list[dict[str, str]]
    """The conversation so far: `{"role", "content"}`, system first."""
    tools: list[dict[str, Json]]
    """The task's tools, in the OpenAI function envelope."""


@dataclass(slots=True)
class Session:
    """One running conversation, as the loop hands it to an agent."""

    observation: Observation
    """The environment's last observation."""
    info: dict[str, Json]
    """The info that came with it: `task_id`, `turn`, …"""
    memory: dict[str, object] = field(default_factory=dict)
    """The agent's own notes: empty at the start of the episode, kept until its end."""
    cut: bool | None = None
    """Set by an agent that knows: whether its message ran into a limit of tokens instead of coming
    to an end of its own. None where an agent does not tell."""


class Agent(Protocol):
    """Anything that answers.

    `act` gets all conversations that wait for an answer, so that a model can answer them in one
    batch. Their number falls as episodes end.
    """

    def act(self, sessions: Sequence[Session]) -> list[str]:
        """Answers each session with one raw assistant message, in the same order."""
        ...


@dataclass(frozen=True, slots=True)
class FunctionAgent:
    """A function from observation to message as an agent."""

    function: Callable[[Observation], str]
    """The function, called once for each session."""

    def act(self, sessions: Sequence[Session]) -> list[str]:
        """Answers the sessions one by one."""
        return [self.function(session.observation) for session in sessions]


_NO_ASYNC = "write `def` without async, and wait inside for all of them: asyncio.run(…)"


def load_agent(name: str) -> Agent:
    """Loads an agent by `MODULE:NAME`.

    Args:
        name: The `MODULE:NAME` of a class without constructor arguments, an instance with an `act`
            method, or a function from observation to message.

    Raises:
        ValueError: if the name has another form, the module has no such name, or the object is
            neither an agent nor a function.
    """
    return as_agent(load_object(name, "an agent"), name)


def as_agent(found: object, name: str = "the agent") -> Agent:
    """An agent from what may be one: a class, an instance, or a function, as `load_agent` takes it.

    Args:
        found: What may be an agent.
        name: What an error calls it.

    Raises:
        ValueError: if it is neither an agent nor a function of one argument.
    """
    if isinstance(found, type) and not takes(found):
        raise _no_agent(name, f"a class {described(found)[4:]}", "give its arguments defaults")
    agent = _made(found, name) if isinstance(found, type) else found
    act = getattr(agent, "act", None)
    if act is not None:
        if not takes(act, []):
            came = f"an act that {described(act)[9:]}" if callable(act) else described(act)
            raise _no_agent(name, came, "write `def act(self, sessions) -> list[str]`")
        if iscoroutinefunction(act):
            raise _no_agent(name, "an act that is async", _NO_ASYNC)
        return cast(Agent, agent)
    if takes(agent, {}):
        if iscoroutinefunction(agent) or iscoroutinefunction(type(agent).__call__):
            raise _no_agent(name, "one that is async", _NO_ASYNC)
        return FunctionAgent(cast("Callable[[Observation], str]", agent))
    raise _no_agent(name, described(agent), "write `def act(self, sessions) -> list[str]`")


def _made(kind: type, name: str) -> object:
    """An instance of somebody's class.

    Raises:
        ValueError: if the class raises an error.
    """
    try:
        return kind()
    except (Exception, SystemExit) as error:
        from tools.command import TO_DEBUG, raised, to_mend  # for errors alone

        raise ValueError(
            f"expected {name} to make an agent, got {raised(error)}; {to_mend(error)}; {TO_DEBUG}"
        ) from error


def _no_agent(name: str, came: str, mending: str) -> ValueError:
    return ValueError(
        f"expected {name} to be an agent (an object with a method act(sessions), or a class of "
        f"such without constructor arguments) or a function of an observation, got {came}; "
        f"{mending}"
    )
