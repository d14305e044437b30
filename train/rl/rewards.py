"""Components of one's own: further rewards for training, from a function anywhere.

    python -m train.grpo --policy runs/sft --reward my_rewards:brevity=0.2

A function takes the task and the finished episode and returns a score, or None where it does not
apply. Its weight times its score is paid beside what the environment pays, and it is watched like
every other component. The environment's own reward, and with it every evaluation, stays as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, cast

from reasonact_env.episode import Episode
from reasonact_env.reward import COMPONENTS, resolve
from tasks.types import Task
from tools.load_object import load_object
from train.rl.recipe import GDPO, Recipe
from train.rl.rollouts import Sample

Scorer: TypeAlias = Callable[[Task, Episode], float | None]
"""Scores a finished episode, or says None where it does not apply to the task."""


@dataclass(frozen=True, slots=True)
class Extra:
    """A component of the user's own."""

    name: str
    """The function's name, under which it is watched."""
    weight: float
    """What a score of 1 adds to the return."""
    score: Scorer
    """The function."""


def load_extras(wanted: Sequence[str]) -> tuple[Extra, ...]:
    """Finds components by `MODULE:NAME` or `MODULE:NAME=WEIGHT` (1 unless it says otherwise).

    Raises:
        ValueError: for another form, an unknown name, a name that is taken, or a bad weight.
    """
    extras = tuple(map(_extra, wanted))
    names = [extra.name for extra in extras]
    taken = sorted({name for name in names if names.count(name) > 1 or name in COMPONENTS})
    if taken:
        raise ValueError(f"expected rewards with names of their own, got {', '.join(taken)} twice")
    return extras


def _extra(wanted: str) -> Extra:
    place, equals, number = wanted.partition("=")
    try:
        weight = float(number) if equals else 1.0
    except ValueError:
        weight = math.nan
    if not math.isfinite(weight):
        raise ValueError(f"expected --reward MODULE:NAME=WEIGHT, got {wanted!r}")
    score = load_object(place, "a reward")
    if not callable(score):
        raise ValueError(f"expected a function of task and episode, got {place!r}")
    return Extra(place.rpartition(":")[2], weight, cast(Scorer, score))


def with_extras(sample: Sample, task: Task, episode: Episode, extras: Sequence[Extra]) -> Sample:
    """The sample with the further components scored.

    Raises:
        ValueError: if a score is no finite number.
    """
    scores = {extra.name: _checked(extra, extra.score(task, episode)) for extra in extras}
    weighted = {
        extra.name: None if (score := scores[extra.name]) is None else extra.weight * score
        for extra in extras
    }
    return replace(
        sample, components={**sample.components, **scores}, weighted={**sample.weighted, **weighted}
    )


def require_alike(group: Sequence[Sample], extras: Sequence[Extra]) -> None:
    """Refuses components that apply to some of a group's episodes only, which cannot be compared.

    Raises:
        ValueError: if one does.
    """
    for extra in extras:
        missing = sum(sample.components[extra.name] is None for sample in group)
        if 0 < missing < len(group):
            raise ValueError(
                f"expected {extra.name!r} to apply to a task or not, whatever was done in it, but "
                f"it is None for {missing} of {len(group)} episodes of {group[0].task_id!r}; let "
                "it return 0 there"
            )


def reward_functions(extras: Sequence[Extra] = ()) -> list[Callable[..., list[float | None]]]:
    """One function a component, named after it; each reads the column of that name."""

    def reader(name: str) -> Callable[..., list[float | None]]:
        def read(**columns: list[float | None]) -> list[float | None]:
            return columns[name]

        read.__name__ = name
        return read

    return [reader(name) for name in (*COMPONENTS, *(extra.name for extra in extras))]


def reward_weights(
    recipe: Recipe, weights: Mapping[str, float] | None, extras: Sequence[Extra] = ()
) -> list[float]:
    """1 for what is weighted already; the components' weights where raw scores are normalised."""
    given = {**resolve(weights), **{extra.name: extra.weight for extra in extras}}
    return [weight if recipe.aggregation == GDPO else 1.0 for weight in given.values()]


def _checked(extra: Extra, score: float | None) -> float | None:
    if score is None or math.isfinite(score):
        return None if score is None else float(score)
    raise ValueError(f"expected a finite score or None from {extra.name!r}, got {score!r}")
