"""Advantages from returns: by how much an episode earned more than its group.

In double precision, and equal returns have an advantage of exactly 0. Rounding would leave a rest
of 1e-8 there; the divisor of 1e-4 turns it into 1e-3, and Adam into a whole step.

Shapes: B rows, a group's G next to each other; P groups; K components.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from train.rl.credit import BRANCH, SAME, branch_advantages
from train.rl.recipe import GDPO, Recipe
from train.rl.rollouts import Sample
from train.rl.tags import Tags

Numbers = npt.NDArray[np.float64]
SOFTENED = 1e-4
"""What is added to a standard deviation before it divides, as TRL does."""
GROUP, BATCH = "group", "batch"
"""Values of TRL's `scale_rewards`: whose standard deviation divides; any other divides by none."""


def advantages(
    samples: Sequence[Sample],
    recipe: Recipe,
    weights: Mapping[str, float],
    tags: Tags,
) -> list[float] | list[list[float]]:
    """(B,) each episode's advantage or, for credit `branch`, (B, T) each token's.

    Args:
        samples: All rows of the generation, those of other processes included.
        recipe: What an advantage belongs to, and how it is normalised.
        weights: The components' weights, for those that are normalised by themselves.
        tags: What opens and closes a thought.
    """
    if recipe.credit == BRANCH:
        return branch_advantages(
            [tags.marked(one.completion_ids, one.env_mask) for one in samples],
            [one.total for one in samples],
            recipe.group,
            (tags.opening, tags.closing),
            masks=[one.env_mask for one in samples],
            prompts=[tags.marked(one.prompt_ids) for one in samples],
        )
    if recipe.aggregation == GDPO:
        found = normalised_apart(samples, recipe.group, weights)
    else:
        scale = str(recipe.trl.get("scale_rewards", GROUP))
        found = normalised(_returns(samples), recipe.group, scale)
    return [float(one) for one in found]


def normalised(returns: Numbers, group: int, scale: str = GROUP) -> Numbers:
    """(B,) returns above their group's mean, divided as `scale` says; 0 in groups of equal returns.

    Args:
        returns: (B,), nan for a row of which nothing is judged.
        group: G.
        scale: `group`, `batch` or `none`.
    """
    rows = returns.reshape(-1, group)
    above = _above(rows)
    if scale == GROUP:
        above = above / (_deviation(rows, axis=1) + SOFTENED)
    elif scale == BATCH:
        above = above / (_deviation(rows) + SOFTENED)
    return np.nan_to_num(above).ravel()


def normalised_apart(
    samples: Sequence[Sample], group: int, weights: Mapping[str, float]
) -> Numbers:
    """(B,) each component normalised in its group, their weighted sum normalised over all rows."""
    sums, judged = np.zeros(len(samples)), np.zeros(len(samples), dtype=bool)
    for name in samples[0].components:
        scores = np.array([one.components[name] for one in samples], dtype=np.float64)
        judged |= ~np.isnan(scores)
        sums += weights.get(name, 0.0) * normalised(scores, group)
    sums[~judged] = np.nan
    known = np.where(judged, sums, np.nan)
    count = np.array(max(1, judged.sum()))
    found = (sums - _mean(known, None, count).ravel()) / (_deviation(known).ravel() + SOFTENED)
    tells = np.repeat(~_equal(sums.reshape(-1, group)), group)
    return np.where(judged & tells, found, 0.0)


def _returns(samples: Sequence[Sample]) -> Numbers:
    """(B,) returns; nan for rows to which no component applies."""
    judged = [any(score is not None for score in one.components.values()) for one in samples]
    return np.array(
        [one.total if known else np.nan for one, known in zip(samples, judged, strict=True)]
    )


def _above(rows: Numbers) -> Numbers:
    """(P, G) each return minus its group's mean, 0 in groups without a spread."""
    above: Numbers = rows - rows.mean(axis=1, keepdims=True)
    return np.where(_equal(rows)[:, None], 0.0, above)


def _equal(rows: Numbers) -> npt.NDArray[np.bool_]:
    """(P,) whether a group's numbers are equal, up to rounding."""
    equal: npt.NDArray[np.bool_] = np.ptp(rows, axis=1) < SAME
    return equal


def _deviation(rows: Numbers, axis: int | None = None) -> Numbers:
    """The sample's standard deviation without NaN; 0 for fewer than two numbers."""
    count = (~np.isnan(rows)).sum(axis=axis, keepdims=True)
    summed = np.nansum((rows - _mean(rows, axis, count)) ** 2, axis=axis, keepdims=True)
    found: Numbers = np.sqrt(summed / np.maximum(1, count - 1))
    return found


def _mean(rows: Numbers, axis: int | None, count: npt.NDArray[np.intp]) -> Numbers:
    found: Numbers = np.nansum(rows, axis=axis, keepdims=True) / np.maximum(1, count)
    return found
