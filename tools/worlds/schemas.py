"""JSON schemas of Python types, and what docstrings say of parameters."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Iterator, Mapping
from typing import (
    Annotated,
    Final,
    Literal,
    NotRequired,
    TypeAlias,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from tools.types import Json

_FREE: Final = "free text"
FreeText: TypeAlias = Annotated[str, _FREE]
"""A text in the caller's own words (a summary, a reason, a note): whatever it says, the call is the
same call, and the state that it leads to is the same state."""


def schema_of(kind: object) -> dict[str, Json]:
    """The JSON schema of a Python type.

    Raises:
        TypeError: if a tool cannot take this type.
    """
    if isinstance(kind, type) and kind in SIMPLE:
        return {"type": SIMPLE[kind]}
    if is_typeddict(kind):
        return _object(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return schema_of(arguments[0])
    if origin is Literal and all(isinstance(value, str) for value in arguments):
        return {"type": "string", "enum": list(arguments)}
    if origin is list:
        return {"type": "array", "items": schema_of(arguments[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": True}
    if origin in (Union, types.UnionType):
        return _union(arguments)
    raise TypeError(
        "expected a parameter of type str, int, float, bool, Literal of strings, TypedDict, dict, "
        f"list of these, or a union of these or with None, got {kind!r}; annotate it with one of "
        "them"
    )


def free_paths(name: str, kind: object) -> Iterator[str]:
    """The paths in an argument at which there is free text."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated and _FREE in arguments[1:]:
        yield name
    elif is_typeddict(kind):
        for key, hint in get_type_hints(kind, include_extras=True).items():
            inner = get_args(hint)[0] if get_origin(hint) is NotRequired else hint
            yield from free_paths(f"{name}.{key}", inner)
    elif origin is list:
        # a list of texts is one text in several pieces
        is_text = get_origin(arguments[0]) is Annotated
        yield from free_paths(name if is_text else f"{name}[]", arguments[0])
    elif origin in (Union, types.UnionType):
        for option in arguments:
            yield from free_paths(name, option)


def _object(kind: object) -> dict[str, Json]:
    """The schema of a TypedDict; its docstring's `Attributes:` describe the fields."""
    notes = _notes((inspect.getdoc(kind) or "").splitlines(), "Attributes:")
    properties: dict[str, Json] = {}
    required: list[Json] = []
    for name, hint in get_type_hints(kind, include_extras=True).items():
        optional = get_origin(hint) is NotRequired
        part = schema_of(get_args(hint)[0] if optional else hint)
        properties[name] = part | ({"description": notes[name]} if name in notes else {})
        if not optional:
            required.append(name)
    return {"type": "object", "properties": properties, "required": required}


def _union(kinds: tuple[object, ...]) -> dict[str, Json]:
    """The schema of a union; None means that the argument is optional, not that it can be null."""
    options: list[Json] = [schema_of(kind) for kind in kinds if kind is not type(None)]
    (first, *others) = options
    return {"anyOf": options} if others else cast("dict[str, Json]", first)


SIMPLE: Mapping[type, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}
_ARGUMENT = re.compile(r"(\w+)(?: \([^)]*\))?: (.*)")


def property_of(parameter: inspect.Parameter, notes: Mapping[str, str], tool: str) -> Json:
    """A parameter's schema, with what the docstring says of it.

    Raises:
        TypeError: naming the tool, if the parameter has no type, or one without a schema.
    """
    if parameter.annotation is parameter.empty:
        raise TypeError(
            f"expected a type for the parameter {parameter.name!r} of the tool {tool!r}, got none; "
            f"write `{parameter.name}: str`, for example"
        )
    try:
        schema = schema_of(parameter.annotation)
    except TypeError as error:
        raise TypeError(f"{parameter.name!r} of the tool {tool!r}: {error}") from None
    if parameter.name in notes:
        schema["description"] = notes[parameter.name]
    if parameter.default is not parameter.empty and parameter.default is not None:
        schema["default"] = parameter.default
    return schema


def docstring_of(function: Callable[..., object]) -> tuple[str, dict[str, str]]:
    """The docstring's summary, and argument -> its text in the `Args:` section."""
    lines = (inspect.getdoc(function) or "").splitlines()
    return " ".join(_until_blank(lines)), _notes(lines, "Args:")


def _notes(lines: list[str], section: str) -> dict[str, str]:
    """Name -> its text in a section of a docstring."""
    notes: dict[str, str] = {}
    name = ""
    start = lines.index(section) + 1 if section in lines else len(lines)
    for line in _until_blank(lines[start:]):
        match = _ARGUMENT.fullmatch(line.strip())
        if match and line.startswith("    ") and not line.startswith("     "):
            name = match[1]
            notes[name] = match[2]
        elif name:
            notes[name] += f" {line.strip()}"
    return notes


def _until_blank(lines: list[str]) -> list[str]:
    end = next((i for i, line in enumerate(lines) if not line.strip()), len(lines))
    return lines[:end]
