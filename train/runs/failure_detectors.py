"""What goes wrong in a GRPO run, by name, with the numbers that show it and what to try.

A pure function of the journal (`metrics.jsonl`). The failures are those that descriptions of the
paper (arXiv 2512.11277) name (collapse onto one component, divergence, over-reliance on tools, loss
on unseen patterns) and those that practice adds. A number counts as moved if the means of the first
and of the last steps differ by more than chance allows and by enough to matter. All thresholds are
ours and chosen by hand, those inside the checks included: none names a failure in runs of the demo
that went well, and each names its own in runs that were made to fail (`benchmarks/failures.py`,
`tests/train/runs`). The failures ask for attention and prove nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean, median

from train.runs.trends import WINDOW, Line, height, lately, move

MAX_STEP_KL = 0.02
"""Nats a token by which one optimiser step may move the policy.

PPO, which takes several steps a generation, is usually stopped at 0.01 to 0.05.
"""

MAX_PAYS = 0.85
"""The correlation up to which the return may follow length or calls, among episodes that end alike.

Chosen by hand: a reward that pays length or calls lies above, the demo's own runs below.
"""


class Signature(StrEnum):
    """A failure's name."""

    LENGTH_PAYS = "reward pays length"
    CALL_HAPPY = "over-reliance on tools"
    CALL_SHY = "tools forgotten"
    ENTROPY_COLLAPSE = "entropy collapse"
    STEP_TOO_LARGE = "learning rate too high"
    DIVERGENCE = "divergence"
    NO_SIGNAL = "no signal"
    ONE_COMPONENT = "one component pays"
    OVERLONG = "cut off"
    FORMAT_LOST = "format lost"
    OFF_POLICY = "off-policy drift"
    NOT_HELD_OUT = "loss on unseen tasks"


ADVICE: Mapping[Signature, str] = {
    Signature.LENGTH_PAYS: "look for a reward that grows with words or calls; bound it or weigh it "
    "less",
    Signature.CALL_HAPPY: "raise the weights of decision and tool, or take out what pays calls",
    Signature.CALL_SHY: "see that writes are paid (tool, outcome), and that tasks need calls",
    Signature.ENTROPY_COLLAPSE: "stop here, take a smaller --grpo-lr, or begin with a lighter SFT",
    Signature.STEP_TOO_LARGE: "divide --grpo-lr by 3 to 10, from the last policy before",
    Signature.DIVERGENCE: "take a smaller --grpo-lr or --beta 1e-3, from the last good checkpoint",
    Signature.NO_SIGNAL: "take a larger --group, harder or easier tasks, or a higher --temperature",
    Signature.ONE_COMPONENT: "try --aggregation gdpo, or other --weights",
    Signature.OVERLONG: "raise the limit (--max-new-tokens, --max-tokens, --max-turns), or see why "
    "messages or episodes do not end",
    Signature.FORMAT_LOST: "raise the weight of format, take a smaller --grpo-lr or --beta 1e-3",
    Signature.OFF_POLICY: "take fewer --updates a generation, or a smaller --grpo-lr",
    Signature.NOT_HELD_OUT: "train on more, and more different, tasks, or stop earlier",
}
"""What to try."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure that the journal shows."""

    signature: Signature
    """Its name."""
    evidence: str
    """The numbers, in a sentence."""

    @property
    def advice(self) -> str:
        """What to try."""
        return ADVICE[self.signature]

    def __str__(self) -> str:
        """One line."""
        return f"{self.signature}: {self.evidence}; {self.advice}"


def failures(lines: Sequence[Line]) -> list[Failure]:
    """The failures that a journal shows; an empty list for a run too short to judge."""
    steps = [line for line in lines if "total/mean" in line]
    if len(steps) < 2 * WINDOW:
        return []
    checked = ((signature, check(steps)) for signature, check in _CHECKS.items())
    return [Failure(signature, evidence) for signature, evidence in checked if evidence]


def _length_pays(lines: Sequence[Line]) -> str | None:
    return _paid_for(lines, "length", "tokens")


def _paid_for(lines: Sequence[Line], what: str, words: str) -> str | None:
    """Evidence that a quantity earns something by itself: all the time, or while it grows."""
    logged = {name: _logged(lines, f"{name}/pays") for name in ("length", "calls")}
    pays = {name: fmean(values) for name, values in logged.items() if values}
    if len(logged[what]) < 2 * WINDOW or pays[what] < max(pays.values()):
        return None  # who calls more also writes more: only the closer one of the two is named
    own, grew = pays[what], move(lines, f"{what}/mean")
    if own < MAX_PAYS and not (own > 0.5 and grew and grew.rose(times=1.3) and not _won(lines)):
        return None
    course = f"; {words} an episode: first {grew.first:.3g}, now {grew.last:.3g}" if grew else ""
    return (
        f"of a group's episodes that ended alike, those with more {words} earned more "
        f"(r = {own:.2f}){course}"
    )


def _won(lines: Sequence[Line]) -> bool:
    """Whether more and more episodes succeed."""
    outcome = move(lines, "outcome/mean")
    return outcome is not None and outcome.rose()


def _logged(lines: Sequence[Line], name: str) -> list[float]:
    return [line[name] for line in lines if name in line]


def _call_happy(lines: Sequence[Line]) -> str | None:
    if paid := _paid_for(lines, "calls", "calls"):
        return paid
    rate, total = move(lines, "calls/rate"), move(lines, "total/mean")
    if rate and total and rate.rose(times=1.3) and total.rise < 0.02:
        return (
            f"messages with a call rose from {rate.first:.0%} to {rate.last:.0%} without more "
            "return"
        )
    return None


def _call_shy(lines: Sequence[Line]) -> str | None:
    rate = move(lines, "calls/rate")
    if not rate or not rate.fell(to=0.5):
        return None
    return f"messages with a call fell from {rate.first:.0%} to {rate.last:.0%}"


def _entropy(lines: Sequence[Line]) -> str | None:
    entropy = move(lines, "entropy")
    if not entropy or not entropy.fell(to=0.2):
        return None
    return f"entropy fell from {entropy.first:.3f} to {entropy.last:.3f} nats a token"


def _step_too_large(lines: Sequence[Line]) -> str | None:
    kl, moved = height(lines, "step/kl"), height(lines, "step/clipped")
    if kl is None or kl < MAX_STEP_KL:
        return None
    clipped = "" if moved is None else f", and {moved:.0%} of the ratios out of the clip range"
    return f"for {WINDOW} steps, each moved the policy by about {kl:.2g} nats a token{clipped}"


def _divergence(lines: Sequence[Line]) -> str | None:
    norms = [line["grad_norm"] for line in lines if line.get("grad_norm")]
    total = move(lines, "total/mean")
    if total and total.fell(by=0.1):
        return f"the mean return fell from {total.first:.2f} to {total.last:.2f}"
    if len(norms) >= 2 * WINDOW and fmean(norms[-WINDOW:]) > 10 * median(norms):
        return f"the gradient norm, {fmean(norms[-WINDOW:]):.2g}, is ten times its median"
    return None


def _no_signal(lines: Sequence[Line]) -> str | None:
    dead = lately(lines, "total/dead")
    if dead is None or dead < 0.95:
        return None
    return f"in {dead:.0%} of the groups all episodes earn the same"


def _one_component(lines: Sequence[Line]) -> str | None:
    names = sorted({name for line in lines for name in line if name.endswith("/advantage")})
    paid = {name: share for name in names if (share := _share(lines, name))}
    if len(paid) < 2:  # the only component with a weight: the user asked for that
        return None
    name, share = max(paid.items(), key=lambda item: item[1])
    if share < 0.9:
        return None
    return f"{share:.0%} of the advantage comes from {name.removesuffix('/advantage')!r} alone"


def _share(lines: Sequence[Line], name: str) -> float | None:
    """A component's late share of the advantage, if it ever had one."""
    return lately(lines, name) if any(line.get(name) for line in lines) else None


def _overlong(lines: Sequence[Line]) -> str | None:
    cut = lately(lines, "messages/cut")
    if cut is not None and cut > 0.1:
        return f"{cut:.0%} of the messages ran into their limit of tokens"
    clipped, unfinished = lately(lines, "length/clipped"), lately(lines, "episodes/unfinished")
    if clipped is not None and clipped > 0.1:
        return f"{clipped:.0%} of the episodes were cut at the limit of tokens"
    if unfinished is not None and unfinished > 0.5:
        return f"{unfinished:.0%} of the episodes did not come to an end of their own"
    return None


def _format_lost(lines: Sequence[Line]) -> str | None:
    formed = move(lines, "format/rate")
    if not formed or not formed.fell(by=0.1):
        return None
    return f"well-formed messages fell from {formed.first:.0%} to {formed.last:.0%}"


def _off_policy(lines: Sequence[Line]) -> str | None:
    drift, clipped = lately(lines, "ratio/drift"), lately(lines, "ratio/clipped")
    if drift is not None and drift > 0.1:
        return f"trained and sampled log-probabilities differ by {drift:.2f} a token"
    if clipped is not None and clipped > 0.2:
        return f"{clipped:.0%} of the tokens are clipped"
    return None


def _not_held_out(lines: Sequence[Line]) -> str | None:
    tested = [line for line in lines if "held_out/return" in line]
    train = move(lines, "total/mean")
    if len(tested) < 3 or not train or train.sure < 2:
        return None
    before, after = tested[0], tested[-1]
    fall = before["held_out/return"] - after["held_out/return"]
    error = math.hypot(before.get("held_out/error", 0), after.get("held_out/error", 0))
    if fall < 0.05 or fall < 2.5 * error:
        return None
    return (
        f"the return on held-out tasks fell from {before['held_out/return']:.2f} to "
        f"{after['held_out/return']:.2f} while that in training rose from {train.first:.2f} to "
        f"{train.last:.2f}"
    )


_CHECKS: Mapping[Signature, Callable[[Sequence[Line]], str | None]] = {
    Signature.LENGTH_PAYS: _length_pays,
    Signature.CALL_HAPPY: _call_happy,
    Signature.CALL_SHY: _call_shy,
    Signature.ENTROPY_COLLAPSE: _entropy,
    Signature.STEP_TOO_LARGE: _step_too_large,
    Signature.DIVERGENCE: _divergence,
    Signature.NO_SIGNAL: _no_signal,
    Signature.ONE_COMPONENT: _one_component,
    Signature.OVERLONG: _overlong,
    Signature.FORMAT_LOST: _format_lost,
    Signature.OFF_POLICY: _off_policy,
    Signature.NOT_HELD_OUT: _not_held_out,
}
