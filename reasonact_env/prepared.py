"""A task prepared for playing: all that stays the same during its episodes."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import TypeAlias

from reasonact_env.config import EnvConfig
from reasonact_env.episode import Mode, Thinking
from reasonact_env.limits import Limits
from reasonact_env.rehearsal import Rehearsal
from reasonact_env.reward import Target, resolve
from reasonact_env.users.make import make_user
from tasks.databases import place_name
from tasks.types import Task
from tasks.user import User
from tools.executor import Executor
from tools.jsontext import canonical
from tools.schema.toolbox import Toolbox
from tools.types import Json, Message

UNREACHABLE = "unreachable"
"""The digest of a goal whose writes the task's API cannot carry out."""


@dataclass(frozen=True, slots=True)
class PreparedTask:
    """A task, prepared to be played any number of times."""

    task: Task
    """The task."""
    place: str
    """What stands behind it, in the words of `tasks.databases.place_name`."""
    config: EnvConfig
    """The environment's configuration."""
    thinking: Thinking
    """Whether a message has to begin with a thought."""
    weights: Mapping[str, float]
    """Component -> weight before scaling, of all built-in components."""
    toolbox: Toolbox
    """The task's tools, compiled to validate calls."""
    start: Executor
    """The task's API in the first state."""
    target: Target
    """The task's goal, in a form to compare with."""
    goal_digest: str
    """The digest of the state after the goal's writes."""
    rehearsal: Rehearsal
    """What the record does on the same API; empty in turn mode, which never asks."""
    user: User
    """The user who talks to the agent."""
    tools: list[dict[str, Json]]
    """The tools as observations show them; all observations share them, so do not change them."""
    opening: Transcript
    """The beginning of every dialogue; fork it before adding messages."""
    limits: Limits
    """What one dialogue may take."""
    replayed: list[Executor]
    """The API before the record's first turn, after it, and so on, as far as anybody has asked."""

    @classmethod
    def of(cls, task: Task, config: EnvConfig) -> PreparedTask:
        """Prepares a task."""
        toolbox = task.toolbox
        start = task.setup.start(task)
        in_dialogue = Mode(config.mode) is Mode.DIALOGUE
        rehearsal = Rehearsal.of(task, toolbox, start) if in_dialogue else Rehearsal()
        tools = [spec.as_dict() for spec in task.tools]
        return cls(
            task=task,
            place=place_name(task),
            config=config,
            thinking=Thinking(config.thinking),
            weights=resolve(config.weights),
            toolbox=toolbox,
            start=start,
            target=Target.of(task, toolbox, rehearsal.moves),
            goal_digest=_digest_after_goal(start, task, rehearsal.failures),
            rehearsal=rehearsal,
            user=make_user(config.user, task),
            tools=tools,
            opening=Transcript.of(tools, task.opening),
            limits=Limits.of(task),
            replayed=[start],
        )

    def before(self, index: int) -> Executor:
        """The API after the record's valid calls before a message; they are carried out once."""
        turns = self.task.turns
        count = bisect_left(turns, index, key=attrgetter("index"))
        while len(self.replayed) <= count:
            executor = self.replayed[-1]
            for call in turns[len(self.replayed) - 1].calls:
                if self.toolbox.check(call) is None:
                    executor, _ = executor.run(call)
            self.replayed.append(executor)
        return self.replayed[count]


TranscriptMark: TypeAlias = "tuple[int, int, hashlib._Hash]"
"""The number of a transcript's messages, their characters, and the hash."""


@dataclass(slots=True)
class Transcript:
    """The messages so far, with a running hash of the observation."""

    messages: list[Message]
    """The messages, in order."""
    _shown: list[dict[str, str]]
    _tools: str
    _running: hashlib._Hash
    characters: int = 0
    """Of all messages."""

    @classmethod
    def of(cls, tools: list[dict[str, Json]], messages: Iterable[Message]) -> Transcript:
        """A new transcript; its hash begins with the tools, which the observation contains."""
        return _transcript(_hash_of_tools(tools), messages)

    def fork(self) -> Transcript:
        """A copy that can be extended without changing this one."""
        return Transcript(
            list(self.messages),
            list(self._shown),
            self._tools,
            self._running.copy(),
            self.characters,
        )

    def mark(self) -> TranscriptMark:
        """Where it ends now."""
        return len(self.messages), self.characters, self._running.copy()

    def back_to(self, mark: TranscriptMark) -> None:
        """Drops what was said since."""
        length, self.characters, self._running = mark
        del self.messages[length:], self._shown[length:]

    def __deepcopy__(self, memo: dict[int, object]) -> Transcript:
        """A fork: messages are never changed."""
        return self.fork()

    def __reduce__(self) -> tuple[object, ...]:
        """A running hash cannot be pickled, but computed again."""
        return _transcript, (self._tools, self.messages)

    def extend(self, messages: Iterable[Message]) -> None:
        """Adds messages."""
        for message in messages:
            self.messages.append(message)
            shown = message.as_dict()
            self._shown.append(shown)
            self.characters += len(message.content)
            content = message.content.encode("utf-8", "surrogatepass")
            self._running.update(f"{shown['role']}:{len(content)}:".encode() + content)

    def show(self) -> list[dict[str, str]]:
        """The messages as observations have them, in dicts that their reader may change."""
        return list(map(dict.copy, self._shown))

    @property
    def digest(self) -> str:
        """The hash as 16 hex characters: equal for equal observations on any machine."""
        return self._running.copy().hexdigest()[:16]


def _transcript(tools: str, messages: Iterable[Message]) -> Transcript:
    """A transcript, given the digest of its tools."""
    transcript = Transcript([], [], tools, hashlib.sha256(tools.encode()))
    transcript.extend(messages)
    return transcript


def _digest_after_goal(start: Executor, task: Task, failures: int) -> str:
    """The digest of the state after the goal's writes, or `UNREACHABLE`.

    Args:
        start: The API in its first state.
        task: The task.
        failures: How many of the record's own calls fail: so often a write is tried again, since a
            recorded API gives its answers in their order, the errors too.
    """
    executor = start
    for call in task.goal.writes:
        for _ in range(failures + 1):
            executor, result = executor.run(call)
            if result.ok:
                break
        else:
            return UNREACHABLE
    return executor.digest


def _hash_of_tools(tools: list[dict[str, Json]]) -> str:
    return hashlib.sha256(canonical(list(tools)).encode()).hexdigest()[:16]
