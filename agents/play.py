"""The one loop that plays episodes, many at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from reasonact_env.agent import Agent, FunctionAgent, Session
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode
from tools.jsontext import short
from tools.load_object import name_of

Wanted: TypeAlias = "tuple[str, int | None]"
"""A task's id and, in turn mode, the number of the single decision to play, or None for all."""


@dataclass(frozen=True, slots=True)
class Played:
    """A finished episode, and what the agent noted while it played."""

    episode: Episode
    """What happened."""
    memory: dict[str, object]
    """The session's memory at the end."""


@dataclass(slots=True)
class _Seat:
    """One running episode of a wave."""

    env: ReasonActEnv
    session: Session
    cuts: list[bool | None] = field(default_factory=list)
    """Of each message, whether it was cut off, as the agent tells."""
    ended: bool = False

    @property
    def episode(self) -> Episode:
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
        agent: Who answers.
        wanted: The episodes, in order.
        batch_size: How many are played at once.
        seed: The seed given to every reset.

    Yields:
        The finished episodes, in the order of `wanted`.
    """
    envs = [ReasonActEnv.of(config) for _ in range(min(batch_size, len(wanted)))]
    for start in range(0, len(wanted), batch_size):
        yield from _play_wave(envs, agent, wanted[start : start + batch_size], seed)


def _play_wave(
    envs: Sequence[ReasonActEnv], agent: Agent, wanted: Sequence[Wanted], seed: int
) -> list[Played]:
    seats = [_sit_down(env, *task, seed) for env, task in zip(envs, wanted, strict=False)]
    while running := [seat for seat in seats if not seat.ended]:
        for seat in running:
            seat.session.cut = None
        actions = _messages(agent, agent.act([seat.session for seat in running]), len(running))
        for seat, action in zip(running, actions, strict=True):
            _move(seat, action)
    return [Played(seat.episode, seat.session.memory) for seat in seats]


def _messages(agent: Agent, answers: object, count: int) -> Sequence[str]:
    """What an agent has answered, one message a session.

    Raises:
        ValueError: if it is something else; the error names the agent.
    """
    if isinstance(answers, list | tuple) and len(answers) == count:
        wrong = [one for one in answers if not isinstance(one, str)]
        if not wrong:
            return answers
        came = f"{short(repr(wrong[0]))}, a {type(wrong[0]).__name__}"
    elif isinstance(answers, list | tuple):
        came = f"{len(answers)}"
    else:
        came = f"a {type(answers).__name__}"
    raise ValueError(
        f"expected a list of one str for each of {count} sessions from the agent {_name(agent)}, "
        f"got {came}; write `return [… for session in sessions]`"
    )


def _name(agent: Agent) -> str:
    if isinstance(agent, FunctionAgent):
        return name_of(agent.function) or short(repr(agent.function))
    return name_of(type(agent)) or type(agent).__qualname__


def _sit_down(env: ReasonActEnv, task_id: str, decision: int | None, seed: int) -> _Seat:
    options = {"task_id": task_id, "decision": decision}
    observation, info = env.reset(seed=seed, options=options)
    return _Seat(env, Session(observation, info))


def _move(seat: _Seat, action: str) -> None:
    seat.cuts.append(seat.session.cut)
    observation, _, terminated, truncated, info = seat.env.step(action)
    seat.session.observation, seat.session.info = observation, info
    seat.ended = terminated or truncated
