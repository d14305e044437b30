"""From component scores to one number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real

from reasonact_env.episode import Scores
from reasonact_env.reward.components import COMPONENTS, TABLE
from tools.nearest import did_you_mean


def resolve(weights: Mapping[str, float] | None) -> dict[str, float]:
    """The default weights, overridden by the given ones.

    Raises:
        ValueError: for an unknown component or a weight that is negative or not finite.
    """
    given = dict(weights or {})
    if unknown := sorted(str(name) for name in given if name not in COMPONENTS):
        raise ValueError(
            f"expected weights for {', '.join(COMPONENTS)}; got {', '.join(unknown)} too"
            f"{did_you_mean(unknown[0], COMPONENTS) or '; leave it out'}"
        )
    for name, value in given.items():
        if not isinstance(value, Real) or not math.isfinite(value) or value < 0:
            raise ValueError(f"expected a weight of 0 or more for {name!r}, got {value!r}")
    return {one.name: float(given.get(one.name, one.weight)) for one in TABLE}


UNWEIGHTED: Mapping[str, float] = dict.fromkeys(COMPONENTS, 0.0)
"""The weights in a step without a reward, all 0; copy it before changing it."""


def scale(weights: Mapping[str, float], scores: Scores) -> dict[str, float]:
    """The weights of the components that apply, scaled to sum to 1; 0 for the others."""
    scaled = dict(UNWEIGHTED)
    applying = [name for name in COMPONENTS if scores[name] is not None]
    if applying and (total := sum([weights[name] for name in applying])):
        for name in applying:
            scaled[name] = weights[name] / total
    return scaled


def weighted_sum(weights: Mapping[str, float], scores: Scores) -> float:
    """The reward: the sum of weight times score over the components that apply."""
    return sum([weights[n] * score for n, score in scores.items() if score is not None], start=0.0)
