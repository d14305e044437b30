"""The overlap of a training set with evaluation sets.

    python -m tasks.overlap kaleidoscope:20000:1 desk:2000 retail:500 airline:500

The first set is learned from; a line of the table stands for each of the others.
"""

from __future__ import annotations

import tools.interrupts  # noqa: F401 (first: Ctrl-C during the others)

# isort: split

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

import numpy as np
from rich.console import Console
from rich.table import Table

from tasks.load import load_tasks
from tasks.near_copies import MAX_STEP, NearCopies
from tasks.types import Task
from tools.command import complain, run
from tools.command_line import read_options
from tools.option_types import Positional, shown_as
from tools.types import Role, ToolSpec

_PROG = "python -m tasks.overlap"
_SENTENCE = re.compile(r"(?<=[.!?:])\s+|\n+")
_SHORT = 4
"""The fewest words of a sentence that counts; chosen by hand."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Counts of what the evaluation set shares with the training set; all should be 0."""

    rules: int
    """The number of sentences of rules."""
    tools: int
    """The number of tools with the same name and arguments."""
    names: int
    """The number of tool names."""
    openings: int
    """The number of dialogues that open with the same words."""
    near_copies: int
    """The number of dialogues whose user's words are a near copy, whatever the rules."""


def overlap(learned: Sequence[Task], judged: Sequence[Task]) -> Overlap:
    """Compares two data sets."""

    def shared(parts: Callable[[Task], Iterable[str]]) -> int:
        known = {part for task in learned for part in parts(task)}
        return len(known & {part for task in judged for part in parts(task)})

    return Overlap(
        rules=shared(_sentences),
        tools=shared(lambda task: map(_signature, task.tools)),
        names=shared(lambda task: (spec.name for spec in task.tools)),
        openings=shared(lambda task: (task.opening[-1].content.lower(),)),
        near_copies=_near_copies(learned, judged),
    )


def _sentences(task: Task) -> list[str]:
    found = _SENTENCE.split(task.rules)
    return [one.strip(" .!?:").lower() for one in found if len(one.split()) >= _SHORT]


def _signature(spec: ToolSpec) -> str:
    properties = spec.parameters.get("properties")
    return f"{spec.name}({', '.join(sorted(properties if isinstance(properties, dict) else ()))})"


def _near_copies(learned: Sequence[Task], judged: Sequence[Task]) -> int:
    texts = [("", "\n".join(_heard(task))) for task in (*learned, *judged)]
    copies = NearCopies.of(texts)
    found: set[int] = set()
    for bucket in copies.buckets():
        sides = (bucket >= len(learned)).astype(np.int64)
        for step in range(1, min(len(bucket), MAX_STEP)):
            pairs = copies.candidates(bucket, step, sides)
            found |= {max(a, b) for a, b in pairs if copies.are_near(a, b)}
    return len(found)


def _heard(task: Task) -> list[str]:
    return [message.content for message in task.messages if message.role is Role.USER]


def overlap_table(learned: str, judged: Sequence[str]) -> Table:
    """The comparison of one set with several others, one line per set."""
    table = Table(title=f"What stands in {learned}, too", title_justify="left")
    table.add_column("of")
    for name in Overlap.__dataclass_fields__:
        table.add_column(name.replace("_", " "), justify="right")
    for data in judged:
        found = overlap(load_tasks(learned).tasks, load_tasks(data).tasks)
        table.add_row(data, *map(str, asdict(found).values()))
    return table


@dataclass(frozen=True, slots=True)
class OverlapOptions:
    """What is compared."""

    learned: Positional[Annotated[str, shown_as("LEARNED")]]
    """What is learned from, as `python -m tasks.load` names it."""
    judged: Positional[Annotated[tuple[str, ...], shown_as("JUDGED …")]]
    """What is judged on, one or more."""


def main(argv: Sequence[str] | None = None) -> int:
    """Shows the table; returns the process's exit status."""
    args = read_options(OverlapOptions, argv, prog=_PROG, about=__doc__)
    try:
        Console().print(overlap_table(args.learned, args.judged))
    except (OSError, RuntimeError, ValueError) as error:
        return complain(_PROG, error)
    return 0


if __name__ == "__main__":
    run(main)
