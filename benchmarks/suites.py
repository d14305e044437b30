"""What the official suites of others say of our reader, our validators and our worlds.

    python -m benchmarks.suites --json-schema FOLDER --json-suite FOLDER --tau2 FOLDER

Each folder is a checkout, and none of them is part of this project. Compared with these revisions
of repositories on GitHub:

    json-schema-org/JSON-Schema-Test-Suite   44401e0c046704b476ec9d2e2fccdaee618f259d
    nst/JSONTestSuite                        1ef36fa01286573e846ac449e8683f8833c5b26a
    sierra-research/tau2-bench               a2c024725189473d2d7cea3a5cfdbcc67478e41f

A schema that is refused with a reason is no verdict; a value that is judged otherwise than the
suite says is wrong. Besides, the quick check, the strict validator and a tool with the schema are
compared on all values of its file. The command exits with status 1 if something is wrong or unlike,
but for what we have chosen to read in another way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.console import console, plain_table
from benchmarks.machine import machine
from benchmarks.suites_json import KINDS, READ, Parsing, read_all
from benchmarks.suites_schema import CHOSEN, Tally, tallies
from benchmarks.suites_tau2 import Tested, run_tests
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.places import require_place


@dataclass(frozen=True, slots=True)
class Options:
    """Which suites are run."""

    json_schema: Path | None = None
    """A checkout of the JSON Schema Test Suite."""
    json_suite: Path | None = None
    """A checkout of JSONTestSuite."""
    tau2: Path | None = None
    """A checkout of tau2-bench, whose tests of tools are run."""
    bare: bool = False
    """Read the schemas without the `$schema` that names their draft, as tools have them."""
    out: Path = Path("runs/suites.json")
    """Where the figures are written, with the names of what is wrong."""

    def __post_init__(self) -> None:
        """Refuses to run nothing."""
        if not (self.json_schema or self.json_suite or self.tau2):
            raise ValueError(
                "expected one of --json-schema, --json-suite, --tau2, got none; see --help"
            )


def main(argv: Sequence[str] | None = None) -> int:
    """Prints a table a suite, writes all as JSON, and returns the exit status."""
    args = read_options(Options, argv, prog="python -m benchmarks.suites", about=__doc__)
    require_place(args.out)
    found: dict[str, object] = {}
    good = True
    if args.json_schema:
        judged = list(tallies(args.json_schema, bare=args.bare))
        show_schemas(judged)
        found["JSON Schema"] = [tally.as_json() for tally in judged]
        good &= not any(tally.unchosen or tally.unlike for tally in judged)
    if args.json_suite:
        parsing = read_all(args.json_suite)
        show_parsing(parsing)
        found["JSON"] = parsing.as_json()
        good &= not parsing.wrong
    if args.tau2:
        tested = run_tests(args.tau2)
        show_tests(tested)
        found["tau2-bench"] = [one.as_json() for one in tested]
        good &= all(one.passed and not one.failed for one in tested)
    write_json(args.out, {**found, "machine": machine()})
    return int(not good)


def show_schemas(judged: Sequence[Tally]) -> None:
    """Prints the counts, what is refused, and what is wrong."""
    heads = ["draft", "part", "cases", "right", "wrong", "refused", "compared", "unlike"]
    rows = [
        (
            *(one.draft, one.part, f"{one.cases:,}", f"{one.right:,}", f"{len(one.wrong):,}"),
            *(f"{one.refused.total():,}", f"{one.compared:,}", f"{len(one.unlike):,}"),
        )
        for one in judged
    ]
    console().print(plain_table("JSON Schema Test Suite", heads, rows))
    refused = sum((one.refused for one in judged), Counter[str]())
    reasons = [(why, f"{count:,}") for why, count in refused.most_common()]
    console().print(plain_table("Refused", ["why", "cases"], reasons))
    if wrong := list(_wrong(judged)):
        console().print(plain_table("Wrong", ["draft", "file", "cases", "chosen"], wrong))


def _wrong(judged: Sequence[Tally]) -> Iterator[tuple[str, ...]]:
    for tally in judged:
        for file, count in Counter(place.file for place in tally.wrong).items():
            why = CHOSEN.get(file, "") if tally.part == "optional" else ""
            yield f"{tally.draft}, {tally.part}", file, str(count), why


def show_parsing(parsing: Parsing) -> None:
    """Prints how many files are read and refused, and for which limits of ours."""
    rows = [
        (name, f"{fates.total()}", f"{fates[READ]}", f"{fates.total() - fates[READ]}")
        for kind, name in KINDS.items()
        if (fates := parsing.found.get(kind, Counter()))
    ]
    console().print(plain_table("JSONTestSuite", ["files", "number", "read", "refused"], rows))
    for word, names in (("limit", parsing.limited), ("wrong", parsing.wrong)):
        for name, why in names.items():
            console().print(f"{word}: {name}: {why}", markup=False)


def show_tests(tested: Sequence[Tested]) -> None:
    """Prints how many tests pass, and which do not."""
    rows = [(one.domain, str(len(one.passed)), str(len(one.failed))) for one in tested]
    console().print(plain_table("tau2-bench's tests", ["tools", "passed", "failed"], rows))
    for one in tested:
        for name, why in one.failed:
            console().print(f"{one.domain}: {name}: {why}", markup=False)


if __name__ == "__main__":
    run(main)
