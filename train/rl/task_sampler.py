"""Further tasks, in place of groups without a learning signal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tasks.types import Task
from train.rl.rollouts import Prompt, units_of
from train.runs import processes


class TaskSampler:
    """Samples tasks, the same ones for the same seed and generation."""

    def __init__(self, tasks: Sequence[Task], *, by_turn: bool, seed: int) -> None:
        """Lists the units to play.

        Args:
            tasks: The training split.
            by_turn: Whether single decisions are played.
            seed: The seed of the samples.
        """
        self._units, self._seed = units_of(tasks, by_turn), seed

    def draw(self, step: int, number: int, count: int) -> list[Prompt]:
        """Samples tasks, all different as long as there are enough.

        Args:
            step: The number of optimiser steps so far.
            number: The number of the round within a generation.
            count: The number of tasks.
        """
        rng = np.random.default_rng([self._seed, step, number, processes.rank()])
        size = len(self._units)
        chosen = rng.choice(size, size=count, replace=count > size).tolist()
        seed = int(rng.integers(2**31))
        units = [self._units[int(i)] for i in chosen]
        return [Prompt(task_id, decision, seed) for task_id, decision in units]
