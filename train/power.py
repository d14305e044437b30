"""How many tasks and seeds a difference takes to be seen.

    python -m train.power                                          # what earlier runs were like
    python -m train.power --before runs/*/eval-SFT-sampled --after runs/*/eval-GRPO-sampled

Two different claims are planned here. "These policies differ" varies the tasks: seeds only
repeat each task, and more tasks make the interval narrow. "This recipe is better" varies the
training seeds: no number of tasks helps where the runs themselves scatter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

import numpy as np

from agents.console import console
from tools.command import run
from tools.command_line import read_options
from tools.counts import counted
from tools.ranges import require_at_least, require_within
from train.scoring.paired import standard_error
from train.scoring.report import Words
from train.scoring.results import Results
from train.scoring.stats import difference, student

DIFFERENCES = (0.01, 0.02, 0.03, 0.05, 0.1)
"""The gains that the note plans for."""
SEEDS = (1, 3, 5, 10)
"""Its columns."""
MOST_SEEDS = 1_000
"""Where no more seeds are tried."""


@dataclass(frozen=True, slots=True)
class Noise:
    """What stands between a difference and its being seen.

    The defaults are those of the demo's GRPO against its SFT, sampled (docs/results.md).
    """

    discordant: float = 0.15
    """Share of tasks on which, with one seed, exactly one of the two policies succeeds."""
    correlation: float = 0.07
    """Correlation of a task's differences under two seeds, which further seeds do not average
    out."""
    seed_spread: float = 0.007
    """Standard deviation, over training seeds, of the true gain."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_within(self, 0, 1, "discordant", "correlation", "seed_spread")

    def variance(self, gain: float, seeds: int) -> float:
        """Of one task's difference, averaged over seeds.

        A difference of two binary outcomes is -1, 0 or 1, so its variance is the discordant share
        minus the squared mean; over seeds it falls down to the correlated part.
        """
        kept = self.correlation + (1 - self.correlation) / seeds
        return max(0.0, self.discordant - gain**2) * kept


@dataclass(frozen=True, slots=True)
class Aim:
    """What is asked of a test."""

    gain: float
    """The true difference of the success rates."""
    power: float = 0.8
    """The chance to see it."""
    confidence: float = 0.95
    """1 - the two-sided level of the test."""

    def __post_init__(self) -> None:
        """Refuses aims that no number of tasks can meet."""
        if not 0 < abs(self.gain) <= 1:
            raise ValueError(f"expected a gain in (0, 1], got {self.gain}")


def tasks_needed(aim: Aim, noise: Noise, seeds: int = 1) -> int:
    """Tasks to see a gain between given policies, each trained with several seeds.

    n = (z_a sqrt(v0) + z_b sqrt(v1))² / gain², with v0 and v1 a task's variance without and with
    the gain: McNemar's test as planned by Connor (Biometrics 43, 1987), and for seeds the design
    effect of repeated measurements.

    Raises:
        ValueError: if the gain is larger than the discordant share.
    """
    if abs(aim.gain) > noise.discordant:
        raise ValueError(
            f"expected a gain of at most the discordant share ({noise.discordant:.3f}), got "
            f"{aim.gain}: policies that differ by more on average differ on more tasks"
        )
    z_level, z_power = _quantiles(aim)
    null = math.sqrt(noise.variance(0, seeds))
    true = math.sqrt(noise.variance(aim.gain, seeds))
    return math.ceil(((z_level * null + z_power * true) / aim.gain) ** 2)


def seeds_needed(aim: Aim, noise: Noise, tasks: int) -> int | None:
    """Pairs of training runs to say that a recipe is better, not only these runs.

    The pairs' gains are the observations of a t-test, each with the seeds' spread and a share of
    the tasks' noise; the smallest number that (t_a + t_b)² var <= n gain² allows (Cohen,
    Statistical Power Analysis, 1988, ch. 2, with t for z; two pairs are never enough to know a
    spread). None if a thousand are too few.
    """
    within = noise.discordant * (1 - noise.correlation) / tasks
    shared = noise.discordant * noise.correlation / tasks
    for seeds in range(3, MOST_SEEDS + 1):
        z = student(aim.confidence, seeds - 1) + student(2 * aim.power - 1, seeds - 1)
        if z**2 * ((noise.seed_spread**2 + within) / seeds + shared) <= aim.gain**2:
            return seeds
    return None


def detectable(tasks: int, noise: Noise, seeds: int = 1, power: float = 0.8) -> float:
    """The smallest gain between given policies that so many tasks show with that chance."""
    low, high = 1e-4, noise.discordant
    if not high or tasks_needed(Aim(high, power), noise, seeds) > tasks:
        return math.nan
    while high - low > 1e-5:
        middle = (low + high) / 2
        enough = tasks_needed(Aim(middle, power), noise, seeds) <= tasks
        low, high = (low, middle) if enough else (middle, high)
    return high


def _quantiles(aim: Aim) -> tuple[float, float]:
    normal = NormalDist()
    return normal.inv_cdf((1 + aim.confidence) / 2), normal.inv_cdf(aim.power)


def observed(before: Sequence[Results], after: Sequence[Results]) -> Noise:
    """The noise of pairs of evaluations, one pair a seed, all on the same tasks.

    Raises:
        ValueError: without a pair, or for evaluations that know no success.
    """
    if not before or len(before) != len(after):
        raise ValueError(f"expected pairs, got {len(before)} before and {len(after)} after")
    if any("success" not in one.table for one in (*before, *after)):
        raise ValueError("expected evaluations in dialogue mode: only they have a success")
    moves = np.stack(
        [_by_task(late) - _by_task(early) for early, late in zip(before, after, strict=True)]
    )
    gains = moves.mean(axis=1)
    errors = [
        standard_error(difference(late.table["success"], early.table["success"]))
        for early, late in zip(before, after, strict=True)
    ]
    spread = float(gains.var(ddof=1)) - float(np.mean(np.square(errors))) if len(gains) > 1 else 0.0
    return Noise(
        discordant=float(np.mean(np.square(moves))),
        correlation=_correlation(moves),
        seed_spread=math.sqrt(max(0.0, spread)),
    )


def _by_task(results: Results) -> np.ndarray:
    """(T,) each task's success, in the order of the tasks' names."""
    success = results.table["success"]
    names, index = np.unique(success.clusters, return_inverse=True)
    trials = np.bincount(index, minlength=len(names))
    wins: np.ndarray = np.bincount(index, weights=success.numerators) / trials
    return wins


def _correlation(moves: np.ndarray) -> float:
    """The mean correlation between the rows of (S, T); 0 where it cannot be known."""
    if len(moves) < 2 or not (moves.std(axis=1) > 0).all():
        return 0.0
    pairs = np.corrcoef(moves)[np.triu_indices(len(moves), 1)]
    return min(1.0, max(0.0, float(pairs.mean())))


def note(noise: Noise, tasks: int = 2_000) -> Words:
    """The power note: a table, and below it what it rests on.

    Args:
        noise: What is known of runs like these.
        tasks: Held-out tasks, for the column on recipes.
    """
    heads = ("gain", *(counted(s, "seed") for s in SEEDS), f"seeds, {tasks:,} tasks")
    rows = [_row(gain, noise, tasks) for gain in DIFFERENCES if gain <= noise.discordant]
    caption = (
        f"Policies disagree on {noise.discordant:.1%} of the tasks; a task's differences correlate "
        f"by {noise.correlation:.2f} between seeds; the true gain scatters by "
        f"{100 * noise.seed_spread:.1f} points from seed to seed. {tasks:,} tasks show "
        f"{100 * detectable(tasks, noise):.1f} points with one seed, "
        f"{100 * detectable(tasks, noise, 3):.1f} with three."
    )
    title = (
        "Tasks that show a gain between policies of so many seeds; last, seeds that show it for "
        "the recipe (power .8, level .05, paired)"
    )
    return Words(title, heads, tuple(rows), caption)


def _row(gain: float, noise: Noise, tasks: int) -> tuple[str, ...]:
    needed = [f"{tasks_needed(Aim(gain), noise, seeds):,}" for seeds in SEEDS]
    seeds = seeds_needed(Aim(gain), noise, tasks)
    return (f"{100 * gain:.0f} %", *needed, "-" if seeds is None else str(seeds))


@dataclass(frozen=True, slots=True)
class PowerOptions:
    """What is planned for."""

    before: tuple[Path, ...] = ()
    """Folders of train.evaluate to learn the noise from; none unless given."""
    after: tuple[Path, ...] = ()
    """As many, paired with them."""
    tasks: int = 2_000
    """Held-out tasks, of each seed."""
    noise: Noise = Noise()
    """What stands between a difference and its being seen, unless it is learned."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "tasks")


def main(argv: Sequence[str] | None = None) -> Noise:
    """Prints the note; returns what it rests on."""
    args = read_options(PowerOptions, argv, prog="python -m train.power", about=__doc__)
    noise = args.noise
    if args.before or args.after:
        before, after = ([_load(path) for path in paths] for paths in (args.before, args.after))
        noise = observed(before, after)
    console().print(note(noise, args.tasks).table())
    return noise


def _load(folder: Path) -> Results:
    return Results.load(folder / "arrays.npz")


if __name__ == "__main__":
    run(main)
