"""Arrow's nulls, which a table leaves where its rows have different keys: they mean nothing."""

from __future__ import annotations

from collections.abc import Mapping

from tools.types import Json

_NULL_IS_A_VALUE = frozenset({"default", "const", "example"})
_CHOICES = ("anyOf", "oneOf", "allOf")
_LISTED = (*_CHOICES, "prefixItems", "items", "required", "type")


def is_nothing(value: Json) -> bool:
    """Whether it is null, or an object of nulls alone, as which some readers give a null of one."""
    if isinstance(value, dict):  # `{"const": null}` and `{"default": null}` are schemas
        return bool(value.keys() - _NULL_IS_A_VALUE) and all(map(is_nothing, value.values()))
    return value is None


def is_nothing_listed(key: str, value: Json) -> bool:
    """Whether a keyword's list holds nothing but Arrow's nulls, and so says nothing."""
    if key not in _LISTED or not isinstance(value, list):
        return False
    return bool(value) and all(is_empty_place(key, part) for part in value)


def is_empty_place(key: str, part: Json) -> bool:
    """Whether an entry of a keyword's list is null, or among alternatives an object of nulls."""
    return is_nothing(part) if key in _CHOICES else part is None


def is_a_value(key: str, schema: Mapping[str, Json]) -> bool:
    """Whether a null is meant: as a default, or as a constant unless the type forbids it."""
    if key != "const":
        return key in _NULL_IS_A_VALUE
    if any(value is None for name, value in schema.items() if name not in _NULL_IS_A_VALUE):
        return False
    kinds = schema.get("type", "null")
    return "null" in (kinds if isinstance(kinds, list) else [kinds])
