"""All stages, one after the other, and one report on what each of them brought.

    # all stages on the embedded dialogues, with a tiny model
    python -m train.pipeline --out runs/pipeline
    # a pretrained model on recorded dialogues, decision by decision
    python -m train.pipeline --data apigen-mt_5k.json --profile qwen3-1.7b --mode turn
    # with both controls
    python -m train.pipeline --stages SFT,SFT-longer,cold-start,GRPO-plain,GRPO --tasks 2000
    # other data are learned as well, so that they are not forgotten
    python -m train.pipeline --profile demo-tiny --rehearse kaleidoscope:2500:5
    # without thoughts, judged on a second domain, too
    python -m train.pipeline --no-cold-start --weights thinking=0 --also retail:500:9
    # learned in one domain of a file, judged in another
    python -m train.pipeline --data FILE#domain=retail --also FILE#domain=airline --mode turn
    # GRPO against imitation that takes as long
    python -m train.pipeline --stages SFT-longer,GRPO --longer equal --thoughts-from retail:300:1

Stages: base, SFT, cold-start, GRPO; controls: SFT-longer, which imitates more instead of GRPO
(`--longer equal`: for as long as the stages up to GRPO took together), and GRPO-plain, which skips
the cold start, and so never thinks. Every stage is evaluated on the same held-out tasks. The
same command goes on where a killed run stopped; every stage has its folder, and may be changed or
taken further by its own script.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agents.console import console
from tools.command import run as run_command
from tools.command_line import read_known, read_options
from train.grpo import Basis
from train.models.policies import CARD, read_json
from train.models.start import template_words
from train.studies import sweep
from train.studies.learning import Learning
from train.studies.pipeline_report import judged_of, show, write
from train.studies.plan import PipelineSettings as PipelineSettings
from train.studies.stages import Stage


def run(plan: PipelineSettings) -> Path:
    """Runs all stages, judges them, and reports; what is done already is not done again.

    Returns:
        The file with all numbers.
    """
    cells = plan.cells()
    sweep.run([cells[stage] for stage in plan.in_turn], plan.jobs)
    base = read_json(plan.place(Stage.BASE) / CARD) if Stage.BASE in cells else {}
    judged = template_words(str(base.get("words")))
    note = f"{plan.note or f'profile {plan.profile}, seed {plan.seed}'}{judged}"
    with sweep.heading("What each stage brought"):
        show(judged_of(cells), note)
        return write(cells, note, plan.folder, plan.name)


def main(argv: Sequence[str] | None = None) -> Path:
    """Runs the pipeline as the command line says; returns the file with its numbers."""
    plan = planned(argv)
    plan.require()
    names = ", ".join(plan.chosen)
    if plan.dry_run:
        found = plan.cells()
        cells = [found[stage] for stage in plan.in_turn]
        console().print(sweep.timetable(f"pipeline: {names}", cells, plan.jobs))
        return plan.folder
    console().print(
        f"ReasonAct pipeline: {names}.\nEverything goes to {plan.folder}; the same command goes on "
        "after an interruption.\n"
    )
    return run(plan)


@dataclass(frozen=True, slots=True)
class PipelineOptions:
    """What `python -m train.pipeline` takes."""

    plan: PipelineSettings
    """What is trained, and how it is judged."""
    quick: bool = False
    """In a minute or two, with nothing learned."""


def planned(argv: Sequence[str] | None = None) -> PipelineSettings:
    """What the command line asks for; the rest of GRPO's recipe is the profile's."""
    known = read_known(Basis, argv)
    basis = replace(known, policy=None)  # of a policy to start from only the profile given counts
    options = read_options(
        PipelineOptions,
        argv,
        prog="python -m train.pipeline",
        about=__doc__,
        default=PipelineOptions(PipelineSettings(learning=Learning(recipe=basis.recipe))),
    )
    return quick(options.plan) if options.quick else options.plan


def quick(plan: PipelineSettings) -> PipelineSettings:
    """The same chain in a minute or two, too short to learn anything; for trying it out."""
    recipe = replace(plan.learning.recipe, generations=2, prompts=2, group=4, save_every=1)
    return replace(
        plan,
        data=plan.data or "desk:200:1",
        train_tasks=64,
        samples=min(8, plan.samples),
        cold_epochs=2.0,
        learning=replace(plan.learning, recipe=recipe),
        tasks=16,
    )


if __name__ == "__main__":
    run_command(main, goes_on=True)
