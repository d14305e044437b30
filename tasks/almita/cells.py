"""Reads a cell of a table: JSON, a Python literal, or plain text."""

from __future__ import annotations

import ast
import json
from typing import TypeAlias, cast

from tools.types import Json

Cell: TypeAlias = Json
"""A cell's value: a text where it is neither JSON nor a literal."""

_OPENINGS = ("[", "{", "(")
MAX_LITERAL = 1_000_000
"""A longer Python literal is not read: its parser needs much more memory than the text."""


def read_cell(text: str) -> Cell:
    """The value that a cell holds; only lists, objects and tuples count as JSON or literals.

    >>> read_cell('[{"role": "user"}]') == read_cell("[{'role': 'user'}]")
    True
    >>> read_cell("42")
    '42'
    """
    stripped = text.strip()
    if not stripped.startswith(_OPENINGS):
        return text
    try:
        return cast("Json", json.loads(stripped))
    except (ValueError, RecursionError):
        literal = _literal(stripped)
        return text if literal is None else literal


def _literal(text: str) -> Json:
    if len(text) > MAX_LITERAL:
        return None
    try:
        value = ast.literal_eval(text)
        return cast("Json", json.loads(json.dumps(value)))  # tuples become lists, sets are refused
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
