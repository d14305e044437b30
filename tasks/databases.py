"""Putting the stateful API of a domain behind recorded dialogues."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tasks.goals import answered_calls
from tasks.types import Task, WorldStart
from tools import worlds
from tools.executor import Executor
from tools.jsontext import short
from tools.types import ToolCall
from tools.worlds.database import Base
from tools.worlds.files import domain_of, load_database
from tools.worlds.rebuilt.rows import rebuilt_base

REBUILT = "rebuilt"
"""What stands in a path's place where each dialogue shall be its own database."""


def on_database(tasks: Iterable[Task], path: str) -> tuple[Task, ...]:
    """The tasks, those of the database's domain with its world instead of recorded answers.

    A task belongs to a world that has all its tools; `think` and `get_item_details`, for example,
    tell tau-bench's retail from tau2-bench's. All others stay as they are.

    Args:
        tasks: The tasks.
        path: The database, as `tools.worlds.files.load_database` takes it; or `REBUILT`, for each
            task a world of its own, rebuilt from what its dialogue shows.

    Raises:
        FileNotFoundError: if nothing lies there.
        ValueError: if it is no database, or no task is of its domain.
    """
    if path == REBUILT:
        return tuple(map(_rebuilt, tasks))
    domain = domain_of(path)
    tasks = tuple(tasks)
    placed = tuple(_placed(task, domain, path) for task in tasks)
    if all(task is before for task, before in zip(placed, tasks, strict=True)):
        raise ValueError(
            f"expected tasks with the tools of {domain}, whose database lies in {short(path)}, "
            "got none; pass the database of the tasks' own domain, or none at all"
        )
    return placed


def _placed(task: Task, domain: str, path: str) -> Task:
    world = worlds.world_with(spec.name for spec in task.tools)
    if task.world is not None or world is None or world.split("-")[0] != domain:
        return task
    return _on(task, world, load_database(world, path))


def _rebuilt(task: Task) -> Task:
    world = worlds.world_with(spec.name for spec in task.tools)
    if task.world is not None or world is None or world == "desk":
        return task
    entries = list(answered_calls(task.messages, task.turns))
    return _on(task, world, rebuilt_base(world, entries))


def _on(task: Task, world: str, base: Base) -> Task:
    """The task on a database."""
    writes = _accepted(task.goal.writes, worlds.start(world, base))
    return replace(
        task,
        world=WorldStart(world, base),
        effects=worlds.effects(world),
        goal=replace(task.goal, writes=writes),
    )


def _accepted(writes: Iterable[ToolCall], executor: Executor) -> tuple[ToolCall, ...]:
    """The writes that the API carries out.

    tau-bench's gold has some that it refuses, where an agent is to find out that something cannot
    be done: they change nothing, so nobody has to bring them about.
    """
    accepted = []
    for call in writes:
        executor, result = executor.run(call)
        if result.ok:
            accepted.append(call)
    return tuple(accepted)
