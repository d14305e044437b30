"""Messages as a person types them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import cast

from tools.protocol import render
from tools.types import Json, ToolCall, ToolSpec


class BadCommand(ValueError):
    """A command of another form: what was expected, and what came."""


def read_move(line: str, tools: Sequence[ToolSpec], thought: str | None = None) -> str:
    """The raw message that a line means: `/call NAME …`, or a reply as it stands.

    Args:
        line: The line.
        tools: The tools of the task.
        thought: What the message begins with.

    Raises:
        BadCommand: if it is empty, another command, or a call of another form.
    """
    command, _, rest = line.strip().partition(" ")
    if command == "/call":
        return render([read_call(rest, tools)], thought=thought)
    if not command:
        raise BadCommand("expected a reply or /call NAME key=value …, got an empty line")
    if command.startswith("/"):
        raise BadCommand(f"expected a reply or /call NAME key=value …, got {command}")
    return render(text=line.strip(), thought=thought)


def read_call(text: str, tools: Sequence[ToolSpec]) -> ToolCall:
    """Reads `NAME key=value …` or `NAME {…}`.

    A value is text where the tool's schema asks for text, else JSON where it is JSON. Tools and
    arguments that do not exist are let through: the environment says what is wrong with them.

    Raises:
        BadCommand: if the text has another form.
    """
    name, _, rest = text.strip().partition(" ")
    if not name:
        raise BadCommand("expected /call NAME key=value …, got no name; /tools lists the tools")
    if rest.strip().startswith("{"):
        return ToolCall(name, _json_object(rest))
    properties = next(
        (tool.parameters.get("properties") for tool in tools if tool.name == name), {}
    )
    schemas = properties if isinstance(properties, dict) else {}
    arguments: dict[str, Json] = {}
    for word in _words(rest):
        key, equals, value = word.partition("=")
        if not key or not equals:
            raise BadCommand(f"expected key=value, got {word}; quote values that have blanks")
        arguments[key] = _value(value, schemas.get(key))
    return ToolCall(name, arguments)


def _words(text: str) -> list[str]:
    """The words of a command; what stands in quotes or brackets is one word."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise BadCommand(f"expected every quote to be closed, got {text} ({error})") from None


def _value(text: str, schema: Json) -> Json:
    if isinstance(schema, dict) and schema.get("type") == "string":
        return text
    try:
        return cast(Json, json.loads(text))
    except ValueError:
        return text


def _json_object(text: str) -> dict[str, Json]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise BadCommand(f"expected a JSON object of arguments, got {text} ({error})") from None
    return cast("dict[str, Json]", value)
