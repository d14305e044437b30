"""All stages, one after the other, and one report on what each of them brought.

    python -m train.pipeline --out runs/pipeline
    python -m train.pipeline --data apigen-mt_5k.json --profile qwen3-1.7b --mode turn
    python -m train.pipeline --stages SFT,SFT-longer,cold-start,GRPO-plain,GRPO --tasks 2000
    python -m train.pipeline --profile demo-tiny --rehearse kaleidoscope:2500:5
    python -m train.pipeline --thinking off --without thinking --also retail:500:9

Stages: base, SFT, cold-start, GRPO; controls: SFT-longer, which imitates more instead of GRPO, and
GRPO-plain, which skips the cold start. Every stage is evaluated on the same held-out tasks. The
same command goes on where a killed run stopped; every stage has its folder, and may be changed or
taken further by its own script.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path

from agents.console import console
from reasonact_env.episode import Mode
from train import cold_start, sft
from train.models.policies import CARD
from train.models.profiles import DEMO, PROFILES
from train.rl.recipe import RECIPES
from train.scoring.report import TEMPERATURES
from train.studies import sweep
from train.studies.cells import Cell, View
from train.studies.learning import Learning, add_learning, learning_of, settled
from train.studies.pipeline_report import judged_of, show, write
from train.studies.stages import FULL, Stage, ordered, start_of

COLD = cold_start.ColdStartSettings("")
"""How a cold start is done unless told otherwise."""


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """What is trained, and how it is judged."""

    out: Path = Path("runs/pipeline")
    """Where everything goes."""
    profile: str = DEMO.name
    """Of the model that all begins with."""
    model: str | None = None
    """Folder or hub name of the weights to start from; None for the profile's own."""
    data: str | None = None
    """What is trained on; its held-out tasks are judged on."""
    also: tuple[str, ...] = ()
    """Further data to judge on."""
    stages: tuple[Stage, ...] = FULL
    """Which stages, in order."""
    thinking: str = "on"
    """off: without a cold start."""
    tasks: int = 2_000
    """Held-out tasks at most, of each data set."""
    judge: tuple[Mode, ...] = ()
    """In which modes is judged; the mode of GRPO unless given."""
    sampling: tuple[str, ...] = tuple(TEMPERATURES)
    """How messages are sampled then."""
    seed: int = 0
    """Of every stage."""
    sft: Path | None = None
    """The folder of an SFT policy to share; None to train one."""
    sft_tasks: int | None = None
    """SFT's training dialogues at most; None for the profile's number."""
    sft_lr: float | None = None
    """SFT's peak learning rate; None for the profile's."""
    rehearse: str | None = None
    """Other data that imitation learns as well, against forgetting."""
    longer: float = 2.0
    """How many times as long the control SFT-longer imitates."""
    thoughts: str = cold_start.AUTO
    """Where the cold start's thoughts come from, as `train.cold_start` knows it."""
    samples: int = COLD.samples
    """The cold start's samples, fewer than 100."""
    unit: str = COLD.unit
    """What one of them is."""
    cold_epochs: float | None = None
    """Passes over them; None for the profile's."""
    cold_lr: float | None = None
    """The cold start's peak learning rate; None for the profile's."""
    learning: Learning = Learning(RECIPES[DEMO.name])
    """How GRPO learns."""
    jobs: int = 1
    """Stages at a time."""
    dry_run: bool = False
    """Whether the stages are only listed, with the time they take."""
    note: str | None = None
    """What stands above all tables; profile and seed unless given."""
    name: str = "report"
    """The report's files are called so."""

    def __post_init__(self) -> None:
        """Refuses to share what is no SFT policy."""
        if self.sft is not None and not (self.sft / CARD).exists():
            raise FileNotFoundError(
                f"expected a policy of train.sft in {self.sft}, found no {CARD}; --sft takes the "
                "folder that holds it, or leave it out to train one"
            )

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
        return [View(data, mode, sampling, data == self.data) for data, mode, sampling in ways]

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
            unit=self.unit,
            epochs=self.cold_epochs,
            lr=self.cold_lr,
            seed=self.seed,
            rehearsed=self.rehearse,
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
    note = plan.note or f"profile {plan.profile}, seed {plan.seed}"
    with sweep.heading("What each stage brought"):
        show(judged_of(cells), note)
        return write(cells, note, plan.out, plan.name)


def main(argv: Sequence[str] | None = None) -> Path:
    """Runs the pipeline as the command line says; returns the file with its numbers."""
    args = _parser().parse_args(argv)
    plan = planned(args)
    plan.learning.require_packages()
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


def planned(args: argparse.Namespace) -> PipelineSettings:
    """What the command line asks for."""
    known = {
        "stages": ordered(args.stages.split(",")),
        "judge": tuple(map(Mode, args.judge)),
        "learning": learning_of(args, args.profile),
    }
    plan = settled(PipelineSettings, args, **known)
    return quick(plan) if args.quick else plan


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m train.pipeline",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    usual = PipelineSettings()
    what = parser.add_argument_group("what is trained and judged")
    what.add_argument("--out", type=Path, default=usual.out)
    what.add_argument("--profile", default=usual.profile, choices=list(PROFILES))
    what.add_argument("--model", help="folder or hub name of the weights to start from")
    what.add_argument("--data", help="as for `python -m tasks.load`; default: embedded")
    what.add_argument("--also", nargs="*", default=usual.also, help="further data to judge on")
    what.add_argument("--stages", default=",".join(FULL), help=f"of {', '.join(Stage)}")
    what.add_argument("--tasks", type=int, default=usual.tasks, help="held-out tasks to judge on")
    what.add_argument(
        "--judge", nargs="+", default=[], choices=list(Mode), help="modes; default: --mode"
    )
    what.add_argument("--sampling", nargs="+", choices=list(TEMPERATURES), default=usual.sampling)
    what.add_argument("--seed", type=int, default=usual.seed)
    what.add_argument("--quick", action="store_true", help="a minute, nothing learned")
    sweep.add_options(what, "stages")
    imitation = parser.add_argument_group("imitation")
    imitation.add_argument("--sft", type=Path, help="folder of an SFT policy to share, not train")
    imitation.add_argument("--sft-tasks", type=int, help="training dialogues at most")
    imitation.add_argument("--sft-lr", type=float, help="peak learning rate of SFT")
    imitation.add_argument(
        "--rehearse", metavar="DATA", help="other data to learn as well, against forgetting"
    )
    imitation.add_argument(
        "--longer", type=float, default=usual.longer, help="SFT-longer's passes, times"
    )
    imitation.add_argument("--thinking", default="on", choices=["on", "off"], help="cold start")
    imitation.add_argument("--thoughts", default=usual.thoughts, help="as train.cold_start's")
    imitation.add_argument("--samples", type=int, default=usual.samples, help="fewer than 100")
    imitation.add_argument(
        "--unit", default=usual.unit, choices=cold_start.UNITS, help="what one of them is"
    )
    imitation.add_argument("--cold-epochs", type=float, help="passes over them")
    imitation.add_argument("--cold-lr", type=float, help="its peak learning rate")
    add_learning(parser)
    return parser


if __name__ == "__main__":
    main()
