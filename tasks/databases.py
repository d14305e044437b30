"""Gives recorded dialogues a stateful API of their domain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeAlias, cast

from tasks.carried_out import carried_out, plays_alike
from tasks.goals import answered_calls
from tasks.setups import InWorld, Recorded
from tasks.types import Setup, Task
from tools.jsontext import short
from tools.load_object import described, is_object_name, load_object, name_of, takes
from tools.nearest import did_you_mean
from tools.worlds import WORLDS, world_with
from tools.worlds.files import require_tables, tables_in
from tools.worlds.rebuilt.executor import RebuiltBase
from tools.worlds.world import World

RECORDED, REBUILT, AUTO = "recorded", "rebuilt", "auto"
"""What stands in a path's place: each dialogue's own answers; a database rebuilt from them; or that
where it can tell whether the goal was reached, and the answers elsewhere."""

Place: TypeAlias = Callable[[Task], Setup | None]
"""A function from a task to its new setup; None leaves the task as it is."""
DatabaseSource: TypeAlias = "str | Path | InWorld | Place"
"""The values of `database=`: a path, `REBUILT`, `MODULE:NAME`, or your own object."""


def on_database(tasks: Iterable[Task], database: DatabaseSource | None) -> tuple[Task, ...]:
    """The tasks; those of the database's domain get its world in place of recorded answers.

    A task belongs to a world that has all its tools; `think` and `get_item_details`, for example,
    tell tau-bench's retail from tau2-bench's. All others stay as they are, and so do those with a
    world or a procedure of their own. A goal keeps all its writes but those that the API itself
    refuses (`Goal.refused`). Where the database does not hold what a write needs, the task says so
    (`Task.out_of_reach`).

    Args:
        tasks: The tasks.
        database: The path of a database, as `tools.worlds.files` takes it; `REBUILT`, for each
            task a world of its own, rebuilt from what its dialogue shows; `AUTO`, the same where
            this world answers as the dialogue does and its goal is within reach, and elsewhere the
            recorded answers; `RECORDED` or None for these alone; or `MODULE:NAME` of an object, or
            the object itself: a `tasks.setups.InWorld` (a world with its database), or a function
            from a task to a `tasks.types.Setup`, or to None to leave the task alone.

    Raises:
        FileNotFoundError: if nothing lies there.
        ValueError: if it is not a database, or no task is of its domain.
    """
    tasks = tuple(tasks)
    if database is None or database == RECORDED:
        return tasks
    if database in (REBUILT, AUTO):
        return tuple(_on_own_answers(task, demanding=database == AUTO) for task in tasks)
    place, takes = _resolved(database)
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
    is_name = Path(database).name == str(database) and not Path(database).suffix
    near = did_you_mean(str(database), (AUTO, RECORDED, REBUILT)) if is_name else ""
    if near and not Path(database).exists():
        raise _no_database(f"{short(str(database))}{near}")
    worlds, where = WORLDS.values(), short(str(database))
    domain = require_tables(tables_in(database, worlds), worlds, where).domain
    on_file = partial(_on_file, domain=domain, path=database)
    return on_file, f"{domain}, whose database lies in {where}"


def _of_object(found: object, name: str) -> tuple[Place, str]:
    if isinstance(found, InWorld):
        return partial(_with_own_tools, setup=found), f"the world {found.world.name}"
    _refuse_world(found)
    if takes(found, "a task"):
        return cast(Place, found), f"the database {name}"
    raise _no_database(f"{described(found)} as {name}")


def require_database(database: object) -> None:
    """Refuses an argument of a kind that `on_database` does not take; loads nothing.

    Raises:
        ValueError: if the argument is of another kind.
    """
    _refuse_world(database)
    known = database is None or isinstance(database, str | Path | InWorld)
    if not known and not callable(database):
        raise _no_database(described(database))


def _refuse_world(found: object) -> None:
    """A world alone has no rows."""
    if isinstance(found, World):
        base = "generated(500, 0)" if found.generate is not None else 'read("FILE.json")'
        name = found.name.partition(":")[2] or "WORLD"
        raise ValueError(
            f"expected a database, got the world {found.name} without one; write "
            f"database=tasks.setups.InWorld({name}, {name}.{base})"
        )


def _no_database(came: str) -> ValueError:
    return ValueError(
        f"expected a database: {AUTO!r}, {RECORDED!r}, {REBUILT!r}, a path, a "
        "tasks.setups.InWorld, or a function from a task to a setup, got "
        f"{came}{'' if came.endswith('?') else '; see tools/worlds/README.md'}"
    )


def place_name(task: Task) -> str:
    """What stands behind a task, as infos and tables call it.

    Returns:
        `RECORDED`, `REBUILT`, the name of another world, or "own" for a setup of one's own.
    """
    if isinstance(task.setup, Recorded):
        return RECORDED
    if isinstance(task.setup, InWorld):
        return REBUILT if isinstance(task.setup.base, RebuiltBase) else task.setup.world.name
    return "own"


def place_counts(tasks: Iterable[Task]) -> str:
    """What stands behind tasks, in words: `457 rebuilt, 169 recorded`."""
    counts = Counter(map(place_name, tasks))
    return ", ".join(f"{count:,} {name}" for name, count in counts.most_common())


def can_be_rebuilt(task: Task) -> bool:
    """Whether a task has recorded answers of a world that can be rebuilt from them."""
    if not isinstance(task.setup, Recorded):
        return False
    world = world_with(spec.name for spec in task.tools)
    return world is not None and world.rebuild is not None


def _on_own_answers(task: Task, *, demanding: bool) -> Task:
    """The task on a world rebuilt from its dialogue.

    Args:
        task: The task.
        demanding: Whether to leave the task as it is where that world falls short.
    """
    placed = _placed(task, _rebuilt)
    if demanding and (placed.out_of_reach or not plays_alike(placed)):
        return task
    return placed


def _placed(task: Task, place: Place) -> Task:
    """The task with its new setup, if it only has recorded answers so far."""
    if not isinstance(task.setup, Recorded) or (setup := place(task)) is None:
        return task
    if not isinstance(setup, InWorld):
        return replace(task, setup=setup)
    done = carried_out(setup.world, setup.base, task.goal.writes)
    return replace(
        task,
        setup=replace(setup, user=setup.user or task.setup.user),
        effects=setup.world.effects,
        goal=replace(task.goal, writes=done.writes, refused=done.refused),
        out_of_reach=done.missing,
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
