"""The cells of a grid: each a policy, trained or given, and its evaluations, in its own folder."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean

from rich.table import Table

from agents.console import console, plain_table, progress
from tools.files import slug, write_json
from train.scoring.results import Results
from train.studies.findings import Key
from train.studies.grids import START, Grid

DONE = "cell.json"
"""Written last, with the seconds that the cell took: a folder with it is done."""
GUESS = {START: 1_100.0, "": 1_000.0}
"""Seconds of a cell of the demo profile with its own settings on two cores, before one is done."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """What all cells of a grid share."""

    out: Path
    """Where everything goes."""
    data: str
    """What is trained on, and judged on by its held-out part."""
    elsewhere: tuple[str, ...]
    """More data to be judged on."""
    seeds: tuple[int, ...]
    """A run of every variant for each."""
    policy: str | None
    """The folder to start from, with {seed} in it; None for an SFT of its own."""
    profile: str
    """Of that SFT."""
    mode: str
    """dialogue or turn: how is trained and judged."""
    tasks: int
    """Held-out tasks at most, of each data set."""
    greedy: bool
    """Judged by the likeliest messages instead of sampled ones."""
    options: tuple[str, ...]
    """What every `train.grpo` gets."""

    def start(self, seed: int) -> Path:
        """The folder of the policy from which a seed's runs begin."""
        if self.policy is not None:
            return Path(self.policy.format(seed=seed))
        return self.out / START / f"seed-{seed}" / "policy"


@dataclass(frozen=True, slots=True)
class Cell:
    """One policy of a grid."""

    variant: str
    """Its row."""
    seed: int
    """Its column."""
    options: tuple[str, ...]
    """What `train.grpo` gets besides the experiment's own; unused by `START`."""
    data: str
    """What it is trained on."""
    judged: tuple[str, ...]
    """What it is evaluated on."""

    def folder(self, plan: Experiment) -> Path:
        """Where it lies."""
        return plan.out / self.variant / f"seed-{self.seed}"

    def is_done(self, plan: Experiment) -> bool:
        """Whether there is nothing left to do."""
        return (self.folder(plan) / DONE).exists()

    @property
    def words(self) -> str:
        """Its name for people."""
        return f"{self.variant}, seed {self.seed}"


def cells_of(grid: Grid, plan: Experiment) -> list[Cell]:
    """All cells, those first from which the others begin."""
    trained = [one.data for one in grid.variants if one.data]
    judged = tuple(dict.fromkeys((plan.data, *plan.elsewhere, *trained)))
    first = [Cell(START, seed, (), plan.data, judged) for seed in plan.seeds]
    return first + [
        Cell(one.name, seed, one.options, one.data or plan.data, judged)
        for one in grid.variants
        for seed in plan.seeds
    ]


def run_all(grid: Grid, plan: Experiment, cells: Sequence[Cell], jobs: int) -> None:
    """Runs what is not done, `jobs` cells at a time."""
    for group in (
        [c for c in cells if c.variant == START],
        [c for c in cells if c.variant != START],
    ):
        missing = [cell for cell in group if not cell.is_done(plan)]
        if missing and jobs == 1:
            _one_by_one(plan, missing)
        elif missing:
            _side_by_side(plan, missing, jobs)


def _one_by_one(plan: Experiment, cells: Sequence[Cell]) -> None:
    for number, cell in enumerate(cells, 1):
        console().rule(f"{number}/{len(cells)}  {cell.words}", align="left")
        run_cell(plan, cell)


def _side_by_side(plan: Experiment, cells: Sequence[Cell], jobs: int) -> None:
    """Each in a fresh process, which writes to a log of its own."""
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), max_tasks_per_child=1)
    with pool, progress("cells", len(cells)) as advance:
        for running in [pool.submit(_logged, plan, cell, jobs) for cell in cells]:
            running.result()
            advance(1)


def _logged(plan: Experiment, cell: Cell, jobs: int) -> None:
    import torch  # in the fresh process, which shares the cores with the others

    torch.set_num_threads(max(1, (os.cpu_count() or 1) // jobs))
    folder = cell.folder(plan)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log.txt").open("a", encoding="utf-8") as log, redirect_stdout(log):
        run_cell(plan, cell)


def run_cell(plan: Experiment, cell: Cell) -> None:
    """Trains the cell's policy and evaluates it, going on where a killed run stopped."""
    seconds: dict[str, float] = {}
    with _timed(seconds, "train"):
        policy = _trained(plan, cell)
    with _timed(seconds, "evaluate"):
        for data in cell.judged:
            _evaluated(plan, cell, policy, data)
    write_json(cell.folder(plan) / DONE, {"policy": str(policy), "seconds": seconds})


def _trained(plan: Experiment, cell: Cell) -> Path:
    from train import grpo, sft  # torch, which planning and reporting do without
    from train.models.policies import CARD

    out, seed = cell.folder(plan) / "policy", ["--seed", str(cell.seed)]
    if cell.variant == START:
        if plan.policy is not None:
            return plan.start(cell.seed)
        return sft.main(["--profile", plan.profile, "--data", plan.data, "--out", str(out), *seed])
    if (out / CARD).exists():
        return out
    place = ["--policy", str(plan.start(cell.seed)), "--out", str(out), "--resume"]
    what = ["--data", cell.data, "--mode", plan.mode]
    return grpo.main([*place, *what, *seed, *plan.options, *cell.options])


def _evaluated(plan: Experiment, cell: Cell, policy: Path, data: str) -> None:
    from train import evaluate

    out = judged_in(plan, cell, data)
    if (out / "summary.json").exists():
        return
    how = ["--greedy"] if plan.greedy else []
    what = ["--data", data, "--mode", plan.mode, "--tasks", str(plan.tasks)]
    evaluate.main(["--policy", str(policy), "--out", str(out), *what, *how])


def judged_in(plan: Experiment, cell: Cell, data: str) -> Path:
    """The folder of an evaluation."""
    return cell.folder(plan) / f"eval-{slug(data)}"


@contextmanager
def _timed(seconds: dict[str, float], what: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    seconds[what] = round(time.monotonic() - started, 1)


def load_results(plan: Experiment, cells: Sequence[Cell]) -> dict[Key, Results]:
    """The evaluations that are there."""
    found: dict[Key, Results] = {}
    for cell in cells:
        for data in cell.judged:
            path = judged_in(plan, cell, data) / "arrays.npz"
            if path.exists():
                found[cell.variant, cell.seed, data] = Results.load(path)
    return found


def journals(plan: Experiment, cells: Sequence[Cell]) -> dict[tuple[str, int], Path]:
    """(variant, seed) -> the metrics of its GRPO, where there are any."""
    files = {
        (cell.variant, cell.seed): cell.folder(plan) / "policy" / "metrics.jsonl"
        for cell in cells
        if cell.variant != START
    }
    return {key: path for key, path in files.items() if path.exists()}


def timetable(grid: Grid, plan: Experiment, cells: Sequence[Cell], jobs: int) -> Table:
    """The cells, whether they are done, and how long the others will take."""
    took = {cell: _took(plan, cell) for cell in cells if cell.is_done(plan)}
    rows, left = [], 0.0
    for cell in cells:
        if cell in took:
            rows.append([cell.words, "done", _minutes(took[cell])])
            continue
        guess = _expected(cell, took)
        left += guess
        rows.append([cell.words, _first_words(cell), f"about {_minutes(guess)}"])
    basis = "by the cells that are done" if took else "by the demo profile on two cores"
    title = f"{grid.name}: {grid.question}\n{len(cells)} cells, {len(took)} done"
    table = plain_table(title, ("cell", "what", "minutes"), rows)
    table.caption = f"about {_minutes(left / jobs)} minutes left with --jobs {jobs}, {basis}"
    return table


def _first_words(cell: Cell) -> str:
    return "SFT, evaluation" if cell.variant == START else f"GRPO {' '.join(cell.options)}".strip()


def _took(plan: Experiment, cell: Cell) -> float:
    seconds = json.loads((cell.folder(plan) / DONE).read_text(encoding="utf-8"))["seconds"]
    return float(sum(seconds.values()))


def _expected(cell: Cell, took: dict[Cell, float]) -> float:
    """The mean of those of its kind, else a guess."""
    alike = [s for one, s in took.items() if (one.variant == START) == (cell.variant == START)]
    return fmean(alike) if alike else GUESS.get(cell.variant, GUESS[""])


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:,.0f}" if seconds >= 600 else f"{seconds / 60:.1f}"
