"""What all doors for other people's agents share: tasks in turn, and the file of episodes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import count
from threading import Lock
from typing import Any

from reasonact_env.config import EnvConfig
from reasonact_env.conversation import Conversation
from reasonact_env.env import ReasonActEnv
from reasonact_env.episodes.growing import GrowingFile
from reasonact_env.episodes.header import Header

LATE = "The time for this conversation is up: nothing that you do counts any more. Stop here."
"""What is answered after an episode's time."""


@dataclass(slots=True)
class Seat:
    """A client and its episode."""

    talk: Conversation
    """The episode."""
    until: float
    """When its time is up, on the monotonic clock."""
    is_kept: bool = False
    """Whether the file has its episode."""

    @property
    def is_late(self) -> bool:
        """Whether its time is up."""
        return time.monotonic() > self.until


class Door:
    """The server's side of all sessions."""

    def __init__(
        self, config: EnvConfig, file: GrowingFile, *, seed: int = 0, seconds: float = 3600.0
    ) -> None:
        """Loads the tasks, which are played in their order.

        Args:
            config: How each session's environment is made; dialogue mode.
            file: Where episodes go.
            seed: The seed of every episode, unless a client chooses one.
            seconds: The longest time that an episode may be played.
        """
        self._config, self._file, self._seed, self._seconds = config, file, seed, seconds
        self.task_ids = ReasonActEnv.of(config).task_ids
        """The tasks, in order."""
        self.split = config.split
        """Their split."""
        self._number = count()
        self._writing = Lock()

    @classmethod
    def at(cls, config: EnvConfig, path: Any, agent: str, **limits: Any) -> Door:
        """A door whose episodes go to a new file."""
        header = Header(config.to_json(), ReasonActEnv.of(config).source, agent)
        return cls(config, GrowingFile(path, header), **limits)

    def sit_down(self, task_id: str | None = None, seed: int | None = None) -> Seat:
        """An episode of its own: of this task, or of the next one.

        Raises:
            ValueError: if there is no such task, or no such seed.
        """
        env = ReasonActEnv.of(self._config)
        chosen = task_id or self.task_ids[next(self._number) % len(self.task_ids)]
        talk = Conversation(env, task_id=chosen, seed=self._seed if seed is None else seed)
        return Seat(talk, time.monotonic() + self._seconds)

    def keep(self, seat: Seat) -> None:
        """Writes an episode, once, unless nothing was done in it."""
        with self._writing:
            if seat.talk.rewards and not seat.is_kept:
                self._file.add(seat.talk.episode)
                seat.is_kept = True

    def close(self) -> None:
        """Lets go of the file."""
        self._file.close()
