"""Several runs of one pipeline as one: what each stage brought, pooled over seeds.

    python -m train.seeds runs/0 runs/1 runs/2

Takes folders of `train.pipeline`. Tasks stay the independent units, seeds are repetitions: an
interval says what other tasks would have shown, and each seed's own table stands in its folder.
A stage that the seeds share (`train.pipeline --policy`) counts as the same run in each of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from agents.console import console
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.option_types import FOLDER, Positional, shown_as
from train.scoring.results import Results
from train.studies.cells import View
from train.studies.pipeline_report import Judged, numbers, read, show, write_page

REPORT = "report.json"
"""The file in a pipeline's folder."""


def pooled(runs: Sequence[Mapping[View, Judged]]) -> dict[View, Judged]:
    """The views and stages that all runs have, pooled.

    Raises:
        ValueError: if the runs have none in common.
    """
    first, *others = runs
    found = {
        view: {
            stage: Results.pooled([run[view][stage] for run in runs])
            for stage in stages
            if all(stage in run[view] for run in others)
        }
        for view, stages in first.items()
        if all(view in run for run in others)
    }
    if not any(found.values()):
        raise ValueError("expected runs that judged the same stages on the same data, got none")
    return {view: judged for view, judged in found.items() if judged}


@dataclass(frozen=True, slots=True)
class SeedsOptions:
    """What is pooled."""

    runs: Positional[Annotated[tuple[Path, ...], shown_as("RUN …")]]
    """Folders of train.pipeline."""
    out: Annotated[Path, FOLDER] = Path("runs/seeds")
    """The folder of the pooled report."""


def main(argv: Sequence[str] | None = None) -> Path:
    """Prints the pooled tables, writes them, and returns the file with all numbers."""
    args = read_options(SeedsOptions, argv, prog="python -m train.seeds", about=__doc__)
    found = pooled([read(run / REPORT) for run in args.runs])
    note = f"pooled over {len(args.runs)} runs: {', '.join(map(str, args.runs))}"
    show(found, note)
    page = write_page(args.out / "report.md", found, note)
    console().print(f"Report:   {page}")
    return write_json(args.out / REPORT, numbers(found, note))


if __name__ == "__main__":
    run(main)
