"""How many tasks of a data set were in a policy's training data, of all its stages.

    python -m train.leakage --policy runs/grpo --data dialogues.json
    python -m train.leakage --policy runs/grpo --data desk:20000:1 --out leakage.json

`train.evaluate` says the same of the tasks that it plays. Nothing is played here, and no model is
loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from agents.console import console, plain_table
from tasks.load import load_tasks
from tasks.types import SPLITS
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.option_types import one_of
from tools.places import require_place
from train.runs.folders import CARD
from train.runs.leakage import Leakage, leakage, read_training

SHOWN = 10
"""Tasks in the table; the file has all of them."""


@dataclass(frozen=True, slots=True)
class LeakageOptions:
    """What is compared."""

    policy: Path
    """The policy's folder."""
    data: str | None = None
    """As for `python -m tasks.load`; the embedded set unless given."""
    split: Annotated[str, one_of(SPLITS)] = "test"
    """Which part is looked at: train, validation, test or all."""
    out: Path | None = None
    """A file for the counts and the tasks that were found; none unless given."""


def main(argv: Sequence[str] | None = None) -> int:
    """Says what was found; returns the process's exit status."""
    args = read_options(LeakageOptions, argv, prog="python -m train.leakage", about=__doc__)
    if not (args.policy / CARD).is_file():
        raise FileNotFoundError(
            f"expected a policy's folder with its {CARD}, found none in {args.policy}; train.sft "
            "and its like write one"
        )
    if args.out:
        require_place(args.out)
    data = load_tasks(args.data)
    found = leakage(read_training(args.policy), data.split(args.split))
    console().print(f"{args.policy} · {data.source} · {args.split} split")
    console().print(found.words(args.split), style="yellow" if found.found else None)
    if found.found:
        console().print(_table(found))
    if args.out:
        write_json(args.out, {**found.as_dict(), "tasks": _lists(found)})
    return 0


def _lists(found: Leakage) -> dict[str, list[str]]:
    return {
        "by_id": [*found.names],
        "word_for_word": [*found.dialogues],
        "near_copies": [*found.near],
    }


def _table(found: Leakage) -> object:
    """The first tasks that were found, and how."""
    lists = {name: {*ids} for name, ids in _lists(found).items()}
    heads = ("task", *(name.replace("_", " ") for name in lists))
    rows = [
        (task, *("yes" if task in ids else "" for ids in lists.values()))
        for task in found.found[:SHOWN]
    ]
    return plain_table(f"The first {len(rows)} of {len(found.found):,} found", heads, rows)


if __name__ == "__main__":
    run(main)
