r"""Reads a table of tests or conversations of ALMITA's form.

A row of such a table may be this test (its cells may also be Python literals):

    conversation_id  17
    procedure        1. Ask for the order number. 2. Call find_order …
    tools            [{"name": "find_order", "parameters": {…}}]
    context          [{"role": "user", "content": "Where is my order?"}]
    expected         {"name": "find_order", "arguments": {"order": "4711"}}

Without a column of expected turns, a row is a whole conversation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tasks.almita.calls import Entry
from tasks.almita.cells import is_empty, read_cell, words_of
from tasks.almita.columns import columns_error, find_columns
from tasks.almita.joining import joined
from tasks.almita.looks import Field
from tasks.almita.place import Place
from tasks.almita.sheet import Sheet, read_sheet
from tasks.almita.tools import read_tools
from tasks.almita.turns import ends_with_agent, read_expected, read_system, read_turns
from tasks.apigen.reader import read_records
from tasks.apigen.rows import RowProblem, read_row
from tasks.types import Task, TaskError, TaskSet
from tools.jsontext import short
from tools.types import Json


@dataclass(slots=True)
class _Talk:
    """A conversation, and the places of its tests."""

    procedure: str
    tools: list[Json]
    group: str
    entries: list[Entry]
    tested: list[int]
    """The number of entries up to each expected turn; empty if all agent turns are tests."""

    def record(self, size: int | None = None) -> dict[str, Json]:
        """The conversation as a record, or its first `size` entries."""
        turns: list[Json] = list(self.entries[:size])
        return {"conversations": turns, "tools": self.tools, "system": self.procedure}


def read_almita(
    where: str | Path | Place, columns: Mapping[str, str | None] | None = None
) -> TaskSet:
    """Reads a table into tasks.

    If a row is a test, the tests of a conversation become one task, whose decisions are these tests
    alone. If a row is a conversation, all turns of its agent are decisions.

    Args:
        where: A path or URL; a text may also name columns: `ALMITA.csv#turns=history`.
        columns: Field (`turns`, `expected`, `procedure`, `tools`, `id`) -> column, or None for a
            field without a column; the others are found by names and contents. `expected` may be
            several columns if each row fills one of them: `reply,call`.

    Raises:
        OSError: if the table cannot be read.
        ColumnsError: if the columns cannot be inferred; the text says what each looks like.
        ValueError: if it is not a table.
    """
    place = where if isinstance(where, Place) else Place.of(str(where))
    place = place.naming(columns or {})
    sheet = joined(read_sheet(place), place.columns)
    found = find_columns(sheet.columns, place.columns)
    errors: list[TaskError] = []
    talks = list(_talks(sheet, found, errors))
    _check_names(talks, sheet, found)
    tasks = read_records(
        [talk.record() for talk in talks],
        # A row's place in its table says nothing of it.
        [{"group": talk.group} if Field.ID in found else {} for talk in talks],
        source=f"almita:{place.name}",
        stem=place.stem,
    )
    # A task has its conversation's number, even if other rows could not be read.
    numbers = {f"{place.stem}-{number:05d}": talk for number, talk in enumerate(talks)}
    tested = tuple(_only_tested(task, numbers[task.id]) for task in tasks.tasks)
    return replace(tasks, tasks=tested, errors=(*errors, *tasks.errors))


def _talks(sheet: Sheet, found: Mapping[Field, str], errors: list[TaskError]) -> Iterator[_Talk]:
    """The conversations of all rows; unreadable rows become errors."""
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
    turns = [] if is_empty(cells[Field.TURNS]) else read_turns(cells[Field.TURNS])
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
        if turns and ends_with_agent(turns) and turns[-1]["from"] == expected[0]["from"]:
            raise _problem("agent_twice", "somebody else's turn before it", turns[-1]["value"])
        turns = [*turns, *expected]
        tested = [len(turns)]
    group = row[found[Field.ID]] if Field.ID in found else f"row {index}"
    given = Field.PROCEDURE in found
    procedure = words_of(cells[Field.PROCEDURE]) if given else read_system(cells[Field.TURNS])
    return _Talk(procedure, tools, group, turns, tested)


def _join(talk: _Talk, other: _Talk) -> bool:
    """Merges the tests of two talks of one conversation, if one continues the other."""
    if not talk.tested or (talk.procedure, talk.tools) != (other.procedure, other.tools):
        return False
    shorter, longer = sorted((talk.entries, other.entries), key=len)
    if longer[: len(shorter)] != shorter:
        return False
    talk.entries = longer
    talk.tested += [size for size in other.tested if size not in talk.tested]
    return True


def _check_names(talks: Sequence[_Talk], sheet: Sheet, found: Mapping[Field, str]) -> None:
    """Refuses a column of APIs if no call is of one of them."""
    offered = {str(tool["name"]) for talk in talks for tool in talk.tools if isinstance(tool, dict)}
    entries = [entry for talk in talks for entry in talk.entries]
    called = [_name(entry) for entry in entries if entry["from"] == "function_call"]
    if called and offered.isdisjoint(called):
        came = (
            f"{found[Field.TOOLS]!r}, whose APIs nobody calls" if offered else "no API"
        ) + f", while {called[0]!r} is called"
        raise columns_error(sheet.columns, Field.TOOLS, came)


def _name(call: Entry) -> str:
    return str(json.loads(str(call["value"]))["name"])


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
