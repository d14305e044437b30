"""Reads a cell of a table: JSON, a Python literal, or plain text."""

from __future__ import annotations

import ast
import json
from typing import TypeAlias, cast

from tools.types import Json

Cell: TypeAlias = Json
"""A cell's value: a text if it is neither JSON nor a literal."""

_OPENINGS = ("[", "{", "(", '"')
_NOTHING = frozenset({"nan", "none", "null", "n/a", "<na>"})
"""The texts of empty cells, in lower case."""
MAX_LITERAL = 1_000_000
"""The most characters of a Python literal: its parser needs much more memory than the text."""


def read_cell(text: str) -> Cell:
    """The value of a cell; only lists, objects, tuples and quoted texts are decoded.

    A cell that is encoded twice is decoded twice; a cell such as "NaN" is "".

    >>> read_cell('[{"role": "user"}]') == read_cell("[{'role': 'user'}]")
    True
    >>> read_cell("42"), read_cell("NaN"), read_cell('"Hello."')
    ('42', '', 'Hello.')
    """
    stripped = text.strip()
    if stripped.lower() in _NOTHING:
        return ""
    if not stripped.startswith(_OPENINGS):
        return text
    value = _decoded(stripped)
    if isinstance(value, str):
        return read_cell(value)
    return text if value is None else value


def is_empty(value: Cell) -> bool:
    """Whether a cell is empty: no text, or a list or object without entries."""
    return not value.strip() if isinstance(value, str) else value in (None, [], {})


def words_of(value: Cell) -> str:
    """A cell as text: a list of texts as lines."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "\n".join(map(str, value))
    return json.dumps(value, ensure_ascii=False)


def _decoded(text: str) -> Json:
    try:
        return cast("Json", json.loads(text))
    except (ValueError, RecursionError):
        return _literal(text)


def _literal(text: str) -> Json:
    if len(text) > MAX_LITERAL:
        return None
    try:
        value = ast.literal_eval(text)
        return cast("Json", json.loads(json.dumps(value)))  # tuples become lists, sets are refused
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
