"""Finds out which column of a table holds what: never by a guess that could as well be another."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from tasks.almita.cells import read_cell
from tasks.almita.tools import read_tools
from tasks.almita.turns import ends_with_agent, read_expected, read_turns
from tools.jsontext import short
from tools.types import Json

LOOKED_AT = 50
"""So many rows are looked at."""
LONG_TEXT = 12
"""From so many words on, a text may be a procedure."""


class Field(StrEnum):
    """What the reader needs."""

    TURNS = "turns"
    """The conversation: so far where a row is a test, or all of it."""
    EXPECTED = "expected"
    """The agent's next reply or call, where a row is a test."""
    PROCEDURE = "procedure"
    """The procedure, in words."""
    TOOLS = "tools"
    """The APIs."""
    ID = "id"
    """What tells conversations apart: a conversation's tests share it."""


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


_NAMES: Mapping[Field, str] = {
    Field.TURNS: r"conversations?|dialog(ue)?s?|messages|history|context|chat|turns|transcript",
    Field.EXPECTED: (
        r"expected|label|target|gold|golden|answer|next|correct|reference|output|completion|gt|truth"
    ),
    Field.PROCEDURE: r"procedures?|instructions?|policy|guide(line)?s?|steps|system|rules|workflow",
    Field.TOOLS: r"tools|apis?|functions|schemas?|available",
    Field.ID: r"((conversation|conv|dialog(ue)?|chat|session|thread)_?)?(id|index|number|no|key)?",
}
"""Whole words of a column's name that hint at a field; the whole name for `id`."""
_SOMEBODY_ELSES = r"pred|predicted|prediction|model|generated|actual|previous|last|prior"
"""Words of a column's name that tell what is there from what is wanted."""
_FITS: Mapping[Field, tuple[Look, ...]] = {
    Field.TURNS: (Look.TURNS,),
    Field.EXPECTED: (Look.CALL, Look.MIXED, Look.TEXT, Look.LONG_TEXT, Look.AGENT_TURNS),
    Field.PROCEDURE: (Look.LONG_TEXT, Look.TEXT),
    Field.TOOLS: (Look.TOOLS,),
    Field.ID: (Look.LABEL,),
}
_STEPS = re.compile(r"\b1[.)].*\b2[.)]", re.DOTALL)
"""What only a procedure has: numbered steps."""


class ColumnsError(ValueError):
    """Nobody can tell which column holds what."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column and what it looks like."""

    name: str
    """Its name in the header."""
    look: Look
    """What its cells are."""
    example: str
    """One of them."""
    repeated: bool
    """Whether a value stands in several rows."""
    agent_last: float = 0.0
    """The share of conversations that end with the agent's turn."""
    numbered: bool = False
    """Whether all its texts have numbered steps."""

    def hints_at(self, field: Field) -> bool:
        """Whether its name, or a word of it, is one of the field's."""
        spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.name).lower()
        words = [word for word in re.split(r"[^a-z]+", spaced) if word]
        if field is Field.ID:
            return re.fullmatch(_NAMES[field], "_".join(words)) is not None
        if any(re.fullmatch(_SOMEBODY_ELSES, word) for word in words):
            return False
        return any(re.fullmatch(_NAMES[field], word) for word in words)


def look_at(header: Sequence[str], rows: Sequence[Mapping[str, str]]) -> tuple[Column, ...]:
    """Looks at all columns of a table."""
    return tuple(_column(name, [row[name] for row in rows[:LOOKED_AT]]) for name in header)


def find_columns(
    columns: Sequence[Column], given: Mapping[str, str | None] | None = None
) -> dict[Field, str]:
    """Which column holds which field.

    Args:
        columns: All columns.
        given: Field -> column, for those that somebody has named; None for a field that is
            not there. The others are found by names and looks.

    Returns:
        Field -> column. Without EXPECTED, a row is a whole conversation.

    Raises:
        ColumnsError: if a given name is none, or a field cannot be told.
    """
    chosen = _given(columns, given or {})
    absent = {Field(field) for field, name in (given or {}).items() if name is None}
    for field in (Field.TURNS, Field.TOOLS, Field.EXPECTED, Field.PROCEDURE, Field.ID):
        if field in chosen or field in absent:
            continue
        left = [column for column in columns if column.name not in chosen.values()]
        found = _found(field, left, _ends(columns, chosen))
        if found:
            chosen[field] = found.name
        elif field in _needed(columns, chosen):
            raise _error(columns, field, f"no column that must be the {field}")
    _check(columns, chosen, absent)
    return chosen


def describe(columns: Iterable[Column]) -> str:
    """A line a column."""
    return "\n".join(f"  {column.name!r}: {column.look}, {column.example}" for column in columns)


def _column(name: str, cells: Sequence[str]) -> Column:
    full = [cell for cell in cells if cell.strip()]
    values = [read_cell(cell) for cell in full]
    look = _look(values) if full else Look.EMPTY
    turns = [read_turns(value) for value in values] if look is Look.TURNS else []
    ends = [ends_with_agent(found) for found in turns if found]
    repeated = len(set(full)) < len(full)
    share = sum(ends) / len(ends) if ends else 0.0
    numbered = bool(full) and all(_STEPS.search(cell) for cell in full)
    return Column(name, look, short(full[0]) if full else "", repeated, share, numbered)


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
    if all(len(text.split()) == 1 for text in texts):
        return Look.LABEL
    middle = median(len(text.split()) for text in texts)
    return Look.LONG_TEXT if middle >= LONG_TEXT else Look.TEXT


def _kind(value: Json) -> str:
    if isinstance(value, str) and not value.lstrip().startswith(("[", "{")):
        expected = read_expected(value)
        return "call" if expected and expected[0]["from"] == "function_call" else "text"
    read = read_expected(value)
    if not read:
        return "odd"
    return "call" if read[0]["from"] == "function_call" else "text"


def _given(columns: Sequence[Column], given: Mapping[str, str | None]) -> dict[Field, str]:
    names = [column.name for column in columns]
    chosen = {}
    for key, name in given.items():
        if key not in tuple(Field):
            raise _error(columns, None, f"{key!r} in the map, which is no field")
        if name is None and key == Field.TURNS:
            raise _error(columns, Field.TURNS, "None in the map: without turns nothing can be read")
        if name is not None and name not in names:
            raise _error(columns, Field(key), f"a map to {name!r}, which is no column")
        if name is not None:
            chosen[Field(key)] = name
    for column in columns:
        for field in (Field.TURNS, Field.TOOLS):
            if chosen.get(field) == column.name and column.look not in _FITS[field]:
                came = f"{column.name!r} for it, which looks like {column.look}"
                raise _error(columns, field, came)
    return chosen


def _found(field: Field, left: Sequence[Column], whole: bool) -> Column | None:
    """The column that must be the field; None if there is none."""
    fitting = [column for column in left if column.look in _FITS[field]]
    hinted = [column for column in fitting if column.hints_at(field)]
    match field:
        case Field.EXPECTED if whole:
            return None
        case Field.ID:
            return _only([c for c in hinted if c.repeated]) or _only(hinted)
        case Field.TURNS | Field.TOOLS:
            return _only(fitting) or _only(hinted)
        case Field.PROCEDURE if not hinted:
            return _only([column for column in fitting if column.numbered])
        case _:
            return _only(hinted)


def _only(columns: Sequence[Column]) -> Column | None:
    return columns[0] if len(columns) == 1 else None


def _ends(columns: Sequence[Column], chosen: Mapping[Field, str]) -> bool:
    """Whether a row is a whole conversation: all of them have the agent's last word."""
    turns = next((column for column in columns if column.name == chosen.get(Field.TURNS)), None)
    return turns is not None and turns.agent_last == 1.0


def _needed(columns: Sequence[Column], chosen: Mapping[Field, str]) -> tuple[Field, ...]:
    always = (Field.TURNS, Field.TOOLS, Field.PROCEDURE)
    return always if _ends(columns, chosen) else (*always, Field.EXPECTED)


def _check(
    columns: Sequence[Column], chosen: Mapping[Field, str], absent: Collection[Field]
) -> None:
    """What was found, or given, has to hold what is said of it."""
    if len(set(chosen.values())) < len(chosen):
        raise _error(columns, None, "one column for two fields")
    turns = next(column for column in columns if column.name == chosen[Field.TURNS])
    named = [c for c in columns if c.hints_at(Field.EXPECTED) and c.name not in chosen.values()]
    wanted = Field.EXPECTED in chosen or (named and Field.EXPECTED not in absent)
    if wanted and turns.agent_last == 1.0:
        raise _error(
            columns,
            Field.EXPECTED,
            f"conversations in {turns.name!r} that end with the agent's turn, so that it is not "
            "clear what comes after; map `expected` to None if a row is a whole conversation",
        )


def _error(columns: Sequence[Column], field: Field | None, came: str) -> ColumnsError:
    wanted = f"the column of the {field}" if field else "a map from fields to columns"
    example = ", ".join(f'"{name}": "…"' for name in Field)
    return ColumnsError(
        f"expected {wanted}, got {came}. The columns are\n{describe(columns)}\n"
        f"Say which is which with columns={{{example}}}; None for a field that is not there."
    )
