"""Drills for models that cannot copy yet: look a row up by one field, call with another.

A tiny model that starts from random weights learns an answer's shape in minutes, but copying an id
out of a list is a skill of its own, and one call in a long dialogue teaches it slowly. A drill is a
recorded dialogue up to a tool result that lists rows, and then nothing but lookups in that list:
the user names a row as users do, the assistant makes the recorded call with that row's id. Which
field names a row and which one is called with is read off the record. A pretrained model needs no
drills.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tasks.types import Task, Turn
from tools.jsontext import JsonProblem, read_json
from tools.protocol import render
from tools.types import Json, Kind, Message, Role, ToolCall

LOOKUPS = 12
"""Lookups of one drill."""


@dataclass(frozen=True, slots=True)
class _Lookup:
    """How a record finds the argument of a call in a list of rows."""

    rows: Sequence[Mapping[str, Json]]
    """The list that a tool returned."""
    end: int
    """The message after the list."""
    call: ToolCall
    """A later call."""
    argument: str
    """Its argument that comes from a row."""
    source: str
    """The field that the argument is taken from."""
    name: str
    """The field by which the user names a row."""


def drills(tasks: Iterable[Task], count: int, seed: int) -> Iterator[tuple[Task, list[Message]]]:
    """Makes drills, at most one of a task, until there are enough.

    Args:
        tasks: Recorded dialogues; those without a list that is looked into give none.
        count: How many drills at most.
        seed: Of the order of the lookups.

    Yields:
        The task and the drill's messages.
    """
    for task in tasks:
        if count == 0:
            return
        lookup = _find(task)
        if lookup is not None:
            count -= 1
            yield task, _drill(task, lookup, random.Random(f"{seed}-{task.id}"))


def _drill(task: Task, lookup: _Lookup, rng: random.Random) -> list[Message]:
    messages = list(task.messages[: lookup.end])
    for number in range(LOOKUPS):
        row = rng.choice(lookup.rows)
        arguments = {lookup.argument: row[lookup.source]}
        call = render([ToolCall(lookup.call.name, arguments)])
        if number:
            messages.append(Message(Role.USER, f"{row[lookup.name]}"))
        else:  # the user's first request is answered as recorded
            call = render([lookup.call])
        messages.append(Message(Role.ASSISTANT, call))
    return messages


def _find(task: Task) -> _Lookup | None:
    """The record's first call that takes its only argument from a list."""
    for place, message in enumerate(task.messages):
        rows = _rows(message) if message.role is Role.TOOL else None
        if rows:
            return _lookup(task, rows, place + 1)
    return None


def _lookup(task: Task, rows: Sequence[Mapping[str, Json]], end: int) -> _Lookup | None:
    turn = next((turn for turn in task.turns if turn.index == end), None)
    call = _single_argument_call(turn)
    if call is None:
        return None
    ((argument, value),) = call.arguments.items()
    said = " ".join(m.content for m in task.messages[:end] if m.role is Role.USER)
    for row in rows:
        sources = [field for field, found in row.items() if found == value]
        names = [f for f, found in row.items() if isinstance(found, str) and found in said]
        if sources and names and names[0] != sources[0]:
            return _Lookup(rows, end, call, argument, sources[0], names[0])
    return None


def _single_argument_call(turn: Turn | None) -> ToolCall | None:
    if turn is None or turn.kind is not Kind.CALL or not turn.is_decision:
        return None
    return turn.calls[0] if len(turn.calls[0].arguments) == 1 else None


def _rows(message: Message) -> list[dict[str, Json]] | None:
    """The rows of a tool result, if it is a list of two or more objects with the same fields."""
    try:
        value = read_json(message.content)
    except JsonProblem:
        return None
    if not isinstance(value, list) or len(value) < 2:
        return None
    rows = [row for row in value if isinstance(row, dict)]
    same = len(rows) == len(value) and len({tuple(row) for row in rows}) == 1
    return rows if same else None
