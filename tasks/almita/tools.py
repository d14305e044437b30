"""Reads the APIs of a row as bare JSON schemas of functions."""

from __future__ import annotations

from collections.abc import Mapping

from tasks.almita.calls import NAME_KEYS
from tasks.almita.cells import is_empty
from tools.types import Json

_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("string", "str", "text", "date", "datetime", "email", "enum"), "string"),
    **dict.fromkeys(("integer", "int"), "integer"),
    **dict.fromkeys(("number", "float", "double"), "number"),
    **dict.fromkeys(("boolean", "bool"), "boolean"),
    **dict.fromkeys(("array", "list"), "array"),
    **dict.fromkeys(("object", "dict"), "object"),
}
_PARAMETER_KEYS = (
    *("parameters", "params", "arguments", "args", "inputs", "input_schema", "inputSchema"),
    *("args_schema", "schema"),
)
_OF_SCHEMAS = {"type", "properties", "required", "additionalProperties", "description", "title"}
"""Keywords, one of which an object's schema has."""
_ABOUT_KEYS = ("description", "doc", "summary")


def read_tools(cell: Json) -> list[Json] | None:
    """The APIs of a cell, perhaps an empty list; None if the cell holds something else.

    Args:
        cell: A list of APIs, or an object from names to APIs: in the OpenAI envelope or without,
            with a JSON schema, an object from names to types, or a list of parameters.
    """
    if is_empty(cell):
        return []
    if isinstance(cell, dict):
        cell = [cell] if _tool(cell) is not None else _named(cell)
    if not isinstance(cell, list):
        return None
    tools = [_tool(entry) for entry in cell]
    return None if any(tool is None for tool in tools) else tools


def _named(cell: Mapping[str, Json]) -> Json:
    """The APIs of an object from names to APIs, all of which declare their parameters."""
    found: list[Json] = []
    for name, entry in cell.items():
        if not isinstance(entry, dict) or not any(key in entry for key in _PARAMETER_KEYS):
            return None
        found.append({"name": name, **entry})
    return found


def _tool(entry: Json) -> Json:
    if not isinstance(entry, dict):
        return None
    if isinstance(entry.get("function"), dict):
        return _tool(entry["function"])
    name = next((entry[key] for key in NAME_KEYS if isinstance(entry.get(key), str)), None)
    place = next((key for key in _PARAMETER_KEYS if key in entry), None)
    about = next((entry[key] for key in _ABOUT_KEYS if isinstance(entry.get(key), str)), "")
    if name is None or "role" in entry:
        return None
    parameters = _parameters(entry.get(place) if place else {}, lenient=bool(about))
    # An object of a name and plain values is a call.
    if not isinstance(parameters, dict) or not (about or parameters.get("properties")):
        return None
    return {"name": name, "description": about, "parameters": parameters}


def _parameters(value: Json, *, lenient: bool) -> Json:
    """A schema of arguments.

    Args:
        value: A schema, an object from names to types, or a list of parameters.
        lenient: Whether a parameter's type may be unknown, or just a description: then any value
            fits. Without an API's description, such an object would be a call.
    """
    if value is None or value == []:
        value = {}
    if isinstance(value, list):
        return _from_list(value, lenient=lenient)
    if not isinstance(value, dict):
        return None
    # An API that takes nothing may have a schema without properties.
    if isinstance(value.get("properties"), dict) or (
        value.get("type") == "object" and value.keys() <= _OF_SCHEMAS
    ):
        return {"type": "object", **value}
    properties: dict[str, Json] = {}
    for name, form in value.items():
        schema = _schema(form, lenient=lenient)
        if schema is None:
            return None
        properties[name] = schema
    return {"type": "object", "properties": properties, "required": list(properties)}


def _from_list(parameters: list[Json], *, lenient: bool) -> Json:
    """The schema of a list of names, or of objects with names."""
    properties: dict[str, Json] = {}
    required: list[Json] = []
    for entry in parameters:
        if isinstance(entry, str):
            entry = {"name": entry}
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            return None
        rest = {k: v for k, v in entry.items() if k not in ("name", "required")}
        schema = _schema(rest, lenient=lenient)
        if schema is None:
            return None
        properties[str(entry["name"])] = schema
        if entry.get("required", True):
            required.append(entry["name"])
    return {"type": "object", "properties": properties, "required": required}


def _schema(form: Json, *, lenient: bool) -> Json:
    """A parameter's schema, from a type's name or from a schema itself."""
    if isinstance(form, str):
        kind = _TYPES.get(form.strip().lower())
        if kind is None:
            return {"description": form} if lenient else None
        return {"type": kind}
    if not isinstance(form, dict):
        return None
    kind_of = form.get("type")
    if not isinstance(kind_of, str):
        return {k: v for k, v in form.items() if not isinstance(v, bool)}
    known = _TYPES.get(kind_of.lower())
    # "optional" as a key of the parameter is not a part of its schema.
    rest = {k: v for k, v in form.items() if k != "type" and not isinstance(v, bool)}
    if known is None:
        return {"description": kind_of, **rest} if lenient else None
    return {**rest, "type": known}
