"""Episodes behind OpenEnv's server: each session of a client plays its own, and may play others.

An action is a raw message, as `step` takes it. An observation has what is new since the last one:
at the beginning the rules, what the user wants, and the tools. Nothing in it tells more than the
agent may know before the end.
"""

from __future__ import annotations

from typing import Any

from openenv.core.env_server import Action, Environment, Observation, State
from openenv.core.env_server.http_server import create_fastapi_app
from openenv.core.env_server.types import ConcurrencyConfig, EnvironmentMetadata
from pydantic import Field

import reasonact_env
from agents.door import Door, Seat

NAME = "reasonact"
"""What the environment is called in OpenEnv's addresses."""


class Say(Action):
    """What an agent does."""

    message: str = Field(
        description="The assistant's raw message: a text for the user, or calls, each as "
        '<tool_call>{"name": ..., "arguments": {...}}</tool_call>.'
    )


class Heard(Observation):
    """What follows it."""

    messages: list[dict[str, str]] = Field(default_factory=list)
    """What others said since; at the beginning all that was said."""
    tools: list[dict[str, Any]] = Field(default_factory=list)
    """The tools, in OpenAI's function envelope; at the beginning alone."""


class Playing(State):
    """Where a session stands."""

    task_id: str | None = None
    """The task that is played."""


class Client(Environment[Say, Heard, Playing]):
    """A session."""

    SUPPORTS_CONCURRENT_SESSIONS = True

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door
        self._seat: Seat | None = None
        self._episode_id: str | None = None
        self._is_closed = False

    def reset(
        self,
        seed: int | None = None,
        episode_id: str | None = None,
        task_id: str | None = None,
        split: str | None = None,
        index: int | None = None,
        **unknown: object,
    ) -> Heard:
        """Begins an episode: of a task by its id, or by its number, or of the next one.

        Raises:
            ValueError: for anything that there is not.
        """
        if self._is_closed:
            raise ValueError("expected an open session, got one that was idle for too long")
        if unknown:
            known = "task_id, index, split, seed and episode_id"
            raise ValueError(f"expected {known}, got {sorted(unknown)}")
        if split not in (None, self._door.split):
            raise ValueError(f"expected the split {self._door.split}, got {split!r}")
        if index is not None:
            task_id = self.get_task(self._door.split, index)["id"]
        self._leave()
        self._seat, self._episode_id = self._door.sit_down(task_id, seed), episode_id
        talk = self._seat.talk
        return Heard(messages=talk.messages, tools=talk.tools, metadata=self._told())

    def step(self, action: Say, timeout_s: float | None = None, **others: object) -> Heard:
        """Plays a message.

        Raises:
            ValueError: before the first `reset`.
        """
        seat = self._sitting
        if seat.is_late and not seat.talk.done:
            self._leave(still=True)
            return Heard(done=True, reward=0.0, metadata={**self._told(), "stop": "late"})
        if seat.talk.done:
            return Heard(done=True, reward=0.0, metadata=self._told())
        before = len(seat.talk.messages)
        seat.talk.play(action.message)
        if seat.talk.done:
            self._door.keep(seat)
        return Heard(
            messages=seat.talk.messages[before + 1 :],
            done=seat.talk.done,
            reward=seat.talk.rewards[-1],
            metadata=self._told(),
        )

    @property
    def state(self) -> Playing:
        """Where the session stands."""
        if self._seat is None:
            return Playing()
        talk = self._seat.talk
        count = len(talk.rewards)
        return Playing(task_id=talk.info["task_id"], episode_id=self._episode_id, step_count=count)

    def close(self) -> None:
        """Ends the session."""
        self._leave()
        self._is_closed = True

    def list_splits(self) -> list[str]:
        """The split that is served."""
        return [self._door.split]

    def num_tasks(self, split: str) -> int:
        """How many tasks there are."""
        return len(self._tasks(split))

    def list_tasks(self, split: str) -> list[dict[str, Any]]:
        """The tasks."""
        return self.get_task_range(split)

    def get_task(self, split: str, index: int) -> dict[str, Any]:
        """One task.

        Raises:
            IndexError: if there is no such number.
        """
        if isinstance(index, bool) or not isinstance(index, int) or index < 0:
            raise IndexError(f"expected the number of a task, got {index!r}")
        return {"id": self._tasks(split)[index], "index": index}

    def get_task_range(
        self, split: str, start: int | None = None, stop: int | None = None
    ) -> list[dict[str, Any]]:
        """Some tasks, by a slice's bounds."""
        rows = [{"id": id, "index": at} for at, id in enumerate(self._tasks(split))]
        return rows[start:stop]

    def get_metadata(self) -> EnvironmentMetadata:
        """What is served."""
        return EnvironmentMetadata(
            name=NAME,
            description="Conversations with a simulated user, and tools on a mock API.",
            version=reasonact_env.__version__,
        )

    def _tasks(self, split: str) -> tuple[str, ...]:
        if split != self._door.split:
            raise IndexError(f"expected the split {self._door.split}, got {split!r}")
        return self._door.task_ids

    @property
    def _sitting(self) -> Seat:
        if self._is_closed:
            raise ValueError("expected an open session, got one that was idle for too long")
        if self._seat is None:
            raise ValueError("expected `reset` before the first `step`; by HTTP use the web socket")
        return self._seat

    def _leave(self, *, still: bool = False) -> None:
        """Keeps what was played so far."""
        if self._seat is not None:
            self._door.keep(self._seat)
            if not still:
                self._seat = None

    def _told(self) -> dict[str, Any]:
        """At the end, how it ended: some clients show all of an observation to their models."""
        talk = self._sitting.talk
        if not talk.done:
            return {}
        return {"task_id": talk.info["task_id"], "stop": talk.stop, "total": talk.total}


def app_of(door: Door, *, max_sessions: int, idle_seconds: float) -> Any:
    """OpenEnv's server over a door; without its /reset and /step, which know no sessions.

    Args:
        door: Where episodes come from.
        max_sessions: How many sessions there may be at the same time.
        idle_seconds: After how long without a message a session is ended.
    """
    return create_fastapi_app(
        lambda: Client(door),
        Say,
        Heard,
        concurrency_config=ConcurrencyConfig(
            max_concurrent_envs=max_sessions, session_timeout=idle_seconds
        ),
        env_name=NAME,
        state_cls=Playing,
        mode="production",
    )
