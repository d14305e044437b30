"""What may stand next in a line that a person types: commands, tools, arguments, values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from tools.types import Json, ToolSpec

CALL = "/call "
COMMANDS = ("/call", "/tools", "/rules", "/think", "/raw", "/show", "/help", "/quit")
"""What a person can type besides a reply."""


def completions(line: str, tools: Sequence[ToolSpec]) -> list[str]:
    """The words that can stand in the place of the line's last one.

    Args:
        line: The line up to the cursor.
        tools: The tools of the task.

    Returns:
        Whole words: commands with `/`, tools with a blank behind them, arguments with `=`, required
        ones first, and `argument=value` where the schema lists its values.
    """
    words = line.split(" ")
    last = words[-1]
    if len(words) == 1:
        return _beginning(last, (f"{command} " for command in COMMANDS)) if last else []
    if words[0] not in ("/call", "/tools"):
        return []
    if len(words) == 2:
        return _beginning(last, (f"{tool.name} " for tool in tools))
    chosen = next((tool for tool in tools if tool.name == words[1]), None)
    if chosen is None or words[0] != "/call":
        return []
    name, equals, _ = last.partition("=")
    if equals:
        return _beginning(last, (f"{name}={value} " for value in _values(chosen, name)))
    given = {word.partition("=")[0] for word in words[2:-1]}
    return _beginning(last, (f"{one}=" for one in _arguments(chosen) if one not in given))


def _beginning(start: str, words: Iterable[str]) -> list[str]:
    return [word for word in words if word.startswith(start)]


def _properties(tool: ToolSpec) -> dict[str, Json]:
    found = tool.parameters.get("properties")
    return found if isinstance(found, dict) else {}


def _arguments(tool: ToolSpec) -> list[str]:
    """The names of a tool's arguments, required ones first."""
    required = tool.parameters.get("required")
    needed = required if isinstance(required, list) else []
    return sorted(_properties(tool), key=lambda name: name not in needed)


def _values(tool: ToolSpec, name: str) -> Iterator[str]:
    """The values that an argument may have, if its schema lists them."""
    schema = _properties(tool).get(name)
    if not isinstance(schema, dict):
        return
    listed = schema.get("enum")
    values = listed if isinstance(listed, list) else []
    if schema.get("type") == "boolean":
        values = [True, False]
    for value in values:
        text = value if isinstance(value, str) else json.dumps(value)
        yield f"'{text}'" if " " in text else text
