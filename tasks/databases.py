"""Putting the stateful API of a domain behind recorded dialogues."""

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
"""What stands in a path's place where each dialogue shall be its own database."""

Place: TypeAlias = Callable[[Task], Setup | None]
"""From a task to what shall stand behind it; None leaves the task as it is."""
DatabaseSource: TypeAlias = "str | Path | InWorld | Place"
"""What `database=` takes: a path, `REBUILT`, `MODULE:NAME`, or an object of one's own."""


def on_database(tasks: Iterable[Task], database: DatabaseSource) -> tuple[Task, ...]:
    """The tasks, those of the database's domain with its world instead of recorded answers.

    A task belongs to a world that has all its tools; `think` and `get_item_details`, for example,
    tell tau-bench's retail from tau2-bench's. All others stay as they are, and so do those with a
    world or a procedure of their own.

    Args:
        tasks: The tasks.
        database: The path of a database, as `tools.worlds.files` takes it; `REBUILT`, for each
            task a world of its own, rebuilt from what its dialogue shows; or `MODULE:NAME` of an
            object, or the object itself: a `tasks.setups.InWorld` (a world with its database), or
            a function from a task to a `tasks.types.Setup`, or to None to leave the task alone.

    Raises:
        FileNotFoundError: if nothing lies there.
        ValueError: if it is no database, or no task is of its domain.
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
    """What puts a task on the database, and what an error calls its domain."""
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
    """Makes sure that an argument is of a kind that `on_database` takes; nothing is loaded yet.

    Raises:
        ValueError: if it is not.
    """
    if not isinstance(database, str | Path | InWorld) and not callable(database):
        raise _no_database(described(database))


def _no_database(came: str) -> ValueError:
    return ValueError(
        f"expected a database: a path, {REBUILT!r}, a tasks.setups.InWorld, or a function from a "
        f"task to a setup, got {came}; see tools/worlds/README.md"
    )


def _placed(task: Task, place: Place) -> Task:
    """The task on what a place puts behind it, if it has its recorded answers alone so far."""
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
    """The setup for a task all of whose tools its world has."""
    return setup if all(spec.name in setup.world.tools for spec in task.tools) else None


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
