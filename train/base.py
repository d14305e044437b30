"""The demo's base: a tiny Qwen3 that has learned to read schemas and rules, and to think a little.

    python -m train.base --out runs/base
    python -m train.sft --model runs/base --tasks 1000 --out runs/sft

From random weights, SFT has to teach language, format and task at once. What a pretrained model
brings, a tiny one gets here: from generated dialogues, each over tools and rules of its own
(`tasks/kaleidoscope`), every second of them with the agent's thoughts. Loss is on all tokens, as in
pretraining: half of what schemas, rules and results say stood there before, so that copying is
practised all along. None of the domains on which policies are judged is among them. The same
command goes on where a killed run stopped.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from transformers import PreTrainedTokenizerBase

from agents.console import console
from tasks.types import Task
from tools.protocol import render
from tools.types import Message, Role
from train.profiles import DEMO_BASE
from train.samples import Example, Rows, dialogues, rows_of
from train.sft import Plan, sft

DATA = "kaleidoscope:15000:1"
"""The dialogues, a tenth of them held out for looking, another for judging."""


def everything(tasks: Sequence[Task], tokenizer: PreTrainedTokenizerBase, max_length: int) -> Rows:
    """The dialogues, every second one thought aloud; all tokens carry loss."""
    rows = rows_of(half_aloud(tasks), tokenizer, max_length)
    return replace(rows, masks=[[1] * len(ids) for ids in rows.token_ids])


def half_aloud(tasks: Iterable[Task]) -> Iterator[Example]:
    """What can be imitated of the tasks; in every second one the agent thinks aloud."""
    for number, (task, example) in enumerate(_both(tasks)):
        yield aloud(task, example) if number % 2 else example


def _both(tasks: Iterable[Task]) -> Iterator[tuple[Task, Example]]:
    tasks = list(tasks)
    return zip(tasks, dialogues(tasks), strict=True)


def aloud(task: Task, example: Example) -> Example:
    """The example with the thoughts that stand beside the dialogue, one a turn."""
    thoughts = dict(zip((turn.index for turn in task.turns), _traces(task), strict=True))
    messages = tuple(
        Message(Role.ASSISTANT, render(text=message.content, thought=thoughts[place]))
        if place in thoughts
        else message
        for place, message in enumerate(example.messages)
    )
    return replace(example, messages=messages)


def _traces(task: Task) -> Sequence[str]:
    return cast("list[str]", task.meta["traces"])


def planned(data: str, tasks: int, seed: int) -> Plan:
    """The training as the profile has it."""
    profile = DEMO_BASE
    return Plan(
        profile=profile.name,
        data=data,
        model=None,
        tasks=tasks,
        epochs=profile.sft_epochs,
        lr=profile.sft_lr,
        max_length=profile.max_length,
        seed=seed,
    )


def main(argv: Sequence[str] | None = None) -> Path:
    """Trains the base; returns its folder."""
    args = _parser().parse_args(argv)
    plan = planned(args.data, args.tasks, args.seed)
    folder = sft(plan, args.out, stage="base", lessons=everything)
    console().print(f"Base:        {folder}")
    console().print(f"Start there: python -m train.sft --model {folder}")
    return folder


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m train.base",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", default=DATA, help="kaleidoscope:N[:SEED]")
    parser.add_argument("--tasks", type=int, default=DEMO_BASE.sft_tasks, help="dialogues at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/base"))
    return parser


if __name__ == "__main__":
    main()
