"""Which tasks or decisions GRPO plays, and in which order.

Single decisions are sampled in strata: every generation has calls and replies in the proportion in
which the data have them, and of each tool about as many. Otherwise a few generations teach to reply
and the next few to call, and since Adam's steps are as long whatever they are made of, the policy
does so everywhere. Worst are groups that all earned the same: where they are calls, and others
replace them, replies alone may be left.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from operator import itemgetter
from typing import TypeAlias

import numpy as np

from reasonact_env.episode import Mode
from reasonact_env.playable import to_play
from tasks.types import Task
from train.runs import processes

Unit: TypeAlias = "tuple[str, int | None]"
"""What an episode plays: a task's id and, in turn mode, the number of the decision."""
Stratum: TypeAlias = "tuple[str, ...]"
"""What is decided: to call or to reply, and in a call which tools; empty for a dialogue."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt for TRL: it names the episode to play."""

    task_id: str
    """The task."""
    decision: int | None
    """In turn mode the recorded decision; None for a whole dialogue."""
    seed: int
    """The environment's seed, which a group shares."""

    def text(self) -> str:
        """One line of JSON, which survives TRL's way through data set and sampler."""
        return json.dumps([self.task_id, self.decision, self.seed])

    @classmethod
    def read(cls, text: str) -> Prompt:
        """The inverse of `text`."""
        task_id, decision, seed = json.loads(text)
        return cls(task_id, decision, seed)


def prompts(tasks: Sequence[Task], count: int, *, by_turn: bool, seed: int) -> list[Prompt]:
    """The prompts, in order; nothing is repeated before everything was played once.

    Args:
        tasks: The training split.
        count: The number of prompts.
        by_turn: Whether a prompt is one recorded decision instead of a whole dialogue.
        seed: The seed of the order, which changes with every pass over the tasks.

    Raises:
        ValueError: if there is nothing to play.
    """
    strata = strata_of(tasks, by_turn=by_turn)
    if not strata:
        raise ValueError("expected at least one training task, got none; check --data")
    chosen = islice(chain.from_iterable(_passes(strata, seed)), count)
    return [Prompt(*unit, seed=seed + number) for number, unit in enumerate(chosen)]


class TaskSampler:
    """Samples further tasks, in place of groups without a learning signal."""

    def __init__(self, tasks: Sequence[Task], *, by_turn: bool, seed: int) -> None:
        """Lists the units to play.

        Args:
            tasks: The training split.
            by_turn: Whether single decisions are played.
            seed: The seed of the samples.
        """
        self._strata, self._seed = strata_of(tasks, by_turn=by_turn), seed
        self._alike = _grouped(self._strata, 1)

    def draw(self, step: int, number: int, instead: Sequence[Unit]) -> list[Prompt]:
        """Samples other units for those given: a call for a call, a reply for a reply.

        The same ones for the same seed and generation, and all different as long as there are
        enough.

        Args:
            step: The number of optimiser steps so far.
            number: The number of the round within a generation.
            instead: The units that are replaced.
        """
        rng = np.random.default_rng([self._seed, step, number, processes.rank()])
        strata = [self._strata[unit][:1] for unit in instead]
        drawn = {
            stratum: iter(self._others(stratum, count, instead, rng))
            for stratum, count in sorted(Counter(strata).items())
        }
        seed = int(rng.integers(2**31))
        return [Prompt(*next(drawn[stratum]), seed) for stratum in strata]

    def _others(
        self, stratum: Stratum, count: int, instead: Sequence[Unit], rng: np.random.Generator
    ) -> list[Unit]:
        known = set(instead)
        others = [unit for unit in self._alike[stratum] if unit not in known]
        units = others if len(others) >= count else self._alike[stratum]
        chosen = rng.choice(len(units), size=count, replace=count > len(units))
        return [units[i] for i in chosen.tolist()]


def strata_of(tasks: Iterable[Task], *, by_turn: bool) -> dict[Unit, Stratum]:
    """The units to play -> their strata: tasks with a goal or, by turn, their single decisions."""
    if not by_turn:
        return {(task.id, None): () for task in to_play(tasks, Mode.DIALOGUE)}
    return {
        (task.id, number): (turn.kind.value, *(call.name for call in turn.calls))
        for task in tasks
        for number, turn in enumerate(task.decisions)
    }


def _passes(strata: Mapping[Unit, Stratum], seed: int) -> Iterator[list[Unit]]:
    """All units once, and again, each stratum as often among any in a row as among all."""
    rng, places = np.random.default_rng(seed), np.random.default_rng([seed, 1])
    nested: dict[Stratum, list[list[Unit]]] = {}
    for stratum, units in _grouped(strata).items():
        nested.setdefault(stratum[:1], []).append(units)
    # The same in all passes, so that their borders are no different.
    inner = [places.random(len(parts)).tolist() for parts in nested.values()]
    outer = places.random(len(nested)).tolist()
    while True:
        mixed = [
            _interleaved([_shuffled(units, rng) for units in parts], offsets)
            for parts, offsets in zip(nested.values(), inner, strict=True)
        ]
        yield _interleaved(mixed, outer)


def _grouped(strata: Mapping[Unit, Stratum], parts: int | None = None) -> dict[Stratum, list[Unit]]:
    """Stratum, or its first parts -> units, in order."""
    found: dict[Stratum, list[Unit]] = {}
    for unit, stratum in strata.items():
        found.setdefault(stratum[:parts], []).append(unit)
    return dict(sorted(found.items()))


def _shuffled(units: Sequence[Unit], rng: np.random.Generator) -> list[Unit]:
    return [units[i] for i in rng.permutation(len(units)).tolist()]


def _interleaved(parts: Sequence[Sequence[Unit]], offsets: Sequence[float]) -> list[Unit]:
    """Sequences as one, in which each is spread evenly, from its offset on; these are in [0, 1)."""
    placed = [
        ((number + offset) / len(part), unit)
        for part, offset in zip(parts, offsets, strict=True)
        for number, unit in enumerate(part)
    ]
    return [unit for _, unit in sorted(placed, key=itemgetter(0))]
