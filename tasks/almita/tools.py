"""Reads the APIs of a row: into bare JSON schemas of functions."""

from __future__ import annotations

from collections.abc import Mapping

from tasks.almita.turns import NAME_KEYS
from tools.types import Json

_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("string", "str", "text", "date", "datetime", "email", "enum"), "string"),
    **dict.fromkeys(("integer", "int"), "integer"),
    **dict.fromkeys(("number", "float", "double"), "number"),
    **dict.fromkeys(("boolean", "bool"), "boolean"),
    **dict.fromkeys(("array", "list"), "array"),
    **dict.fromkeys(("object", "dict"), "object"),
}
_PARAMETER_KEYS = ("parameters", "params", "arguments", "args", "inputs", "input_schema", "schema")
_ABOUT_KEYS = ("description", "doc", "summary")


def read_tools(cell: Json) -> list[Json] | None:
    """The APIs of a cell, or None if it holds none.

    Args:
        cell: A list of APIs, or an object from names to APIs: in the OpenAI envelope or without,
            with a JSON schema, an object from names to types, or a list of parameters.
    """
    if isinstance(cell, dict):
        if _tool(cell) is not None:
            cell = [cell]
        else:
            cell = [{"name": k, **v} for k, v in cell.items() if isinstance(v, dict)] or None
    if not isinstance(cell, list) or not cell:
        return None
    tools = [_tool(entry) for entry in cell]
    return None if any(tool is None for tool in tools) else tools


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
    parameters = _parameters(entry.get(place) if place else {})
    # A name and plain values would be a call.
    if not isinstance(parameters, dict) or not (about or parameters.get("properties")):
        return None
    return {"name": name, "description": about, "parameters": parameters}


def _parameters(value: Json) -> Json:
    if value is None or value == []:
        value = {}
    if isinstance(value, list):
        return _from_list(value)
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("properties"), dict):
        return {"type": "object", **value}
    properties: dict[str, Json] = {}
    for name, form in value.items():
        schema = _schema(form)
        if schema is None:
            return None
        properties[name] = schema
    return {"type": "object", "properties": properties, "required": list(properties)}


def _from_list(parameters: list[Json]) -> Json:
    """A list of names, or of objects with a name each."""
    properties: dict[str, Json] = {}
    required: list[Json] = []
    for entry in parameters:
        if isinstance(entry, str):
            entry = {"name": entry}
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            return None
        rest = {k: v for k, v in entry.items() if k not in ("name", "required")}
        schema = _schema(rest or {"type": "string"})
        if schema is None:
            return None
        properties[str(entry["name"])] = schema
        if entry.get("required", True):
            required.append(entry["name"])
    return {"type": "object", "properties": properties, "required": required}


def _schema(form: Json) -> Json:
    """A parameter's schema, from a type's name or from a schema itself."""
    if isinstance(form, str):
        kind = _TYPES.get(form.strip().lower())
        return {"type": kind} if kind else None
    if not isinstance(form, dict):
        return None
    kind_of = form.get("type", "string")
    if not isinstance(kind_of, str):
        return form
    known = _TYPES.get(kind_of.lower())
    if known is None:
        return None
    # The dictionary's own form of "optional" is no schema.
    return {**{k: v for k, v in form.items() if not isinstance(v, bool)}, "type": known}
