"""How often tries at a task succeed: all of k of them, or at least one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from train.scoring.stats import Interval, Ratios, share


def pass_hat_k(successes: Sequence[int], trials: int, k: int) -> Interval:
    """The chance that k independent tries at a task all succeed (tau-bench, arXiv 2406.12045).

    Args:
        successes: For each task, how many of its trials succeeded.
        trials: How many trials each task had.
        k: How many tries have to succeed.

    Returns:
        The mean over tasks of C(c, k) / C(n, k).
    """
    _check_k(successes, trials, k)
    return share(Ratios.of([math.comb(c, k) / math.comb(trials, k) for c in successes]))


def pass_at_k(successes: Sequence[int], trials: int, k: int) -> Interval:
    """The chance that at least one of k tries succeeds (Chen et al., arXiv 2107.03374).

    Returns:
        The mean over tasks of 1 - C(n - c, k) / C(n, k).
    """
    _check_k(successes, trials, k)
    chances = [1 - math.comb(trials - c, k) / math.comb(trials, k) for c in successes]
    return share(Ratios.of(chances))


def _check_k(successes: Sequence[int], trials: int, k: int) -> None:
    if not 1 <= k <= trials:
        raise ValueError(f"expected 1 <= k <= trials, got k={k} with {trials} trials")
    if any(not 0 <= c <= trials for c in successes):
        raise ValueError(f"expected between 0 and {trials} successes a task")
