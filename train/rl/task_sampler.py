"""Tasks beyond the plan: in place of groups that tell nothing, and by how hard they are.

Tasks are alike in difficulty where they ask for as many changes, or look-ups; decisions where they
are of one kind. How often the policy succeeds is estimated for each such level, since one task is
hardly ever played twice. A level at which it always or never succeeds teaches nothing: within a
group, the variance of success is p (1 - p). So a level is drawn as often as it occurs, times that.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from tasks.types import Task
from tools.files import write_text
from train.imitation.lessons import kind_of
from train.rl.rollouts import Prompt, Sample, units_of
from train.runs import processes

FLOOR = 0.1
"""A level that is mastered, or hopeless, keeps this share of a middling one's chance: it may have
changed since."""
FORGETTING = 0.9
"""What an observation still counts for a generation later."""

Tally: TypeAlias = "dict[str, list[int]]"
"""Level -> [successes, episodes] of one generation."""


class TaskSampler:
    """Draws tasks, the same ones for the same seed, generation and record."""

    def __init__(
        self, tasks: Sequence[Task], *, by_turn: bool, seed: int, record: Path | None = None
    ) -> None:
        """Sorts the tasks.

        Args:
            tasks: The training split.
            by_turn: Whether single decisions are played.
            seed: Of the draws.
            record: The file that remembers successes; None draws all tasks alike.
        """
        by_id = {task.id: task for task in tasks}
        self._units = units_of(tasks, by_turn)
        self._seed, self._record = seed, record
        levels = [level_of(by_id[unit[0]], unit[1]) for unit in self._units] if record else []
        self._level = dict(zip(self._units, levels, strict=False))
        self._names, self._places = np.unique(np.array(levels), return_inverse=True)

    def draw(self, step: int, number: int, count: int) -> list[Prompt]:
        """Draws tasks, different ones as long as there are enough.

        Args:
            step: Optimiser steps done so far.
            number: Tells the draws of one generation apart.
            count: How many.
        """
        rng = np.random.default_rng([self._seed, step, number, processes.rank()])
        chances = self._chances(step) if self._record else None
        size = len(self._units)
        chosen = rng.choice(size, size=count, replace=count > size, p=chances).tolist()
        seed = int(rng.integers(2**31))
        units = [self._units[int(i)] for i in chosen]
        return [Prompt(task_id, decision, seed) for task_id, decision in units]

    def learn(self, step: int, samples: Sequence[Sample]) -> None:
        """Remembers a generation's successes; what a killed run had noted later is dropped."""
        if self._record is None:
            return
        found: Tally = {}
        for sample in samples:
            tally = found.setdefault(self._level[sample.task_id, sample.decision], [0, 0])
            tally[0] += sample.success
            tally[1] += 1
        lines = [*self._remembered(step), (step, found)]
        rows = (json.dumps({"step": at, "levels": levels}) for at, levels in lines)
        write_text(self._record, "".join(f"{row}\n" for row in rows))

    def rates(self, step: int) -> dict[str, float]:
        """Level -> share of successes before a step; a half where nothing is known."""
        names: list[str] = self._names.tolist()
        won, played = dict.fromkeys(names, 1.0), dict.fromkeys(names, 2.0)
        for age, (_, levels) in enumerate(reversed(self._remembered(step))):
            for name, (wins, episodes) in levels.items():
                won[name] += wins * FORGETTING**age
                played[name] += episodes * FORGETTING**age
        return {name: won[name] / played[name] for name in names}

    def _chances(self, step: int) -> np.ndarray:
        """Every unit's chance; the levels' own are p (1 - p), a middling one's being 1."""
        rates = self.rates(step)
        p = np.array([rates[name] for name in self._names.tolist()])
        chances = (FLOOR + (1 - FLOOR) * 4 * p * (1 - p))[self._places]
        whole: np.ndarray = chances / chances.sum()
        return whole

    def _remembered(self, step: int) -> list[tuple[int, Tally]]:
        if self._record is None or not self._record.exists():
            return []
        rows = map(json.loads, self._record.read_text(encoding="utf-8").splitlines())
        return [(row["step"], row["levels"]) for row in rows if row["step"] < step]


def level_of(task: Task, decision: int | None) -> str:
    """How hard a task is, as far as one can tell without playing it."""
    if decision is not None:
        return kind_of(task, decision)
    goal = task.goal
    what = "changes" if goal.writes else "look-ups"
    return f"{len(goal.calls)} {what}"
