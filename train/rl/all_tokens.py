"""TRL's means, taken over all tokens that were sampled.

TRL takes them over the tokens that the loss sees, and ours sees those alone that change the policy:
which ones depends on the credit. What is clipped has an advantage, and so is never left out; only
the number by which TRL divides is too small. TRL also weighs each micro-batch alike, however many
tokens it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from train.rl.trl_effects import CISPO, CLIPPING
from train.rl.update_kl import Batch, sampled
from train.runs import processes

SHARES = ("clip_ratio/region_mean", "clip_ratio/low_mean", "clip_ratio/high_mean")
CLIPPED = dict.fromkeys(CLIPPING, SHARES) | {CISPO: ("cispo_clip_ratio",)}
"""A loss -> TRL's shares of what it clips; of rows where a ratio belongs to a row."""
KL = "kl"
"""TRL's mean of the KL to the policy that training starts from."""
ENTROPY = "entropy"
"""TRL's entropy, and ours, which is measured while the policy plays."""
DROPPED = ("clip_ratio/low_min", "clip_ratio/high_max")
"""Extremes over the rows that the loss sees, which say nothing of the others."""


@dataclass(frozen=True, slots=True)
class Count:
    """What one micro-batch holds."""

    seen: int
    """The tokens that the loss sees."""
    whole: int
    """The tokens that were sampled."""
    rows_seen: int
    """The rows that the loss sees."""
    rows: int
    """The rows."""


class AllTokens:
    """Counts a step's micro-batches, and corrects TRL's means of them."""

    def __init__(self, loss_type: str) -> None:
        """Begins without a micro-batch.

        Args:
            loss_type: TRL's name of the loss.
        """
        self._counts: list[Count] = []
        self._left_out = 0
        self._by_row = False
        self._clipped = CLIPPED.get(loss_type, ())

    def add(self, seen: Batch, whole: Batch, *, by_row: bool) -> None:
        """Counts a micro-batch.

        Args:
            seen: What the loss sees of it.
            whole: All of it.
            by_row: Whether a ratio belongs to a row, and not to a token.
        """
        self._by_row = by_row
        tokens, rows = ([int(sampled(one).sum()) for one in (seen, whole)], (seen, whole))
        self._counts.append(Count(*tokens, *(len(one["advantages"]) for one in rows)))

    def leave_out(self, whole: Batch, *, by_row: bool) -> None:
        """Counts a micro-batch that the loss sees nothing of.

        Args:
            whole: All of it.
            by_row: Whether a ratio belongs to a row, and not to a token.
        """
        self._left_out += len(whole["advantages"]) if by_row else int(sampled(whole).sum())

    def corrected(
        self, metrics: Mapping[str, Sequence[float]], entropy: float | None
    ) -> dict[str, list[float]]:
        """TRL's metrics of a step, one number a micro-batch, with one number for all of them.

        Where the loss has seen nothing, nothing is clipped.

        Args:
            metrics: TRL's; all processes ask for the same step.
            entropy: The mean over all sampled tokens, if it is known.
        """
        left_out = (ENTROPY, *DROPPED)
        found = {name: list(values) for name, values in metrics.items() if name not in left_out}
        parts, self._counts = processes.gathered(self._counts), []
        unseen, self._left_out = self._left_out, 0  # only where the loss is one process's
        rows = self._by_row
        seen = _sums(parts, "rows_seen" if rows else "seen")
        whole = [*_sums(parts, "rows" if rows else "whole"), unseen]
        for name in self._clipped:
            if name in found or not seen:
                found[name] = _mean(found.get(name, ()), seen, whole)
        if KL in found:
            found[KL] = _mean(found[KL], _sums(parts, "seen"), _sums(parts, "whole"))
        return found if entropy is None else {**found, ENTROPY: [entropy]}


def _sums(parts: Sequence[Sequence[Count]], name: str) -> list[int]:
    """Each micro-batch's number, over all processes."""
    return [sum(getattr(one, name) for one in each) for each in zip(*parts, strict=True)]


def _mean(means: Sequence[float], seen: Sequence[int], whole: Sequence[int]) -> list[float]:
    """One mean over everything, given the means over what is seen."""
    summed = sum(mean * count for mean, count in zip(means, seen, strict=True))
    return [summed / max(1, sum(whole))]
