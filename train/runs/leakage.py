"""How many tasks of an evaluation were in a policy's training data, of all its stages.

By name, word for word, and as near copies (`tasks.near_copies`: of the user's words, three at a
time, 80 % are shared).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tasks.load import load_tasks
from tasks.types import Task
from tools.files import read_object
from tools.types import Json
from train.runs.folders import RUN
from train.runs.learned import LEARNED, dialogue_hash, hashes_of, known_words, read_learned
from train.runs.run import data_identity
from train.runs.sketches import Sketches, name_of, near_copies, read_sketches, sketches_of


@dataclass(frozen=True, slots=True)
class Training:
    """What is known of a policy's training data."""

    hashes: frozenset[str] = frozenset()
    """Of every dialogue, as `train.runs.learned.dialogue_hash` gives them."""
    sketches: Sketches = field(default_factory=Sketches)
    """Of those for which they were kept."""


@dataclass(frozen=True, slots=True)
class Leakage:
    """The tasks that were found, by name; each list may hold tasks of the others."""

    tasks: int
    """The tasks that are judged on."""
    compared: int
    """The training dialogues that they were compared with."""
    sketched: int
    """Those of them in which near copies could be looked for."""
    names: tuple[str, ...]
    """Tasks of the same id."""
    dialogues: tuple[str, ...]
    """Tasks with the same rules and the same words of the user."""
    near: tuple[str, ...]
    """Tasks with nearly the same words of the user."""

    @property
    def found(self) -> tuple[str, ...]:
        """All that were found, each once."""
        return tuple(dict.fromkeys((*self.names, *self.dialogues, *self.near)))

    def as_dict(self) -> dict[str, Json]:
        """The counts."""
        return {
            "compared": self.compared,
            "compared_for_near_copies": self.sketched,
            "by_id": len(self.names),
            "word_for_word": len(self.dialogues),
            "near_copies": len(self.near),
            "found": len(self.found),
        }

    def words(self, split: str) -> str:
        """What to think of figures on these tasks."""
        if not self.compared:
            return "Training data: nothing is known of this policy's; no task was compared."
        data = f"{self.compared:,} training dialogues{self._gap}"
        if not self.found:
            return f"Training data: none of these {self.tasks:,} tasks was found among {data}."
        counts = (
            f"{len(self.names):,} by id, {len(self.dialogues):,} word for word, {len(self.near):,} "
            f"as near copies, among {data}"
        )
        return f"{known_words(len(self.found), self.tasks, split)} Found: {counts}."

    @property
    def _gap(self) -> str:
        if self.sketched >= self.compared:
            return ""
        if not self.sketched:
            return " (near copies were not looked for: this policy's folder keeps hashes alone)"
        return f" (near copies were looked for in {self.sketched:,} of them)"


def leakage(training: Training, tasks: Sequence[Task]) -> Leakage:
    """Compares tasks with a policy's training data."""
    kept = training.sketches
    known, judged = {*kept.names}, sketches_of(tasks)
    near = near_copies(kept, judged) if kept.names else set()
    return Leakage(
        tasks=len(tasks),
        compared=len(training.hashes | {*kept.hashes}),
        sketched=len({*kept.hashes}),
        names=tuple(task.id for task in tasks if name_of(task) in known),
        dialogues=tuple(task.id for task in tasks if dialogue_hash(task) in training.hashes),
        near=tuple(task.id for place, task in enumerate(tasks) if place in near),
    )


def read_training(folder: Path) -> Training:
    """What a policy's folder keeps of its training data; of an older one what its run names."""
    if not (folder / LEARNED).exists() and (folder / RUN).exists():
        return _recalled(read_object(folder / RUN))
    return Training(read_learned(folder), read_sketches(folder))


def _recalled(run: Mapping[str, Any]) -> Training:
    """The training split of the data that a run names, if they are still what they were."""
    chosen = run.get("configuration", {})
    named = chosen.get("setup", chosen)
    try:
        data = load_tasks(named.get("data"))
    except (OSError, ValueError):  # moved, or of another version
        return Training()
    if data_identity(data)["sha256"] != run.get("data", {}).get("sha256"):
        return Training()
    tasks = data.split("train")
    return Training(hashes_of(tasks), sketches_of(tasks))
