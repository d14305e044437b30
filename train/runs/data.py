"""What a run's folder says of its data: which they are, what was left out, what taints figures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache

from reasonact_env.episode import Mode
from reasonact_env.playable import to_play
from tasks.contamination import contamination
from tasks.load import load_tasks
from tasks.types import Task, TaskSet
from tasks.verdicts import failure_words, failures, without_failures
from tools.types import Json

FAILED = "failed_left_out"
"""What tells, with the data, how many officially failed dialogues a stage has left out."""
CAUTION = "caution"
"""What tells, with the data, that figures on them are contaminated."""


def gold_tasks(tasks: Iterable[Task], mode: Mode) -> tuple[Task, ...]:
    """What a mode can play; in turn mode, where records are gold, without those that failed."""
    found = to_play(tasks, mode)
    return without_failures(found) if mode is Mode.TURN else found


def require_training(data: str | None) -> None:
    """Refuses data that nothing can be learned from; loads them.

    Raises:
        ValueError: if so, or if they are broken.
        OSError: if they are nowhere.
    """
    tasks = load_tasks(data)
    if not without_failures(tasks.split("train")):
        raise ValueError(
            f"expected dialogues to learn from in the training split of {tasks.source}, found "
            "none; give more of them, or other data"
        )


def require_distinct(first: str | None, *further: str) -> None:
    """Refuses to judge on the same tasks twice, by whatever names they go; loads them.

    Raises:
        ValueError: if two of them have the same tasks.
    """
    known: set[str] = set()
    for data in (first, *further) if further else ():
        tasks = load_tasks(data)
        if (digest := _digest(tasks)) in known:
            raise ValueError(
                f"expected other data with --also, each once, got {tasks.source} twice; what is "
                "trained on is judged on anyway"
            )
        known.add(digest)


def data_identity(
    tasks: TaskSet, rehearsed: TaskSet | None = None, *, as_gold: bool = False
) -> dict[str, Json]:
    """A data set's name, size, and a hash of its tasks; the same of the data that are rehearsed.

    Args:
        tasks: The data set.
        rehearsed: Other data that a stage learns beside it.
        as_gold: Whether the stage takes the recorded agents for gold, so that those that failed
            are left out; it is told how many of the training split these are, if there are any.
    """
    named: dict[str, Json] = {
        "source": tasks.source,
        "tasks": len(tasks.tasks),
        "sha256": _digest(tasks),
    }
    if as_gold and (failed := failures(tasks.split("train"))):
        named[FAILED] = failed
    if rehearsed is None:
        return named
    return {**named, "rehearsed": data_identity(rehearsed, as_gold=as_gold)}


def failed_words(data: Mapping[str, Json]) -> str:
    """What is said of the dialogues that a stage has left out, given its `data_identity`."""
    count = data.get(FAILED, 0)
    return failure_words(count if isinstance(count, int) else 0)


def taught_data(told: Mapping[str, Json], *sets: TaskSet | None) -> dict[str, Json]:
    """What a policy's lineage keeps of a stage's data: its `data_identity`, and what taints it.

    Args:
        told: The identity.
        sets: The data sets themselves; None where nothing was rehearsed.
    """
    cautions = (contamination(one.tasks) for one in sets if one)
    caution = next(filter(None, cautions), "")
    return {**told, CAUTION: caution} if caution else {**told}


@lru_cache(maxsize=16)
def _digest(tasks: TaskSet) -> str:
    """16 hex characters of the SHA-256 of what is said, offered and asked for in all tasks."""
    # Tasks of a domain share one tuple of tools, which becomes JSON once instead of once a task.
    digest, offers = hashlib.sha256(), dict[int, bytes]()
    for task in tasks.tasks:
        if (known := offers.get(id(task.tools))) is None:
            known = offers[id(task.tools)] = _bytes([tool.as_dict() for tool in task.tools])
        digest.update(known)
        digest.update(_bytes(_said(task)))
    return digest.hexdigest()[:16]


def _said(task: Task) -> list[object]:
    goal = task.goal
    calls = [(call.name, call.arguments) for call in (*goal.writes, *goal.reads)]
    spoken = [(message.role, message.content) for message in task.messages]
    return [task.id, task.split, spoken, calls, sorted(goal.facts)]


def _bytes(value: object) -> bytes:
    return json.dumps(value, sort_keys=True).encode("ascii")
