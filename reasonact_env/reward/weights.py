"""From component scores to one number."""

from __future__ import annotations

import math
from collections.abc import Mapping

from reasonact_env.episode import Scores

DEFAULT_WEIGHTS: Mapping[str, float] = {
    "format": 0.1,
    "decision": 0.2,
    "tool": 0.6,
    "answer": 0.6,
    "thinking": 0.1,
    "outcome": 1.0,
}
"""Component -> weight before scaling."""

COMPONENTS: tuple[str, ...] = tuple(DEFAULT_WEIGHTS)
"""The components' names, in the order in which they are summed."""


def resolve(weights: Mapping[str, float] | None) -> dict[str, float]:
    """The default weights with the given ones in their place.

    Raises:
        ValueError: for an unknown component or a weight that is negative or not finite.
    """
    given = dict(weights or {})
    unknown = sorted(set(given) - set(COMPONENTS))
    if unknown:
        raise ValueError(
            f"expected weights for {', '.join(COMPONENTS)}; got {', '.join(unknown)} too"
        )
    for name, value in given.items():
        if not math.isfinite(value) or value < 0:
            raise ValueError(f"expected a weight of 0 or more for {name!r}, got {value!r}")
    return {name: float(given.get(name, DEFAULT_WEIGHTS[name])) for name in COMPONENTS}


def scale(weights: Mapping[str, float], scores: Scores) -> dict[str, float]:
    """The weights of the components that apply, scaled to sum to 1; 0 for the others."""
    applying = [name for name in COMPONENTS if scores[name] is not None]
    scaled = dict.fromkeys(COMPONENTS, 0.0)
    if total := sum(weights[name] for name in applying):
        scaled |= {name: weights[name] / total for name in applying}
    return scaled


def weighted_sum(weights: Mapping[str, float], scores: Scores) -> float:
    """The reward: the sum of weight times score over the components that apply."""
    return sum((weights[n] * score for n in COMPONENTS if (score := scores[n])), start=0.0)
