"""What scoring labelled tokens alone saves: SFT rows with `train.imitation.compact` and without.

    OMP_NUM_THREADS=1 python -m benchmarks.head_speed
    OMP_NUM_THREADS=1 python -m benchmarks.head_speed --model runs/sft --data desk:200:3

Forward and backward passes over the same rows, in turns; thread-seconds of the process.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from statistics import median

from trl.trainer.sft_trainer import DataCollatorForLanguageModeling
from trl.trainer.utils import add_fused_lm_head

from agents.console import console
from tasks.load import load_tasks, require_data
from tools.command import run
from tools.command_line import read_options
from tools.ranges import require_at_least
from train.imitation.compact import labelled_tokens_alone
from train.imitation.samples import dialogues, rows_of
from train.models.model import load_model
from train.models.profiles import TINY

ROWS = 4
"""Dialogues of a pass."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is measured."""

    model: str = TINY
    """As train.sft's."""
    data: str = "desk:200:3"
    """As for `python -m tasks.load`."""
    rounds: int = 9
    """How often."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "rounds")


def main(argv: Sequence[str] | None = None) -> float:
    """Prints both times, and returns how many times as fast the passes are."""
    args = read_options(Options, argv, prog="python -m benchmarks.head_speed", about=__doc__)
    require_data(args.data)
    model, tokenizer = load_model(args.model)
    add_fused_lm_head(model, outputs=("log_probs", "entropy"))
    rows = rows_of(dialogues(load_tasks(args.data).tasks[:ROWS]), tokenizer, 4096)
    examples = [
        {
            "input_ids": ids,
            "labels": [i if said else -100 for i, said in zip(ids, mask, strict=True)],
        }
        for ids, mask in zip(rows.token_ids, rows.masks, strict=True)
    ]
    inputs = DataCollatorForLanguageModeling(pad_token_id=0)(examples)
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(args.rounds):
        for alone, taken in seconds.items():
            with labelled_tokens_alone() if alone else nullcontext():
                started = time.process_time()
                model.train()(**inputs, fused_lm_head=True).loss.backward()
                taken.append(time.process_time() - started)
    every, labelled = median(seconds[False]), median(seconds[True])
    learned = int((inputs["labels"] != -100).sum())
    console().print(
        f"{rows.tokens:,} tokens, {learned:,} of them labelled: all scored {every:.2f} s, labelled "
        f"ones alone {labelled:.2f} s: {every / labelled:.1f} times as fast"
    )
    return every / labelled


if __name__ == "__main__":
    run(main)
