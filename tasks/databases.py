"""Gives recorded dialogues a stateful API of their domain."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeAlias, cast

from tasks.goals import answered_calls
from tasks.setups import InWorld, Recorded
from tasks.types import Setup, Task
from tools.executor import Executor
from tools.jsontext import short
from tools.load_object import described, is_object_name, load_object, name_of, takes
from tools.types import ToolCall
from tools.worlds import WORLDS, world_with
from tools.worlds.files import require_tables, tables_in

REBUILT = "rebuilt"
"""The value of `database=` for a world rebuilt from each dialogue."""

Place: TypeAlias = Callable[[Task], Setup | None]
"""A function from a task to its new setup; None leaves the task as it is."""
DatabaseSource: TypeAlias = "str | Path | InWorld | Place"
"""The values of `database=`: a path, `REBUILT`, `MODULE:NAME`, or your own object."""


def on_database(tasks: Iterable[Task], database: DatabaseSource) -> tuple[Task, ...]:
    """The tasks; those of the database's domain get its world in place of recorded answers.

    A task belongs to a world that has all its tools; `think` and `get_item_details`, for example,
    tell tau-bench's retail from tau2-bench's. All other tasks stay as they are, and so do tasks
    that
    have a world or a procedure already.

    Args:
        tasks: The tasks.
        database: The path of a database, as `tools.worlds.files` takes it; `REBUILT` for a world
            rebuilt from each dialogue; `MODULE:NAME` of an object, or the object itself. An object
            is a `tasks.setups.InWorld` (a world with its database), or a function from a task to a
            `tasks.types.Setup`, or to None to leave the task as it is.

    Raises:
        FileNotFoundError: if nothing lies there.
        ValueError: if it is not a database, or no task is of its domain.
    """
    if database == REBUILT:
        return tuple(_placed(task, _rebuilt) for task in tasks)
    place, takes = _resolved(database)
    tasks = tuple(tasks)
    placed = tuple(_placed(task, place) for task in tasks)
    if all(task is before for task, before in zip(placed, tasks, strict=True)):
        raise ValueError(
            f"expected tasks with the tools of {takes}, got none; pass the database of the tasks' "
            "own domain, or none at all"
        )
    return placed


def _resolved(database: DatabaseSource) -> tuple[Place, str]:
    """The function from a task to its new setup, and the domain's name for errors."""
    if not isinstance(database, str | Path):
        return _of_object(database, name_of(database) or "of one's own")
    if is_object_name(str(database)) and not Path(database).exists():
        return _of_object(load_object(str(database), "a database"), str(database))
    worlds, where = WORLDS.values(), short(str(database))
    domain = require_tables(tables_in(database, worlds), worlds, where).domain
    on_file = partial(_on_file, domain=domain, path=database)
    return on_file, f"{domain}, whose database lies in {where}"


def _of_object(found: object, name: str) -> tuple[Place, str]:
    if isinstance(found, InWorld):
        return partial(_with_own_tools, setup=found), f"the world {found.world.name}"
    if takes(found, "a task"):
        return cast(Place, found), f"the database {name}"
    raise _no_database(f"{described(found)} as {name}")


def require_database(database: object) -> None:
    """Refuses an argument of a kind that `on_database` does not take; loads nothing.

    Raises:
        ValueError: if the argument is of another kind.
    """
    if not isinstance(database, str | Path | InWorld) and not callable(database):
        raise _no_database(described(database))


def _no_database(came: str) -> ValueError:
    return ValueError(
        f"expected a database: a path, {REBUILT!r}, a tasks.setups.InWorld, or a function from a "
        f"task to a setup, got {came}; see tools/worlds/README.md"
    )


def _placed(task: Task, place: Place) -> Task:
    """The task with its new setup, if it only has recorded answers so far."""
    if not isinstance(task.setup, Recorded) or (setup := place(task)) is None:
        return task
    if not isinstance(setup, InWorld):
        return replace(task, setup=setup)
    writes = _accepted(task.goal.writes, setup.world.start(setup.base))
    return replace(
        task,
        setup=replace(setup, user=setup.user or task.setup.user),
        effects=setup.world.effects,
        goal=replace(task.goal, writes=writes),
    )


def _on_file(task: Task, domain: str, path: str | Path) -> Setup | None:
    world = world_with(spec.name for spec in task.tools)
    if world is None or world.domain != domain:
        return None
    return InWorld(world, world.read(path))


def _rebuilt(task: Task) -> Setup | None:
    world = world_with(spec.name for spec in task.tools)
    if world is None or world.rebuild is None:
        return None
    return InWorld(world, world.rebuilt(list(answered_calls(task.messages, task.turns))))


def _with_own_tools(task: Task, setup: InWorld) -> Setup | None:
    """The setup, if its world has all the task's tools; else None."""
    return setup if all(spec.name in setup.world.tools for spec in task.tools) else None


def _accepted(writes: Iterable[ToolCall], executor: Executor) -> tuple[ToolCall, ...]:
    """The writes that the API carries out.

    tau-bench's gold has some writes that the API refuses, to show the agent that something cannot
    be
    done. They change nothing, so the goal does not need them.
    """
    accepted = []
    for call in writes:
        executor, result = executor.run(call)
        if result.ok:
            accepted.append(call)
    return tuple(accepted)
