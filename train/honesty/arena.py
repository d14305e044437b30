"""One environment in which the search lets messages be played, task by task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agents.gold import Gold
from reasonact_env.agent import Agent, Observation, Session
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode, Mode
from tasks.types import Task

SILENCE = ""
"""What follows the last message, until the environment ends the episode."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where an episode of the search begins: a task, or in turn mode one of its decisions."""

    task: Task
    """The task."""
    decision: int | None
    """The decision, in turn mode."""

    @property
    def name(self) -> str:
        """How files call it."""
        return self.task.id if self.decision is None else f"{self.task.id}@{self.decision}"


class Arena:
    """Plays messages from a start to the end."""

    def __init__(self, config: EnvConfig) -> None:
        """Makes the environment."""
        self._env = ReasonActEnv.of(config)
        self._config = config

    def starts(self, tasks: Sequence[Task]) -> list[Start]:
        """All starts of some tasks."""
        if Mode(self._config.mode) is Mode.DIALOGUE:
            return [Start(task, None) for task in tasks]
        return [Start(task, n) for task in tasks for n in range(len(task.decisions))]

    def play(self, start: Start, actions: Sequence[str]) -> Episode:
        """Plays messages, then silence."""
        left = iter(actions)
        return self._play(start, lambda observation, info: next(left, SILENCE))

    def gold(self, start: Start) -> Episode:
        """How the recorded agent plays."""
        return self.let(start, Gold([start.task], self._config.mode, self._config.thinking))

    def let(self, start: Start, agent: Agent) -> Episode:
        """How an agent plays."""
        memory: dict[str, object] = {}

        def answer(observation: Observation, info: dict[str, object]) -> str:
            session = Session(observation, info, memory)  # type: ignore[arg-type]
            return agent.act([session])[0]

        return self._play(start, answer)

    def _play(
        self, start: Start, answer: Callable[[Observation, dict[str, object]], str]
    ) -> Episode:
        options = {"task_id": start.task.id, "decision": start.decision}
        observation, info = self._env.reset(seed=0, options=options)
        ended = False
        while not ended:
            said = answer(observation, info)
            observation, _, terminated, truncated, info = self._env.step(said)
            ended = terminated or truncated
        return self._env.episode
