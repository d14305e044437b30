"""Which tasks or decisions GRPO plays, and in which order.

Decisions come in every generation as the data have them: so many calls and so many replies, and of
each tool about as many as there are. By chance alone a generation of eight decisions may have no
call at all. Then it teaches to reply, and since Adam's steps are as long whatever they are made
of, the policy replies more, everywhere (`docs/results.md`, "All stages, with a cold start").
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeAlias

import numpy as np

from reasonact_env.episode import Mode
from reasonact_env.playable import to_play
from tasks.types import Task
from train.runs import processes

Unit: TypeAlias = "tuple[str, int | None]"
"""What an episode plays: a task's id and, in turn mode, the number of the decision."""
Kind: TypeAlias = "tuple[str, ...]"
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
    kinds = kinds_of(tasks, by_turn=by_turn)
    if not kinds:
        raise ValueError("expected at least one training task, got none; check --data")
    rng = np.random.default_rng(seed)
    chosen: list[Unit] = []
    while len(chosen) < count:
        chosen += _in_order(kinds, rng)
    return [Prompt(*unit, seed=seed + number) for number, unit in enumerate(chosen[:count])]


class TaskSampler:
    """Samples further tasks, in place of groups without a learning signal."""

    def __init__(self, tasks: Sequence[Task], *, by_turn: bool, seed: int) -> None:
        """Lists the units to play.

        Args:
            tasks: The training split.
            by_turn: Whether single decisions are played.
            seed: The seed of the samples.
        """
        self._kinds, self._seed = kinds_of(tasks, by_turn=by_turn), seed
        self._alike: dict[Kind, list[Unit]] = _grouped(self._kinds, 1)

    def draw(self, step: int, number: int, instead: Sequence[Unit]) -> list[Prompt]:
        """Samples a unit for each of those given: a call for a call, a reply for a reply.

        The same ones for the same seed and generation, and all different as long as there are
        enough.

        Args:
            step: The number of optimiser steps so far.
            number: The number of the round within a generation.
            instead: The units that are replaced.
        """
        rng = np.random.default_rng([self._seed, step, number, processes.rank()])
        wanted = Counter(self._kinds[unit][:1] for unit in instead)
        drawn = {kind: iter(self._some(kind, wanted[kind], rng)) for kind in sorted(wanted)}
        seed = int(rng.integers(2**31))
        return [Prompt(*next(drawn[self._kinds[unit][:1]]), seed) for unit in instead]

    def _some(self, kind: Kind, count: int, rng: np.random.Generator) -> list[Unit]:
        units = self._alike[kind]
        chosen = rng.choice(len(units), size=count, replace=count > len(units))
        return [units[i] for i in chosen.tolist()]


def kinds_of(tasks: Iterable[Task], *, by_turn: bool) -> dict[Unit, Kind]:
    """The units to play, tasks with a goal or, by turn, their single decisions -> their kinds."""
    if not by_turn:
        return {(task.id, None): () for task in to_play(tasks, Mode.DIALOGUE)}
    return {
        (task.id, number): (turn.kind.value, *(call.name for call in turn.calls))
        for task in tasks
        for number, turn in enumerate(task.decisions)
    }


def _in_order(kinds: Mapping[Unit, Kind], rng: np.random.Generator) -> list[Unit]:
    """All units once, each kind as often among any that follow each other as among all."""
    coarse: dict[Kind, list[list[Unit]]] = {}
    for kind, units in _grouped(kinds).items():
        coarse.setdefault(kind[:1], []).append([units[i] for i in rng.permutation(len(units))])
    return _spread([_spread(parts, rng) for parts in coarse.values()], rng)


def _grouped(kinds: Mapping[Unit, Kind], parts: int | None = None) -> dict[Kind, list[Unit]]:
    """Kind, or its first parts -> units, in order."""
    found: dict[Kind, list[Unit]] = {}
    for unit, kind in kinds.items():
        found.setdefault(kind[:parts], []).append(unit)
    return dict(sorted(found.items()))


def _spread(parts: Sequence[Sequence[Unit]], rng: np.random.Generator) -> list[Unit]:
    """Sequences as one, in which each is spread evenly from a random place on."""
    placed = [
        ((number + offset) / len(part), unit)
        for part, offset in zip(parts, rng.random(len(parts)), strict=True)
        for number, unit in enumerate(part)
    ]
    return [unit for _, unit in sorted(placed, key=itemgetter(0))]
