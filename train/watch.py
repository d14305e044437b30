"""Names what goes wrong in a GRPO run, from its journal.

The four failures are those that descriptions of the paper (arXiv 2512.11277) name, as far as the
journal of training shows them, and what others add (vanishing signal, entropy, length). The
thresholds are ours: they ask for attention and prove nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean, median
from typing import TypeAlias

from reasonact_env.reward import COMPONENTS

Line: TypeAlias = Mapping[str, float]
"""One optimiser step of `metrics.jsonl`."""

WINDOW = 5
"""Steps that are averaged at the beginning and at the end."""


def warnings_of(lines: Sequence[Line]) -> list[str]:
    """What to look at, a sentence each; nothing for a run too short to judge."""
    if len(lines) < 2 * WINDOW:
        return []
    found = (check(lines) for check in _CHECKS)
    return [sentence for sentence in found if sentence]


def ends(lines: Sequence[Line], name: str) -> tuple[float, float] | None:
    """A number's mean over the first and over the last steps; None where it was not logged."""
    first = [line[name] for line in lines[:WINDOW] if name in line]
    last = [line[name] for line in lines[-WINDOW:] if name in line]
    return (fmean(first), fmean(last)) if first and last else None


def _collapse(lines: Sequence[Line]) -> str | None:
    for name in COMPONENTS:
        share = ends(lines, f"{name}/advantage")
        if share and share[1] > 0.9:
            return (
                f"reward collapse: {share[1]:.0%} of the advantage comes from {name!r} alone; "
                "try --aggregation gdpo or another weight"
            )
    return None


def _divergence(lines: Sequence[Line]) -> str | None:
    norms = [line["grad_norm"] for line in lines if line.get("grad_norm")]
    reward = ends(lines, "total/mean")
    if norms and fmean(norms[-WINDOW:]) > 10 * median(norms):
        return "divergence: the gradient norm is ten times its median; try a smaller --lr"
    if reward and reward[1] < reward[0] - 0.1:
        return (
            f"divergence: the mean return fell from {reward[0]:.2f} to {reward[1]:.2f}; try a "
            "smaller --lr or --beta 1e-3"
        )
    return None


def _over_reliance(lines: Sequence[Line]) -> str | None:
    rate, reward = ends(lines, "calls/rate"), ends(lines, "total/mean")
    if rate and reward and rate[1] > 1.3 * rate[0] and reward[1] < reward[0] + 0.02:
        return (
            f"over-reliance on tools: messages with a call rose from {rate[0]:.0%} to "
            f"{rate[1]:.0%} without more return; look at over-call in train.evaluate --mode turn"
        )
    return None


def _entropy(lines: Sequence[Line]) -> str | None:
    entropy = ends(lines, "entropy")
    if entropy and entropy[1] < 0.2 * entropy[0]:
        return (
            f"entropy collapse: {entropy[0]:.3f} to {entropy[1]:.3f} nats a token; train less, or "
            "start from a lighter SFT"
        )
    return None


def _vanishing(lines: Sequence[Line]) -> str | None:
    dead = ends(lines, "total/dead")
    if dead and dead[1] > 0.8:
        return (
            f"no signal: in {dead[1]:.0%} of the groups all episodes earn the same; try a larger "
            "--group or other tasks"
        )
    return None


def _length(lines: Sequence[Line]) -> str | None:
    clipped, length = ends(lines, "length/clipped"), ends(lines, "length/mean")
    if clipped and clipped[1] > 0.1:
        return f"length: {clipped[1]:.0%} of the episodes were cut at the limit of tokens"
    reward = ends(lines, "total/mean")
    if length and reward and length[1] > 1.5 * length[0] and reward[1] < reward[0] + 0.02:
        return (
            f"length exploitation: episodes grew from {length[0]:.0f} to {length[1]:.0f} tokens "
            "without more return"
        )
    return None


_CHECKS: tuple[Callable[[Sequence[Line]], str | None], ...] = (
    _collapse,
    _divergence,
    _over_reliance,
    _entropy,
    _vanishing,
    _length,
)
