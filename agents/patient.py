"""An agent as the doctor sees it: what it says in an episode, how long it takes, how it fails."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import gymnasium

from agents.play import messages_of
from reasonact_env.agent import Agent, Observation, Session
from reasonact_env.conversation import Conversation
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Step

Messages = list[dict[str, str]]
Change = Callable[[Messages], Messages]
"""From a conversation to what the agent is shown of it."""
Loop = Callable[[Conversation], object]
"""An agent that owns its loop: it plays a conversation to its end."""


@dataclass
class Stay:
    """How an agent played one episode."""

    actions: list[str] = field(default_factory=list)
    """What it said."""
    seconds: list[float] = field(default_factory=list)
    """How long each message took."""
    steps: tuple[Step, ...] = ()
    """What followed."""
    stop: str | None = None
    """Why the episode ended; None if it did not."""
    error: Exception | None = None
    """What the agent raised."""


class Shown(gymnasium.Wrapper[Observation, str, Observation, str]):
    """Shows an agent a conversation otherwise than it is, and notes what it says."""

    def __init__(self, env: gymnasium.Env[Observation, str], change: Change) -> None:
        """Wraps an environment."""
        super().__init__(env)
        self._change = change
        self.stay = Stay()
        """The episode so far."""
        self._since = 0.0

    def reset(self, **options: Any) -> tuple[Observation, dict[str, Any]]:
        """Begins an episode."""
        observation, info = self.env.reset(**options)
        self.stay, self._since = Stay(), time.perf_counter()
        return self._shown(observation), info

    def step(self, action: str) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Plays a message."""
        self.stay.seconds.append(time.perf_counter() - self._since)
        self.stay.actions.append(action)
        observation, reward, terminated, truncated, info = self.env.step(action)
        self.stay.stop = info.get("stop")
        self._since = time.perf_counter()
        return self._shown(observation), float(reward), terminated, truncated, info

    def _shown(self, observation: Observation) -> Observation:
        return {**observation, "messages": self._change(observation["messages"])}


@dataclass(frozen=True)
class Patient:
    """An agent of either kind: one that is asked, or one that owns its loop."""

    agent: Agent | None
    """The one that is asked."""
    loop: Loop | None
    """The other one."""
    env: ReasonActEnv
    """Where it plays."""

    def play(self, task_id: str, change: Change = lambda messages: messages) -> Stay:
        """One episode, to its end or the first error."""
        shown = Shown(self.env, change)
        try:
            if self.loop is not None:
                self.loop(Conversation(shown, task_id=task_id, seed=0))
            else:
                self._answer(shown, task_id)
        except Exception as error:  # whatever an agent raises is what is to be told
            shown.stay.error = error
        shown.stay.steps = self.env.episode.steps
        return shown.stay

    def _answer(self, shown: Shown, task_id: str) -> None:
        observation, info = shown.reset(seed=0, options={"task_id": task_id})
        session, ended = Session(observation, info), False
        while not ended:
            (said,) = self.asked([session])
            session.observation, _, terminated, truncated, session.info = shown.step(said)
            ended = terminated or truncated

    def asked(self, sessions: Sequence[Session]) -> Sequence[str]:
        """What it answers.

        Raises:
            ValueError: if these are no strings, one a session.
        """
        assert self.agent is not None
        return messages_of(self.agent, self.agent.act(sessions), len(sessions))

    def together(self, task_ids: Iterable[str]) -> list[list[str]]:
        """What an agent says that is asked for several episodes in one call, each time."""
        seats: list[tuple[ReasonActEnv, Session, list[str]]] = []
        for task_id in task_ids:
            env = self.env.fork()
            seats.append((env, Session(*_begin(env, task_id)), []))
        running = list(seats)
        while running:
            answers = self.asked([session for _, session, _ in running])
            left = []
            for (env, session, said), answer in zip(running, answers, strict=True):
                said.append(answer)
                session.observation, _, terminated, truncated, session.info = env.step(answer)
                if not (terminated or truncated):
                    left.append((env, session, said))
            running = left
        return [said for _, _, said in seats]


def _begin(env: ReasonActEnv, task_id: str) -> tuple[Observation, dict[str, Any]]:
    return env.reset(seed=0, options={"task_id": task_id})


def owns_its_loop(found: object) -> bool:
    """Whether an object plays a `Conversation`: a function whose one parameter is called `talk`, or
    says that it is one.
    """
    if isinstance(found, type) or not callable(found) or hasattr(found, "act"):
        return False
    try:
        parameters: Mapping[str, inspect.Parameter] = inspect.signature(found).parameters
    except (TypeError, ValueError):
        return False
    needed = [one for one in parameters.values() if one.default is one.empty]
    if len(needed) != 1:
        return False
    kind = cast("object", needed[0].annotation)
    return needed[0].name == "talk" or getattr(kind, "__name__", kind) == "Conversation"
