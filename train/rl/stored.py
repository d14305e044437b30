"""Rollouts in a file, to train on them again without playing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from agents.scripted import Scripted
from reasonact_env.agent import Agent
from tools.files import write_text
from train.rl.advantages import advantages
from train.rl.bridge import Rollouts
from train.rl.observe import observe
from train.rl.prompts import Prompt
from train.rl.recipe import Recipe
from train.rl.rewards import component_weights
from train.rl.rollouts import Sample
from train.rl.step import Generation
from train.rl.tags import thought_tags
from train.runs import processes

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def save_samples(path: Path, samples: Iterable[Sample]) -> Path:
    """Writes one sample per line."""
    return write_text(path, "".join(json.dumps(asdict(sample)) + "\n" for sample in samples))


def load_samples(path: Path) -> list[Sample]:
    """Reads what `save_samples` wrote."""
    return [Sample(**json.loads(row)) for row in path.read_text("utf-8").splitlines()]


def stored(
    samples: Sequence[Sample], recipe: Recipe, tokenizer: PreTrainedTokenizerBase
) -> Rollouts:
    """A player that returns stored samples, each process its own part of them.

    Args:
        samples: The samples of all generations, in order, a group's next to each other.
        recipe: The recipe that played them.
        tokenizer: The tokenizer of the policy to train.

    Raises:
        ValueError: if their number is not the recipe's.
    """
    wanted = recipe.generations * recipe.prompts * recipe.group
    if len(samples) != wanted:
        raise ValueError(f"expected {wanted} samples for this recipe, got {len(samples)}")
    taken, tags, weights = 0, thought_tags(tokenizer), component_weights(None)

    def play(prompts: Sequence[Prompt], agent: Agent, step: int) -> Generation:
        """The next generation's rows for this process: a slice, in the order of ranks."""
        nonlocal taken
        rows = samples[taken : taken + processes.count() * len(prompts)]
        taken += len(rows)
        own = processes.part_of(rows)
        given = advantages(rows, recipe, weights, tags)[own]
        return Generation(tuple(rows[own]), given, observe(rows, recipe.group))

    return Rollouts(play, lambda model, seed: Scripted([]), recipe)
