"""An agent as the doctor sees it: what it says in an episode, how long it takes, how it fails."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Thread
from typing import Any, cast

import gymnasium

from agents.play import messages_of
from reasonact_env.agent import Agent, Observation, Session
from reasonact_env.conversation import Conversation
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Step, StopReason
from tools.types import Role

Messages = list[dict[str, str]]
Change = Callable[[Messages], Messages]
"""From a conversation to what the agent is shown of it."""
Loop = Callable[[Conversation], object]
"""An agent that owns its loop: it plays a conversation to its end."""
GLANCE = 0.02
"""Seconds between two looks at the clock, while an agent is waited for."""


class NoAnswer(Exception):
    """An agent took longer for a message than it may."""

    def __init__(self, seconds: float) -> None:
        """Says how long it was waited for."""
        super().__init__(f"no answer in {seconds:g} s")


@dataclass
class Clock:
    """Whether an agent is being waited for, and since when."""

    since: float | None = None
    """Since when, in seconds of `perf_counter`; None while nobody waits for it."""
    is_over: bool = False
    """Whether nobody will ever wait again."""

    def start(self) -> None:
        """The agent has to answer now."""
        self.since = time.perf_counter()

    def stop(self) -> float:
        """It has; returns the seconds that it took."""
        took = time.perf_counter() - (self.since or time.perf_counter())
        self.since = None
        return took

    def watch(self, work: Callable[[], object], seconds: float) -> Exception | None:
        """Does some work until an answer is late; returns what it raised, or `NoAnswer`.

        Late work cannot be ended: its thread is a daemon, for which no process waits.
        """
        raised: list[Exception] = []

        def until_done() -> None:
            try:
                work()
            except Exception as error:  # whatever an agent raises is what is to be told
                raised.append(error)
            except SystemExit as end:  # ends a thread without a word
                told = RuntimeError(f"SystemExit: {end.code}")
                raised.append(told.with_traceback(end.__traceback__))

        thread = Thread(target=until_done, daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(GLANCE)
            since = self.since
            if since is not None and time.perf_counter() - since > seconds and thread.is_alive():
                self.is_over = True
                return NoAnswer(seconds)
        return raised[0] if raised else None


@dataclass
class Stay:
    """How an agent played one episode."""

    actions: list[str] = field(default_factory=list)
    """What it said."""
    seconds: list[float] = field(default_factory=list)
    """How long each message took."""
    results: int = 0
    """How many answers of tools it was shown."""
    turns: int = 0
    """How many messages of the user it was shown."""
    steps: tuple[Step, ...] = ()
    """What followed."""
    stop: StopReason | None = None
    """Why the episode ended; None if it did not."""
    error: Exception | None = None
    """What the agent raised."""


class Shown(gymnasium.Wrapper[Observation, str, Observation, str]):
    """Shows an agent a conversation otherwise than it is, and notes what it says."""

    def __init__(self, env: gymnasium.Env[Observation, str], change: Change, clock: Clock) -> None:
        """Wraps an environment; the clock runs while the agent is to answer."""
        super().__init__(env)
        self._change, self._clock = change, clock
        self.stay = Stay()
        """The episode so far."""

    def reset(self, **options: Any) -> tuple[Observation, dict[str, Any]]:
        """Begins an episode."""
        observation, info = self.env.reset(**options)
        self.stay = Stay()
        shown = self._shown(observation)
        self._clock.start()
        return shown, info

    def step(self, action: str) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Plays a message, unless it comes too late."""
        if self._clock.is_over:
            raise TimeoutError("expected nothing more: the doctor has gone on")
        self.stay.seconds.append(self._clock.stop())
        self.stay.actions.append(action)
        observation, reward, terminated, truncated, info = self.env.step(action)
        self.stay.stop = StopReason(info["stop"]) if "stop" in info else None
        shown = self._shown(observation)
        self._clock.start()
        return shown, float(reward), terminated, truncated, info

    def _shown(self, observation: Observation) -> Observation:
        roles = [one["role"] for one in observation["messages"]]
        self.stay.results, self.stay.turns = roles.count(Role.TOOL), roles.count(Role.USER)
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
    seconds: float = 60.0
    """What a message may take."""

    def play(self, task_id: str, change: Change = lambda messages: messages) -> Stay:
        """One episode, to its end, the first error, or an answer that does not come in time."""
        clock, env = Clock(), self.env.fork()  # a late agent may still hold the last one
        shown = Shown(env, change, clock)

        def episode() -> None:
            if self.loop is not None:
                self.loop(Conversation(shown, task_id=task_id, seed=0))
            else:
                self._answer(shown, task_id)

        error = clock.watch(episode, self.seconds)
        shown.stay.error, shown.stay.steps = error, env.episode.steps
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
            WrongAnswers: if these are no strings, one a session.
        """
        assert self.agent is not None
        return messages_of(self.agent, self.agent.act(sessions), len(sessions))

    def together(self, task_ids: Iterable[str]) -> list[list[str]] | Exception:
        """What an agent says that is asked for several episodes in one call, each time; or what it
        raises, or that it did not answer.
        """
        clock, said = Clock(), list[list[str]]()
        error = clock.watch(lambda: said.extend(self._together(task_ids, clock)), self.seconds)
        return error or said

    def _together(self, task_ids: Iterable[str], clock: Clock) -> list[list[str]]:
        seats: list[tuple[ReasonActEnv, Session, list[str]]] = []
        for task_id in task_ids:
            env = self.env.fork()
            seats.append((env, Session(*_begin(env, task_id)), []))
        running = list(seats)
        while running:
            clock.start()
            answers = self.asked([session for _, session, _ in running])
            clock.stop()
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
