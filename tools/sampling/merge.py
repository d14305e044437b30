"""Several schemas that must all hold, merged into one to sample from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from tools.types import Json

_LARGER = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_SMALLER = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_CHOICES = ("anyOf", "oneOf")

Choose = Callable[[Sequence[Json]], Json]


def merged(schema: Mapping[str, Json], choose: Choose) -> dict[str, Json]:
    """A schema without `allOf`, `anyOf` and `oneOf`; most of its values fulfil the original.

    Args:
        schema: The schema.
        choose: Picks one of several alternatives.
    """
    result = {key: value for key, value in schema.items() if key not in ("allOf", *_CHOICES)}
    parts = [*cast("list[Json]", schema.get("allOf", []))]
    for key in _CHOICES:
        if options := cast("list[Json]", schema.get(key, [])):
            possible = [option for option in options if option is not False]
            parts.append(choose(possible or options))
    for part in parts:
        if isinstance(part, dict):
            result = _both(result, merged(part, choose))
    return result


def _both(one: dict[str, Json], other: dict[str, Json]) -> dict[str, Json]:
    """One schema for two, keyword by keyword."""
    result = {**one, **other}
    for key in one.keys() & other.keys():
        result[key] = _keyword(key, one[key], other[key])
    return result


def _keyword(key: str, one: Json, other: Json) -> Json:
    """A keyword's value that means that both its values hold."""
    match key, one, other:
        case "properties", dict(), dict():
            both: dict[str, Json] = {**one, **other}
            for name in one.keys() & other.keys():
                both[name] = {"allOf": [one[name], other[name]]}
            return both
        case "required", list(), list():
            return [*one, *(name for name in other if name not in one)]
        case "enum", list(), list():
            return [value for value in one if value in other] or other
        case "type", _, _:
            return _types(one, other)
        case _, int() | float(), int() | float() if key in _LARGER:
            return max(one, other)
        case _, int() | float(), int() | float() if key in _SMALLER:
            return min(one, other)
        case _:
            return other


def _types(one: Json, other: Json) -> Json:
    """The types that both allow; an integer is a number."""
    first: list[Json] = one if isinstance(one, list) else [one]
    second: list[Json] = other if isinstance(other, list) else [other]
    common: list[Json] = [kind for kind in first if kind in second]
    if "integer" in first + second and "number" in first + second and "integer" not in common:
        common.append("integer")
    return common or [*second]
