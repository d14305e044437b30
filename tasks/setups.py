"""What stands behind a task: recorded answers, or a world in which calls are carried out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tasks.goals import answered_calls
from tasks.types import Act, Task
from tasks.user import Customer
from tools.effects import is_handover
from tools.executor import Executor
from tools.recorded import RecordedExecutor
from tools.schema.toolbox import Toolbox
from tools.types import ToolCall, Violation
from tools.worlds.database import Base
from tools.worlds.rules.conversation import Conversation
from tools.worlds.world import World


@dataclass(frozen=True, slots=True)
class Recorded:
    """Calls get the answers that the dialogue has for them."""

    user: Customer | None = None
    """Who talks to the agent, or None where only the recorded user can."""

    @property
    def base(self) -> None:
        """There is no database behind the answers."""
        return None

    @property
    def strict(self) -> bool:
        """There is no rule to break."""
        return False

    def start(self, task: Task) -> Executor:
        """The record before its first call."""
        entries = list(answered_calls(task.messages, task.turns))
        return RecordedExecutor.of(entries, task.effects, Toolbox.of(task.tools))

    def violations(self, task: Task, acts: Iterable[Act]) -> tuple[Violation, ...]:
        """Nothing: nobody knows the rules."""
        del task, acts
        return ()


@dataclass(frozen=True, slots=True)
class InWorld:
    """Calls are carried out in a world."""

    world: World
    """The world."""
    base: Base
    """The database in which the task begins; tasks may share one."""
    user: Customer | None = None
    """Who talks to the agent, or None where only the recorded user can."""

    def __hash__(self) -> int:
        """That of the world: a whole database cannot be hashed."""
        return hash(self.world)

    @property
    def strict(self) -> bool:
        """Violations are reported; what counts is the state at the end."""
        return False

    def start(self, task: Task) -> Executor:
        """The world at the task's beginning."""
        del task
        return self.world.start(self.base)

    def violations(self, task: Task, acts: Iterable[Act]) -> tuple[Violation, ...]:
        """Where the conversation broke the rules of the world."""
        if not self.world.rules:
            return ()  # reading a conversation costs more than a whole step
        goal = (*task.goal.reads, *task.goal.writes, *self._handovers(task))
        talk = Conversation.read(task.opening, acts, task.effects, goal)
        return self.world.violations(talk)

    def _handovers(self, task: Task) -> Iterator[ToolCall]:
        """The gold agent's call for a human; the record is the gold agent's if it has a user."""
        if self.user is not None:
            yield from (c for turn in task.turns for c in turn.calls if is_handover(c.name))
