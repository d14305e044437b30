"""Where a tool's description says which arguments it takes, and in which of many forms.

    {"name": …, "parameters": {"type": "object", "properties": {…}}}      OpenAI, APIGen-MT
    {"name": …, "inputSchema": {…}}, {"name": …, "input_schema": {…}}      MCP, Anthropic
    {"toolSpec": {"name": …, "inputSchema": {"json": {…}}}}               Bedrock
    {"name": …, "parameters": {"city": {"type": "str", "default": "Bonn"}}}   xLAM
    {"name": …, "parameters": [{"name": "city", "type": "string", "required": true}]}
    {"name": …, "required_parameters": […], "optional_parameters": […]}   ToolBench
    {"name": …, "properties": {…}, "required": […]}

Anything else that may hold a schema is refused by its name: a tool that seems to take no arguments
would make every call of it invalid, and nobody would notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from tools.jsontext import JsonProblem, read_json, short
from tools.schema.drafts import REFUSED, tidied
from tools.schema.form_words import (
    ABOUT,
    ABOUT_SCHEMAS,
    ENVELOPES,
    INNER,
    KEYS,
    NOT_LETTERS,
    NOTHING,
    OBJECT,
    SPLIT,
    STRUCTURE,
    TEXTS,
)
from tools.schema.nulls import is_nothing, is_nothing_listed
from tools.schema.type_names import is_optional, type_named
from tools.types import Json


class FormRefused(ValueError):
    """A tool whose arguments cannot be told; the message says what to change."""


def bare_tool(tool: Json) -> Json:
    """The tool without the envelope of OpenAI, Bedrock or Gemini."""
    while isinstance(tool, dict):
        own = tool
        inner = next((own[key] for key in ENVELOPES if isinstance(own.get(key), dict)), None)
        if inner is None or is_nothing(inner):
            return tool
        tool = inner
    return tool


def parameters_of(tool: Mapping[str, Json]) -> dict[str, Json]:
    """The JSON schema of a tool's arguments.

    Args:
        tool: The tool without an envelope.

    Raises:
        FormRefused: if it says in no form that is known which arguments the tool takes.
    """
    if any(tool.get(key) for key in SPLIT):
        return _listed_apart(tool)
    given = {key: tool[key] for key in tool if _plain(key) in KEYS and not is_nothing(tool[key])}
    written = [key for key, value in given.items() if _may_be_schema(value)]
    read = {key: _read(given[key], tool.get("required"), key) for key in written}
    read = {key: schema for key, schema in read.items() if schema not in NOTHING} or read
    if len(read) > 1 and any(one != other for one in read.values() for other in read.values()):
        raise FormRefused(f"expected arguments under one key, got {_names(read)}; keep one")
    if read:
        return next(iter(read.values()))
    if odd := [key for key, value in given.items() if value not in ({}, [], "")]:
        raise FormRefused(
            f"expected parameters as an object, got {short(odd[0])}: {short(given[odd[0]])}"
        )
    if isinstance(tool.get("properties"), dict):
        own = ("type", "properties", "required", "additionalProperties", "$defs", "definitions")
        return _schema({"type": "object", **{key: tool[key] for key in own if key in tool}})
    if not given:
        _require_nothing_else(tool)
    return {"type": "object", "properties": {}}


def _require_nothing_else(tool: Mapping[str, Json]) -> None:
    """Refuses a key of which nobody knows whether it holds the arguments."""
    about = ("name", "description", *ENVELOPES)
    odd = [
        key
        for key, value in tool.items()
        if _plain(key) not in ABOUT
        and key not in about
        and (_may_be_schema(value) or _is_signature(key, value))
    ]
    if odd:
        raise FormRefused(
            f"expected the arguments' schema under 'parameters', 'inputSchema' or the like, got "
            f"{_names(odd)}; rename the key to 'parameters'"
        )


def _is_signature(key: str, value: Json) -> bool:
    """Whether a text tells the arguments as a program has them: `(city: str) -> dict`."""
    return "signature" in key.lower() and isinstance(value, str) and "(" in value.replace("()", "")


def _may_be_schema(value: Json) -> bool:
    if isinstance(value, str):
        return value.lstrip()[:1] in ("{", "[")
    return isinstance(value, dict | list) and bool(value) and not is_nothing(value)


def _read(value: Json, required: Json, key: str) -> dict[str, Json]:
    if isinstance(value, str):
        try:
            value = read_json(value)
        except JsonProblem:
            raise FormRefused(f"expected {key} as an object, got {short(value)}") from None
    if isinstance(value, dict) and len(value) == 1:
        inner = next((value[name] for name in INNER if isinstance(value.get(name), dict)), None)
        value = inner if inner is not None and is_schema(cast("dict[str, Json]", inner)) else value
    if isinstance(value, list):
        return _listed(value)
    if not isinstance(value, dict):
        raise FormRefused(f"expected parameters as an object, got {short(value)}")
    if isinstance(required, list) and "required" not in value:
        value = {**value, "required": required}
    return _schema(value)


def is_schema(value: Mapping[str, Json]) -> bool:
    """Whether an object is a JSON schema, as far as its top level tells, and no flat form."""
    return not _flat_names(value)


def _schema(value: Mapping[str, Json]) -> dict[str, Json]:
    if names := _flat_names(value):
        return _flat(value, names)
    return cast("dict[str, Json]", tidied(dict(value)))


def _flat_names(value: Mapping[str, Json]) -> list[str]:
    """The names of the arguments, where they stand at the top; empty where a schema does.

    Raises:
        FormRefused: if something stands there that is neither.
    """
    present = {
        key: part
        for key, part in value.items()
        if not is_nothing(part) and not is_nothing_listed(key, part)
    }
    is_object = present.get("type") in OBJECT
    if any(_is_structure(key, part, is_object) for key, part in present.items()):
        return []
    names = [key for key, part in present.items() if not _is_own_word(key, part, is_object)]
    if names == ["type"] and isinstance(present["type"], str):
        return []  # a schema of something that is no object
    for name in names:
        part = present[name]
        named = isinstance(part, str) and type_named(part) is not None
        if not named and not isinstance(part, dict):
            raise FormRefused(
                f"expected a JSON schema or an object from arguments to their types, got "
                f"{short(name)}: {short(part)}"
            )
    return names


def _is_structure(key: str, part: Json, is_object: bool) -> bool:
    """Whether a keyword at the top says that this is a schema."""
    if key == "properties":
        return is_object or not _is_description(part)
    if key in ("anyOf", "oneOf", "allOf"):
        return isinstance(part, list)
    if key in ("$defs", "definitions"):
        return not _is_description(part)
    return key in STRUCTURE or (key in REFUSED and not _is_description(part))


def _is_description(part: Json) -> bool:
    """Whether something describes one argument: it has a type that is a name."""
    return (
        isinstance(part, dict)
        and isinstance(kind := part.get("type"), str)
        and type_named(kind) is not None
        and not isinstance(part.get("properties"), dict)
    )


def _is_own_word(key: str, part: Json, is_object: bool) -> bool:
    """Whether a key is a keyword of JSON Schema and no argument that has the same name."""
    if key == "required":
        return isinstance(part, list | bool)
    if key == "type" and (part in OBJECT or isinstance(part, list)):
        return True
    if key in TEXTS:  # an argument may be named `title`, and be said to be a `str`
        return isinstance(part, str) and (is_object or type_named(part) is None)
    return key.startswith("x-") or (key in ABOUT_SCHEMAS and not _is_description(part))


def _flat(value: Mapping[str, Json], names: list[str]) -> dict[str, Json]:
    """The schema of an object from arguments to what each is."""
    listed = value.get("required")
    entries = {name: value[name] for name in names}
    needed = (
        [name for name in listed if isinstance(name, str)]
        if isinstance(listed, list)
        else [name for name, entry in entries.items() if _is_needed(entry)]
    )
    properties = {name: _argument(entry, name) for name, entry in entries.items()}
    return {"type": "object", "properties": {**properties}, "required": [*needed]}


def _is_needed(entry: Json) -> bool:
    """Whether an argument must be given: unless it has a default or says that it is optional."""
    if not isinstance(entry, dict):
        return not (isinstance(entry, str) and is_optional(entry))
    if (said := _flag(entry.get("required"))) is not None:
        return said
    if (said := _flag(entry.get("optional"))) is not None:
        return not said
    if isinstance(kind := entry.get("type"), str) and is_optional(kind):
        return False
    if entry.get("default", ...) is None:  # among other nulls it is one of Arrow's
        return sum(part is None for part in entry.values()) > 1
    return "default" not in entry


def _flag(value: Json) -> bool | None:
    """A truth value, perhaps in quotes; None if it is none."""
    return {"true": True, "false": False}.get(str(value).lower())


def _argument(entry: Json, name: str) -> Json:
    """The schema of one argument, from its type's name or from what describes it."""
    if isinstance(entry, dict):
        inner = entry.get("schema")  # OpenAPI's parameters have one
        about = inner if isinstance(inner, dict) else {}
        own = ("required", "optional", "name", "in", "schema")
        rest = {
            key: part
            for key, part in entry.items()
            if key not in own or (key == "required" and isinstance(part, list))
        }
        entry = {**about, **rest}
        kind = entry.get("type")
        if isinstance(kind, str) and type_named(kind) is None and kind.lower() != "enum":
            raise FormRefused(
                f"expected a type that JSON has for {short(name)}, got {short(kind)}; use string, "
                "integer, number, boolean, array or object"
            )
    found = tidied(entry)
    if not isinstance(found, dict | bool):
        raise FormRefused(f"expected the type of {short(name)}, got {short(entry)}")
    return found


def _listed(entries: list[Json]) -> dict[str, Json]:
    """The schema of a list of arguments, which say their names themselves."""
    flat: dict[str, Json] = {}
    for entry in entries:
        if entry is None:
            continue
        name = entry.get("name") if isinstance(entry, dict) else None
        if not isinstance(name, str) or name in flat:
            raise FormRefused(f"expected a list of arguments with a name each, got {short(entry)}")
        flat[name] = entry
    if any(isinstance(entry, dict) and _flag(entry.get("required")) for entry in flat.values()):
        # Where some say that they are required, the others are not.
        flat = {name: {"required": False, **cast("dict[str, Json]", e)} for name, e in flat.items()}
    return _flat(flat, list(flat))


def _listed_apart(tool: Mapping[str, Json]) -> dict[str, Json]:
    entries: list[Json] = []
    for key in SPLIT:
        part = tool.get(key) or []
        if not isinstance(part, list) or not all(isinstance(entry, dict) for entry in part):
            raise FormRefused(f"expected {key} as a list of objects, got {short(part)}")
        needed = key == SPLIT[0]
        entries += [{**cast("dict[str, Json]", entry), "required": needed} for entry in part]
    return _listed(entries)


def _plain(key: str) -> str:
    return NOT_LETTERS.sub("", key.lower())


def _names(keys: Mapping[str, object] | list[str]) -> str:
    return ", ".join(short(key) for key in list(keys)[:5])
