"""A task: one dialogue, its tools, and its goal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

from tasks.user import Customer
from tools.effects import ToolEffect
from tools.executor import Executor
from tools.nearest import did_you_mean, listed
from tools.protocol import Parsed
from tools.schema.toolbox import Toolbox
from tools.types import Message, MessageKind, Role, ToolCall, ToolSpec, Violation
from tools.worlds.database import Base

Act: TypeAlias = "tuple[Parsed, Sequence[Message]]"
"""One of the agent's messages, with the messages that followed it."""


class Split(StrEnum):
    """The three parts of every data set."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


SPLITS = (*(split.value for split in Split), "all")
"""What may be asked for: a part of a data set, or all of it."""


class GoalLabel(StrEnum):
    """How far a goal can be trusted."""

    VERIFIED = "verified"
    """Given with the dialogue: by a generator that replayed it, or by the benchmark itself."""
    PARTLY = "partly verified"
    """Given in a sidecar but for its reads or its facts, which it leaves open: these are what the
    recorded agent happened to look up or say."""
    RECORDED = "recorded"
    """Inferred from the dialogue: from what its agent happened to do and say."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One recorded assistant message."""

    index: int
    """The message's index in `Task.messages`."""
    kind: MessageKind
    """Call or reply."""
    calls: tuple[ToolCall, ...]
    """Its readable calls, in order; empty for a reply."""
    text: str
    """The reply's text; empty for a call."""
    is_decision: bool = True
    """False if the recorded call breaks its tool's schema: nothing may imitate this turn."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What an episode has to achieve."""

    writes: tuple[ToolCall, ...]
    """The calls that change the state, in order."""
    reads: tuple[ToolCall, ...]
    """The distinct calls that only look things up, in order of their first use."""
    facts: frozenset[str]
    """The facts that the user must be told, in the normal form of `tasks.facts`."""
    label: GoalLabel
    """The degree of trust in this goal."""
    outputs: tuple[str, ...] = ()
    """The outputs that tau-bench's own verdict asks for; reported, never weighted."""
    handover: ToolCall | None = None
    """The call for a human that is asked for, whatever else is; None where none is. It may be among
    the reads, too."""
    refused: tuple[ToolCall, ...] = ()
    """What the sidecar asks for and the API itself refuses: it changes nothing, so nobody has to
    bring it about."""

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls that count as progress: the writes or, if the goal has no writes, the reads.

        The call for a human is one of them, where one is asked for.
        """
        asked = self.writes or self.reads
        if self.handover is None or self.handover in asked:
            return asked
        return (*asked, self.handover)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do, look up or tell: then silence would reach it."""
        return not (self.writes or self.reads or self.facts)


class Setup(Protocol):
    """What a task is played on: its API, its user, and its rules.

    `tasks.setups.Recorded`, `tasks.setups.InWorld` and `tasks.procedures.setup.OnProcedure` are
    setups. Any other frozen value with these five members is one, too.
    """

    @property
    def user(self) -> Customer | None:
        """The user for whom the task was generated; None if it only has the recorded user."""
        ...

    @property
    def base(self) -> Base | None:
        """The database behind the API; None if the API has no database to look at."""
        ...

    @property
    def strict(self) -> bool:
        """Whether a violation makes the episode a failure, whatever else it achieved."""
        ...

    def start(self, task: Task) -> Executor:
        """The API in its first state."""
        ...

    def violations(self, task: Task, acts: Iterable[Act]) -> tuple[Violation, ...]:
        """The places where a conversation broke its rules, or left its procedure.

        Args:
            task: The task that was played.
            acts: The agent's messages after the task's opening, each with the messages that
                followed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Task:
    """One dialogue that can be played."""

    id: str
    """The id, unique within the data set."""
    source: str
    """The name of its data set, which is in `info["source"]` and in every result."""
    messages: tuple[Message, ...]
    """The recorded dialogue; the first message is the system's rules."""
    tools: tuple[ToolSpec, ...]
    """The tools that the agent may call."""
    turns: tuple[Turn, ...]
    """The recorded assistant messages after the user's first message, in order."""
    goal: Goal
    """What an episode of it has to achieve."""
    effects: Mapping[str, ToolEffect]
    """Tool name -> read or write, and whether that is known or inferred."""
    split: Split
    """Train, validation or test."""
    group: str
    """The group's name; tasks of one group are in the same split."""
    setup: Setup
    """Its API, its user, its rules."""
    traces: tuple[str | None, ...] = ()
    """The recorded agent's reasons, one per turn; empty if they are not known. A cold start learns
    from them."""
    out_of_reach: str = ""
    """Why nobody could tell there whether the goal was reached, where a database was put behind the
    task that does not hold what the goal needs; empty where it does."""
    succeeded: bool | None = None
    """The benchmark's own verdict on the recorded agent; None if it is not known."""
    labels: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The plain values of its sidecar, as text, by which a part can be chosen (`tasks.part`)."""

    @property
    def has_goal(self) -> bool:
        """Whether there is something to bring about: a goal, or a procedure to follow.

        A dialogue without is no task for dialogue mode, since a polite word would win it.
        """
        return not self.goal.is_empty or self.setup.strict

    @property
    def toolbox(self) -> Toolbox:
        """The tools, ready to check and compare calls; all that ask share one."""
        return Toolbox.of(self.tools, self.effects)

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
        """The messages up to the user's first one: rules, perhaps a greeting, first request."""
        first = next(i for i, m in enumerate(self.messages) if m.role is Role.USER)
        return self.messages[: first + 1]

    @property
    def user_turns(self) -> tuple[str, ...]:
        """The recorded user's messages, in order, as far as the record has an answer to them."""
        last = self.turns[-1].index if self.turns else 0
        users = (m.content for m in self.messages[:last] if m.role is Role.USER)
        return tuple(users)

    @property
    def ends_with_call(self) -> bool:
        """Whether the record's last assistant message is a call; this call ends an episode."""
        return bool(self.turns) and self.turns[-1].kind is MessageKind.CALL


@dataclass(frozen=True, slots=True)
class TaskError:
    """A record that is not a task, and the reason."""

    index: int
    """The record's index in the file."""
    kind: str
    """The reason's name, for counting."""
    text: str
    """What was expected, what came, what to do."""


@dataclass(frozen=True, slots=True, eq=False)
class TaskSet:
    """A data set: all its records, as tasks or as errors; it equals only itself."""

    source: str
    """The name, as results show it."""
    tasks: tuple[Task, ...]
    """The readable records, in the file's order."""
    errors: tuple[TaskError, ...] = ()
    """The other records; `len(tasks) + len(errors)` is the number of records."""
    mended: Mapping[str, int] = field(default_factory=dict)
    """Small error -> number of records in which it was repaired."""
    inferred: Mapping[str, int] = field(default_factory=dict)
    """What a rule has concluded from the words of records -> number of records.

    `failed_write`: a write failed, says `tools.failures.write_failed`, and the goal is without it.
    """
    unusable_tools: Mapping[str, str] = field(default_factory=dict)
    """Tool that cannot be used, and that no task here offers or needs -> the reason."""
    unread: Mapping[str, int] = field(default_factory=dict)
    """Key of sidecars that nothing reads -> number of records that have it."""
    forms: Mapping[str, int] = field(default_factory=dict)
    """Form other than APIGen-MT's -> number of tasks that were read from it."""

    @property
    def complaint(self) -> str:
        """How many records are no tasks, and why, in one line; empty if all are."""
        if not self.errors:
            return ""
        kinds = Counter(error.kind for error in self.errors)
        first = self.errors[0]
        return (
            f"{len(self.errors):,} of {len(self.tasks) + len(self.errors):,} records of "
            f"{self.source} are no tasks: {', '.join(f'{k} {n:,}' for k, n in kinds.items())}; "
            f"the first (record {first.index}) says: {first.text}"
        )

    @property
    def emptiness(self) -> str:
        """Why there is no task at all, in one line; empty if there is one."""
        if self.tasks:
            return ""
        if not self.errors:
            return f"expected tasks in {self.source}, which holds no record at all; give another"
        return (
            f"expected tasks in {self.source}, but no record of {len(self.errors):,} is one; the "
            f"first one says: {self.errors[0].text}"
        )

    def split(self, name: str) -> tuple[Task, ...]:
        """The tasks of one split, in order; `"all"` for every task."""
        if name == "all":
            return self.tasks
        try:
            part = Split(name)
        except ValueError:
            near = did_you_mean(name, SPLITS)
            raise ValueError(f"expected one of {listed(SPLITS)}, got {name!r}{near}") from None
        return tuple(task for task in self.tasks if task.split is part)
