"""Setups of tasks: recorded answers, or a world that carries calls out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from tasks.goals import answered_calls, handover_of
from tasks.types import Act, Task
from tasks.user import Customer
from tools.executor import Executor
from tools.recorded import RecordedExecutor
from tools.types import ToolCall, Violation
from tools.worlds.database import Base
from tools.worlds.rules.claims import unfounded
from tools.worlds.rules.conversation import Conversation
from tools.worlds.world import World


@dataclass(frozen=True, slots=True)
class Recorded:
    """A setup in which calls get the dialogue's recorded answers."""

    user: Customer | None = None
    """Who talks to the agent, or None where only the recorded user can."""

    @property
    def base(self) -> None:
        """None: recorded answers have no database."""
        return None

    @property
    def strict(self) -> bool:
        """False: recorded answers come without rules."""
        return False

    def start(self, task: Task) -> Executor:
        """The record before its first call."""
        # A call that its own schema rejects can never be made, so no state may wait for it.
        entries = [
            (call, answer)
            for call, answer in answered_calls(task.messages, task.turns)
            if task.toolbox.check(call) is None
        ]
        return RecordedExecutor.of(entries, task.effects, task.toolbox)

    def violations(self, task: Task, acts: Iterable[Act]) -> tuple[Violation, ...]:
        """Always empty: the rules are not known as code."""
        del task, acts
        return ()


@dataclass(frozen=True, slots=True)
class InWorld:
    """A setup in which a world carries calls out."""

    world: World
    """The world."""
    base: Base
    """The database in which the task begins; tasks may share one."""
    user: Customer | None = None
    """Who talks to the agent, or None where only the recorded user can."""

    def __hash__(self) -> int:
        """The world's hash: a whole database cannot be hashed."""
        return hash(self.world)

    @property
    def strict(self) -> bool:
        """False: violations are reported, but only the end state and facts count."""
        return False

    def start(self, task: Task) -> Executor:
        """The world at the task's beginning."""
        del task
        return self.world.start(self.base)

    def violations(self, task: Task, acts: Iterable[Act]) -> tuple[Violation, ...]:
        """The places where the conversation broke the rules of the world, or claimed what was not
        done.
        """
        acts = list(acts)
        broken = list(unfounded(self.world.claims, task.opening, acts))
        if self.world.rules:  # reading a conversation costs more than a whole step
            goal = (*task.goal.reads, *task.goal.writes, *self._handovers(task))
            talk = Conversation.read(task.opening, acts, task.effects, goal)
            broken += self.world.violations(talk)
        return tuple(sorted(broken, key=attrgetter("message")))

    def _handovers(self, task: Task) -> Iterator[ToolCall]:
        """The gold agent's hand-over to a human; a record with a user is the gold agent's."""
        if self.user is not None:
            calls = (call for turn in task.turns for call in turn.calls)
            yield from filter(None, [handover_of(calls, task.effects)])
