"""The last phase: a small pretrained model's whole pipeline, several seeds side by side.

Each seed has a process. It goes through base, SFT, cold start and GRPO, each of them judged on the
same held-out tasks at once, and leaves a file after each. How many generations GRPO has is settled
when it begins: one is played and trained to see how long it takes, and the largest of `GENERATIONS`
that leaves time for the evaluation is taken. A run that goes on keeps what was settled.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from benchmarks.gpu_quarter_hour.schedule import leave
from tools.files import read_object, write_json
from train.models.limits import MessageLimits
from train.models.policies import CARD
from train.models.profiles import PROFILES
from train.pipeline import PipelineSettings
from train.pipeline import run as report
from train.rl.recipe import RECIPES
from train.runs.run import METRICS
from train.runs.trends import read
from train.studies.cells import Cell
from train.studies.learning import Learning
from train.studies.stages import FULL, Stage

GENERATIONS = (64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1)
"""Numbers to choose from: a few, so that seeds that are about as fast have the same."""
SPARE = 0.85
"""Share of the time left that GRPO may plan with: later generations may be longer."""
GROUP_AT_ONCE = 8
"""Rows of a forward and backward pass; the recipe's own number is for two cores."""
SAVE_EVERY = 16
"""Generations between two checkpoints, which take seconds each."""
SAMPLED = "sampled"


@dataclass(frozen=True, slots=True)
class Chain:
    """What is run with each seed."""

    profile: str
    """Of the model."""
    model: str | None
    """Folder, file or name; the profile's own unless given."""
    data: str = "desk:2000:1"
    """Generated dialogues; a fifth of them is held out."""
    sft_tasks: int = 160
    """Few, so that there is something left to learn."""
    tasks: int = 64
    """Held-out tasks, played side by side."""
    samples: int = 48
    """Of the cold start."""
    prompts: int = 16
    """Of a generation, played side by side: a GPU takes hardly longer for more of them."""
    group: int = 8
    """Episodes of each."""
    generations: int = 64
    """Of GRPO at most; the time decides."""
    limits: MessageLimits = MessageLimits(64, 64)
    """An untrained base would else write until its context is full."""
    max_turns: int = 12
    """Messages of an episode of GRPO."""

    def plan(self, out: Path, seed: int, generations: int) -> PipelineSettings:
        """The pipeline of a seed."""
        if self.profile not in PROFILES:
            raise ValueError(
                f"expected a profile among {', '.join(PROFILES)}, got {self.profile!r}; give "
                "--profile"
            )
        recipe = replace(
            RECIPES[self.profile],
            generations=generations,
            prompts=self.prompts,
            group=self.group,
            micro_batch=min(GROUP_AT_ONCE, self.prompts * self.group),
            save_every=SAVE_EVERY,
        )
        return PipelineSettings(
            out=out,
            profile=self.profile,
            model=self.model,
            data=self.data,
            stages=FULL,
            tasks=self.tasks,
            sampling=(SAMPLED,),
            seed=seed,
            train_tasks=self.sft_tasks,
            samples=self.samples,
            learning=Learning(
                recipe=recipe,
                batch=self.prompts * self.group,
                limits=self.limits,
                max_turns=self.max_turns,
                eval_every=0,
            ),
        )


def tiny(chain: Chain) -> Chain:
    """For the dry run."""
    return replace(
        chain,
        data="desk:60:1",
        sft_tasks=8,
        tasks=2,
        samples=2,
        prompts=1,
        group=2,
        generations=2,
        limits=MessageLimits(8, 8),
        max_turns=2,
    )


def one_seed(out: Path, chain: Chain, seed: int, until: float) -> None:
    """A seed's pipeline, stage after stage.

    Args:
        out: Where everything is left.
        chain: What is run.
        seed: Of everything random.
        until: When it is killed, by the monotonic clock.
    """
    place = out / "pipeline" / f"seed-{seed}"
    plan = chain.plan(place, seed, 1)
    for stage in plan.chosen:
        if stage is Stage.GRPO:
            plan = chain.plan(place, seed, generations_of(place, plan, until, chain.generations))
        cell = plan.cells()[stage]
        if not leave(out, f"pipeline-{seed}-{stage}", lambda cell=cell: judged(cell)):  # type: ignore[misc]
            raise RuntimeError(f"the stage {stage} failed; {place} has what was done before")
    report(plan)


def judged(cell: Cell) -> dict[str, object]:
    """Trains and judges a stage, or goes on; its metrics, and the seconds that it took."""
    if not cell.is_done:
        cell.run()
    without_checkpoints(cell.policy)
    (folder,) = cell.evaluations.values()
    found = read_object(folder / "summary.json")
    recipe = cell.train.args[1] if cell.train and len(cell.train.args) > 1 else None
    generations = getattr(recipe, "generations", None)
    return {"seconds": cell.seconds, "generations": generations, "metrics": found["metrics"]}


def without_checkpoints(policy: Path) -> None:
    """Frees the disk: with Adam's moments a checkpoint has three times the bytes of the weights."""
    for folder in (policy / "checkpoints", *policy.glob("checkpoint-*")):
        shutil.rmtree(folder, ignore_errors=True)


def generations_of(place: Path, plan: PipelineSettings, until: float, most: int) -> int:
    """The number of GRPO's generations: as settled before, or by one on trial."""
    note = place / "settled.json"
    if note.is_file():
        return int(read_object(note)["generations"])
    cells = plan.cells()
    trial, cold = place / "trial", cells[Stage.COLD]
    grpo = cells[Stage.GRPO].train
    assert grpo is not None
    if not (trial / CARD).exists():
        grpo(trial)
        without_checkpoints(trial)
    step = read(trial / METRICS)[-1]["time/step"]
    left = until - monotonic() - cold.seconds["evaluate"]
    fitting = (n for n in GENERATIONS if n <= most and n * step <= SPARE * left)
    generations = next(fitting, GENERATIONS[-1])
    write_json(note, {"generations": generations, "trial_step_seconds": step, "left": left})
    return generations
