"""All that stays the same while a task is played."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reasonact_env.config import EnvConfig
from reasonact_env.episode import Thinking
from reasonact_env.reward import Target, resolve
from reasonact_env.users.make import make_user
from tasks.types import Task
from tasks.user import User
from tools.executor import Executor
from tools.jsontext import canonical
from tools.schema.toolbox import Toolbox
from tools.types import Json, Message, Role

UNREACHABLE = "unreachable"
"""The digest of a goal whose writes the API behind the task cannot carry out."""


@dataclass(frozen=True, slots=True)
class PreparedTask:
    """A task made ready to be played any number of times."""

    task: Task
    """The task."""
    config: EnvConfig
    """How it is played."""
    thinking: Thinking
    """Whether a message has to begin with a thought."""
    weights: Mapping[str, float]
    """Component -> weight before scaling, of all built-in components."""
    toolbox: Toolbox
    """Its tools, ready to validate."""
    start: Executor
    """Its API in the first state."""
    target: Target
    """Its goal, ready for comparison."""
    goal_digest: str
    """The digest of the state after the goal's writes."""
    final_call: str | None
    """The normal form of the call with which the record ends, or None if it ends otherwise."""
    user: User
    """Who talks to the agent."""
    tools: list[dict[str, Json]]
    """The tools as observations show them; shared by all of them, so not to be changed."""
    opening: Transcript
    """Where every dialogue begins; to be forked."""

    @classmethod
    def of(cls, task: Task, config: EnvConfig) -> PreparedTask:
        """Makes a task ready."""
        toolbox = Toolbox.of(task.tools)
        start = task.setup.start(task)
        tools = [spec.as_dict() for spec in task.tools]
        return cls(
            task=task,
            config=config,
            thinking=Thinking(config.thinking),
            weights=resolve(config.weights),
            toolbox=toolbox,
            start=start,
            target=Target.of(task, toolbox),
            goal_digest=_digest_after_goal(start, task),
            final_call=_final_call(task, toolbox),
            user=make_user(config.user, task),
            tools=tools,
            opening=Transcript.of(tools, task.opening),
        )


_SPEAKERS = {role: role.value.encode() for role in Role}


@dataclass(slots=True)
class Transcript:
    """The messages so far, with a running hash of the observation that they make."""

    messages: list[Message]
    """What was said."""
    _running: hashlib._Hash

    @classmethod
    def of(cls, tools: list[dict[str, Json]], messages: Iterable[Message]) -> Transcript:
        """A beginning; the tools belong to the observation, so their digest begins the hash."""
        transcript = cls([], hashlib.sha256(_hash_of_tools(tools).encode()))
        transcript.extend(messages)
        return transcript

    def fork(self) -> Transcript:
        """A transcript that begins with this one, and goes its own way."""
        return Transcript(list(self.messages), self._running.copy())

    def extend(self, messages: Iterable[Message]) -> None:
        """Adds messages."""
        for message in messages:
            self.messages.append(message)
            content = message.content.encode("utf-8", "surrogatepass")
            self._running.update(b"%s:%d:" % (_SPEAKERS[message.role], len(content)))
            self._running.update(content)

    @property
    def digest(self) -> str:
        """16 hex characters: equal for equal observations on any machine."""
        return self._running.copy().hexdigest()[:16]


def _digest_after_goal(start: Executor, task: Task) -> str:
    """Where the goal's writes lead; a recorded API may be unable to go there."""
    executor = start
    for call in task.goal.writes:
        executor, result = executor.run(call)
        if not result.ok:
            return UNREACHABLE
    return executor.digest


def _final_call(task: Task, toolbox: Toolbox) -> str | None:
    if not task.ends_with_call or not task.turns[-1].calls:
        return None
    return toolbox.normal(task.turns[-1].calls[-1])


def _hash_of_tools(tools: list[dict[str, Json]]) -> str:
    return hashlib.sha256(canonical(list(tools)).encode()).hexdigest()[:16]
