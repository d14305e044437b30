"""The tasks that an environment can play, shared by all environments over the same split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from reasonact_env.episode import Mode
from reasonact_env.spaces import distinct
from tasks.databases import DatabaseSource, on_database, require_database
from tasks.types import Task, TaskSet
from tools.types import ToolSpec


@dataclass(frozen=True, slots=True)
class Playable:
    """The tasks of a split that a mode can play."""

    tasks: tuple[Task, ...]
    """The tasks, in the data set's order."""
    by_id: Mapping[str, Task]
    """Task id -> task."""
    tools: tuple[ToolSpec, ...]
    """The tools of all tasks, each once."""


def playable(
    data: TaskSet, split: str, mode: Mode, database: DatabaseSource | None = None
) -> Playable:
    """The tasks of a split; all environments share one result.

    Args:
        data: The data set.
        split: "train", "validation", "test", or "all".
        mode: The mode; turn mode leaves out tasks without a decision.
        database: A database for `tasks.databases.on_database`, or None for each task's own API.

    Raises:
        ValueError: if no task is left, or the database is not valid.
    """
    if database is not None:
        require_database(database)
    return _playable(data, split, mode, database)


@lru_cache(maxsize=4)
def _playable(data: TaskSet, split: str, mode: Mode, database: DatabaseSource | None) -> Playable:
    tasks = data.split(split)
    if mode is Mode.TURN:
        tasks = tuple(task for task in tasks if task.decisions)
    if not data.tasks and data.errors:
        raise ValueError(
            f"expected tasks in {data.source}, but no record of {len(data.errors)} is one; the "
            f"first one says: {data.errors[0].text}"
        )
    if not tasks:
        raise ValueError(
            f"expected tasks in split {split!r} of {data.source}, which has {len(data.tasks)} in "
            f'all, but found none to play in {mode} mode; try split="all"'
        )
    if database is not None:
        tasks = on_database(tasks, database)
    tool_sets = {id(task.tools): task.tools for task in tasks}  # most tasks share one tuple
    tools = distinct(spec for tools in tool_sets.values() for spec in tools)
    return Playable(tasks, {task.id: task for task in tasks}, tools)
