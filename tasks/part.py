"""A part of a data set, chosen by what is known of its records: `DATA#KEY=VALUE`.

    dialogues.json#domain=retail                  one domain of a file
    dialogues.json#domain=retail&success=true     both must hold
    retail:500:1#difficulty.level=1,2             either value

A key is one of the sidecars' that has a plain value (of an object in a sidecar, `OBJECT.KEY`), or
`domain`, which world or tools tell where no sidecar does. Tasks keep the names and the splits
that they have in the whole, so parts of one file never mix training with held-out tasks.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from tasks.almita.place import is_table
from tasks.setups import InWorld
from tasks.types import Task, TaskSet
from tools.nearest import did_you_mean
from tools.worlds import world_with

MARK = "#"
"""Stands between a data set's name and the conditions."""
DOMAIN = "domain"
"""The key that tools tell, too."""
_FEW = 8
"""An error lists at most this many values."""


@dataclass(frozen=True, slots=True)
class Part:
    """A name, taken apart."""

    whole: str
    """The data set's name."""
    conditions: tuple[tuple[str, frozenset[str]], ...] = ()
    """Key and the values that it may have; all of them must hold, so none is the whole set."""

    @classmethod
    def of(cls, data: str) -> Part:
        """Takes a name apart; a table's columns, and a file with such a name, are no conditions.

        >>> part = Part.of("dialogues.json#domain=retail")
        >>> part.whole, [key for key, _ in part.conditions]
        ('dialogues.json', ['domain'])

        Raises:
            ValueError: for conditions of another form.
        """
        whole, mark, written = data.rpartition(MARK)
        if not mark or is_table(data) or Path(data).exists():
            return cls(data)
        return cls(whole, tuple(_condition(one, data) for one in written.split("&")))


def whole_of(data: str) -> str:
    """The name of the data set that a name is a part of; conditions of another form are let be."""
    try:
        return Part.of(data).whole
    except ValueError:
        return data


def _condition(written: str, data: str) -> tuple[str, frozenset[str]]:
    key, equals, values = written.partition("=")
    if not (key and equals and values):
        raise ValueError(
            f"expected conditions as DATA#KEY=VALUE or DATA#KEY=VALUE,VALUE&KEY=VALUE, got {data!r}"
        )
    return key, frozenset(values.split(","))


@lru_cache(maxsize=8)
def part_of(whole: TaskSet, part: Part, written: str) -> TaskSet:
    """The tasks for which all conditions hold; what is told of unreadable records is the whole's.

    Args:
        whole: The data set.
        part: The conditions.
        written: How they were written, for the part's name.

    Raises:
        ValueError: for a key that no task has, or if no task is left.
    """
    tasks = whole.tasks
    for key, values in part.conditions:
        known = Counter(label for task in tasks if (label := label_of(task, key)) is not None)
        if not known:
            raise _no_key(key, whole)
        if missing := sorted(values - known.keys()):
            raise ValueError(
                f"expected a {key} that {whole.source} has ({_listed(known)}), got "
                f"{', '.join(missing)}{did_you_mean(missing[0], known)}"
            )
        tasks = tuple(task for task in tasks if label_of(task, key) in values)
    source = f"{whole.source}{MARK}{written}"
    named = tuple(replace(task, source=source) for task in tasks)
    return replace(whole, source=source, tasks=named)


def label_of(task: Task, key: str) -> str | None:
    """What a task has for a key, as text; None if nothing is known."""
    if (label := task.labels.get(key)) is not None or key != DOMAIN:
        return label
    played = task.setup
    own = played.world if isinstance(played, InWorld) else None
    world = own or world_with(spec.name for spec in task.tools)
    return None if world is None else world.domain


def _no_key(key: str, whole: TaskSet) -> ValueError:
    keys = {name for task in whole.tasks for name in task.labels}
    keys |= {DOMAIN for task in whole.tasks if label_of(task, DOMAIN) is not None}
    known = ", ".join(sorted(keys)) or "none"
    return ValueError(
        f"expected a key that tasks of {whole.source} have ({known}), got "
        f"{key!r}{did_you_mean(key, keys)}"
    )


def _listed(known: Counter[str]) -> str:
    """Values, the commonest first."""
    order = [value for value, _ in known.most_common()]
    return ", ".join(order[:_FEW]) + (", …" if len(order) > _FEW else "")
