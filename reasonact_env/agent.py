"""What an agent is: one method, many conversations at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypedDict

from tools.load_object import load_object
from tools.types import Json


class Observation(TypedDict):
    """What an agent sees, in the Hugging Face chat form."""

    messages: list[dict[str, str]]
    """The conversation so far: `{"role", "content"}`, system first."""
    tools: list[dict[str, Json]]
    """The tools on offer, in the OpenAI function envelope."""


@dataclass(slots=True)
class Session:
    """One running conversation, as the loop hands it to an agent."""

    observation: Observation
    """What the environment returned last."""
    info: dict[str, Json]
    """The info beside it: `task_id`, `turn`, …"""
    memory: dict[str, object] = field(default_factory=dict)
    """Empty at the start of the episode, then the agent's own; kept to the episode's end."""


class Agent(Protocol):
    """Whoever answers.

    `act` gets every conversation that waits for an answer, so that a model can answer them in
    one batch; it may be called with fewer of them as episodes end.
    """

    def act(self, sessions: Sequence[Session]) -> list[str]:
        """Answers each session with one raw assistant message, in the same order."""
        ...


@dataclass(frozen=True, slots=True)
class FunctionAgent:
    """An agent made of a function from observation to message."""

    function: Callable[[Observation], str]
    """Called once for each session."""

    def act(self, sessions: Sequence[Session]) -> list[str]:
        """Answers the sessions one by one."""
        return [self.function(session.observation) for session in sessions]


def load_agent(name: str) -> Agent:
    """Loads an agent by `MODULE:NAME`.

    Args:
        name: Where it is: a class without constructor arguments, an instance with an `act`
            method, or a function from observation to message.

    Raises:
        ValueError: if the name has another form, the module has no such name, or what it names
            is neither an agent nor a function.
    """
    found = load_object(name, "an agent")
    agent: object = found() if isinstance(found, type) else found
    if hasattr(agent, "act"):
        return agent
    if callable(agent):
        return FunctionAgent(agent)
    raise ValueError(f"{name!r} is neither an agent (a method act) nor a function")
