"""The difference of two shares over the same tasks, with an interval that suits shares.

A t-interval leaves [-1, 1] near its ends, and has no width where all tasks moved alike. This is
Tango's score interval (Statistics in Medicine 17, 1998, 891-908). Its number of pairs is the
effective one, as in Korn and Graubard's interval of a single share (`stats.share`): so tasks stay
the independent units, and several episodes of a task are no more than they tell.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from reasonact_env.stats import CONFIDENCE, Interval, Ratios, difference

_NO_SPREAD = 1e-12
_HALVINGS = 60
"""Halvings of [-1, 1] until an end is exact to the last digits."""


def share_difference(after: Ratios, before: Ratios, confidence: float = CONFIDENCE) -> Interval:
    """The paired difference of two shares over the same tasks.

    Args:
        after: The episodes of the one side, as for `stats.difference`.
        before: Those of the other side.
        confidence: Coverage of the interval.

    Returns:
        after - before, with an interval within [-1, 1] that always has a width. A single task
        tells nothing about the spread: (-inf, inf). What is no share, as a count per episode, has
        the interval of `stats.difference`.

    Raises:
        ValueError: if the two sides did not play the same tasks.
    """
    plain = difference(after, before, confidence)
    shares = all(0 <= one.value <= 1 for one in (after, before))
    if not shares or plain.clusters < 2:
        return plain
    moved, changed, size = _pairs(after, before, plain.clusters)
    low, high = tango(moved, max(changed, abs(moved)), size, confidence)
    return Interval(plain.value, low, high, plain.n, plain.clusters)


def tango(
    moved: float, changed: float, n: float, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """The ends of Tango's score interval for the difference of two paired shares.

    Args:
        moved: The difference: the share of pairs that were won minus that of those that were lost.
        changed: The share of pairs that differ, at least |moved|.
        n: The number of pairs.
        confidence: Coverage of the interval.

    >>> [round(end, 4) for end in tango(0.0, 0.0, 50)]
    [-0.0713, 0.0713]
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)

    def end(start: float, sign: int) -> float:
        inside, outside = moved, start
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            if sign * _score(moved, changed, n, middle) <= z:
                inside = middle
            else:
                outside = middle
        return inside

    return end(-1.0, 1), end(1.0, -1)


def _score(moved: float, changed: float, n: float, delta: float) -> float:
    """How many standard errors the difference lies above `delta`, if that is the true one."""
    lost = (changed - moved) / 2
    b = -changed + (2 - moved) * delta
    c = -lost * delta * (1 - delta)
    share = (math.sqrt(max(0.0, b * b - 8 * c)) - b) / 4
    variance = max(0.0, 2 * share + delta * (1 - delta)) / n
    gap = moved - delta
    if variance < _NO_SPREAD**2:
        return 0.0 if abs(gap) < _NO_SPREAD else math.copysign(math.inf, gap)
    return gap / math.sqrt(variance)


def _pairs(after: Ratios, before: Ratios, groups: int) -> tuple[float, float, float]:
    """The difference, the share that changed, and how many independent pairs tell as much.

    The variance is without the factor G / (G - 1) for G tasks, so that of tasks with one episode
    each the interval is Tango's own, of G pairs.
    """
    labels = np.concatenate([after.clusters, before.clusters])
    _, index = np.unique(labels, return_inverse=True)

    def by_task(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
        return np.bincount(index.reshape(-1), weights=np.concatenate([mine, -theirs]))

    whole = (side.denominators.sum() for side in (after, before))
    parts = by_task(*(s.numerators / w for s, w in zip((after, before), whole, strict=True)))
    moved, changed = float(parts.sum()), min(1.0, float(np.abs(parts).sum()))
    variance = float(np.square(by_task(after.influence, before.influence)).sum())
    spread = changed - moved**2
    if variance < _NO_SPREAD or spread < _NO_SPREAD:
        return moved, changed, float(groups)
    return moved, changed, spread / variance
