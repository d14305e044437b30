"""The mock API behind a task."""

from __future__ import annotations

from tasks.goals import answered_calls
from tasks.procedures.apis import ProcedureApis
from tasks.types import Task
from tools import worlds
from tools.executor import Executor
from tools.recorded import RecordedExecutor
from tools.schema.toolbox import Toolbox


def start_executor(task: Task, toolbox: Toolbox) -> Executor:
    """The task's API in its first state: its world, its case's, or its recorded answers."""
    if task.world is not None:
        return worlds.start(task.world.name, task.world.base)
    entries = list(answered_calls(task.messages, task.turns))
    if task.case is not None:
        return ProcedureApis.of(task.case, entries)
    return RecordedExecutor.of(entries, task.effects, toolbox)
