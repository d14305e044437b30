"""The tasks that an environment can play, shared by all environments over the same split."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from reasonact_env.episode import Mode
from reasonact_env.spaces import distinct
from tasks.carried_out import is_beyond_its_record
from tasks.databases import (
    AUTO,
    RECORDED,
    DatabaseSource,
    can_be_rebuilt,
    on_database,
    place_counts,
    require_database,
)
from tasks.types import Task, TaskSet
from tools.counts import counted
from tools.load_object import name_of
from tools.types import ToolSpec

_LOG = logging.getLogger(__name__)


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
    """The ids of the split's tasks that the mode cannot play: without a goal, without a decision,
    or with a goal that the database does not hold."""
    whys: Mapping[str, str] = field(default_factory=dict)
    """Id -> what the database does not hold, for the last of these."""


def playable(
    data: TaskSet, split: str, mode: Mode, database: DatabaseSource | None = AUTO
) -> Playable:
    """The tasks of a split; all environments share one result.

    Args:
        data: The data set.
        split: "train", "validation", "test", or "all".
        mode: The mode; turn mode leaves out tasks without a decision, dialogue mode tasks without
            a goal, or with a goal that the database does not hold.
        database: A database for `tasks.databases.on_database`.

    Raises:
        ValueError: if no task is left, or the database is not valid.
    """
    require_database(database)
    return _playable(data, split, mode, database)


@lru_cache(maxsize=4)
def _playable(data: TaskSet, split: str, mode: Mode, database: DatabaseSource | None) -> Playable:
    if data.emptiness:
        raise ValueError(data.emptiness)
    every = placed(data, split, database)
    tasks = to_play(every, mode)
    if not tasks:
        advice = "" if split == "all" else "; try split='all' (--split all)"
        raise ValueError(
            f"expected tasks in split {split!r} of {data.source}, which has {len(data.tasks)} in "
            f"all, but found none to play in {mode} mode{left_out_words(without_goal(every, mode))}"
            f"{lost_words(out_of_reach(every, mode))}{advice}"
        )
    if data.complaint:
        _LOG.warning("%s", data.complaint)
    tool_sets = {id(task.tools): task.tools for task in tasks}  # most tasks share one tuple
    tools = distinct(spec for tools in tool_sets.values() for spec in tools)
    by_id = {task.id: task for task in tasks}
    left_out = tuple(task.id for task in every if task.id not in by_id)
    if lost := out_of_reach(every, mode):
        words = f"{data.source} · split {split}{lost_words(lost)}"
        _LOG.warning("%s; env.unwrapped.left_out lists them", words)
    whys = {task.id: task.out_of_reach for task in every if task.id not in by_id}
    return Playable(tasks, by_id, tools, left_out, {id: why for id, why in whys.items() if why})


@lru_cache(maxsize=8)
def placed(data: TaskSet, split: str, database: DatabaseSource | None) -> tuple[Task, ...]:
    """A split on a database; both modes share it."""
    tasks = data.split(split)
    return on_database(tasks, database) if tasks else ()


def to_play(tasks: Iterable[Task], mode: Mode) -> tuple[Task, ...]:
    """The tasks that a mode can play: in turn mode those with a decision, in dialogue mode those
    with a goal within reach.
    """
    if mode is Mode.TURN:
        return tuple(task for task in tasks if task.decisions)
    return tuple(task for task in tasks if task.has_goal and not task.out_of_reach)


def without_goal(tasks: Iterable[Task], mode: Mode) -> int:
    """How many tasks dialogue mode leaves out since they have no goal; 0 in turn mode."""
    return sum(not task.has_goal for task in tasks) if mode is Mode.DIALOGUE else 0


def out_of_reach(tasks: Iterable[Task], mode: Mode) -> int:
    """How many tasks dialogue mode leaves out since the database does not hold what their goals
    need; 0 in turn mode.
    """
    if mode is Mode.TURN:
        return 0
    return sum(task.has_goal and bool(task.out_of_reach) for task in tasks)


def lost_words(count: int) -> str:
    """What titles of tables say of goals that the database does not hold."""
    if not count:
        return ""
    return f" · {counted(count, 'dialogue')} left out, whose goal it does not hold"


@lru_cache(maxsize=16)
def database_words(
    data: TaskSet, split: str, mode: Mode, database: DatabaseSource | None = AUTO
) -> str:
    """What titles of tables say of the APIs behind recorded dialogues.

    Args:
        data: The data set.
        split: "train", "validation", "test", or "all".
        mode: The environment's mode.
        database: What `tasks.databases.on_database` takes.

    Returns:
        Nothing for data that bring their APIs along, such as generated tasks.
    """
    every = placed(data, split, database)
    own = data.split(split)
    if all(one is task for one, task in zip(every, own, strict=True)) and not any(
        map(can_be_rebuilt, own)
    ):
        return ""
    tasks = to_play(every, mode)
    lost = sum(map(is_beyond_its_record, tasks)) if mode is Mode.DIALOGUE else 0
    beyond = f" ({lost:,} with a goal that these cannot reach)" if lost else ""
    left = lost_words(out_of_reach(every, mode))
    chosen = name_of(database) or Path(str(database or RECORDED)).name
    return f" · database {chosen}: {place_counts(tasks)}{beyond}{left}"


def left_out_words(count: int) -> str:
    """What titles of tables say of dialogues without a goal; nothing where there are none."""
    if not count:
        return ""
    return f" · {counted(count, 'dialogue')} without a goal left out"
