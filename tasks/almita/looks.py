"""What the columns of a table look like, by their contents, whatever their names are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from tasks.almita.cells import is_empty, read_cell
from tasks.almita.tools import read_tools
from tasks.almita.turns import ends_with_agent, read_expected, read_system, read_turns
from tools.jsontext import short
from tools.types import Json

LOOKED_AT = 50
"""The number of rows that are looked at."""
LONG_TEXT = 12
"""The fewest words of a text that may be a procedure."""
FEW = 5
"""The fewest rows per text on average at which short texts count as labels."""


class Field(StrEnum):
    """The fields that the reader needs."""

    TURNS = "turns"
    """The conversation: its beginning if a row is a test, else all of it."""
    EXPECTED = "expected"
    """The agent's next reply or call, if a row is a test."""
    PROCEDURE = "procedure"
    """The procedure, in words."""
    TOOLS = "tools"
    """The APIs."""
    ID = "id"
    """The conversation's id, which all its tests share."""


class Look(StrEnum):
    """What a column looks like."""

    EMPTY = "empty"
    TURNS = "turns of a conversation"
    AGENT_TURNS = "turns of the agent alone"
    TOOLS = "APIs"
    CALL = "API calls"
    MIXED = "replies and API calls"
    LONG_TEXT = "long texts"
    TEXT = "texts"
    LABEL = "labels or numbers"
    ODD = "values of several kinds"


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs by which a field's column is recognised."""

    words: str
    """Words of a column's name that hint at the field; for `id`, the whole name."""
    looks: tuple[Look, ...]
    """The looks that the column may have."""


SIGNS: Mapping[Field, Signs] = {
    Field.TURNS: Signs(
        r"conversations?|dialog(ue)?s?|messages|history|context|chat|turns|transcript",
        (Look.TURNS,),
    ),
    Field.EXPECTED: Signs(
        r"expected|label|target|gold|golden|answer|next|correct|reference|output|completion|gt|"
        r"truth|reply|response",
        (Look.CALL, Look.MIXED, Look.TEXT, Look.LONG_TEXT, Look.AGENT_TURNS),
    ),
    Field.PROCEDURE: Signs(
        r"procedures?|instructions?|policy|guide(line)?s?|steps|system|rules|workflow",
        (Look.LONG_TEXT,),
    ),
    Field.TOOLS: Signs(r"tools|apis?|functions|schemas?|available", (Look.TOOLS,)),
    Field.ID: Signs(
        r"(conversation|conv|dialog(ue)?|chat|session|thread)(_?(id|index|number|no|key))?|"
        r"id|index|number|no|key",
        (Look.LABEL,),
    ),
}
"""Field -> the signs of its column."""
_SOMEBODY_ELSES = r"pred|predicted|prediction|model|generated|actual|previous|last|prior"
"""Words of a column's name that distinguish context from expected turn."""
_ASIDE = r"id|name|title|type|kind|category|count|number|length|version|role"
"""Words of a column's name for a property of a field, which is not the field itself."""
_STEPS = re.compile(r"\b1[.)].*\b2[.)]", re.DOTALL)
"""Numbered steps, which only a procedure has."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column and what it looks like."""

    name: str
    """Its name in the header."""
    look: Look
    """The look of its cells."""
    example: str
    """One of its cells."""
    repeated: bool
    """Whether several rows have the same value."""
    is_whole: bool = False
    """Whether its cells are whole conversations: all of them end with the agent's turn."""
    numbered: bool = False
    """Whether all its texts have numbered steps."""
    ruled: bool = False
    """Whether all its conversations contain the rules, as `system`."""

    def hints_at(self, field: Field) -> bool:
        """Whether its name, or a word of it, is a sign of the field."""
        spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.name).lower()
        words = [word for word in re.split(r"[^a-z]+", spaced) if word]
        if field is Field.ID:
            return re.fullmatch(SIGNS[field].words, "_".join(words)) is not None
        if any(re.fullmatch(f"{_SOMEBODY_ELSES}|{_ASIDE}", word) for word in words):
            return False
        return any(re.fullmatch(SIGNS[field].words, word) for word in words)


def look_at(header: Sequence[str], rows: Sequence[Mapping[str, str]]) -> tuple[Column, ...]:
    """Looks at all columns of a table."""
    return tuple(_column(name, [row[name] for row in rows[:LOOKED_AT]]) for name in header)


def describe(columns: Iterable[Column]) -> str:
    """One line per column."""
    return ";\n".join(f"  {column.name!r}: {column.look}, {column.example}" for column in columns)


def _column(name: str, cells: Sequence[str]) -> Column:
    read = [(cell, read_cell(cell)) for cell in cells]
    full = [cell for cell, value in read if not is_empty(value)]
    values = [value for _, value in read if not is_empty(value)]
    look = _look(values) if full else Look.EMPTY
    turns = [read_turns(value) for value in values] if look is Look.TURNS else []
    ends = [ends_with_agent(found) for found in turns if found]
    repeated = len(set(full)) < len(full)
    whole = bool(ends) and all(ends)
    numbered = bool(full) and all(_STEPS.search(cell) for cell in full)
    ruled = look is Look.TURNS and all(map(read_system, values))
    return Column(name, look, short(full[0]) if full else "", repeated, whole, numbered, ruled)


def _look(values: Sequence[Json]) -> Look:
    turns = [read_turns(value) for value in values]
    if all(turns):
        spoken = {entry["from"] for found in turns for entry in found or ()}
        alone = spoken <= {"gpt", "function_call"}
        return Look.AGENT_TURNS if alone else Look.TURNS
    if all(read_tools(value) is not None for value in values):
        return Look.TOOLS
    kinds = [_kind(value) for value in values]
    if all(kind == "call" for kind in kinds):
        return Look.CALL
    if set(kinds) == {"call", "text"}:
        return Look.MIXED
    if any(kind != "text" for kind in kinds):
        return Look.ODD
    texts = [str(value) for value in values]
    middle = median(len(text.split()) for text in texts)
    if middle >= LONG_TEXT:
        return Look.LONG_TEXT
    words = all(len(text.split()) == 1 for text in texts)
    few = len(texts) >= FEW * len(set(texts))
    return Look.LABEL if words or few else Look.TEXT


def _kind(value: Json) -> str:
    if isinstance(value, str) and not value.lstrip().startswith(("[", "{")):
        expected = read_expected(value)
        return "call" if expected and expected[0]["from"] == "function_call" else "text"
    read = read_expected(value)
    if not read:
        return "odd"
    return "call" if read[0]["from"] == "function_call" else "text"
