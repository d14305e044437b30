"""Findings as rows of words: the same ones for the console and for HTML."""

from __future__ import annotations

import math
from collections.abc import Sequence

from train.scoring.metrics import Metric, metrics_of
from train.scoring.report import Words, show, show_difference
from train.studies.findings import Contrast, Findings

SHOWN = (
    "success_write",
    "success_no_write",
    "decision_accuracy",
    "argument_match",
    "answer_f1",
    "facts_told",
    "format_rate",
    "thinking_words",
    "messages",
    "return",
)
"""Metrics in addition to the primary one and the share of right calls, if a mode has them."""


def main_table(found: Findings, data: str) -> Words:
    """The primary metric of every variant on one data set, and the tests."""
    label = found.primary.label
    against = f"difference from {found.grid.words(found.grid.reference)}"
    rows = [_row(found, data, name) for name in (found.grid.reference, *found.grid.compared)]
    tests = len([one for one in found.contrasts if not math.isnan(one.p)])
    return Words(
        title=f"{label}, %, {identity(found, data)}",
        heads=("", "seeds", label, against, "p", "p, Holm"),
        rows=tuple(row for row in rows if row),
        caption=(
            f"95 % intervals clustered by task, seeds pooled; p of the paired t-test by task; "
            f"Holm's correction over all {tests} tests of this experiment"
            f"{_caution(found, data)}"
        ),
    )


def _row(found: Findings, data: str, name: str) -> tuple[str, ...]:
    seeds = [seed for variant, seed, on in found.results if (variant, on) == (name, data)]
    if not seeds:
        return ()
    value = show(found.estimate(name, data, found.primary), found.primary.scale)
    first = (found.grid.words(name), str(len(seeds)), value)
    contrast = next((one for one in found.of(data) if one.variant == name), None)
    return (*first, *_tested(found, contrast))


def _tested(found: Findings, contrast: Contrast | None) -> tuple[str, str, str]:
    if contrast is None:
        return ("", "", "")
    move = show_difference(contrast.gains[found.primary.name], found.primary.scale)
    return move, show_p(contrast.p), show_p(contrast.adjusted)


def show_p(p: float) -> str:
    """A p-value with two digits: `.031`, `< .001`."""
    if math.isnan(p):
        return "-"
    return "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def other_table(found: Findings, data: str) -> Words:
    """Differences in all other metrics, which are not tested."""
    metrics = _others(found)
    rows = [
        (found.grid.words(one.variant), *(_move(one, metric) for metric in metrics))
        for one in found.of(data)
    ]
    return Words(
        title=f"Other metrics, difference from {found.grid.words(found.grid.reference)}, {data}",
        heads=("", *(metric.label for metric in metrics)),
        rows=tuple(rows),
        caption="95 % intervals; not corrected for their number: to look at, not to conclude from"
        f"{_caution(found, data)}",
    )


def _others(found: Findings) -> Sequence[Metric]:
    names = ("action_recall", *SHOWN)
    return [
        metric
        for metric in metrics_of(found.mode)
        if metric.name in names and metric != found.primary
        if any(metric.name in one.gains for one in found.contrasts)
    ]


def _move(contrast: Contrast, metric: Metric) -> str:
    interval = contrast.gains.get(metric.name)
    return "-" if interval is None else show_difference(interval, metric.scale)


def identity(found: Findings, data: str) -> str:
    """Whose numbers these are: the data set, how many tasks, how was sampled."""
    some = next(one for (_, _, on), one in found.results.items() if on == data)
    tasks = len(set(some.table[found.primary.name].clusters.tolist()))
    subject = some.subject
    return (
        f"{subject.source}, {tasks:,} tasks of its {subject.split} split, {subject.mode} mode, "
        f"{subject.sampling}{subject.further}"
    )


def _caution(found: Findings, data: str) -> str:
    """What has to be known before a figure on a data set is believed, as the end of a caption."""
    some = next(one for (_, _, on), one in found.results.items() if on == data)
    return f". {some.subject.caution}" if some.subject.caution else ""
