"""The tasks that an environment can play, shared by all environments over the same split."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    left_out: tuple[str, ...] = ()
    """The ids of the split's tasks that the mode cannot play: without a goal, or a decision."""


def playable(
    data: TaskSet, split: str, mode: Mode, database: DatabaseSource | None = None
) -> Playable:
    """The tasks of a split; all environments share one result.

    Args:
        data: The data set.
        split: "train", "validation", "test", or "all".
        mode: The mode; turn mode leaves out tasks without a decision, dialogue mode tasks without
            a goal.
        database: A database for `tasks.databases.on_database`, or None for each task's own API.

    Raises:
        ValueError: if no task is left, or the database is not valid.
    """
    if database is not None:
        require_database(database)
    return _playable(data, split, mode, database)


@lru_cache(maxsize=4)
def _playable(data: TaskSet, split: str, mode: Mode, database: DatabaseSource | None) -> Playable:
    if not data.tasks and data.errors:
        raise ValueError(
            f"expected tasks in {data.source}, but no record of {len(data.errors)} is one; the "
            f"first one says: {data.errors[0].text}"
        )
    every = data.split(split)
    if every and database is not None:
        every = on_database(every, database)
    tasks = to_play(every, mode)
    if not tasks:
        raise ValueError(
            f"expected tasks in split {split!r} of {data.source}, which has {len(data.tasks)} in "
            f"all, but found none to play in {mode} mode{left_out_words(without_goal(every, mode))}"
            '; try split="all"'
        )
    tool_sets = {id(task.tools): task.tools for task in tasks}  # most tasks share one tuple
    tools = distinct(spec for tools in tool_sets.values() for spec in tools)
    by_id = {task.id: task for task in tasks}
    left_out = tuple(task.id for task in every if task.id not in by_id)
    return Playable(tasks, by_id, tools, left_out)


def to_play(tasks: Iterable[Task], mode: Mode) -> tuple[Task, ...]:
    """The tasks that a mode can play: in turn mode those with a decision, in dialogue mode those
    with a goal.
    """
    if mode is Mode.TURN:
        return tuple(task for task in tasks if task.decisions)
    return tuple(task for task in tasks if task.has_goal)


def without_goal(tasks: Iterable[Task], mode: Mode) -> int:
    """How many tasks dialogue mode leaves out since they have no goal; 0 in turn mode."""
    return sum(not task.has_goal for task in tasks) if mode is Mode.DIALOGUE else 0


def left_out_words(count: int) -> str:
    """What titles of tables say of dialogues without a goal; nothing where there are none."""
    if not count:
        return ""
    return f" · {count:,} dialogue{'s' if count > 1 else ''} without a goal left out"
