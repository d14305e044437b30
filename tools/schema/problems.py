"""Turns the errors of `jsonschema` into one named problem and a sentence on how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import cast

from jsonschema.exceptions import ValidationError

from tools.jsontext import MAX_EXCERPT, canonical, short
from tools.schema.strict import TOO_LARGE
from tools.types import CallProblem, Json, ProblemKind

_MAX_LISTED = 400
"""The most characters of a list of names or values; the rest is cut."""
_MAX_ERRORS = 16
"""The most errors of one value that are compared."""
_MAX_NAME = 64
_MAX_NAMES = 200
_KINDS = {
    "type": ProblemKind.WRONG_TYPE,
    "enum": ProblemKind.NOT_IN_ENUM,
    "const": ProblemKind.NOT_IN_ENUM,
    "required": ProblemKind.MISSING_ARGUMENT,
    "additionalProperties": ProblemKind.UNEXPECTED_ARGUMENT,
    TOO_LARGE: ProblemKind.TOO_LARGE,
}
_ALTERNATIVES = ("anyOf", "oneOf")
_ORDER = ("type", "additionalProperties", "required", "enum", "const")
_BOUNDS = {
    "minimum": "a number of at least {}",
    "maximum": "a number of at most {}",
    "exclusiveMinimum": "a number above {}",
    "exclusiveMaximum": "a number below {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "pattern": "a text that matches {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} keys",
    "maxProperties": "at most {} keys",
}


def unknown_tool(name: str, names: Sequence[str]) -> CallProblem:
    """The problem of a call to a tool that does not exist."""
    return CallProblem(
        ProblemKind.UNKNOWN_TOOL,
        f"Expected one of the tools {listed(names)}, got {short(name)}. "
        f"{nearest(name, names)}Call a tool by its exact name.",
    )


def too_large(what: str) -> CallProblem:
    """The problem of arguments beyond the limits of `tools.schema.toolbox`."""
    return CallProblem(
        ProblemKind.TOO_LARGE, f"Expected {what}, got more. Give only what the tool needs."
    )


def problem_of(errors: Iterable[ValidationError], schema: Mapping[str, Json]) -> CallProblem:
    """The most helpful problem among a value's errors.

    Args:
        errors: At least one error, as `iter_errors` yields them.
        schema: The schema of the arguments: a null for what it does not require is to be left out.
    """
    error = _leaf(min(islice(errors, _MAX_ERRORS), key=_rank))
    if error.validator in _ALTERNATIVES and _types(error):
        kind = ProblemKind.WRONG_TYPE
    else:
        kind = _KINDS.get(str(error.validator), ProblemKind.CONSTRAINT)
    if error.instance is None and _is_optional(error.absolute_path, dict(schema)):
        return CallProblem(kind, _needless_null(error))
    return CallProblem(kind, _sentence(error, kind))


def _is_optional(path: Iterable[str | int], schema: Json) -> bool:
    """Whether the value at a path is a property that its object does not require."""
    optional = False
    for step in path:
        if not isinstance(schema, dict):
            return False
        required = schema.get("required")
        optional = isinstance(step, str) and not (isinstance(required, list) and step in required)
        parts = schema.get("items" if isinstance(step, int) else "properties")
        schema = parts.get(step) if isinstance(step, str) and isinstance(parts, dict) else parts
    return optional


def _needless_null(error: ValidationError) -> str:
    where = _path(error)
    return (
        f"Expected a value for {where} or none at all, got null. "
        f"Leave {where} out where there is no value."
    )


def listed(values: Sequence[Json]) -> str:
    """Names or values in a row, cut if the row gets too long."""
    texts: list[str] = []
    for value in values:
        texts.append(shown(value))
        if sum(map(len, texts)) > _MAX_LISTED:
            return f"{', '.join(texts)}, … ({len(values)} in all)"
    return ", ".join(texts) or "nothing"


def shown(value: Json) -> str:
    """An excerpt of a value as JSON writes it: text in quotes, everything else without."""
    if isinstance(value, str):
        return short(value)
    text = canonical(value)
    return text if len(text) <= MAX_EXCERPT else f"{text[:MAX_EXCERPT]}…"


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint at a name that looks like this one, or ''."""
    known = [known for known in islice(names, _MAX_NAMES) if len(known) <= _MAX_NAME]
    close = difflib.get_close_matches(name[:_MAX_NAME], known, n=1)
    return f"Did you mean {short(close[0])}? " if close else ""


def _rank(error: ValidationError) -> tuple[int, int]:
    """Sorts outer errors before inner ones, then wrong types and names before finer constraints."""
    keyword = str(error.validator)
    place = _ORDER.index(keyword) if keyword in _ORDER else len(_ORDER)
    return len(error.absolute_path), place


def _leaf(error: ValidationError) -> ValidationError:
    """Descends into the alternatives of `anyOf` and `oneOf`, unless all are for other types."""
    while error.validator in _ALTERNATIVES and error.context:
        branches: dict[object, list[ValidationError]] = {}
        for part in error.context:
            if part.schema_path:  # the schema `false` has no path
                branches.setdefault(part.schema_path[0], []).append(part)
        fitting = [parts for parts in branches.values() if not _is_other_type(parts)]
        if not fitting:
            return error
        fewest = sorted(fitting, key=len)[0]
        error = min(fewest, key=_rank)
    return error


def _is_other_type(parts: list[ValidationError]) -> bool:
    """Whether an alternative is for values of another type."""
    return any(part.validator == "type" and not part.path for part in parts)


def _sentence(error: ValidationError, kind: ProblemKind) -> str:
    where = _path(error)
    match kind:
        case ProblemKind.WRONG_TYPE:
            return _wrong_type(where, error)
        case ProblemKind.NOT_IN_ENUM:
            return _not_in_enum(where, error)
        case ProblemKind.MISSING_ARGUMENT:
            return _missing(where, error)
        case ProblemKind.UNEXPECTED_ARGUMENT:
            return _unexpected(where, error)
        case ProblemKind.TOO_LARGE:
            return f"Expected a short text for {where}, got one {error.message}. Shorten it."
        case _:
            return _constraint(where, error)


def _path(error: ValidationError) -> str:
    """Where the value stands, like `passengers[0].name`."""
    text = ""
    for step in islice(error.absolute_path, 12):
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return short(text.removeprefix(".")) if text else "the arguments"


def _wrong_type(where: str, error: ValidationError) -> str:
    wanted = " or ".join(dict.fromkeys(_types(error)))
    came = cast("Json", error.instance)
    return f"Expected {wanted} for {where}, got {_typed(came)}. Give {where} as {wanted}."


def _types(error: ValidationError) -> list[str]:
    """The permitted types, in one schema or in several alternatives."""
    if error.validator in _ALTERNATIVES:
        context = error.context or []
        at_top = [part for part in context if part.validator == "type" and not part.path]
        return [name for part in at_top for name in _types(part)]
    value = error.validator_value
    return [str(name) for name in value] if isinstance(value, list) else [str(value)]


def _typed(value: Json) -> str:
    """A value behind its type's name, which null is itself."""
    return "null" if value is None else f"{_type_name(value)} {shown(value)}"


def _type_name(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _not_in_enum(where: str, error: ValidationError) -> str:
    values = error.validator_value if error.validator == "enum" else [error.validator_value]
    values = cast("list[Json]", values)
    came = cast("Json", error.instance)
    names = [value for value in values if isinstance(value, str)]
    hint = nearest(came, names) if isinstance(came, str) else ""
    return (
        f"Expected one of {listed(values)} for {where}, got {shown(came)}. "
        f"{hint}Use one of these values exactly."
    )


def _missing(where: str, error: ValidationError) -> str:
    came = cast("dict[str, Json]", error.instance)
    missing = [name for name in cast("list[str]", error.validator_value) if name not in came]
    return (
        f"Expected {listed(missing)} in {where}, got {listed(list(came))}. "
        f"Add what is missing: {listed(missing)}."
    )


def _unexpected(where: str, error: ValidationError) -> str:
    schema = cast("dict[str, dict[str, Json]]", error.schema)
    allowed = list(schema.get("properties", {}))
    extra = [name for name in cast("dict[str, Json]", error.instance) if name not in allowed]
    return (
        f"Expected only {listed(allowed)} in {where}, got {listed(extra)}. "
        f"{nearest(extra[0], allowed)}Leave out or rename {listed(extra)}."
    )


def _constraint(where: str, error: ValidationError) -> str:
    came = cast("Json", error.instance)
    keyword = str(error.validator)
    if error.validator is None:
        return f"Expected no value where {shown(came)} stands. Leave it out."
    wanted = _BOUNDS.get(keyword, "a value that fulfils the schema's keyword '{}'")
    limit = shown(cast("Json", error.validator_value)) if keyword in _BOUNDS else keyword
    return (
        f"Expected {wanted.format(limit)} for {where}, got {shown(came)}. "
        f"Change {where} accordingly."
    )
