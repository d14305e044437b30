"""Compares two evaluations, or seeds of two stages, in pairs.

    python -m train.compare --before runs/eval-mine --after runs/eval-theirs
    python -m train.compare --before runs/eval-sft-* --after runs/eval-grpo-*

Takes folders of `train.evaluate`, whoever played: as many on one side as on the other (one a seed),
all on the same tasks. Shows them run by run and pooled. Pooling keeps tasks as the independent
units: seeds are repetitions, not new tasks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from agents.console import console, show_table
from reasonact_env.episode import Mode
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.places import require_place
from train.scoring.metrics import Metric, metrics_of
from train.scoring.paired import Tally
from train.scoring.report import label, show_difference, show_level
from train.scoring.results import Results, gains
from train.scoring.stats import Interval

HEADS = ("before", "after", "difference")
FIRST = {Mode.DIALOGUE: ("success", "return"), Mode.TURN: ("decision_accuracy", "return")}
"""What is shown of every run; of the first one it is counted how many tasks went better."""


@dataclass(frozen=True)  # without slots, where what was compared is kept
class Pair:
    """Two stages on the same tasks: one run of each, or several as one."""

    before: Results
    """The earlier stage."""
    after: Results
    """The later one."""

    @cached_property
    def differences(self) -> dict[str, Interval]:
        """Metric -> after minus before, paired by task."""
        return gains([self.after], [self.before])

    @property
    def tasks(self) -> dict[str, Tally]:
        """Metric -> how many tasks went better and worse."""
        mine, theirs = self.after.table, self.before.table
        return {name: Tally.of(mine[name], theirs[name]) for name in self.differences}

    def cells(self, metric: Metric) -> tuple[str, str, str]:
        """The metric before, after, and its difference with an interval; "-" for what is not known.

        Either side may lack a metric: it met no case of it, or another version measured it.
        """
        levels = (one.estimates.get(metric.name) for one in (self.before, self.after))
        before, after = ("-" if one is None else show_level(one, metric.scale) for one in levels)
        found = self.differences.get(metric.name)
        return before, after, "-" if found is None else show_difference(found, metric.scale)

    def as_dict(self) -> dict[str, object]:
        """Metric -> difference, both levels, and tasks that went better, worse and alike."""
        before, after, tasks = self.before.estimates, self.after.estimates, self.tasks
        return {
            name: {
                **difference.as_dict(),
                "before": before[name].as_dict(),
                "after": after[name].as_dict(),
                "tasks": tasks[name]._asdict(),
            }
            for name, difference in self.differences.items()
        }


def compare(before: Sequence[Results], after: Sequence[Results]) -> dict[str, dict[str, object]]:
    """Prints the tables.

    Args:
        before: One evaluation a seed.
        after: As many, in the same order.

    Returns:
        "run 1", …, "pooled" -> metric -> paired difference, both levels and tasks won and lost.

    Raises:
        ValueError: if the sides differ in number, data, split, mode or tasks.
    """
    _require_alike(before, after)
    both = zip(before, after, strict=True)
    pairs = {f"run {i}": Pair(*one) for i, one in enumerate(both, 1)}
    if len(before) > 1:
        pairs["pooled"] = Pair(Results.pooled(before), Results.pooled(after))
    subject = after[0].subject
    console().print(
        f"before: {before[0].subject.model}\nafter:  {subject.model}\non:     {subject.source} · "
        f"{subject.split} · {subject.mode} mode · {subject.sampling} · {after[0].tasks:,} tasks\n"
    )
    if len(before) > 1:
        _show_runs(subject.mode, pairs)
    whole = list(pairs)[-1]
    _show_all(pairs[whole], f"pooled over {len(before)} runs" if len(before) > 1 else "")
    return {name: pair.as_dict() for name, pair in pairs.items()}


def _show_runs(mode: Mode, pairs: Mapping[str, Pair]) -> None:
    """What is looked at first, run by run; all metrics of all runs are in the file."""
    metrics = [metric for metric in metrics_of(mode) if metric.name in FIRST[mode]]
    rows = [
        (name if i == 0 else "", label(metric), *pair.cells(metric))
        for name, pair in pairs.items()
        for i, metric in enumerate(metrics)
    ]
    show_table("run by run", ("", "metric", *HEADS), rows, words=2)


def _show_all(pair: Pair, title: str) -> None:
    """All metrics, and of the first one how many tasks went better and worse."""
    subject, metrics = pair.after.subject, metrics_of(pair.after.subject.mode)
    lines = {label(metric): pair.cells(metric) for metric in metrics}
    rows = [(name, *cells) for name, cells in lines.items() if {*cells} != {"-"}]
    first = FIRST[subject.mode][0]
    won = pair.tasks[first]
    name = next(metric.label for metric in metrics if metric.name == first)
    notes = [
        "95 % intervals by task, paired; * excludes zero",
        f"{name}: {won.better:,} tasks better, {won.worse:,} worse, {won.alike:,} alike",
        *([subject.caution] if subject.caution else []),
    ]
    show_table(title, ("metric", *HEADS), rows, caption="\n".join(notes))


def _require_alike(before: Sequence[Results], after: Sequence[Results]) -> None:
    if not before or len(before) != len(after):
        raise ValueError(
            f"expected as many evaluations before as after, one a seed; got {len(before)} and "
            f"{len(after)}"
        )
    kinds = dict.fromkeys(
        (one.subject.source, one.subject.split, one.subject.mode, one.subject.sampling)
        for one in (*before, *after)
    )
    if len(kinds) > 1:
        one, other = (", ".join(map(str, kind)) for kind in [*kinds][:2])
        raise ValueError(
            "expected evaluations of one data set, split, mode and sampling, got one of "
            f"{one} and one of {other}; evaluate both alike"
        )


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """What is compared."""

    before: tuple[Path, ...]
    """Folders of train.evaluate."""
    after: tuple[Path, ...]
    """As many folders, in the same order."""
    out: Path = Path("runs/compare.json")
    """Where the differences are written."""


def main(argv: Sequence[str] | None = None) -> Path:
    """Compares; returns the file with the differences."""
    args = read_options(CompareOptions, argv, prog="python -m train.compare", about=__doc__)
    require_place(args.out)
    before = [Results.load(folder / "arrays.npz") for folder in args.before]
    after = [Results.load(folder / "arrays.npz") for folder in args.after]
    return write_json(args.out, compare(before, after))


if __name__ == "__main__":
    run(main)
