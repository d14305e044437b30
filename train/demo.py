"""The whole chain on two CPU cores: base, SFT, GRPO, and how much each of them brought.

    python -m train.demo

Everything is small and generated: a tiny Qwen3 from random weights, the order desk's dialogues.
It shows that the chain works and that learning is measured honestly; it is not the real thing. A
killed run goes on where it stopped. It is one configuration of `train.pipeline`, whose other
stages, a cold start among them, can be added by name.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from agents.console import console
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


def planned(args: argparse.Namespace) -> PipelineSettings:
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
    plan = planned(_parser().parse_args(argv))
    console().print(
        f"ReasonAct demo: {NOTE}.\nEverything goes to {plan.out}; the same command "
        "goes on after an interruption.\n"
    )
    return run(plan)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m train.demo", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/demo"))
    parser.add_argument("--profile", default=DEMO.name, choices=[DEMO.name, DEMO_TINY.name])
    parser.add_argument("--data", default=DATA, help="which generated dialogues")
    parser.add_argument("--tasks", type=int, default=TASKS, help="held-out tasks")
    parser.add_argument("--generations", type=int, default=STEPS, help="GRPO's generations")
    parser.add_argument("--add", nargs="*", default=[], help=f"more stages: {', '.join(Stage)}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a minute, nothing learned")
    return parser


if __name__ == "__main__":
    main()
