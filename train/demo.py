"""The whole chain on two CPU cores: base, SFT, GRPO, and how much each of them brought.

    python -m train.demo

Everything is small and generated: a tiny Qwen3 from random weights, the order desk's dialogues.
It shows that the chain works and that learning is measured honestly; it is not the real thing. A
killed run goes on where it stopped. It is one configuration of `train.pipeline`, whose other
stages, a cold start among them, can be added by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

from agents.console import console
from tools.command import run as run_command
from tools.command_line import read_options
from tools.option_types import one_of
from tools.ranges import require_at_least, require_seeds
from train.models.limits import MessageLimits
from train.models.profiles import DEMO, DEMO_TINY
from train.pipeline import PipelineSettings, quick, run
from train.rl.recipe import RECIPES
from train.studies.learning import Learning
from train.studies.stages import Stage, ordered

DATA = "desk:20000:1"
"""Generated dialogues: 16,000 to train on, 2,000 held out."""
NOTE = "a tiny Qwen3 of ours on generated order-desk dialogues, not the real thing"
STAGES = (Stage.BASE, Stage.SFT, Stage.GRPO)
STEPS, TASKS = 100, 1_000
"""GRPO's generations, and the held-out tasks: enough for a gain that stands out of the noise."""
MAX_TURNS = 12
"""Messages of an episode of GRPO at most: what is longer here is a loop, and teaches little."""
LOOKS = 3
"""How often GRPO is judged on held-out tasks while it trains, from its beginning to its end."""
LOOKED_AT = 40
"""On how many."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What `python -m train.demo` takes."""

    out: Path = Path("runs/demo")
    """Where everything goes."""
    profile: Annotated[str, one_of([DEMO.name, DEMO_TINY.name])] = DEMO.name
    """Which tiny model; demo-tiny starts from weights that come with the package."""
    data: str = DATA
    """Generated dialogues."""
    tasks: int = TASKS
    """Held-out tasks to judge on."""
    generations: int = STEPS
    """GRPO's generations."""
    add: tuple[str, ...] = ()
    """More stages, as `train.pipeline` knows them."""
    limits: MessageLimits = field(default_factory=MessageLimits)
    """How long the policy's messages may be."""
    seed: int = 0
    """Of everything random."""
    quick: bool = False
    """In a minute, with nothing learned."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "tasks", "generations")
        require_seeds(self, "seed")


def planned(args: DemoOptions) -> PipelineSettings:
    """The demonstration as it is shown."""
    plan = PipelineSettings(
        out=args.out,
        profile=args.profile,
        data=args.data,
        stages=ordered([*STAGES, *args.add]),
        tasks=args.tasks,
        seed=args.seed,
        learning=Learning(
            recipe=replace(RECIPES[DEMO.name], generations=args.generations),
            limits=args.limits,
            max_turns=MAX_TURNS,
            eval_every=max(1, args.generations // (LOOKS - 1)),
            eval_tasks=LOOKED_AT,
        ),
        note=NOTE,
        name="demo",
    )
    return quick(plan) if args.quick else plan


def main(argv: Sequence[str] | None = None) -> Path:
    """Runs the demonstration; returns the file with its numbers."""
    plan = planned(read_options(DemoOptions, argv, prog="python -m train.demo", about=__doc__))
    console().print(
        f"ReasonAct demo: {NOTE}.\nEverything goes to {plan.out}; the same command "
        "goes on after an interruption.\n"
    )
    return run(plan)


if __name__ == "__main__":
    run_command(main)
