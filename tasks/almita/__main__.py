"""Shows how a table is understood: `python -m tasks.almita --describe FILE`."""

from __future__ import annotations

import tools.interrupts  # noqa: F401 (first: Ctrl-C during the others)

# isort: split

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tasks.almita.columns import find_columns
from tasks.almita.joining import joined
from tasks.almita.looks import Field
from tasks.almita.place import Place, read_map
from tasks.almita.reader import read_almita
from tasks.almita.sheet import Sheet, read_sheet
from tasks.types import Task, TaskSet
from tools.command import complain, run
from tools.command_line import read_options
from tools.jsontext import short
from tools.option_types import shown_as
from tools.types import MessageKind

_PROG = "python -m tasks.almita"
SHOWN = 10
"""The most unreadable rows that are shown."""


@dataclass(frozen=True, slots=True)
class AlmitaOptions:
    """Which table is described."""

    describe: Annotated[str, shown_as("FILE")]
    """The table's path or URL."""
    columns: Annotated[tuple[str, ...] | None, shown_as("FIELD=COLUMN …")] = None
    """Which column holds what, where that is not found."""


def main(argv: Sequence[str] | None = None) -> int:
    """Prints columns, fields and counts; returns the process's exit status."""
    args = read_options(AlmitaOptions, argv, prog=_PROG, about=__doc__)
    try:
        _describe(Place.of(args.describe).naming(read_map(args.columns or ())))
    except (OSError, ValueError) as error:
        return complain(_PROG, error)
    return 0


def _describe(place: Place) -> None:
    console = Console(highlight=False)
    sheet = joined(read_sheet(place), place.columns)
    found = find_columns(sheet.columns, place.columns)
    tasks = read_almita(place)
    console.print(f"{place.name}: {len(sheet.rows):,} rows, {len(sheet.header)} columns")
    console.print(_columns(sheet, {name: field for field, name in found.items()}))
    for line in (*_understood(sheet, found, tasks), *_problems(tasks)):
        console.print(line, markup=False)
    if tasks.tasks:
        console.print(_example(tasks.tasks[0]), markup=False)
    named = place.naming({field.value: name for field, name in found.items()})
    console.print(f"As data: {named}", markup=False, soft_wrap=True)


def _columns(sheet: Sheet, fields: dict[str, Field]) -> Table:
    """One line per column: its field, its look, and one of its cells."""
    table = Table("column", "taken for", "looks like", box=None, expand=True, pad_edge=False)
    table.add_column("for example", no_wrap=True, overflow="ellipsis", ratio=1)
    for column in sheet.columns:
        row = (column.name, fields.get(column.name, "-"), column.look, column.example)
        table.add_row(*map(escape, row))
    return table


def _understood(sheet: Sheet, found: dict[Field, str], tasks: TaskSet) -> Iterator[str]:
    is_test = Field.EXPECTED in found
    yield f"A row is a {'test' if is_test else 'conversation'}."
    if is_test and Field.ID not in found:
        yield "No column tells which tests belong together: each is a conversation of its own."
    if Field.PROCEDURE not in found:
        yield "The procedure is what the turns say as `system`, if anything."
    decisions = [turn for task in tasks.tasks for turn in task.decisions]
    calls = sum(turn.kind is MessageKind.CALL for turn in decisions)
    yield (
        f"{len(tasks.tasks):,} conversations, {len(decisions):,} decisions: {calls:,} calls and "
        f"{len(decisions) - calls:,} replies"
    )
    left = len(sheet.rows) - len(tasks.errors) - len(decisions)
    if is_test and left:
        yield f"{left:,} tests are left out: twice the same, or a call that breaks its own schema"


def _problems(tasks: TaskSet) -> Iterator[str]:
    for kind, count in tasks.mended.items():
        yield f"{kind}: in {count:,} conversations"
    for error in tasks.errors[:SHOWN]:
        yield f"row {error.index}: {error.kind}: {error.text}"
    if len(tasks.errors) > SHOWN:
        yield f"… and {len(tasks.errors) - SHOWN:,} more rows that could not be read"


def _example(task: Task) -> str:
    """The first test, in one line."""
    turn = task.decisions[0] if task.decisions else task.turns[0]
    before = task.messages[turn.index - 1]
    wanted = turn.text or ", ".join(f"{c.name}({dict(c.arguments)})" for c in turn.calls)
    return f"First test: after {before.role} {short(before.content)} comes {short(wanted)}."


if __name__ == "__main__":
    run(main)
