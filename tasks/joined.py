"""Several data sets as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from tasks.types import Task, TaskSet

PLUS = " + "
"""The separator between the sets' names; it has blanks, since files' names may contain a plus."""


@lru_cache(maxsize=4)
def joined(sets: tuple[TaskSet, ...]) -> TaskSet:
    """All tasks, mixed evenly: any part has the sets in about the same shares as the whole.

    Every task keeps the split of its own set, and an error names the place in its own set.

    Raises:
        ValueError: if two tasks have the same id.
    """
    source = PLUS.join(one.source for one in sets)
    _require_own_ids(sets)
    tasks = tuple(replace(task, source=source) for task in _in_turn(sets))
    errors = tuple(error for one in sets for error in one.errors)
    return with_counts(TaskSet(source, tasks, errors), sets)


def with_counts(whole: TaskSet, sets: Iterable[TaskSet]) -> TaskSet:
    """A set with what is counted in several sets together."""
    sets = list(sets)
    mended, inferred, unread, forms = (
        dict(sorted(sum(map(Counter, counts), Counter[str]()).items()))
        for counts in (
            [one.mended for one in sets],
            [one.inferred for one in sets],
            [one.unread for one in sets],
            [one.forms for one in sets],
        )
    )
    unusable = {name: why for one in sets for name, why in one.unusable_tools.items()}
    return replace(
        whole,
        mended=mended,
        inferred=inferred,
        unusable_tools=unusable,
        unread=unread,
        forms=forms,
    )


def _in_turn(sets: tuple[TaskSet, ...]) -> list[Task]:
    """The tasks of all sets, evenly mixed, each set in its own order."""
    placed = [
        ((place + 0.5) / len(one.tasks), number, task)
        for number, one in enumerate(sets)
        for place, task in enumerate(one.tasks)
    ]
    return [task for *_, task in sorted(placed, key=lambda row: row[:2])]


def _require_own_ids(sets: tuple[TaskSet, ...]) -> None:
    counts = Counter(task.id for one in sets for task in one.tasks)
    (name, times), *_ = counts.most_common(1) or [("", 0)]
    if times > 1:
        raise ValueError(
            f"expected data sets without a task in common to join, got {name!r} {times} times in "
            f"{PLUS.join(one.source for one in sets)}; take one larger set instead, or "
            "give the files other names"
        )
