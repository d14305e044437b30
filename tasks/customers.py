"""The customers whose data a task is about."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tasks.types import Task
from tools.executor import Executor
from tools.types import FieldChange
from tools.worlds.database import Base

USERS = "users"
"""The table whose keys are the customers' ids."""


def customers_of(task: Task) -> frozenset[str]:
    """The customers whom the task's goal is about: those whose rows its calls change or show.

    Empty if the task has no database, or a database without customers.
    """
    base = task.setup.base
    if base is None or USERS not in base.tables:
        return frozenset()
    return frozenset(_found(task.setup.start(task), task, base))


def owner(base: Base, change: FieldChange) -> str | None:
    """The customer who owns a changed row; None if nobody does.

    Args:
        base: The database before all changes.
        change: The change; for a new row, the change of `user_id` names its owner.
    """
    if change.table == USERS:
        return change.key
    row = base.row(change.table, change.key)
    known = row.get("user_id") if row else change.after if change.field == "user_id" else None
    return known if isinstance(known, str) else None


def _found(start: Executor, task: Task, base: Base) -> Iterator[str]:
    executor = start
    for call in (*task.goal.reads, *task.goal.writes):
        executor, result = executor.run(call)
        known = result.content if result.content in base.tables[USERS] else _user_in(result.content)
        if known:
            yield known
    for change in executor.changes_since(start):
        if known := owner(base, change):
            yield known


def _user_in(content: str) -> str | None:
    """The `user_id` of an answer's object."""
    value = json.loads(content) if content.startswith("{") else {}
    known = value.get("user_id")
    return known if isinstance(known, str) else None
