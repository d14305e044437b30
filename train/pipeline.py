"""All stages, one after the other, and one report on what each of them brought.

    python -m train.pipeline --out runs/pipeline
    python -m train.pipeline --data apigen-mt_5k.json --profile qwen3-1.7b --mode turn
    python -m train.pipeline --stages SFT,SFT-longer,cold-start,GRPO-plain,GRPO --tasks 2000
    python -m train.pipeline --profile demo-tiny --rehearse kaleidoscope:2500:5
    python -m train.pipeline --thinking off --weights thinking=0 --also retail:500:9

Stages: base, SFT, cold-start, GRPO; controls: SFT-longer, which imitates more instead of GRPO, and
GRPO-plain, which skips the cold start. Every stage is evaluated on the same held-out tasks. The
same command goes on where a killed run stopped; every stage has its folder, and may be changed or
taken further by its own script.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Annotated, Literal

from agents.console import console
from reasonact_env.episode import Mode
from tasks.load import require_data
from tools.command import run as run_command
from tools.command_line import read_known, read_options
from tools.option_types import Suppress, one_of, shown_as, written_as
from tools.ranges import require_above, require_at_least, require_seeds
from train import cold_start, sft
from train.grpo import Basis
from train.models.policies import CARD, read_json
from train.models.profiles import DEMO, PROFILES
from train.models.sources import require_model
from train.models.start import template_words
from train.rl.recipe import RECIPES
from train.scoring.report import TEMPERATURES
from train.studies import sweep
from train.studies.cells import Cell, View
from train.studies.learning import Learning
from train.studies.pipeline_report import judged_of, show, write
from train.studies.stages import FULL, Stage, ordered, start_of

COLD = cold_start.ColdStartSettings("")
"""How a cold start is done unless told otherwise."""


def read_stages(text: str) -> tuple[Stage, ...]:
    """`SFT,GRPO` as stages in order, with those that they rest on.

    Raises:
        ValueError: for a name that no stage has.
    """
    return ordered(text.split(","))


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """What is trained, and how it is judged."""

    out: Path = Path("runs/pipeline")
    """Where everything goes."""
    profile: Annotated[str, one_of(PROFILES)] = DEMO.name
    """Of the model that all begins with."""
    model: str | None = None
    """Folder, GGUF file or hub name of the weights to start from; the profile's own unless
    given."""
    data: str | None = None
    """What is trained on; its held-out tasks are judged on."""
    also: tuple[str, ...] = ()
    """Further data to judge on."""
    stages: Annotated[tuple[Stage, ...], written_as(read_stages, "STAGE,…", ",".join)] = FULL
    """Which stages are run, with those that they rest on."""
    thinking: Literal["on", "off"] = "on"
    """off: without a cold start."""
    tasks: int = 2_000
    """Held-out tasks at most, of each data set."""
    judge: tuple[Mode, ...] = ()
    """In which modes is judged; the mode of GRPO unless given."""
    sampling: tuple[Annotated[str, one_of(TEMPERATURES)], ...] = tuple(TEMPERATURES)
    """How messages are sampled then."""
    seed: int = 0
    """Of every stage."""
    sft: Path | None = None
    """The folder of an SFT policy to share; one is trained unless given."""
    sft_tasks: int | None = None
    """SFT's training dialogues at most; the profile's number unless given."""
    sft_lr: float | None = None
    """SFT's peak learning rate; the profile's unless given."""
    rehearse: Annotated[str | None, shown_as("DATA")] = None
    """Other data that imitation learns as well, against forgetting."""
    longer: float = 2.0
    """How many times as long the control SFT-longer imitates."""
    thoughts: str = cold_start.AUTO
    """Where the cold start's thoughts come from, as `train.cold_start` knows it."""
    samples: int = COLD.samples
    """The cold start's samples, fewer than 100."""
    unit: Annotated[str | None, one_of(cold_start.UNITS)] = None
    """What one of them is; what GRPO's mode shows unless given."""
    cold_epochs: float | None = None
    """Passes over them; the profile's unless given."""
    cold_lr: float | None = None
    """The cold start's peak learning rate; the profile's unless given."""
    learning: Learning = Learning(recipe=RECIPES[DEMO.name])
    """How GRPO learns."""
    jobs: int = 1
    """Stages at a time."""
    dry_run: bool = False
    """Only list the stages, with the time they take."""
    note: Suppress[str | None] = None
    """What stands above all tables; profile and seed unless given."""
    name: Suppress[str] = "report"
    """The report's files are called so."""

    def __post_init__(self) -> None:
        """Refuses to share what is no SFT policy."""
        require_at_least(self, 1, "tasks", "sft_tasks", "jobs")
        require_above(self, 0, "sft_lr", "longer", "cold_epochs", "cold_lr")
        require_seeds(self, "seed")
        if self.sft is not None and not (self.sft / CARD).exists():
            raise FileNotFoundError(
                f"expected a policy of train.sft in {self.sft}, found no {CARD}; --sft takes the "
                "folder that holds it, or leave it out to train one"
            )

    def require(self) -> None:
        """Refuses what no stage could do, before the first one is run.

        Raises:
            ValueError: for a user, a reward or data that do not exist.
            OSError: for a file or a model that does not exist.
            ImportError: if a package is missing.
        """
        self.learning.require()
        for data in (self.data, self.rehearse, *self.also):
            require_data(data)
        if isinstance(begun := self.model or PROFILES[self.profile].base, str):
            require_model(begun)
        if Stage.COLD in self.chosen:
            cold_start.require_thoughts(self.thoughts)

    @property
    def chosen(self) -> tuple[Stage, ...]:
        """The stages that are run."""
        left_out = Stage.COLD if self.thinking == "off" else None
        return tuple(stage for stage in self.stages if stage is not left_out)

    @property
    def views(self) -> list[View]:
        """Every way in which the stages are judged; the first one is the main one."""
        modes = self.judge or (Mode(self.learning.mode),)
        ways = product((self.data, *self.also), modes, self.sampling)
        on = self.learning.database_of
        return [
            View(data, mode, sampling, data == self.data, on(data, self.data))
            for data, mode, sampling in ways
        ]

    def place(self, stage: Stage) -> Path:
        """A stage's folder; pipelines that share SFT share its evaluations next to it, too."""
        if stage is Stage.SFT and self.sft is not None:
            return self.sft
        return self.out / stage.lower()

    def training(self, stage: Stage) -> partial[Path] | None:
        """How a stage learns, given its folder; None where its policy is given."""
        imitation = sft.planned(
            PROFILES[self.profile],
            self.data,
            self.seed,
            model=self.model,
            tasks=self.sft_tasks,
            lr=self.sft_lr,
            rehearsed=self.rehearse,
            precision=self.learning.recipe.precision,
        )
        match stage:
            case Stage.BASE:
                return partial(sft.base_policy, imitation)
            case Stage.SFT:
                return None if self.sft else partial(sft.sft, imitation)
            case Stage.LONGER:
                return partial(sft.sft, replace(imitation, epochs=self.longer * imitation.epochs))
            case Stage.COLD:
                return partial(cold_start.cold_start, self._cold())
            case Stage.PLAIN | Stage.GRPO:
                start = self.place(start_of(stage, self.chosen) or Stage.SFT)
                return self.learning.training(start, self.data, self.seed)

    def _cold(self) -> cold_start.ColdStartSettings:
        return cold_start.ColdStartSettings(
            policy=str(self.place(Stage.SFT)),
            data=self.data,
            thoughts=self.thoughts,
            samples=self.samples,
            unit=self.unit or cold_start.unit_of(self.learning.mode),
            epochs=self.cold_epochs,
            lr=self.cold_lr,
            seed=self.seed,
            rehearsed=self.rehearse,
            precision=self.learning.recipe.precision,
        )

    def cells(self) -> dict[Stage, Cell]:
        """Every stage with its evaluations."""
        found: dict[Stage, Cell] = {}
        for stage in self.chosen:
            start = start_of(stage, self.chosen)
            found[stage] = self._cell(stage, found[start] if start else None)
        return found

    def _cell(self, stage: Stage, start: Cell | None) -> Cell:
        place = self.place(stage)
        return Cell(
            name=stage.value,
            words=stage.words,
            train=self.training(stage),
            policy=place,
            evaluations={view: place.parent / f"eval-{stage}-{view.suffix}" for view in self.views},
            tasks=self.tasks,
            limits=self.learning.limits,
            note=self.out / "cells" / f"{stage}.json",
            start=start,
            label=f"{stage} ({{}})",
        )


def run(plan: PipelineSettings) -> Path:
    """Runs all stages, judges them, and reports; what is done already is not done again.

    Returns:
        The file with all numbers.
    """
    cells = plan.cells()
    sweep.run([*cells.values()], plan.jobs)
    base = read_json(plan.place(Stage.BASE) / CARD) if Stage.BASE in cells else {}
    judged = template_words(str(base.get("words")))
    note = f"{plan.note or f'profile {plan.profile}, seed {plan.seed}'}{judged}"
    with sweep.heading("What each stage brought"):
        show(judged_of(cells), note)
        return write(cells, note, plan.out, plan.name)


def main(argv: Sequence[str] | None = None) -> Path:
    """Runs the pipeline as the command line says; returns the file with its numbers."""
    plan = planned(argv)
    plan.require()
    names = ", ".join(plan.chosen)
    if plan.dry_run:
        cells = [*plan.cells().values()]
        console().print(sweep.timetable(f"pipeline: {names}", cells, plan.jobs))
        return plan.out
    console().print(
        f"ReasonAct pipeline: {names}.\nEverything goes to {plan.out}; the same command goes on "
        "after an interruption.\n"
    )
    return run(plan)


@dataclass(frozen=True, slots=True)
class PipelineOptions:
    """What `python -m train.pipeline` takes."""

    plan: PipelineSettings
    """What is trained, and how it is judged."""
    quick: bool = False
    """In a minute, with nothing learned."""


def planned(argv: Sequence[str] | None = None) -> PipelineSettings:
    """What the command line asks for; the rest of GRPO's recipe is the profile's."""
    basis = read_known(Basis, argv)
    options = read_options(
        PipelineOptions,
        argv,
        prog="python -m train.pipeline",
        about=__doc__,
        default=PipelineOptions(PipelineSettings(learning=Learning(recipe=basis.recipe))),
    )
    return quick(options.plan) if options.quick else options.plan


def quick(plan: PipelineSettings) -> PipelineSettings:
    """The same chain in a minute, too short to learn anything; for trying it out."""
    recipe = replace(plan.learning.recipe, generations=2, prompts=2, group=4, save_every=1)
    return replace(
        plan,
        data=plan.data or "desk:200:1",
        sft_tasks=64,
        samples=min(8, plan.samples),
        cold_epochs=2.0,
        learning=replace(plan.learning, recipe=recipe),
        tasks=16,
    )


if __name__ == "__main__":
    run_command(main)
