"""The training dialogues of a policy, kept so that copies and near copies of them are found again.

Of each dialogue a policy's folder keeps its name, a hash of its rules, and hashes of its user's
words, three at a time: no text. N dialogues, S hashes in all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasks.near_copies import MAX_STEP, NearCopies
from tasks.types import Task
from tools.files import replacing
from tools.jsontext import sha
from tools.types import Role
from train.runs.learned import dialogue_hash

SKETCHES = "trained_on.npz"
"""The file's name in a policy's folder."""
FEW = 6
"""Dialogues of fewer shingles are near copies only where their rules are the same: "Hello" is said
under all rules. Chosen by hand."""
_SIZE = re.compile(r"\(n=\d+,?")

Shingles = NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class Sketches:
    """Some dialogues."""

    names: tuple[str, ...] = ()
    """(N,) each dialogue's id, with the generator and the seed that gave it."""
    hashes: tuple[str, ...] = ()
    """(N,) as `train.runs.learned.dialogue_hash` gives them."""
    rules: tuple[str, ...] = ()
    """(N,) a hash of each one's rules."""
    shingles: tuple[Shingles, ...] = ()
    """(N,) the sorted shingles of each one's words."""

    def __or__(self, others: Sketches) -> Sketches:
        """These, and the others' that are not among them."""
        seen = {*zip(self.names, self.hashes, strict=True)}
        rows = zip(others.names, others.hashes, others.rules, others.shingles, strict=True)
        return _of(chain(self._rows(), (row for row in rows if row[:2] not in seen)))

    def _rows(self) -> Iterable[tuple[str, str, str, Shingles]]:
        return zip(self.names, self.hashes, self.rules, self.shingles, strict=True)

    def write(self, folder: Path) -> None:
        """Writes them to a policy's folder, whole or not at all."""
        told = json.dumps([self.names, self.hashes, self.rules]).encode("ascii")
        with replacing(folder / SKETCHES) as file:
            np.savez_compressed(
                file,
                told=np.frombuffer(told, dtype=np.uint8),
                counts=np.array([len(one) for one in self.shingles], dtype=np.int64),
                shingles=np.concatenate([np.zeros(0, np.uint32), *self.shingles]),
            )


def read_sketches(folder: Path) -> Sketches:
    """What a policy's folder keeps; nothing where it has no such file."""
    path = folder / SKETCHES
    if not path.exists():
        return Sketches()
    with np.load(path, allow_pickle=False) as file:
        names, hashes, rules = json.loads(file["told"].tobytes())
        ends = np.cumsum(file["counts"])[:-1]
        shingles = np.split(file["shingles"], ends) if names else []
    return Sketches(tuple(names), tuple(hashes), tuple(rules), tuple(shingles))


def sketches_of(tasks: Iterable[Task]) -> Sketches:
    """The sketches of dialogues."""
    tasks = list(tasks)
    found = NearCopies.of([("", _heard(task)) for task in tasks])
    parts = np.split((found.hashes >> np.uint64(32)).astype(np.uint32), found.starts[1:-1])
    rows = (
        (name_of(task), dialogue_hash(task), sha(task.rules), np.unique(part))
        for task, part in zip(tasks, parts, strict=False)  # of nothing NumPy makes one part
    )
    return _of(rows)


def name_of(task: Task) -> str:
    """A dialogue's id; a generated one's with its generator and seed, since all count from 0.

    The number of dialogues that were generated makes no difference to the first ones.
    """
    if not task.source.startswith("embedded:"):
        return task.id
    return f"{_SIZE.sub('(', task.source)} {task.id}"


def near_copies(learned: Sketches, judged: Sketches) -> set[int]:
    """The places of judged dialogues whose user's words are nearly those of a learned one."""
    first = len(learned.shingles)
    parts = [one.astype(np.uint64) for one in (*learned.shingles, *judged.shingles)]
    copies = NearCopies.of_shingles(parts)
    rules = (*learned.rules, *judged.rules)
    found: set[int] = set()
    for bucket in copies.buckets():
        sides = (bucket >= first).astype(np.int64)
        for step in range(1, min(len(bucket), MAX_STEP)):
            for pair in copies.candidates(bucket, step, sides):
                a, b = sorted(pair)
                if b not in found and _counts(parts, rules, a, b) and copies.are_near(a, b):
                    found.add(b)
    return {place - first for place in found}


def _counts(parts: Sequence[NDArray[np.uint64]], rules: Sequence[str], a: int, b: int) -> bool:
    return rules[a] == rules[b] or min(len(parts[a]), len(parts[b])) >= FEW


def _of(rows: Iterable[tuple[str, str, str, Shingles]]) -> Sketches:
    kept = list(rows)
    if not kept:
        return Sketches()
    names, hashes, rules, shingles = zip(*kept, strict=True)
    return Sketches(names, hashes, rules, shingles)


def _heard(task: Task) -> str:
    return "\n".join(one.content for one in task.messages if one.role is Role.USER)
