"""Recorded calls and their answers, in the forms that data sets have them in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from tools.jsontext import JsonProblem, read_json
from tools.protocol import CALL, parse
from tools.schema.toolbox import Toolbox
from tools.types import Json, ToolCall

_ARGUMENTS = ("arguments", "parameters", "args", "input", "kwargs")
"""Keys of a call's arguments; the first is APIGen-MT's and OpenAI's."""
_AROUND = frozenset({"name", "id", "type", "index", "call_id", "tool_call_id", *_ARGUMENTS})
"""Keys of a call; with another one, nobody knows what the call says."""
_FENCED = re.compile(r"\s*```\w*\s*(.*?)\s*```\s*", re.DOTALL)


def attempts_in(value: Json) -> list[Json] | None:
    """The calls of one value that holds several, each as it stands there; None where it does not.

    Several are a list (or its JSON text) with a call in it, OpenAI's `tool_calls`, or a text with a
    call in each line or between each pair of tags.
    """
    decoded = decoded_json(value) if isinstance(value, str) else value
    if isinstance(value, str) and decoded is None:
        return _in_text(value)
    if isinstance(decoded, dict):
        if isinstance(listed := decoded.get("tool_calls"), str | list) and listed:
            return attempts_in(listed)
        single = decoded.get("function_call")
        return [single] if isinstance(single, dict) else None
    if not isinstance(decoded, list):
        return None
    calls = [decoded_json(part) if isinstance(part, str) else part for part in decoded]
    return decoded if any(_is_call(call) for call in calls) else None


def _in_text(text: str) -> list[Json] | None:
    """The calls of a text that is not JSON as a whole; None if it has another form."""
    if CALL in text:
        said = parse(text)
        if said.problems or said.text or said.thought:
            return None
        return [{"name": call.name, "arguments": dict(call.arguments)} for call in said.calls]
    fenced = _FENCED.fullmatch(text)
    lines: list[Json] = [line for line in (fenced[1] if fenced else text).splitlines() if line]
    if fenced and decoded_json(fenced[1]) is not None:
        lines = [fenced[1]]
    return lines if all(_is_call(decoded_json(str(line))) for line in lines) else None


def _is_call(value: Json) -> bool:
    return isinstance(value, dict) and (
        isinstance(value.get("name"), str) or isinstance(value.get("function"), dict)
    )


def read_call(value: Json, toolbox: Toolbox, mended: set[str]) -> ToolCall | None:
    """The recorded call, or None where it is none.

    Arguments that are missing, null or empty text are no arguments. A null that the schema forbids
    is left out where the call is an object of a table, which has each key in each row.
    """
    call = decoded_json(value) if isinstance(value, str) else value
    in_envelope = isinstance(call, dict) and isinstance(call.get("function"), dict)
    if isinstance(call, dict) and in_envelope:
        call = call["function"]
    if isinstance(call, dict) and isinstance(name := call.get("name"), str):
        given = first_of(call, _ARGUMENTS)
        # With other keys, the arguments may be anywhere.
        odd = given is None and any(call[key] is not None for key in call.keys() - _AROUND)
        arguments = None if odd else _arguments(given, mended, as_text=in_envelope)
        if isinstance(arguments, dict):
            found = ToolCall(name, arguments)
            is_text = isinstance(value, str) or isinstance(given, str)
            return found if is_text else _without_nulls(found, toolbox, mended)
    mended.add("unreadable_call")
    return None


def _arguments(given: object, mended: set[str], *, as_text: bool) -> object:
    """The arguments; that they are a text is worth a note, unless it is the rule as OpenAI's is."""
    if given is None or (isinstance(given, str) and given.strip() in ("", "null")):
        mended.add("no_arguments")
        return {}
    if isinstance(given, str):
        if not as_text:
            mended.add("arguments_as_text")
        return decoded_json(given)
    return given


def _without_nulls(call: ToolCall, toolbox: Toolbox, mended: set[str]) -> ToolCall:
    if None not in call.arguments.values() or toolbox.check(call) is None:
        return call
    told = {name: value for name, value in call.arguments.items() if value is not None}
    slim = ToolCall(call.name, told)
    if toolbox.check(slim) is not None:
        return call
    mended.add("null_arguments")
    return slim


def answers_in(values: Sequence[Json], calls: int) -> list[Json]:
    """The observations one by one: one value may hold those of several calls as a list."""
    if len(values) < calls:
        parts = [part for value in values for part in _listed(value)]
        if len(parts) == calls:
            return [_content(part) for part in parts]
    return [*values]


def _listed(value: Json) -> list[Json]:
    found = decoded_json(value) if isinstance(value, str) else value
    return found if isinstance(found, list) else [value]


def _content(part: Json) -> Json:
    """What one of several answers says: OpenAI's messages have it under `content`."""
    is_message = isinstance(part, dict) and part.keys() & {"role", "tool_call_id"}
    return part["content"] if isinstance(part, dict) and is_message and "content" in part else part


def in_order(answers: list[Json], ids: Sequence[Json], calls: Sequence[Json]) -> list[Json]:
    """The answers in the order of their calls, where both have ids that say which is whose."""
    places = {call: place for place, call in enumerate(calls) if isinstance(call, str)}
    named = [places.get(one) if isinstance(one, str) else None for one in ids]
    known = [place for place in named if place is not None]
    if len(known) != len(answers) or len(set(known)) != len(known):
        return answers
    return [answer for _, answer in sorted(zip(known, answers, strict=True), key=lambda x: x[0])]


def text_of(value: Json) -> str:
    """A value as text; of a message in parts, as OpenAI has it, the texts of the parts."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(_is_text(part) for part in value):
        return "\n".join(str(part["text"]) for part in value if isinstance(part, dict))
    return json.dumps(value, ensure_ascii=False)


def _is_text(part: Json) -> bool:
    return (
        isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str)
    )


def first_of(entry: Mapping[str, Json], keys: Iterable[str]) -> Json:
    """The value of the first key that has one: where rows are a table, others are null."""
    return next((entry[key] for key in keys if entry.get(key) is not None), None)


def decoded_json(text: str) -> Json:
    """The JSON value of a text, or None where it is not JSON."""
    try:
        return read_json(text)
    except JsonProblem:
        return None
