"""Grids of GRPO runs that answer one question, and a report that one can send to a colleague.

    python -m train.experiment ablation --dry-run
    python -m train.experiment ablation --policy 'runs/seed-{seed}/sft' --seeds 0 1 2
    python -m train.experiment transfer --also retail:2000:1 --generations 100 --grpo-lr 1e-4

`ablation` takes every reward component away, `sensitivity` changes every weight, `transfer` trains
on one domain and judges on all. Each cell has a folder of its own; the same command does what is
not done yet, and ends in the report.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Annotated, Literal

from agents.console import console
from reasonact_env.episode import Mode
from tasks.load import require_data
from tools.command import run
from tools.command_line import read_known, read_options
from tools.files import slug
from tools.option_types import FOLDER, MISSING, Headed, Positional, one_of
from tools.ranges import require_at_least, require_seeds
from train import sft
from train.grpo import Basis
from train.models.policies import profile_of
from train.models.profiles import DEMO, PROFILES
from train.power import Noise, note, observed
from train.runs.data import require_training
from train.runs.folders import named_folder
from train.runs.run import METRICS
from train.scoring.report import TEMPERATURES
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
from train.studies.learning import Learning
from train.studies.report_html import write_report
from train.studies.report_table import main_table

DATA = "desk:20000:1"
"""The demo's dialogues."""


@dataclass(frozen=True, slots=True)
class ExperimentSettings:
    """What all cells of a grid share."""

    grid: Positional[Literal["ablation", "sensitivity", "transfer"]]
    """Which question is asked."""
    learning: Learning
    """How GRPO learns. Variants change its weights."""
    out: Annotated[Path | None, FOLDER] = None
    """Where everything goes; a folder named after grid, data and mode unless given."""
    jobs: int = 1
    """How many cells run at the same time."""
    dry_run: bool = False
    """Only list the cells, with the time they take."""
    power: bool = False
    """Only say what this many tasks and seeds can show."""
    data: Annotated[str, Headed("what is trained")] = DATA
    """As for `python -m tasks.load`. Its training part is learned from, its held-out tasks are
    judged on."""
    seeds: tuple[int, ...] = (0, 1, 2)
    """Fix everything random; a run of every variant for each."""
    policy: str | None = None
    """The folder of the policy to start from, with {seed} in it; unless given, each seed has an
    SFT of its own."""
    profile: Annotated[str, one_of(PROFILES)] = DEMO.name
    """Profile of that SFT, and of GRPO's recipe; the policy's own where one is given."""
    factors: tuple[float, ...] = FACTORS
    """What `sensitivity` multiplies each weight by."""
    also: Annotated[tuple[str, ...], Headed("judging")] = ()
    """Further data to judge on; none unless given."""
    tasks: int = 2_000
    """Held-out tasks at most, of each data set."""
    sampling: Annotated[str, one_of(TEMPERATURES)] = "sampled"
    """Whether held-out tasks are judged by the likeliest messages or by sampled ones."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "tasks", "jobs")
        require_at_least(self, 0, "factors")
        require_seeds(self, "seeds")
        if self.factors != FACTORS and self.grid != "sensitivity":
            raise ValueError(
                f"expected --factors with the grid sensitivity, which multiplies weights, got "
                f"{self.grid}; leave it out"
            )

    def require(self) -> None:
        """Refuses what no cell could do, before the first one is run.

        Raises:
            ValueError: for a user or a reward that does not exist, or data that cannot be used.
            OSError: for a file that does not exist.
            ImportError: if a package is missing.
        """
        self.learning.require()
        for view in self.views:
            require_data(view.data)
        for data in {one.data or self.data for one in self.question.variants}:
            require_training(data)
        cell = next(iter(self.cells().values()))
        for view in self.views:
            cell.plan(view).chosen()

    @property
    def folder(self) -> Path:
        """Where everything goes."""
        return self.out or named_folder(self.grid, [self.data, self.learning.mode])

    @property
    def question(self) -> Grid:
        """The grid with its variants."""
        match self.grid:
            case "ablation":
                return ablation()
            case "sensitivity":
                return sensitivity(self.factors)
            case _:
                return transfer(self.data, self.also or ELSEWHERE)

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
            precision = self.learning.recipe.precision
            imitation = sft.planned(PROFILES[self.profile], self.data, seed, precision=precision)
            return self._cell(START, "SFT", seed, partial(sft.sft, imitation))
        given = Path(of_seed(self.policy, seed))
        return replace(self._cell(START, "a policy that is given", seed), policy=given)

    def _cell(
        self,
        variant: str,
        words: str,
        seed: int,
        training: partial[Path] | None = None,
        start: Cell | None = None,
    ) -> Cell:
        folder = self.folder / variant / f"seed-{seed}"
        return Cell(
            name=f"{variant}, seed {seed}",
            words=f"{words}, seed {seed}",
            train=training,
            policy=folder / "policy",
            evaluations={view: folder / f"eval-{slug(str(view.data))}" for view in self.views},
            tasks=self.tasks,
            limits=self.learning.limits,
            batch=self.learning.batch,
            note=folder / "cell.json",
            start=start,
        )

    @property
    def views(self) -> list[View]:
        """Every way in which the cells are judged."""
        trained = [one.data for one in self.question.variants if one.data]
        judged = dict.fromkeys((self.data, *self.also, *trained))
        mode = Mode(self.learning.mode)
        on, user = self.learning.database_of, self.learning.judged_with
        return [
            View(data, mode, self.sampling, own=True, database=on(data, self.data), user=user)
            for data in judged
        ]


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
    plan.require()
    cells = plan.cells()
    if plan.power:
        _show_power(plan, cells)
    if plan.dry_run:
        title = f"{plan.grid}: {plan.question.question}"
        console().print(sweep.timetable(title, [*cells.values()], plan.jobs))
    if plan.power or plan.dry_run:
        return plan.folder
    sweep.run([*cells.values()], plan.jobs)
    return _report(plan, cells, shlex.join(["python", "-m", "train.experiment", *given]))


@dataclass(frozen=True, slots=True)
class Start:
    """The options that other options' defaults depend on."""

    policy: str | None = None
    """The folder to start from, with {seed} in it."""
    profile: str | None = None
    """Whose recipe it is."""
    aggregation: str | None = None
    """How components become one advantage."""
    seeds: tuple[int, ...] = (0, 1, 2)
    """A run of every variant for each."""

    @property
    def basis(self) -> Basis:
        """The same for one run, the first seed's."""
        policy = self.policy and of_seed(self.policy, self.seeds[0])
        return Basis(policy, self.profile, self.aggregation)


def of_seed(policy: str, seed: int) -> str:
    """A seed's folder, given a name with {seed} in it.

    Raises:
        ValueError: if the name has braces around anything else.
    """
    if other := re.search(r"\{(?!seed\})[^}]*\}", policy):
        raise ValueError(f"expected {{seed}} in --policy, got {other[0]}; did you mean {{seed}}?")
    return policy.replace("{seed}", str(seed))


def planned(argv: Sequence[str]) -> ExperimentSettings:
    """What the command line asks for; the rest of GRPO's recipe is the profile's.

    Two dashes are passed over: options of GRPO stood behind them once.
    """
    given = [one for one in argv if one != "--"]
    basis = read_known(Start, given).basis
    default = ExperimentSettings(MISSING, Learning(recipe=basis.recipe), profile=basis.own_profile)
    plan = read_options(
        ExperimentSettings, given, prog="python -m train.experiment", about=__doc__, default=default
    )
    if plan.policy:
        for seed in plan.seeds:
            profile_of(of_seed(plan.policy, seed))  # raises where there is no policy
    return plan


def _report(plan: ExperimentSettings, cells: Mapping[tuple[str, int], Cell], command: str) -> Path:
    found = find(plan.question, results_of(cells), Mode(plan.learning.mode))
    for data in found.data:
        console().print(main_table(found, data).table())
    journals = {key: cell.policy / METRICS for key, cell in cells.items() if key[0] != START}
    path = write_report(found, journals, plan.folder, command)
    console().print(f"Report:  {path}\nNumbers: {plan.folder / 'findings.json'}")
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


if __name__ == "__main__":
    run(main, goes_on=True)
