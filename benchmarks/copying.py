"""Does a model copy and read? How often it foresees the recorded agent's next token, by kind.

    python -m benchmarks.copying runs/base --data kaleidoscope:100:9

Given all that stands before a token, the model's likeliest token is that one or another. Numbers
show copying; words show copying and reading (names of tools, values); the rest shows form. Any
folder with weights and tokenizer will do, even a checkpoint of a run that still goes on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Annotated, TypeAlias

import torch
from rich.table import Table
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from agents.console import console
from tasks.load import load_tasks, require_data
from tools.command import run
from tools.command_line import read_options
from tools.option_types import Positional, shown_as
from tools.protocol import CALL, END_THINK, THINK
from train.imitation.lessons import half_aloud
from train.imitation.samples import rows_of
from train.models.model import load_model

Kind: TypeAlias = tuple[str, str]
"""Where a token stands (thought, call, reply), and what it is (numbers, words, the rest)."""
LIMIT = 4_096
"""Tokens of a dialogue at most."""


def hits(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, data: str
) -> dict[Kind, list[bool]]:
    """Whether each of the agent's tokens was foreseen, by kind."""
    rows = rows_of(half_aloud(load_tasks(data).tasks), tokenizer, LIMIT)
    found: dict[Kind, list[bool]] = defaultdict(list)
    for ids, mask in zip(rows.token_ids, rows.masks, strict=True):
        with torch.inference_mode():
            likeliest = model(torch.tensor([ids], device=model.device)).logits[0].argmax(-1)
        for place, kind in _kinds(tokenizer, ids, mask):
            found[kind].append(int(likeliest[place - 1]) == ids[place])
    return found


def _kinds(
    tokenizer: PreTrainedTokenizerBase, ids: Sequence[int], mask: Sequence[int]
) -> Iterator[tuple[int, Kind]]:
    """The agent's tokens and what they are; a tag belongs to what it opens."""
    where = ""
    for place, (token, said) in enumerate(zip(ids, mask, strict=True)):
        text = tokenizer.decode([token])
        if not said:
            where = ""
            continue
        # A message without a thought begins with an empty one, which ends in the same token.
        where = "reply" if END_THINK in text else "thought" if THINK in text else where
        where = "call" if CALL in text else where or "reply"
        what = "numbers" if text.strip().isdigit() else "words" if text.isalpha() else "the rest"
        yield place, (where, what)


def hit_table(found: dict[Kind, list[bool]], title: str) -> Table:
    """A line a kind."""
    table = Table(title=title, title_justify="left")
    for name in ("where", "what", "tokens", "foreseen"):
        table.add_column(name, justify="left" if name.startswith("wh") else "right")
    for (where, what), right in sorted(found.items()):
        table.add_row(where, what, f"{len(right):,}", f"{fmean(right):.1%}")
    return table


@dataclass(frozen=True, slots=True)
class Options:
    """Which model is looked at."""

    model: Positional[Annotated[Path, shown_as("MODEL")]]
    """A folder with weights and tokenizer."""
    data: str = "kaleidoscope:100:9"
    """Dialogues that the model never learned from."""


def main(argv: Sequence[str] | None = None) -> None:
    """Prints the table."""
    args = read_options(Options, argv, prog="python -m benchmarks.copying", about=__doc__)
    require_data(args.data)
    model, tokenizer = load_model(str(args.model))
    console().print(
        hit_table(hits(model.eval(), tokenizer, args.data), f"{args.model} on {args.data}")
    )


if __name__ == "__main__":
    run(main)
