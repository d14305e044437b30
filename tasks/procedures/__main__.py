"""Looks at procedures: lists, checks, plays and draws them, and writes tables of tests."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

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
from tools.dice import Dice

PLAYED = ("procedure", "conversation")
"""The stages that `--play` shows."""


def main(argv: Sequence[str] | None = None) -> int:
    """Does what the arguments say; returns the process's exit status."""
    args = _parser().parse_args(argv)
    try:
        if args.lint is not None:
            return _lint(args.lint)
        if args.draw:
            _draw(named(args.draw, args.file), args.paths, args.seed, args.out)
        elif args.play:
            _show(Example.of(named(args.play, args.file), args.seed, args.file), PLAYED)
        elif args.stages:
            name, *stages = args.stages
            _show(Example.of(named(name, args.file), args.seed, args.file), stages or STAGES)
        elif args.table:
            tests = write_table(args.table, args.size, args.seed, args.part)
            print(f"{args.table}: {tests:,} tests of {args.size:,} conversations")
        else:
            _list(args.file or ALL)
    except (ImportError, OSError, ValueError) as error:
        print(f"python -m tasks.procedures: {error}", file=sys.stderr)
        return 1
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
    """What these stages make of a procedure."""
    if unknown := [stage for stage in stages if stage not in STAGES]:
        raise ValueError(f"expected stages out of {', '.join(STAGES)}; got {unknown[0]!r}")
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tasks.procedures", description=__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--lint", nargs="*", type=Path, metavar="FILE", help="check files, or all")
    what.add_argument("--play", metavar="NAME", help="show a conversation of a procedure")
    what.add_argument(
        "--stages",
        nargs="+",
        metavar=("NAME", "STAGE"),
        help=f"show what the pipeline's stages make of a procedure ({', '.join(STAGES)})",
    )
    what.add_argument(
        "--table", type=Path, metavar="FILE", help="write generated tests as a .csv like ALMITA's"
    )
    what.add_argument("--draw", metavar="NAME", help="show a procedure's flowgraph")
    parser.add_argument("--paths", type=int, default=100, help="sampled paths that are drawn")
    parser.add_argument("--file", help="where the procedures stand, if not in the library")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="draw into a file: .svg, .png or .dot"
    )
    parser.add_argument("--seed", type=int, default=0, help="of what is played, drawn or written")
    parser.add_argument("--size", type=int, default=100, help="conversations of a table")
    parser.add_argument("--part", default=SEEN, help="seen, unseen, all, an area, or a file")
    return parser


if __name__ == "__main__":
    sys.exit(main())
