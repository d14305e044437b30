"""Grids of GRPO runs that answer one question, and a report that one can send to a colleague.

    python -m train.experiment ablation --dry-run
    python -m train.experiment ablation --policy 'runs/seed-{seed}/sft' --seeds 0 1 2
    python -m train.experiment transfer --elsewhere retail:2000:1 --generations 100 --lr 1e-4

`ablation` takes every reward component away, `sensitivity` changes every weight, `transfer` trains
on one domain and judges on all. Each cell has a folder of its own; the same command does what is
not done yet, and ends in the report.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path

from agents.console import console
from reasonact_env.episode import Mode
from tools.files import slug
from train import sft
from train.models.policies import profile_of
from train.models.profiles import DEMO, PROFILES
from train.power import Noise, note, observed
from train.runs.run import METRICS
from train.scoring.results import Results
from train.studies import sweep
from train.studies.cells import Cell, View
from train.studies.findings import Key, find
from train.studies.grids import (
    ELSEWHERE,
    FACTORS,
    START,
    Grid,
    ablation,
    sensitivity,
    transfer,
)
from train.studies.learning import Learning, add_learning, learning_of, settled
from train.studies.report_html import write_report
from train.studies.report_table import main_table

DATA = "desk:20000:1"
"""The demo's dialogues."""
GRIDS = ("ablation", "sensitivity", "transfer")


@dataclass(frozen=True, slots=True)
class ExperimentSettings:
    """What all cells of a grid share."""

    grid: str
    """ablation, sensitivity or transfer."""
    learning: Learning
    """How GRPO learns; variants change its weights."""
    out: Path
    """Where everything goes."""
    data: str = DATA
    """What is trained on, and judged on by its held-out part."""
    elsewhere: tuple[str, ...] = ()
    """More data to be judged on."""
    seeds: tuple[int, ...] = (0, 1, 2)
    """A run of every variant for each."""
    policy: str | None = None
    """The folder to start from, with {seed} in it; None for an SFT of its own for each seed."""
    profile: str = DEMO.name
    """Of that SFT."""
    factors: tuple[float, ...] = FACTORS
    """What `sensitivity` multiplies each weight by."""
    tasks: int = 2_000
    """Held-out tasks at most, of each data set."""
    greedy: bool = False
    """Judged by the likeliest messages instead of sampled ones."""
    jobs: int = 1
    """Cells at a time."""
    dry_run: bool = False
    """Whether the cells are only listed, with the time they take."""
    power: bool = False
    """Whether it is only said what so many tasks and seeds can show."""

    @property
    def question(self) -> Grid:
        """The grid with its variants."""
        match self.grid:
            case "ablation":
                return ablation()
            case "sensitivity":
                return sensitivity(self.factors)
            case _:
                return transfer(self.data, self.elsewhere or ELSEWHERE)

    def cells(self) -> dict[tuple[str, int], Cell]:
        """(variant, seed) -> its cell; those first from which the others begin."""
        found = {(START, seed): self._start(seed) for seed in self.seeds}
        for one, seed in product(self.question.variants, self.seeds):
            start, data = found[START, seed], one.data or self.data
            training = self.learning.training(start.policy, data, seed, one.weights)
            found[one.name, seed] = self._cell(one.name, f"GRPO {one.words}", seed, training, start)
        return found

    def _start(self, seed: int) -> Cell:
        if self.policy is None:
            imitation = sft.planned(PROFILES[self.profile], self.data, seed)
            return self._cell(START, "SFT", seed, partial(sft.sft, imitation))
        given = Path(self.policy.format(seed=seed))
        return replace(self._cell(START, "a policy that is given", seed), policy=given)

    def _cell(
        self,
        variant: str,
        words: str,
        seed: int,
        training: partial[Path] | None = None,
        start: Cell | None = None,
    ) -> Cell:
        folder = self.out / variant / f"seed-{seed}"
        return Cell(
            name=f"{variant}, seed {seed}",
            words=f"{words}, seed {seed}",
            train=training,
            policy=folder / "policy",
            evaluations={view: folder / f"eval-{slug(str(view.data))}" for view in self.views},
            tasks=self.tasks,
            note=folder / "cell.json",
            start=start,
        )

    @property
    def views(self) -> list[View]:
        """Every way in which the cells are judged."""
        trained = [one.data for one in self.question.variants if one.data]
        judged = dict.fromkeys((self.data, *self.elsewhere, *trained))
        sampling = "greedy" if self.greedy else "sampled"
        mode = Mode(self.learning.mode)
        return [View(data, mode, sampling, own=True) for data in judged]


def results_of(cells: Mapping[tuple[str, int], Cell]) -> dict[Key, Results]:
    """The evaluations that are there."""
    return {
        (*key, str(view.data)): found
        for key, cell in cells.items()
        for view, found in cell.results().items()
    }


def main(argv: Sequence[str] | None = None) -> Path:
    """Runs what is missing; returns the report's path, or the folder where nothing was run."""
    given = sys.argv[1:] if argv is None else argv
    plan = planned(given)
    plan.learning.require_packages()
    cells = plan.cells()
    if plan.power:
        _show_power(plan, cells)
    if plan.dry_run:
        title = f"{plan.grid}: {plan.question.question}"
        console().print(sweep.timetable(title, [*cells.values()], plan.jobs))
    if plan.power or plan.dry_run:
        return plan.out
    sweep.run([*cells.values()], plan.jobs)
    return _report(plan, cells, shlex.join(["python", "-m", "train.experiment", *given]))


def planned(argv: Sequence[str]) -> ExperimentSettings:
    """What the command line asks for.

    Two dashes are passed over: options of GRPO stood behind them once.
    """
    args = _parser().parse_args([one for one in argv if one != "--"])
    given = args.policy and Path(args.policy.format(seed=args.seeds[0]))
    profile = args.profile or (profile_of(given) if given else DEMO.name)
    out = args.out or Path("runs") / args.grid
    learning = learning_of(args, profile)
    return settled(ExperimentSettings, args, profile=profile, out=out, learning=learning)


def _report(plan: ExperimentSettings, cells: Mapping[tuple[str, int], Cell], command: str) -> Path:
    found = find(plan.question, results_of(cells), Mode(plan.learning.mode))
    for data in found.data:
        console().print(main_table(found, data).table())
    journals = {key: cell.policy / METRICS for key, cell in cells.items() if key[0] != START}
    path = write_report(found, journals, plan.out, command)
    console().print(f"Report:  {path}\nNumbers: {plan.out / 'findings.json'}")
    return path


def _show_power(plan: ExperimentSettings, cells: Mapping[tuple[str, int], Cell]) -> None:
    """What these seeds and tasks can show, from the cells that are done, if there are any."""
    grid, found = plan.question, results_of(cells)
    runs: dict[str, dict[int, Results]] = {}
    for (name, seed, data), one in found.items():
        if data == plan.data:
            runs.setdefault(name, {})[seed] = one
    reference = runs.get(grid.reference, {})
    for name in grid.compared:
        others = runs.get(name, {})
        seeds = sorted(reference.keys() & others.keys())
        if seeds and plan.learning.mode == Mode.DIALOGUE:
            noise = observed([reference[s] for s in seeds], [others[s] for s in seeds])
            console().print(f"\n{grid.words(name)} against {grid.words(grid.reference)}:")
            console().print(note(noise, plan.tasks).table())
    if not found:
        console().print("No cell is done yet; planned by the noise of the demo's GRPO.")
        console().print(note(Noise(), plan.tasks).table())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m train.experiment",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_argument_group("what is compared")
    what.add_argument("grid", choices=GRIDS)
    what.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    what.add_argument(
        "--policy", help="where the runs begin, {seed} in it; default: SFT of its own for each seed"
    )
    what.add_argument(
        "--profile",
        choices=list(PROFILES),
        help=f"of that SFT and GRPO's recipe; default: the policy's own, or {DEMO.name}",
    )
    what.add_argument("--data", default=DATA, help="what is trained on, and its held-out part")
    what.add_argument("--elsewhere", nargs="+", default=[], help="more data to be judged on")
    what.add_argument("--factors", type=float, nargs="+", default=FACTORS, help="of sensitivity")
    what.add_argument("--tasks", type=int, default=2_000, help="held-out tasks of each data set")
    what.add_argument("--greedy", action="store_true", help="judge the likeliest messages")
    what.add_argument("--power", action="store_true", help="what so many tasks and seeds show")
    what.add_argument("--out", type=Path, help="default: runs/GRID")
    sweep.add_options(what, "cells")
    add_learning(parser)
    return parser


if __name__ == "__main__":
    main()
