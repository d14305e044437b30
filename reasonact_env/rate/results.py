"""What raters found: means by stage, preferences, agreement."""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from reasonact_env.rate.criteria import CRITERIA, HIGHEST, LOWEST
from reasonact_env.rate.ratings import ONE, PAIR, Rating
from reasonact_env.rate.tasks import Achieved
from reasonact_env.stats import Interval, Ratios, between
from reasonact_env.view.text import Name
from tools.counts import counted


@dataclass(frozen=True, slots=True)
class Judged:
    """The judgements of one stage, or of one pair of stages."""

    name: str
    """The stage; `A over B` for a pair."""
    means: dict[str, Interval]
    """Criterion -> mean score, clustered by task: from 1 to 5, or from -1 (B is better) to +1; so
    are the intervals' ends (`stats.between`)."""
    cards: int
    """The number of messages or pairs that were judged."""


def judged(ratings: Sequence[Rating], kind: str = ONE) -> list[Judged]:
    """The judgements of a kind, stage by stage."""
    by_stages: dict[tuple[str, ...], list[Rating]] = {}
    for rating in ratings:
        if rating.kind == kind:
            by_stages.setdefault(rating.stages, []).append(rating)
    return [_judged(stages, own) for stages, own in sorted(by_stages.items())]


def _judged(stages: tuple[str, ...], own: Sequence[Rating]) -> Judged:
    tasks = [rating.task for rating in own]
    ends = (LOWEST, HIGHEST) if len(stages) == 1 else (-1, 1)
    means = {
        name: between(Ratios.of([rating.scores[name] for rating in own], None, tasks), *ends)
        for name in CRITERIA
    }
    return Judged(" over ".join(stages), means, len({rating.card for rating in own}))


def raters_of(ratings: Sequence[Rating]) -> list[str]:
    """The raters' names."""
    return sorted({rating.rater for rating in ratings})


def agreement(ratings: Sequence[Rating], kind: str = ONE) -> dict[str, float]:
    """Krippendorff's alpha of each criterion, for ordered scores.

    1 is perfect agreement, 0 is chance (K. Krippendorff, Content Analysis, 2019, ch. 12); computed
    by the package `krippendorff`. nan where no card has two raters, or all scores are the same.

    Raises:
        ImportError: if that package is not installed.
    """
    own = [rating for rating in ratings if rating.kind == kind]
    raters, cards = raters_of(own), sorted({rating.card for rating in own})
    table = np.full((len(CRITERIA), len(raters), len(cards)), np.nan)
    for rating in own:
        place = raters.index(rating.rater), cards.index(rating.card)
        table[(slice(None), *place)] = [rating.scores[name] for name in CRITERIA]
    return {name: _alpha(scores) for name, scores in zip(CRITERIA, table, strict=True)}


def _alpha(scores: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """Of one criterion: (raters, cards), nan where a rater has not judged."""
    library = importlib.import_module("krippendorff")
    shared = scores[:, (~np.isnan(scores)).sum(axis=0) > 1]
    if shared.size == 0 or len(np.unique(shared[~np.isnan(shared)])) < 2:
        return math.nan
    return float(library.alpha(reliability_data=shared, level_of_measurement="ordinal"))


def results_view(
    ratings: Sequence[Rating], achieved: Mapping[str, Achieved] | None = None
) -> RenderableType:
    """All results as tables.

    Args:
        ratings: The judgements.
        achieved: What the stages achieved in the tasks, to stand beside what was said of them.
    """
    parts: list[RenderableType] = []
    for kind, title in (
        (ONE, f"Mean judgements, {LOWEST} to {HIGHEST}"),
        (PAIR, "Preferences: +1 where the first is always better, -1 where the second is"),
    ):
        if found := judged(ratings, kind):
            parts += [_table(title, found, alphas(ratings, kind)), Text()]
    if achieved:
        parts += [_tasks_table(achieved), Text()]
    names = raters_of(ratings)
    words = f"{counted(len(ratings), 'judgement')} of {counted(len(names), 'rater')}; "
    parts.append(Text(f"{words}95 % intervals, clustered by task", style="dim"))
    return Group(*parts)


def alphas(ratings: Sequence[Rating], kind: str) -> dict[str, str]:
    """The agreement on each criterion in words: alpha, or why there is none."""
    if len(raters_of(ratings)) < 2:
        return dict.fromkeys(CRITERIA, "one rater")
    try:
        found = agreement(ratings, kind)
    except ImportError:
        return dict.fromkeys(CRITERIA, "pip install -e '.[rate]'")
    return {name: "-" if math.isnan(one) else f"{one:.2f}" for name, one in found.items()}


def _table(title: str, found: Sequence[Judged], alphas: dict[str, str]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for one in found:
        table.add_column(Name(one.name), justify="right")
    table.add_column("alpha", justify="right")
    for name in CRITERIA:
        cells = [*(show(one.means[name]) for one in found), alphas[name]]
        table.add_row(name, *map(Text, cells))
    table.add_row("judged", *(str(one.cards) for one in found), "", style="dim")
    return table


def _tasks_table(achieved: Mapping[str, Achieved]) -> Table:
    table = Table(title="What they achieved in the tasks", title_justify="left")
    table.add_column("")
    for name in achieved:
        table.add_column(Name(name), justify="right")
    for name in dict.fromkeys(row for one in achieved.values() for row in one):
        table.add_row(name, *(Text(one.get(name, "–")) for one in achieved.values()))
    return table


def show(interval: Interval) -> str:
    """A mean with its interval."""
    return f"{interval.value:.2f} {interval.ends()}"
