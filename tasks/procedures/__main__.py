"""Looks at procedures: lists them, or `--lint [FILE …]`, `--play NAME`, `--draw NAME`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tasks.dice import Dice
from tasks.procedures.conversation import Said, converse
from tasks.procedures.draw import show
from tasks.procedures.form import read_area
from tasks.procedures.graph import Edge
from tasks.procedures.library import ALL, HELD_OUT, library, named, procedures
from tasks.procedures.lint import lint_all
from tasks.procedures.paths import count_paths, count_visits, sample_path
from tasks.procedures.records import prepare
from tasks.procedures.taken import Taken, flow_visits
from tasks.procedures.types import Procedure


def main(argv: Sequence[str] | None = None) -> int:
    """Does what the arguments say; returns the process's exit status."""
    args = _parser().parse_args(argv)
    try:
        if args.lint is not None:
            return _lint(args.lint)
        if args.draw:
            return _draw(named(args.draw, args.file), args.paths, args.seed, args.out)
        if args.play:
            return _play(named(args.play, args.file), args.seed)
    except (ImportError, OSError, ValueError) as error:
        print(f"python -m tasks.procedures: {error}", file=sys.stderr)
        return 1
    return _list()


def _list() -> int:
    """The library, a line a procedure."""
    for procedure in procedures(ALL):
        held = "  held out" if procedure.area in HELD_OUT else ""
        paths = count_paths(prepare(procedure).flow)
        print(f"{procedure.area:14} {procedure.name:24} {paths:6,} paths  {procedure.title}{held}")
    return 0


def _lint(files: Sequence[Path]) -> int:
    """Findings of the files, or of the whole library; 1 if there are any."""
    found = lint_all(
        [p for file in files for p in read_area(file.read_text(encoding="utf-8"), file.name)]
        if files
        else library()
    )
    for finding in found:
        print(finding)
    print("nothing found" if not found else f"{len(found)} found")
    return int(bool(found))


def _play(procedure: Procedure, seed: int) -> int:
    """A conversation."""
    ready = prepare(procedure)
    path = sample_path(ready.graph, {}, Dice("play", seed))
    talk = converse(procedure, ready.graph, path, f"play-{seed}")
    print(ready.rules)
    for said in talk.turns:
        print(f"{said.role}: {_words(said)}")
    print(f"[{talk.end}]")
    return 0


def _draw(procedure: Procedure, paths: int, seed: int, out: Path | None) -> int:
    """The flowgraph, with the visits of sampled paths."""
    ready = prepare(procedure)
    sampled, visits = [], Counter[Edge]()
    for number in range(paths):
        path = sample_path(ready.graph, visits, Dice("draw", seed, number))
        visits = count_visits(visits, path)
        sampled.append(path)
    taken = flow_visits(ready.graph, sampled)
    show(procedure, ready.flow, Taken(taken, {}), out)
    return 0


def _words(said: Said) -> str:
    if said.call is None:
        return said.text
    arguments = ", ".join(f"{name}={value!r}" for name, value in said.call.arguments.items())
    return f"{said.call.name}({arguments})"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tasks.procedures", description=__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--lint", nargs="*", type=Path, metavar="FILE", help="check files, or all")
    what.add_argument("--play", metavar="NAME", help="show a conversation of a procedure")
    what.add_argument("--draw", metavar="NAME", help="show a procedure's flowgraph")
    parser.add_argument("--paths", type=int, default=100, help="sampled paths that are drawn")
    parser.add_argument("--file", help="where the procedure stands, if not in the library")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="draw into a file: .svg, .png or .dot"
    )
    parser.add_argument("--seed", type=int, default=0, help="of what is played or drawn")
    return parser


if __name__ == "__main__":
    sys.exit(main())
