"""The tasks of tau-bench and tau2-bench, each played on its benchmark's own database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from tasks.apigen.reader import read_records
from tasks.apigen.rows import RowProblem
from tasks.carried_out import carried_out
from tasks.joined import with_counts
from tasks.tau.benchmark import OnBenchmark
from tasks.tau.gold import gold_record
from tasks.tau.places import PREFIX, TAU2, Place, places_in
from tasks.tau.taskfiles import TauTask, parts_in, raw_tasks, read_task
from tasks.tau.user import TauUser
from tasks.types import Goal, GoalLabel, Split, Task, TaskError, TaskSet
from tools.effects import ToolEffect
from tools.types import Effect, Json
from tools.worlds import WORLDS

_SPLITS = {"train": Split.TRAIN, "dev": Split.VALIDATION, "test": Split.TEST}


def read_tau(path: Path) -> TaskSet:
    """All tasks of a repository, a domain's folder or a file; read again when a file has changed.

    Args:
        path: What comes after `tau:`.

    Raises:
        FileNotFoundError: if there are no tasks, or no database or policy beside them.
        ValueError: if a file has another form.
    """
    places = places_in(path)
    versions = tuple(
        (file, file.stat().st_mtime_ns, file.stat().st_size)
        for place in places
        for file in place.files
    )
    return _read(path.resolve().name, places, versions)


@lru_cache(maxsize=4)
def _read(name: str, places: tuple[Place, ...], versions: object) -> TaskSet:
    del versions  # only a key of the cache
    return _together(f"{PREFIX}{name}", [_of_place(place, f"{PREFIX}{name}") for place in places])


def _together(source: str, sets: Iterable[TaskSet]) -> TaskSet:
    sets = list(sets)
    tasks = tuple(task for one in sets for task in one.tasks)
    errors = tuple(error for one in sets for error in one.errors)
    return with_counts(TaskSet(source, tasks, errors), sets)


def _of_place(place: Place, source: str) -> TaskSet:
    world = WORLDS[f"{place.domain}-tau2" if place.benchmark == TAU2 else place.domain]
    base = world.read(place.database)
    policy = place.policy.read_text("utf-8")
    parts = {} if place.parts is None else parts_in(place.parts)
    tasks: dict[int, TauTask] = {}
    errors: list[TaskError] = []
    rows: list[Json] = []
    sidecars: list[Json] = []
    for index, raw in enumerate(raw_tasks(place.file, place.key)):
        try:
            task = read_task(raw, index)
        except RowProblem as problem:
            errors.append(TaskError(index, problem.kind, str(problem)))
            continue
        tasks[index] = task
        rows.append(gold_record(task, world, base, policy))
        sidecars.append(_sidecar(task, place, parts.get(task.id, place.part or "test")))
    found = read_records(rows, sidecars, source=source, stem=place.name)
    assert not found.errors, found.errors  # the rows are our own
    named = zip(found.tasks, tasks.items(), strict=True)
    setup = OnBenchmark(world, base)
    placed = tuple(
        _placed(replace(one, id=f"{place.name}-{index:05d}"), task, setup)
        for one, (index, task) in named
    )
    return replace(found, tasks=placed, errors=tuple(errors), mended={})


def _sidecar(task: TauTask, place: Place, part: str) -> dict[str, Json]:
    """What is known of a task beside its dialogue; its plain values choose parts of a set."""
    entry: dict[str, Json] = {
        "benchmark": place.benchmark,
        "domain": place.domain,
        "number": task.id,
        "part": part,
    }
    if task.unjudged:
        entry["nl_assertions"] = list[Json](task.unjudged)
    return entry


def _placed(one: Task, task: TauTask, setup: OnBenchmark) -> Task:
    """The task on its database, with the benchmark's goal and a user who has the instructions.

    It is in the split that the benchmark has it in.
    """
    effects = setup.world.effects
    writes = [call for call in task.actions if _is_write(effects, call.name)]
    done = carried_out(setup.world, setup.base, writes)
    user = TauUser(task.instruction, len(done.writes))
    return replace(
        one,
        # Nothing of the dialogue may be imitated: it has no word of the user.
        turns=tuple(replace(turn, is_decision=False) for turn in one.turns),
        goal=Goal(
            writes=done.writes,
            reads=(),
            facts=frozenset(),
            label=GoalLabel.VERIFIED,
            outputs=task.outputs,
            refused=done.refused,
        ),
        effects=effects,
        split=_SPLITS[one.labels["part"]],
        group=task.user or one.id,
        setup=replace(setup, user=user),
        out_of_reach=done.missing,
    )


def _is_write(effects: Mapping[str, ToolEffect], name: str) -> bool:
    known = effects.get(name)
    return known is not None and known.effect is Effect.WRITE
