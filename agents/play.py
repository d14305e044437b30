"""The one loop that plays episodes, many at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from reasonact_env.agent import Agent, FunctionAgent, Session, as_agent
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode
from tools.chat_endpoint import EndpointError
from tools.counts import counted
from tools.jsontext import short
from tools.load_object import name_of
from tools.usage import Usage, counted_in

AGENT, USER = "agent", "user"
"""Who asks models."""
Wanted: TypeAlias = "tuple[str, int | None]"
"""A task's id and, in turn mode, the number of the single decision to play, or None for all."""


class WrongAnswers(ValueError):
    """An agent has returned something else than one message a session."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What the models behind endpoints took for one episode."""

    agent: Usage = field(default_factory=Usage)
    """For the agent."""
    user: Usage = field(default_factory=Usage)
    """For the user."""


@dataclass(frozen=True, slots=True)
class Played:
    """A finished episode, and what the agent noted while it played."""

    episode: Episode
    """What happened."""
    memory: dict[str, object]
    """The session's memory at the end."""
    taken: Taken = field(default_factory=Taken)
    """What models took."""

    @property
    def task_id(self) -> str:
        """Which task was played."""
        return self.episode.task_id


@dataclass(frozen=True, slots=True)
class Lost:
    """An episode that an error has ended: it says nothing of the agent, and has no reward."""

    task_id: str
    """Which task was played."""
    error: Exception
    """What happened."""
    steps: int
    """The messages that the agent had sent."""
    taken: Taken
    """What models took."""
    who: str = ""
    """Whose model it was, agent or user, where that is known."""


Ended: TypeAlias = "Played | Lost"


@dataclass(slots=True)
class Seat:
    """One running episode."""

    env: ReasonActEnv
    """Its environment."""
    task_id: str
    """Its task."""
    session: Session
    """What the agent sees."""
    taken: Taken = field(default_factory=Taken)
    """What models took so far."""
    cuts: list[bool | None] = field(default_factory=list)
    """Of each message, whether it was cut off, as the agent tells."""
    ended: bool = False
    """Whether the episode is over."""
    error: Exception | None = None
    """What has ended it before its time."""
    who: str = ""
    """Who is at it: agent, user, or neither."""

    @classmethod
    def at(cls, env: ReasonActEnv, task_id: str, decision: int | None, seed: int) -> Seat:
        """Begins an episode."""
        options = {"task_id": task_id, "decision": decision}
        observation, info = env.reset(seed=seed, options=options)
        return cls(env, task_id, Session(observation, info))

    def move(self, action: str) -> None:
        """Plays a message; an error leaves the episode as it was."""
        cut = self.session.cut
        with counted_in(self.taken.user):
            observation, _, terminated, truncated, info = self.env.step(action)
        self.cuts.append(cut)
        self.session.observation, self.session.info = observation, info
        self.ended = terminated or truncated

    @property
    def result(self) -> Ended:
        """What became of it."""
        if self.error is not None:
            return Lost(self.task_id, self.error, len(self.cuts), self.taken, self.who)
        return Played(self._episode(), self.session.memory, self.taken)

    def _episode(self) -> Episode:
        """What happened, with what the agent told of its messages."""
        episode, told = self.env.episode, None not in self.cuts
        cut = tuple(number for number, one in enumerate(self.cuts) if one)
        return replace(episode, cut=cut) if told and self.cuts else episode


def play(
    config: EnvConfig,
    agent: Agent,
    wanted: Sequence[Wanted],
    *,
    batch_size: int = 64,
    seed: int = 0,
) -> Iterator[Played]:
    """Plays episodes in waves.

    A wave plays `batch_size` episodes in lockstep: each round, the agent answers all those that
    still run in one call. The next wave begins when the last has ended, so that a model can keep
    one cache for a wave.

    Args:
        config: What the environments are made with.
        agent: Who answers; a function from observation to message will do.
        wanted: The episodes, in order.
        batch_size: How many are played at once.
        seed: The seed given to every reset.

    Yields:
        The finished episodes, in the order of `wanted`.

    Raises:
        EndpointError: if a user's model does not answer.
        TypeError: if an episode is wanted otherwise than by a pair.
        ValueError: if it is no agent.
        WrongAnswers: if it answers otherwise than by one message a session.
    """
    start, wave = 0, dict[int, Played]()
    for place, ended in _waves(config, agent, wanted, batch_size, seed, workers=1):
        if isinstance(ended, Lost):
            raise ended.error
        wave[place] = ended
        if len(wave) == min(batch_size, len(wanted) - start):
            yield from (wave[number] for number in sorted(wave))
            start, wave = start + batch_size, {}


def play_as_they_end(
    config: EnvConfig,
    agent: Agent,
    wanted: Sequence[Wanted],
    *,
    batch_size: int = 64,
    seed: int = 0,
    workers: int = 1,
) -> Iterator[Ended]:
    """Plays episodes in waves, as `play` does, and hands out each one when it ends.

    Args:
        config: What the environments are made with.
        agent: Who answers; an error of it ends all.
        wanted: The episodes.
        batch_size: How many are played at once.
        seed: The seed given to every reset.
        workers: How many users may answer at the same time; more than one is of use where these
            are models behind an endpoint.

    Yields:
        Each episode as it ends; those are lost whose user's model does not answer.
    """
    for _, ended in _waves(config, agent, wanted, batch_size, seed, workers):
        yield ended


def _waves(
    config: EnvConfig,
    agent: Agent,
    wanted: Sequence[Wanted],
    batch_size: int,
    seed: int,
    workers: int,
) -> Iterator[tuple[int, Ended]]:
    """Each episode's place among the wanted ones, and what became of it, as they end."""
    agent = as_agent(agent)
    if not isinstance(config, EnvConfig):
        raise TypeError(
            f"expected the environment as an EnvConfig, got a {type(config).__name__}; write "
            "EnvConfig(data=…)"
        )
    for one in wanted:
        if not (isinstance(one, tuple | list) and len(one) == 2):
            raise TypeError(
                f"expected episodes as pairs (task_id, decision), got {short(one)}; write "
                "(task_id, None) for a whole dialogue"
            )
    envs = [ReasonActEnv.of(config) for _ in range(min(batch_size, len(wanted)))]
    with ExitStack() as closing:
        pool = closing.enter_context(ThreadPoolExecutor(workers)) if workers > 1 else None
        for start in range(0, len(wanted), batch_size):
            wave = wanted[start : start + batch_size]
            seats = [Seat.at(env, *task, seed) for env, task in zip(envs, wave, strict=False)]
            for place, ended in _play_wave(agent, seats, pool):
                yield start + place, ended


def _play_wave(
    agent: Agent, seats: Sequence[Seat], pool: Executor | None
) -> Iterator[tuple[int, Ended]]:
    running = list(enumerate(seats))
    while running:
        here = [seat for _, seat in running]
        for seat in here:
            seat.session.cut = None
        answers = agent.act([seat.session for seat in here])
        actions = messages_of(agent, answers, len(here))
        for _ in pool.map(_try, here, actions) if pool else map(_try, here, actions):
            pass
        yield from ((place, seat.result) for place, seat in running if seat.ended)
        running = [(place, seat) for place, seat in running if not seat.ended]


def _try(seat: Seat, action: str) -> None:
    """Plays a message; where the user's model does not answer, the episode is lost."""
    try:
        seat.move(action)
    except EndpointError as error:
        seat.error, seat.ended, seat.who = error, True, USER


def messages_of(agent: Agent, answers: object, count: int) -> Sequence[str]:
    """What an agent has answered, one message a session.

    Raises:
        WrongAnswers: if it is something else; the error names the agent.
    """
    todo = "write `return [… for session in sessions]`"
    if isinstance(answers, list | tuple) and len(answers) == count:
        wrong = [one for one in answers if not isinstance(one, str)]
        if not wrong:
            return answers
        came = f"{short(repr(wrong[0]))}, a {type(wrong[0]).__name__}"
        todo = "let it return the message itself, a str, each time"
    elif isinstance(answers, list | tuple):
        came = f"{len(answers)}"
    else:
        came = f"a {type(answers).__name__}"
    raise WrongAnswers(
        f"expected a list of one str for each of {counted(count, 'session')} from the agent "
        f"{_name(agent)}, "
        f"got {came}; {todo}"
    )


def _name(agent: Agent) -> str:
    if isinstance(agent, FunctionAgent):
        return name_of(agent.function) or short(repr(agent.function))
    return name_of(type(agent)) or type(agent).__qualname__
