"""The results of a grid of runs: estimates, paired differences, corrected tests."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from reasonact_env.episode import Mode
from train.scoring.metrics import Metric, metrics_of
from train.scoring.paired import holm, p_value
from train.scoring.results import Results, gains
from train.scoring.stats import Interval, difference, pooled
from train.studies.grids import Grid

Key: TypeAlias = "tuple[str, int, str]"
"""(variant, seed, data)."""

PRIMARY = {Mode.DIALOGUE: "success", Mode.TURN: "action_recall"}
"""The one metric that is tested; the others are shown with intervals."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """One variant against the reference, on one data set."""

    variant: str
    """Its name."""
    data: str
    """What was played."""
    seeds: tuple[int, ...]
    """The seeds for which both sides exist."""
    by_seed: tuple[Interval, ...]
    """Each seed's paired difference of the primary metric."""
    gains: Mapping[str, Interval]
    """Metric -> variant minus reference, pooled over the seeds."""
    p: float
    """The p-value of the primary metric's difference."""
    adjusted: float = math.nan
    """The p-value, corrected for all tests of the grid (Holm)."""

    def as_dict(self) -> dict[str, object]:
        """Plain JSON values."""
        return {
            "variant": self.variant,
            "data": self.data,
            "seeds": list(self.seeds),
            "by_seed": [one.as_dict() for one in self.by_seed],
            "gains": {name: one.as_dict() for name, one in self.gains.items()},
            "p": None if math.isnan(self.p) else self.p,
            "p_holm": None if math.isnan(self.adjusted) else self.adjusted,
        }


@dataclass(frozen=True, slots=True)
class Findings:
    """All that a report shows."""

    grid: Grid
    """What was asked."""
    mode: Mode
    """How it was judged."""
    results: Mapping[Key, Results]
    """The evaluations that are there."""
    contrasts: tuple[Contrast, ...]
    """One per variant and data set, in the order of the grid."""

    @property
    def primary(self) -> Metric:
        """The metric that is tested."""
        return next(one for one in metrics_of(self.mode) if one.name == PRIMARY[self.mode])

    @property
    def data(self) -> tuple[str, ...]:
        """The data sets, in the order in which they were evaluated."""
        return tuple(dict.fromkeys(data for _, _, data in self.results))

    def estimate(self, variant: str, data: str, metric: Metric) -> Interval:
        """A metric of one variant, pooled over its seeds; tasks are the clusters."""
        runs = [one for (name, _, on), one in self.results.items() if (name, on) == (variant, data)]
        if not runs:
            return Interval(math.nan, math.nan, math.nan, 0, 0)
        return metric.estimate(pooled([run.table[metric.name] for run in runs]))

    def of(self, data: str) -> list[Contrast]:
        """The contrasts on one data set."""
        return [one for one in self.contrasts if one.data == data]


def find(grid: Grid, results: Mapping[Key, Results], mode: Mode) -> Findings:
    """Compares every variant with the reference, seed by seed and pooled.

    Args:
        grid: What was asked.
        results: The evaluations; those that are missing are left out, with their pairs.
        mode: Their mode.
    """
    data = dict.fromkeys(on for _, _, on in results)
    pairs = [(name, on) for on in data for name in grid.compared]
    found = [_contrast(grid, results, mode, *pair) for pair in pairs]
    return Findings(grid, mode, results, _corrected(one for one in found if one))


def _contrast(
    grid: Grid, results: Mapping[Key, Results], mode: Mode, name: str, data: str
) -> Contrast | None:
    own = {seed for variant, seed, on in results if (variant, on) == (name, data)}
    theirs = {seed for variant, seed, on in results if (variant, on) == (grid.reference, data)}
    if not (seeds := sorted(own & theirs)):
        return None
    after = [results[name, seed, data] for seed in seeds]
    before = [results[grid.reference, seed, data] for seed in seeds]
    primary = PRIMARY[mode]
    by_seed = [gains([late], [early])[primary] for late, early in zip(after, before, strict=True)]
    together = gains(after, before)
    late, early = (Results.pooled(side).table[primary] for side in (after, before))
    p = p_value(difference(late, early))
    return Contrast(name, data, tuple(seeds), tuple(by_seed), together, p)


def _corrected(contrasts: Iterable[Contrast]) -> tuple[Contrast, ...]:
    kept = list(contrasts)
    adjusted: Sequence[float] = holm([one.p for one in kept])
    return tuple(replace(one, adjusted=p) for one, p in zip(kept, adjusted, strict=True))
