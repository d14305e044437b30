r"""Reads a table of tests or conversations as ALMITA has them.

A row, as such a table may have it (a test; the cells may be Python literals as well):

    conversation_id  17
    procedure        1. Ask for the order number. 2. Call find_order …
    tools            [{"name": "find_order", "parameters": {…}}]
    context          [{"role": "user", "content": "Where is my order?"}]
    expected         {"name": "find_order", "arguments": {"order": "4711"}}

Without a column of what is expected, a row is a whole conversation.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tasks.almita.cells import read_cell
from tasks.almita.columns import Column, Field, find_columns, look_at
from tasks.almita.place import Place
from tasks.almita.tools import read_tools
from tasks.almita.turns import Entry, read_expected, read_turns
from tasks.apigen import read_records
from tasks.rows import RowProblem, read_row
from tasks.types import Task, TaskError, TaskSet
from tools.jsontext import short
from tools.types import Json

DELIMITERS = (",", ";", "\t", "|")
"""The first row is cut at the one that occurs most often in it."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file, read as a table."""

    header: tuple[str, ...]
    """The columns' names."""
    rows: tuple[Mapping[str, str], ...]
    """Column -> cell."""
    columns: tuple[Column, ...]
    """What the columns look like."""


@dataclass(slots=True)
class _Talk:
    """A conversation, and where it is tested."""

    procedure: str
    tools: list[Json]
    group: str
    entries: list[Entry]
    tested: list[int]
    """How many entries there are up to each expected turn; none if all of the agent's turns are."""

    def record(self, size: int | None = None) -> dict[str, Json]:
        """The record, or its first entries."""
        turns: list[Json] = list(self.entries[:size])
        return {"conversations": turns, "tools": self.tools, "system": self.procedure}


def read_sheet(place: Place) -> Sheet:
    """Reads a table with a header.

    Raises:
        OSError: if it cannot be read.
        ValueError: if it is not UTF-8, has no header or no row.
    """
    text = place.text()
    csv.field_size_limit(sys.maxsize)
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    table = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter))
    if len(table) < 2 or len(table[0]) < 2:
        raise ValueError(
            f"expected a header of several columns and at least one row in {place.name}, got "
            f"{short(first)}; save it as CSV with a header"
        )
    header = tuple(name.strip() for name in table[0])
    if len(set(header)) < len(header):
        raise ValueError(f"expected columns of different names in {place.name}; rename them")
    rows = tuple(dict(zip(header, cells, strict=True)) for cells in _full(table, place))
    return Sheet(header, rows, look_at(header, rows))


def read_almita(
    where: str | Path | Place, columns: Mapping[str, str | None] | None = None
) -> TaskSet:
    """Reads a table into tasks.

    Where a row is a test, the tests of a conversation become one task, whose decisions are these
    tests alone; where a row is a conversation, all turns of its agent are decisions.

    Args:
        where: A path or URL; as a text, it may say the columns: `ALMITA.csv#turns=history`.
        columns: Field (`turns`, `expected`, `procedure`, `tools`, `id`) -> column, or None for a
            field that is not there; what is not named is found by names and contents.

    Raises:
        OSError: if it cannot be read.
        ColumnsError: if the columns cannot be told; it says what each looks like.
        ValueError: if it is no table.
    """
    place = where if isinstance(where, Place) else Place.of(str(where))
    sheet = read_sheet(place)
    found = find_columns(sheet.columns, {**place.columns, **(columns or {})})
    errors: list[TaskError] = []
    talks = list(_talks(sheet, found, errors))
    tasks = read_records(
        [talk.record() for talk in talks],
        [{"group": talk.group} for talk in talks],
        source=f"almita:{place.name}",
        stem=place.stem,
    )
    # A task's number is that of its conversation, whatever rows could not be read.
    numbers = {f"{place.stem}-{number:05d}": talk for number, talk in enumerate(talks)}
    tested = tuple(_only_tested(task, numbers[task.id]) for task in tasks.tasks)
    return replace(tasks, tasks=tested, errors=(*errors, *tasks.errors))


def _full(table: Sequence[Sequence[str]], place: Place) -> Iterator[Sequence[str]]:
    """The rows, but for empty ones; all as long as the header."""
    for number, cells in enumerate(table[1:], start=1):
        if any(cell.strip() for cell in cells):
            if len(cells) != len(table[0]):
                raise ValueError(
                    f"expected {len(table[0])} cells in row {number} of {place.name}, got "
                    f"{len(cells)}; quote cells that hold the delimiter"
                )
            yield cells


def _talks(sheet: Sheet, found: Mapping[Field, str], errors: list[TaskError]) -> Iterator[_Talk]:
    """The conversations of all rows; what cannot be read is noted."""
    open_talks: dict[str, list[_Talk]] = {}
    for index, row in enumerate(sheet.rows):
        try:
            talk = _talk(row, found, index)
        except RowProblem as problem:
            errors.append(TaskError(index, problem.kind, str(problem)))
            continue
        known = open_talks.setdefault(talk.group, [])
        if not any(_join(other, talk) for other in known):
            known.append(talk)
    for talks in open_talks.values():
        yield from talks


def _talk(row: Mapping[str, str], found: Mapping[Field, str], index: int) -> _Talk:
    cells = {field: read_cell(row[name]) for field, name in found.items()}
    turns = read_turns(cells[Field.TURNS])
    if turns is None:
        raise _problem("bad_turns", "turns of a conversation", cells[Field.TURNS])
    tools = read_tools(cells[Field.TOOLS]) if Field.TOOLS in cells else []
    if tools is None:
        raise _problem("bad_tools", "APIs", cells[Field.TOOLS])
    tested = []
    if Field.EXPECTED in cells:
        expected = read_expected(cells[Field.EXPECTED])
        if expected is None:
            raise _problem("bad_expected", "the agent's next turn", cells[Field.EXPECTED])
        turns = [*turns, *expected]
        tested = [len(turns)]
    group = row[found[Field.ID]] if Field.ID in found else f"row {index}"
    procedure = row[found[Field.PROCEDURE]] if Field.PROCEDURE in found else ""
    return _Talk(procedure, tools, group, turns, tested)


def _join(talk: _Talk, other: _Talk) -> bool:
    """Makes two tests of one conversation one, where one goes on from the other."""
    if not talk.tested or (talk.procedure, talk.tools) != (other.procedure, other.tools):
        return False
    shorter, longer = sorted((talk.entries, other.entries), key=len)
    if longer[: len(shorter)] != shorter:
        return False
    talk.entries = longer
    talk.tested += [size for size in other.tested if size not in talk.tested]
    return True


def _only_tested(task: Task, talk: _Talk) -> Task:
    """The task, with decisions only where the table has tests."""
    if not talk.tested:
        return task
    places = [read_row(talk.record(size)).turns[-1].index for size in talk.tested]
    turns = tuple(
        replace(turn, is_decision=turn.is_decision and turn.index in places) for turn in task.turns
    )
    return replace(task, turns=turns)


def _problem(kind: str, expected: str, came: Json) -> RowProblem:
    return RowProblem(
        kind, f"expected {expected}, got {short(came)}; mend the cell or leave it out"
    )
