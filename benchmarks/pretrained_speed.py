"""How fast a pretrained model reads, draws, imitates and learns from episodes, beside plain paths.

    python -m benchmarks.pretrained_speed                       # SmolLM2-135M on the order desk
    python -m benchmarks.pretrained_speed --data retail:60:1 --rows 8 --only drawing

Rows are dialogues that the data record; what they begin with (rules and tools) is the same for all.
Plain means: for reading and drawing the library's own forward pass and `generate`, for imitation
and GRPO's update TRL's trainers as they come, with the same settings, on the same rows. Every
figure is of a process of its own, the paths in turn; of several rounds the best counts, since other
work on the machine only slows. Tokens are counted alike for both paths: those of all rows, whole.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from agents.console import console, plain_table, progress
from benchmarks.machine import machine
from benchmarks.pretrained_cases import MEASURES, Lot, subject_of
from tasks.load import require_data
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.option_types import one_of, shown_as
from tools.ranges import require_at_least
from train.models.profiles import PROFILES, SMOLLM2_135M
from train.runs.precision_option import BFLOAT16, FLOAT32

WORK = tuple(MEASURES)
PATHS = ("ours", "plain")


@dataclass(frozen=True, slots=True)
class SpeedOptions:
    """What is measured, and on what."""

    profile: Annotated[str, one_of(PROFILES)] = SMOLLM2_135M.name
    """Of the model."""
    model: str | None = None
    """Folder, GGUF file or hub name of the weights; the profile's own unless given."""
    data: str = "desk:200:1"
    """Recorded dialogues."""
    rows: int = 16
    """How many of them."""
    new: int = 24
    """Tokens that are drawn for each of four times as many rows."""
    precision: Annotated[str, one_of([FLOAT32, BFLOAT16])] = BFLOAT16
    """In which numbers both paths compute."""
    rounds: int = 2
    """How often everything is measured."""
    only: Annotated[str | None, one_of(WORK)] = None
    """Only this; everything unless given."""
    out: Path = Path("runs/pretrained-speed.json")
    """The file for all figures."""
    case: Annotated[str | None, shown_as("WORK:PATH")] = None
    """Measure only this, in this process, and write its figures."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "rows", "new", "rounds")
        step = PROFILES[self.profile].sft_batch
        if self.rows % step:
            raise ValueError(
                f"expected --rows in whole optimiser steps of {step} dialogues, got {self.rows}"
            )


def lot_of(options: SpeedOptions) -> Lot:
    """What is measured on."""
    return Lot(
        options.profile, options.model, options.data, options.rows, options.new, options.precision
    )


def measure(options: SpeedOptions) -> dict[str, float]:
    """A case's figures, in this process."""
    work, path = str(options.case).split(":")
    use, measured = MEASURES[work]
    tokens, seconds = measured(subject_of(lot_of(options), use), path == "ours")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # Linux counts kilobytes
    return {"tokens": tokens, "seconds": seconds, "peak_gb": peak}


def in_a_process(options: SpeedOptions, case: str) -> dict[str, float]:
    """A case's figures, in a process of its own.

    Raises:
        RuntimeError: with its last words, if it fails.
    """
    lot = asdict(lot_of(options))
    named = [f"--{name}={value}" for name, value in lot.items() if value is not None]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        command = [sys.executable, "-m", "benchmarks.pretrained_speed", *named]
        done = subprocess.run(
            [*command, "--case", case, "--out", str(out)], capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{case} failed:\n{done.stderr[-2000:]}")
        found: dict[str, float] = json.loads(out.read_text("utf-8"))
        return found


def main(argv: Sequence[str] | None = None) -> Path:
    """Measures, prints the table, and writes the figures; returns their file."""
    options = read_options(
        SpeedOptions, argv, prog="python -m benchmarks.pretrained_speed", about=__doc__
    )
    require_data(options.data)
    if options.case:
        write_json(options.out, measure(options))
        return options.out
    work = [options.only] if options.only else [*WORK]
    lot = asdict(lot_of(options))
    found = _before(options.out, lot)
    with progress("Measuring", options.rounds * len(work) * len(PATHS)) as advance:
        for number in range(options.rounds):
            for case in (f"{one}:{path}" for one in work for path in PATHS):
                if len(found.setdefault(case, [])) <= number:
                    found[case].append(in_a_process(options, case))
                    write_json(options.out, {"machine": machine(), "lot": lot, "found": found})
                advance(1)
    console().print(_table(options, found, work))
    return options.out


def _before(out: Path, lot: dict[str, Any]) -> dict[str, list[dict[str, float]]]:
    """What has been measured on the same lot before, other work among it."""
    if not out.exists():
        return {}
    told = json.loads(out.read_text("utf-8"))
    found: dict[str, list[dict[str, float]]] = told["found"] if told.get("lot") == lot else {}
    return found


def _table(
    options: SpeedOptions, found: Mapping[str, list[dict[str, float]]], work: Sequence[str]
) -> Any:
    rows = []
    for one in work:
        best = [
            max(found[f"{one}:{path}"], key=lambda it: it["tokens"] / it["seconds"])
            for path in PATHS
        ]
        speeds = [it["tokens"] / it["seconds"] for it in best]
        cells = [*(f"{speed:,.0f}" for speed in speeds), f"{speeds[0] / speeds[1]:.2f}"]
        rows.append([one, *cells, *(f"{it['peak_gb']:.1f}" for it in best)])
    title = (
        f"Tokens/s of {options.profile}, {options.precision}, {options.rows} dialogues of "
        f"{options.data}"
    )
    return plain_table(title, ("", "ours", "plain", "times", "GB", "GB plain"), rows)


if __name__ == "__main__":
    run(main)
