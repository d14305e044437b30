"""Generates tasks into a file, or shows one: `python -m tasks.generate --help`."""

from __future__ import annotations

import tools.interrupts  # noqa: F401 (first: Ctrl-C during the others)

# isort: split

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Annotated, Literal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tasks.generation.domain import CUSTOMERS, CustomerDomain
from tasks.generation.rejection import RejectionFilter
from tasks.generation.tally import Tally
from tasks.generation.view import shown
from tools.command import complain, run
from tools.command_line import read_options
from tools.files import replacing
from tools.jsontext import short
from tools.lazy_table import LazyTable
from tools.option_types import one_of, shown_as
from tools.places import require_place
from tools.ranges import LARGEST, require_seeds, require_within
from tools.types import Json

DOMAINS: Mapping[str, CustomerDomain] = LazyTable(
    {
        "airline": "tasks.airline.generator:AIRLINE",
        "retail": "tasks.retail.generator:RETAIL",
    }
)
"""Domain -> its generator, imported on first use."""
_ABOUT = """\
Generates verified dialogues with goal, gold actions and a customer's agenda.

    python -m tasks.generate --world retail --tasks 5000 --seed 7 --out runs/retail.json
    python -m tasks.generate --world retail --seed 7 --inspect 3
    python -m tasks.generate --out runs/retail.json --inspect retail-00003

Beside X.json goes X.meta.json with goals, agendas and reasons; an environment reads both:
gym.make("ReasonAct-Retail-v0", data="runs/retail.json").
"""


@dataclass(frozen=True, slots=True)
class GenerateOptions:
    """What is generated."""

    world: Annotated[str, one_of(sorted(DOMAINS))] = "retail"
    """Where the dialogues happen."""
    tasks: int = 100
    """How many tasks are made."""
    seed: int = 0
    """Fixes everything random: database and dialogues."""
    level: Literal[1, 2, 3, 4, 5] | None = None
    """How difficult the tasks are; mixed unless given."""
    customers: int = CUSTOMERS
    """How many customers the database has."""
    out: Annotated[Path | None, shown_as("X.json")] = None
    """The file to write."""
    inspect: Annotated[str | None, shown_as("N|ID")] = None
    """Show one task: of the file that --out names, or made on the spot."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_within(self, 1, LARGEST, "tasks", "customers")
        require_seeds(self, "seed")


def main(argv: Sequence[str] | None = None) -> int:
    """Generates a file or shows one task; returns the process's exit status."""
    options = read_options(GenerateOptions, argv, prog="python -m tasks.generate", about=_ABOUT)
    console = Console()
    try:
        if options.inspect is not None:
            console.print(shown(*_one(options, options.inspect), options.inspect))
        elif options.out is None:
            raise ValueError("expected --out FILE or --inspect NUMBER; see --help")
        else:
            console.print(_generate(options, options.out, Console(stderr=True)))
    except (OSError, ValueError) as error:
        return complain("python -m tasks.generate", error)
    return 0


def _rejection_filter(options: GenerateOptions) -> RejectionFilter:
    domain = DOMAINS[options.world]
    return domain.rejection_filter(options.seed, level=options.level, customers=options.customers)


def _generate(options: GenerateOptions, out: Path, console: Console) -> object:
    """Writes the two files; returns a table of their contents."""
    if out.suffix != ".json":
        raise ValueError(f"expected --out to name a file X.json, got {out.name}")
    sidecar = out.with_suffix(".meta.json")
    for path in (out, sidecar):
        require_place(path)
    rejection_filter, tally, start = _rejection_filter(options), Tally(), process_time()
    records: list[Json] = []
    sidecars: list[Json] = []
    with _progress(console) as progress:
        bar = progress.add_task(options.world, total=options.tasks)
        for found in rejection_filter.tasks(options.tasks):
            records.append(found.record())
            sidecars.append(found.sidecar())
            tally.add(found)
            progress.advance(bar)
    _write({out: records, sidecar: sidecars})
    return tally.table(rejection_filter.rejected, process_time() - start, str(out))


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeRemainingColumn(), console=console, transient=True)


def _write(files: Mapping[Path, list[Json]]) -> None:
    """Writes JSON arrays, one entry per line; all files appear whole and together, or none does."""
    with ExitStack() as together:
        drafts = [together.enter_context(replacing(path)) for path in files]
        for draft, entries in zip(drafts, files.values(), strict=True):
            lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
            draft.write(f"[\n{lines}\n]\n".encode())


def _one(options: GenerateOptions, wanted: str) -> tuple[dict[str, Json], dict[str, Json]]:
    """The task to show, read from the file or generated."""
    number = _number(wanted)
    if options.out is None:
        *_, found = _rejection_filter(options).tasks(number + 1)
        return found.record(), found.sidecar()
    records, sidecars = (_read(p) for p in (options.out, options.out.with_suffix(".meta.json")))
    if number >= len(records):
        raise ValueError(
            f"expected a task from 0 to {len(records) - 1} of {options.out.name}, got {number}"
        )
    return records[number], sidecars[number]


def _number(text: str) -> int:
    """The number of a task, from its number or its id as text."""
    digits = text.rpartition("-")[2]
    if not (digits.isascii() and digits.isdecimal()):
        raise ValueError(
            f"expected --inspect with a task's number or id (3, retail-00003), got {short(text)}"
        )
    return int(digits)


def _read(path: Path) -> list[dict[str, Json]]:
    try:
        value: list[dict[str, Json]] = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:  # of UTF-8, or of JSON
        raise ValueError(f"expected JSON in {path.name}: {error}; generate it again") from None
    return value


if __name__ == "__main__":
    run(main)
