"""Looks at procedures: lists, checks, plays and draws them, and writes tables of tests.

    python -m tasks.procedures
    python -m tasks.procedures --play double_charge --seed 3
    python -m tasks.procedures --table runs/tests.csv --tasks 200 --part unseen

A table is data, as any of ALMITA's form is: `python -m tasks.almita` describes one.
"""

from __future__ import annotations

import tools.interrupts  # noqa: F401 (first: Ctrl-C during the others)

# isort: split

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Annotated

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from tasks.procedures.draw import show
from tasks.procedures.flowgraph import flowgraph
from tasks.procedures.graph import Edge
from tasks.procedures.library import ALL, HELD_OUT, SEEN, library, named, parse_file, procedures
from tasks.procedures.lint import lint_all
from tasks.procedures.paths import count_paths, count_visits, sample_path
from tasks.procedures.records import prepare
from tasks.procedures.stages import STAGES, Example
from tasks.procedures.table import write_table
from tasks.procedures.taken import Taken, flow_visits
from tasks.procedures.types import Procedure
from tools.command import complain, run
from tools.command_line import read_options
from tools.dice import Dice
from tools.nearest import did_you_mean
from tools.option_types import only_one, shown_as
from tools.places import require_ending
from tools.ranges import LARGEST, require_at_least, require_seeds, require_within

_PROG = "python -m tasks.procedures"
_ONE = only_one("what to do, unless the procedures are listed")
PLAYED = ("procedure", "conversation")
"""The stages that `--play` shows."""


@dataclass(frozen=True, slots=True)
class ProceduresOptions:
    """What is done."""

    lint: Annotated[tuple[Path, ...] | None, shown_as("[FILE …]"), _ONE] = None
    """Check these files, or all procedures."""
    play: Annotated[str | None, shown_as("NAME"), _ONE] = None
    """Show a conversation of this procedure."""
    trace: Annotated[tuple[str, ...] | None, shown_as("NAME [STAGE …]"), _ONE] = None
    """Show what the pipeline's stages make of this procedure, all of them or those named."""
    table: Annotated[Path | None, shown_as("FILE"), _ONE] = None
    """Write generated tests as a .csv like ALMITA's."""
    draw: Annotated[str | None, shown_as("NAME"), _ONE] = None
    """Show this procedure's flowgraph."""
    paths: int = 100
    """Sampled paths whose visits the flowgraph shows."""
    file: Annotated[str | None, shown_as("FILE")] = None
    """Where the procedures stand, if not in the library."""
    out: Annotated[Path | None, shown_as("FILE")] = None
    """Draw into a file: .svg, .png or .dot."""
    seed: int = 0
    """Fixes everything random: what is played, drawn or written."""
    tasks: int = 100
    """How many tasks, which are conversations, a table is made of."""
    part: str = SEEN
    """The procedures of a table: seen, unseen, all, an area, or a file."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 0, "paths")
        require_within(self, 1, LARGEST, "tasks")
        require_seeds(self, "seed")
        if self.out is not None and self.draw is None:
            raise ValueError(
                f"expected --out with --draw NAME, which draws into it, got {self.out} alone"
            )
        if self.table is not None:
            require_ending(self.table, "--table", ".csv")


def main(argv: Sequence[str] | None = None) -> int:
    """Does what the arguments say; returns the process's exit status."""
    args = read_options(ProceduresOptions, argv, prog=_PROG, about=__doc__)
    try:
        if args.lint is not None:
            return _lint(args.lint)
        if args.draw:
            _draw(named(args.draw, args.file), args.paths, args.seed, args.out)
        elif args.play:
            _show(Example.of(named(args.play, args.file), args.seed, args.file), PLAYED)
        elif args.trace is not None:
            if not args.trace:
                raise ValueError("expected --trace with a procedure's name, got none")
            name, *stages = args.trace
            _show(Example.of(named(name, args.file), args.seed, args.file), stages or STAGES)
        elif args.table:
            tests = write_table(args.table, args.tasks, args.seed, args.part)
            print(f"{args.table}: {tests:,} tests of {args.tasks:,} conversations")
        else:
            _list(args.file or ALL)
    except (ImportError, OSError, ValueError) as error:
        return complain(_PROG, error)
    return 0


def _list(part: str) -> None:
    """The procedures, area by area."""
    table = Table("procedure", "paths", "what it is for", box=None, pad_edge=False)
    known = procedures(part)
    for area, group in groupby(known, key=lambda procedure: procedure.area):
        table.add_row(f"[bold]{escape(area)}[/]{' (held out)' if area in HELD_OUT else ''}")
        for one in group:
            paths = f"{count_paths(flowgraph(one)):,}"
            table.add_row(f"  {escape(one.name)}", paths, escape(one.title))
    table.columns[1].justify = "right"
    console = Console(highlight=False)
    console.print(table)
    areas = len({procedure.area for procedure in known})
    console.print(f"procedures: {len(known)}, areas: {areas}")


def _lint(files: Sequence[Path]) -> int:
    """Findings of the files, or of the whole library; 1 if there are any."""
    parsed = [procedure for file in files for procedure in parse_file(file)]
    found = lint_all(parsed if files else library())
    for finding in found:
        print(finding)
    print("nothing found" if not found else f"{len(found)} found")
    return int(bool(found))


def _show(example: Example, stages: Iterable[str]) -> None:
    """Prints the results of these stages for a procedure."""
    if unknown := [stage for stage in stages if stage not in STAGES]:
        near = did_you_mean(unknown[0], STAGES)
        raise ValueError(f"expected stages out of {', '.join(STAGES)}; got {unknown[0]!r}{near}")
    console = Console(highlight=False, markup=False)
    for stage in stages:
        console.print(Text(stage, style="bold"))
        for line in STAGES[stage](example):
            console.print(line)
        console.print()


def _draw(procedure: Procedure, paths: int, seed: int, out: Path | None) -> None:
    """The flowgraph, with the visits of sampled paths."""
    ready = prepare(procedure)
    sampled, visits = [], Counter[Edge]()
    for number in range(paths):
        path = sample_path(ready.graph, visits, Dice("draw", seed, number))
        visits = count_visits(visits, path)
        sampled.append(path)
    taken = flow_visits(ready.graph, sampled)
    show(procedure, ready.flow, Taken(taken, {}), out)


if __name__ == "__main__":
    run(main)
