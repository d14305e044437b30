"""Rollouts kept in a file, to be learned from again without playing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from agents.scripted import Scripted
from reasonact_env.agent import Agent
from reasonact_env.config import EnvConfig
from tools.files import write_text
from train.rl.bridge import Rollouts
from train.rl.recipe import Recipe
from train.rl.rollouts import Prompt, Sample
from train.runs import processes


def save_samples(path: Path, samples: Iterable[Sample]) -> Path:
    """Writes one sample a line."""
    return write_text(path, "".join(json.dumps(_row(sample)) + "\n" for sample in samples))


def load_samples(path: Path) -> list[Sample]:
    """Reads what `save_samples` wrote."""
    rows = map(json.loads, path.read_text("utf-8").splitlines())
    return [Sample(**(row | {"shut": frozenset(row["shut"])})) for row in rows]


def _row(sample: Sample) -> dict[str, object]:
    return asdict(sample) | {"shut": sorted(sample.shut)}


class Stored(Rollouts):
    """Gives the trainer stored samples, each process its part of every generation."""

    def __init__(self, samples: Sequence[Sample], recipe: Recipe) -> None:
        """Takes the samples of all generations, in order, a group's next to each other.

        Raises:
            ValueError: if they are not as many as the recipe plays.
        """
        wanted = recipe.generations * recipe.prompts * recipe.group
        if len(samples) != wanted:
            raise ValueError(f"expected {wanted} samples for this recipe, got {len(samples)}")
        super().__init__(EnvConfig(), lambda model, seed: Scripted([]), recipe, pad_token=0)
        self._samples, self._taken = samples, 0

    def _play(self, prompts: Sequence[Prompt], agent: Agent, step: int) -> list[Sample]:
        """The next generation's rows, of which the processes get slices in the order of ranks."""
        start = self._taken + processes.rank() * len(prompts)
        self._taken += processes.count() * len(prompts)
        return list(self._samples[start : start + len(prompts)])
