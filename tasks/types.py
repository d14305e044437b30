"""A task: one dialogue, the tools it may use, and what it should achieve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

from tasks.user import Customer
from tools.effects import ToolEffect
from tools.executor import Executor
from tools.protocol import Parsed
from tools.types import Message, MessageKind, Role, ToolCall, ToolSpec, Violation
from tools.worlds.database import Base

Act: TypeAlias = "tuple[Parsed, Sequence[Message]]"
"""A message of the agent's, and the messages that followed it."""


class Split(StrEnum):
    """The three parts of every data set."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class GoalLabel(StrEnum):
    """How far a goal can be trusted."""

    VERIFIED = "verified"
    """Given in a sidecar: by a generator that replayed it, or by the benchmark itself."""
    RECORDED = "recorded"
    """Read off the dialogue: what its agent happened to do and say."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One recorded assistant message."""

    index: int
    """Its place in `Task.messages`."""
    kind: MessageKind
    """Call or reply."""
    calls: tuple[ToolCall, ...]
    """Its readable calls, in order; empty for a reply."""
    text: str
    """The reply's text; empty for a call."""
    is_decision: bool = True
    """False where the recorded call breaks its own schema: history, but nothing to imitate."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What an episode has to bring about."""

    writes: tuple[ToolCall, ...]
    """The calls that change the state, in order."""
    reads: tuple[ToolCall, ...]
    """The distinct calls that only look things up, in order of their first use."""
    facts: frozenset[str]
    """What the user must be told, in the normal form of `tasks.facts`."""
    label: GoalLabel
    """How far it can be trusted."""
    outputs: tuple[str, ...] = ()
    """The outputs that tau-bench's own verdict asks for; reported, never paid."""

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls that count as progress: the writes or, where there are none, the reads."""
        return self.writes or self.reads


class Setup(Protocol):
    """What stands behind a task: whose API answers, who talks, and what has to be kept to.

    `tasks.setups.Recorded`, `tasks.setups.InWorld` and `tasks.procedures.setup.OnProcedure` are
    setups. So is any other frozen value with these five members.
    """

    @property
    def user(self) -> Customer | None:
        """The user that the task was made for; None where only the recorded user can speak."""
        ...

    @property
    def base(self) -> Base | None:
        """The database behind the API; None where there is none that can be looked at."""
        ...

    @property
    def strict(self) -> bool:
        """Whether a violation loses the episode, whatever else it brought about."""
        ...

    def start(self, task: Task) -> Executor:
        """The API in its first state."""
        ...

    def violations(self, task: Task, acts: Iterable[Act]) -> tuple[Violation, ...]:
        """Where a conversation broke what it had to keep to.

        Args:
            task: The task that was played.
            acts: The agent's messages after the task's opening, with what followed each.
        """
        ...


@dataclass(frozen=True, slots=True)
class Task:
    """One dialogue, ready to be played."""

    id: str
    """Unique within its data set."""
    source: str
    """The data set it comes from; it stands in `info["source"]` and in every result."""
    messages: tuple[Message, ...]
    """The recorded dialogue; the first message is the system's rules."""
    tools: tuple[ToolSpec, ...]
    """The tools on offer."""
    turns: tuple[Turn, ...]
    """The recorded assistant messages after the user's first word, in order."""
    goal: Goal
    """What it should achieve."""
    effects: Mapping[str, ToolEffect]
    """Tool name -> read or write, and how that is known."""
    split: Split
    """Train, validation or test."""
    group: str
    """Tasks of one group stay on one side of a split."""
    setup: Setup
    """What stands behind it: its API, its user, its rules."""
    traces: tuple[str | None, ...] = ()
    """Why the recorded agent did what it did, one entry a turn; empty where nobody says. A cold
    start learns from them."""

    @property
    def rules(self) -> str:
        """The system message's text."""
        return self.messages[0].content

    @property
    def decisions(self) -> tuple[Turn, ...]:
        """The turns of the record that can be imitated and scored."""
        return tuple(turn for turn in self.turns if turn.is_decision)

    @property
    def opening(self) -> tuple[Message, ...]:
        """The messages before the user's second word: rules, perhaps a greeting, first request."""
        first = next(i for i, m in enumerate(self.messages) if m.role is Role.USER)
        return self.messages[: first + 1]

    @property
    def user_turns(self) -> tuple[str, ...]:
        """What the recorded user says, in order, as far as the record has an answer to it."""
        last = self.turns[-1].index if self.turns else 0
        users = (m.content for m in self.messages[:last] if m.role is Role.USER)
        return tuple(users)

    @property
    def ends_with_call(self) -> bool:
        """Whether the record's last assistant message is a call, so that making it is the end."""
        return bool(self.turns) and self.turns[-1].kind is MessageKind.CALL


@dataclass(frozen=True, slots=True)
class TaskError:
    """A record that is no task, and why."""

    index: int
    """Its place in the file."""
    kind: str
    """The reason's name, for counting."""
    text: str
    """What was expected, what came, what to do."""


@dataclass(frozen=True, slots=True, eq=False)
class TaskSet:
    """A data set: all its records, as tasks or as errors; equal to itself alone."""

    source: str
    """Its name, as results show it."""
    tasks: tuple[Task, ...]
    """The readable records, in the file's order."""
    errors: tuple[TaskError, ...] = ()
    """The others; `len(tasks) + len(errors)` is the number of records."""
    mended: Mapping[str, int] = field(default_factory=dict)
    """Blemish -> number of records in which it was found and handled."""

    def split(self, name: str) -> tuple[Task, ...]:
        """The tasks of one split, in order; `"all"` for every task."""
        if name == "all":
            return self.tasks
        part = Split(name)
        return tuple(task for task in self.tasks if task.split is part)
