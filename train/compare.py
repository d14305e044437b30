"""Compares two stages in pairs, run by run and pooled.

    python -m train.compare --before runs/eval-sft-* --after runs/eval-grpo-*

Takes folders of `train.evaluate`, as many on one side as on the other (one a seed), all on the
same tasks. Pooling keeps tasks as the independent units: seeds are repetitions, not new tasks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from agents.console import console, plain_table
from reasonact_env.episode import Mode
from tools.command import run
from tools.command_line import read_options
from tools.files import require_place, write_json
from train.scoring.metrics import metrics_of
from train.scoring.report import label, show_difference, stage_table, stage_words
from train.scoring.results import Results, gains
from train.scoring.stats import Interval

FIRST = {Mode.DIALOGUE: ("success", "return"), Mode.TURN: ("decision_accuracy", "return")}
"""What is shown of every run."""


def compare(before: Sequence[Results], after: Sequence[Results]) -> dict[str, dict[str, object]]:
    """Prints the table.

    Args:
        before: One evaluation a seed.
        after: As many, in the same order.

    Returns:
        "run 1", …, "pooled" -> metric -> paired difference.

    Raises:
        ValueError: if the sides differ in number, data, split, mode or tasks.
    """
    _require_alike(before, after)
    pairs = list(zip(before, after, strict=True))
    columns = {f"run {i}": gains([late], [early]) for i, (early, late) in enumerate(pairs, 1)}
    if len(pairs) > 1:
        columns["pooled"] = gains(after, before)
    subject = after[0].subject
    title = (
        f"{after[0].subject.model} - {before[0].subject.model}\n"
        f"{subject.source} · {subject.split} · {subject.mode} mode · {subject.sampling}"
    )
    if len(pairs) > 1:
        console().print(_run_by_run(title, subject.mode, columns))
        title = f"pooled over {len(pairs)} runs"
    whole = list(columns)[-1]
    last = {whole: columns[whole]}
    words = stage_words(title, {}, metrics_of(subject.mode), last, subject.caution)
    console().print(stage_table(words))
    return {
        name: {metric: interval.as_dict() for metric, interval in found.items()}
        for name, found in columns.items()
    }


def _run_by_run(title: str, mode: Mode, columns: Mapping[str, Mapping[str, Interval]]) -> Table:
    """What is looked at first, a row a run; all metrics of all runs are in the file."""
    metrics = [metric for metric in metrics_of(mode) if metric.name in FIRST[mode]]
    rows = [
        [name, *(show_difference(found[metric.name], metric.scale) for metric in metrics)]
        for name, found in columns.items()
    ]
    return plain_table(title, ("", *map(label, metrics)), rows)


def _require_alike(before: Sequence[Results], after: Sequence[Results]) -> None:
    if not before or len(before) != len(after):
        raise ValueError(
            f"expected as many evaluations before as after, one a seed; got {len(before)} and "
            f"{len(after)}"
        )
    kinds = {
        (one.subject.source, one.subject.split, one.subject.mode, one.subject.sampling)
        for one in (*before, *after)
    }
    if len(kinds) > 1:
        raise ValueError(f"expected one data set, split, mode and sampling, got {sorted(kinds)}")


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """What is compared."""

    before: tuple[Path, ...]
    """Folders of train.evaluate."""
    after: tuple[Path, ...]
    """As many, in the same order."""
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
