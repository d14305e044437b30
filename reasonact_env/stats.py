"""Estimates with honest error bars: numbers in, intervals out.

Every metric of this project is a ratio of two sums over episodes (a mean is a ratio whose
denominators are 1, an F1 is 2·hits over predicted + wanted), and the episodes of one task are not
independent. So one estimator serves all: the ratio estimator with cluster-robust variance
(Cochran, Sampling Techniques, 1977, ch. 6; Liang and Zeger, Biometrika 73, 1986; for model
evaluations Miller, arXiv 2411.00640). It is analytic: no resampling, no seed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = Sequence[str] | Sequence[int] | NDArray[np.generic]
Ratio: TypeAlias = tuple[float, float]
"""What one episode adds to a metric's numerator and denominator; (0, 0) where it does not apply."""
NOTHING: Ratio = (0.0, 0.0)
"""Of what does not apply."""

CONFIDENCE = 0.95
"""The coverage of all intervals: the usual convention."""
_NO_ERROR = 1e-12
"""Standard errors of shares below this are of rounding."""
ALONE = "(one task)"
"""Stands in the place of an interval where a single task tells nothing about the spread. In square
brackets rich would take it for markup."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate, and a range that covers the truth in 95 of 100 such experiments."""

    value: float
    """The point estimate; nan where there is nothing to measure."""
    low: float
    """The range's lower end."""
    high: float
    """The range's upper end."""
    n: int
    """How many observations have a part in it."""
    clusters: int
    """How many independent units (tasks) they came from."""

    @property
    def half(self) -> float:
        """Half the range's width: the number after ±."""
        return (self.high - self.low) / 2

    @property
    def is_known(self) -> bool:
        """Whether there is a range at all: a single task tells nothing about the spread."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    def ends(self, form: str = ".2f", scale: float = 1.0) -> str:
        """The range as every table writes it, `[0.21, 0.43]`, or why there is none.

        Args:
            form: How a number is written.
            scale: What both ends are multiplied by: 100 for per cent.
        """
        if not self.is_known:
            return ALONE
        low, high = (scale * end + 0.0 for end in (self.low, self.high))  # -0.0 + 0.0 is 0.0
        return f"[{low:{form}}, {high:{form}}]"

    @property
    def excludes_zero(self) -> bool:
        """Whether a difference is there at all, at this confidence."""
        return self.low > 0 or self.high < 0

    def as_dict(self) -> dict[str, float | int | None]:
        """Plain JSON values; nan and infinity become None."""
        ends = {"value": self.value, "low": self.low, "high": self.high}
        plain = {key: end if math.isfinite(end) else None for key, end in ends.items()}
        return {**plain, "n": self.n, "clusters": self.clusters}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Interval:
        """Reads what `as_dict` wrote."""
        n, clusters = int(plain["n"]), int(plain["clusters"])
        value, low, high = (plain[name] for name in ("value", "low", "high"))
        if value is None:
            return cls(math.nan, math.nan, math.nan, n, clusters)
        bottom, top = -math.inf if low is None else low, math.inf if high is None else high
        return cls(value, bottom, top, n, clusters)


@dataclass(frozen=True, slots=True)
class Ratios:
    """One metric over many episodes: the numerators and denominators that are summed."""

    numerators: Floats
    """(N,) what each episode adds to the numerator."""
    denominators: Floats
    """(N,) what it adds to the denominator; 0 where the metric does not apply to it."""
    clusters: NDArray[np.generic]
    """(N,) the task of each episode."""

    @classmethod
    def of(
        cls,
        numerators: ArrayLike,
        denominators: ArrayLike | None = None,
        clusters: Labels | None = None,
    ) -> Ratios:
        """Checks and completes: denominators default to 1, each episode is a task of its own.

        Raises:
            ValueError: if the lengths differ or a number is not finite.
        """
        above = np.asarray(numerators, dtype=np.float64)
        below = np.ones_like(above) if denominators is None else np.asarray(denominators, float)
        labels = np.arange(above.size) if clusters is None else np.asarray(clusters)
        if not above.shape == below.shape == labels.shape or above.ndim != 1:
            shapes = (above.shape, below.shape, labels.shape)
            raise ValueError(f"expected three lists of one length, got shapes {shapes}")
        if not (np.isfinite(above).all() and np.isfinite(below).all()):
            raise ValueError(
                "expected finite numbers, got nan or infinity; denominator 0 leaves an episode out"
            )
        return cls(above, below, labels)

    @property
    def value(self) -> float:
        """The ratio of the sums; nan where the denominators sum to 0."""
        below = self.denominators.sum()
        return float(self.numerators.sum() / below) if below else math.nan

    @property
    def influence(self) -> Floats:
        """(N,) how far each episode pulls the ratio: (a - r b) / sum(b)."""
        below = self.denominators.sum()
        pulls = self.numerators - self.value * self.denominators
        result: Floats = pulls / below if below else np.zeros_like(pulls)
        return result

    @property
    def applies(self) -> NDArray[np.bool_]:
        """(N,) which episodes have a part in the metric."""
        result: NDArray[np.bool_] = self.denominators != 0
        return result


def ratio(ratios: Ratios, confidence: float = CONFIDENCE) -> Interval:
    """A ratio of sums with its clustered t-interval.

    Args:
        ratios: The episodes' parts, with their tasks.
        confidence: Coverage of the interval.

    Returns:
        The ratio and its interval. The variance is G/(G-1) times the sum over tasks of the squared
        summed influences; the quantile is Student's with G - 1 degrees of freedom; G is the number
        of tasks with a part. A single task tells nothing about spread: (-inf, inf).
    """
    used = ratios.applies
    n, groups = int(used.sum()), len(np.unique(ratios.clusters[used]))
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, 0, 0)
    error = _standard_error(ratios.influence[used], ratios.clusters[used])
    return _around(ratios.value, error, n, groups, confidence)


def share(ratios: Ratios, confidence: float = CONFIDENCE) -> Interval:
    """A ratio that lies in [0, 1], with an interval that stays there and is never empty.

    A t-interval would leave [0, 1] near its ends. This is Wilson's interval at the effective number
    of observations p(1-p)/se² (Korn and Graubard, Survey Methodology 24, 1998). Where all episodes
    agree (p = 0 or 1), or all tasks, the spread is unknown: each task counts as one observation.
    """
    plain = ratio(ratios, confidence)
    if not 0 <= plain.value <= 1:  # nan, where nothing applies
        return plain
    used = ratios.applies
    error = _standard_error(ratios.influence[used], ratios.clusters[used])
    spread = plain.value * (1 - plain.value)
    if plain.clusters < 2 or spread == 0 or error < _NO_ERROR:
        size = float(plain.clusters)
    else:
        size = spread / error**2
    low, high = wilson(plain.value, size, confidence)
    return Interval(plain.value, low, high, plain.n, plain.clusters)


def between(ratios: Ratios, low: float, high: float, confidence: float = CONFIDENCE) -> Interval:
    """A mean that lies in [low, high], as of marks from 1 to 5, with an interval that stays there.

    It is that of `share`, stretched. Where the spread is unknown, it is that of marks at both ends,
    which no other marks of the same mean exceed.
    """
    width = high - low
    above = (ratios.numerators - low * ratios.denominators) / width
    found = share(Ratios(above, ratios.denominators, ratios.clusters), confidence)
    value, bottom, top = (low + width * one for one in (found.value, found.low, found.high))
    return Interval(value, bottom, top, found.n, found.clusters)


def difference(after: Ratios, before: Ratios, confidence: float = CONFIDENCE) -> Interval:
    """The paired difference of two ratios over the same tasks.

    Args:
        after: The episodes of the one side; of several seeds, one after the other.
        before: Those of the other side, in any order and number.
        confidence: Coverage of the interval.

    Returns:
        after - before. A task's contributions to both sides, over all seeds, are summed before they
        are squared. So what makes a task easy or hard cancels, and seeds count as repetitions.

    Raises:
        ValueError: if the two sides did not play the same tasks.
    """
    mine, theirs = set(after.clusters.tolist()), set(before.clusters.tolist())
    if mine != theirs:
        odd = sorted(map(str, mine ^ theirs))
        raise ValueError(
            f"expected the same tasks on both sides, {len(odd)} are on one only: {odd[:3]}"
        )
    if not (after.denominators.any() and before.denominators.any()):
        return Interval(math.nan, math.nan, math.nan, 0, 0)
    pulls = np.concatenate([after.influence, -before.influence])
    labels = np.concatenate([after.clusters, before.clusters])
    used = np.concatenate([after.applies, before.applies])
    error = _standard_error(pulls[used], labels[used])
    groups = len(np.unique(labels[used]))
    n = int(after.applies.sum())
    return _around(after.value - before.value, error, n, groups, confidence)


def pooled(parts: Sequence[Ratios]) -> Ratios:
    """Several runs (seeds) as one, tasks keeping their names."""
    return Ratios(
        np.concatenate([part.numerators for part in parts]),
        np.concatenate([part.denominators for part in parts]),
        np.concatenate([part.clusters for part in parts]),
    )


def _standard_error(influence: Floats, clusters: NDArray[np.generic]) -> float:
    """sqrt(G/(G-1) · sum over clusters of their squared summed influence); nan for one cluster."""
    _, index = np.unique(clusters, return_inverse=True)
    sums = np.bincount(index.reshape(-1), weights=influence)
    groups = sums.size
    if groups < 2:
        return math.nan
    return math.sqrt(groups / (groups - 1) * float(np.square(sums).sum()))


def _around(value: float, error: float, n: int, groups: int, confidence: float) -> Interval:
    if math.isnan(error):
        return Interval(value, -math.inf, math.inf, n, groups)
    half = student(confidence, groups - 1) * error
    return Interval(value, value - half, value + half, n, groups)


def wilson(share: float, n: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The ends of Wilson's score interval for a share of n independent trials (JASA 22, 1927)."""
    z2 = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * share * (1 - share) / n + z2**2 / (4 * n**2)) / (1 + z2 / n)
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


def student(confidence: float, degrees: int) -> float:
    """Student's quantile, by Cornish and Fisher's series from the normal one.

    Abramowitz and Stegun 26.7.5, four terms; 1 and 2 degrees have closed forms.
    """
    p = (1 + confidence) / 2
    if degrees == 1:
        return math.tan(math.pi * (p - 0.5))
    if degrees == 2:
        return (2 * p - 1) * math.sqrt(2 / (4 * p * (1 - p)))
    z: float = NormalDist().inv_cdf(p)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / float(degrees) ** (i + 1) for i, term in enumerate(terms))
