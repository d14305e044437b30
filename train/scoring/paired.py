"""Tests of paired differences, and their correction where many are made at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from train.scoring.stats import CONFIDENCE, Floats, Interval, Ratios, student


class Tally(NamedTuple):
    """How many tasks went better after than before, and how many worse."""

    better: int
    """Tasks whose figure rose; of several runs their figures together."""
    worse: int
    """Tasks whose figure fell."""
    alike: int
    """Tasks whose figure is the same."""

    @classmethod
    def of(cls, after: Ratios, before: Ratios) -> Tally:
        """Counts the tasks to which the metric applies on both sides."""
        mine, theirs = _by_task(after), _by_task(before)
        moved = [mine[task] - theirs[task] for task in mine.keys() & theirs.keys()]
        better, worse = sum(one > 0 for one in moved), sum(one < 0 for one in moved)
        return cls(better, worse, len(moved) - better - worse)


def _by_task(ratios: Ratios) -> dict[object, float]:
    """Task -> the metric within it, where it applies."""
    tasks, where = np.unique(ratios.clusters, return_inverse=True)

    def summed(numbers: Floats) -> Floats:
        return np.bincount(where, numbers, len(tasks)).astype(np.float64)

    above, below = summed(ratios.numerators), summed(ratios.denominators)
    found = zip(tasks.tolist(), above, below, strict=True)
    return {task: float(a / b) for task, a, b in found if b}


def p_value(found: Interval, confidence: float = CONFIDENCE) -> float:
    """The two-sided p-value of "there is no difference".

    It is the test that belongs to the interval of `difference`: Student's t of the estimate over
    its standard error, clustered by task, with one degree of freedom less than there are tasks. For
    means p < .05 says the same as the interval of 95 % that tables show; for shares they show
    Tango's (`reasonact_env.paired_shares`), which near zero may say otherwise.

    Args:
        found: A difference, as `train.scoring.stats.difference` gives it.
        confidence: The coverage of its interval.

    Returns:
        The p-value; nan where nothing is known about the spread (a single task, or no data).
    """
    error = standard_error(found, confidence)
    if math.isnan(error):
        return math.nan
    if error == 0:
        return 1.0 if found.value == 0 else 0.0
    return beyond(abs(found.value) / error, found.clusters - 1)


def standard_error(found: Interval, confidence: float = CONFIDENCE) -> float:
    """An estimate's standard error, from its interval; nan where the spread is unknown."""
    if found.clusters < 2 or not math.isfinite(found.half):
        return math.nan
    return found.half / student(confidence, found.clusters - 1)


def beyond(t: float, degrees: int) -> float:
    """The share of Student's distribution outside of [-t, t].

    Abramowitz and Stegun 26.7.3 and 26.7.4: finite sums, exact for every number of degrees.
    """
    angle = math.atan2(t, math.sqrt(degrees))
    cos2 = math.cos(angle) ** 2
    odd = degrees % 2
    term = math.cos(angle) if odd else 1.0
    total = 0.0 if degrees == 1 else term
    for k in range(2 + odd, degrees - 1, 2):
        term *= cos2 * (k - 1) / k
        total += term
    inside = math.sin(angle) * total
    if odd:
        inside = 2 / math.pi * (angle + inside)
    return min(1.0, max(0.0, 1 - inside))


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values that count how many tests were made (Holm, Scand. J. Statist. 6, 1979).

    If whatever stays below .05 is called significant, at most 5 of 100 such families hold an error,
    however the tests depend on each other. nan stays nan and counts as no test.

    >>> [round(p, 6) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    order = sorted((i for i, p in enumerate(p_values) if p == p), key=lambda i: p_values[i])
    adjusted, largest = [math.nan] * len(p_values), 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * p_values[place]))
        adjusted[place] = largest
    return adjusted
