"""Reads API calls of several forms as entries of APIGen-MT's `conversations`."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from typing import TypeAlias

from tasks.almita.cells import read_cell
from tools.types import Json

Entry: TypeAlias = dict[str, Json]
"""`{"from": "human" | "gpt" | "function_call" | "observation", "value": …}`."""

NAME_KEYS = ("name", "api", "function", "tool", "api_name", "function_name", "tool_name")
ARGUMENT_KEYS = ("arguments", "parameters", "args", "params", "kwargs", "input", "inputs")

_CALL_TEXT = re.compile(r"^\s*[A-Za-z_]\w*\(.*\)\s*$", re.DOTALL)


def read_call(value: Json) -> Entry | None:
    """A call in any of its forms: an object with a name and arguments, or `name(key="value")`."""
    if isinstance(value, str):
        inner = read_cell(value)
        return _call_text(value) if isinstance(inner, str) else read_call(inner)
    if not isinstance(value, dict) or any(key in value for key in ("role", "from", "speaker")):
        return None
    nested = value.get("function")
    if isinstance(nested, dict):
        return read_call(nested)
    name = next((value[key] for key in NAME_KEYS if isinstance(value.get(key), str)), None)
    arguments = next((value[key] for key in ARGUMENT_KEYS if key in value), None)
    if isinstance(arguments, str):
        arguments = read_cell(arguments)
    if name is None or not isinstance(arguments, dict):
        return None
    return _call(str(name), arguments)


def _call_text(text: str) -> Entry | None:
    """`name(key="value")` with literal values."""
    if not _CALL_TEXT.match(text):
        return None
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    if not isinstance(tree, ast.Call) or tree.args or not isinstance(tree.func, ast.Name):
        return None
    try:
        arguments = {str(word.arg): ast.literal_eval(word.value) for word in tree.keywords}
        return _call(tree.func.id, json.loads(json.dumps(arguments)))
    except (ValueError, TypeError):
        return None


def _call(name: str, arguments: Mapping[str, Json]) -> Entry:
    return {
        "from": "function_call",
        "value": json.dumps({"name": name, "arguments": dict(arguments)}),
    }
