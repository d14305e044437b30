"""Names of types as people write them: Python's, TypeScript's, Java's, numpy's docstrings'.

`str`, `List[int]`, `Optional[str]`, `Dict[str, float]`, `int or str`, `string[]`, `list of str`,
`str, optional`: each is a JSON schema, or none that this module knows.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import lru_cache

from tools.types import Json

JSON_TYPES = ("string", "integer", "number", "boolean", "null", "array", "object")
"""The names that JSON Schema itself has."""
MAX_LENGTH = 200
"""A longer name is none."""


def _named(schema: dict[str, Json], names: str) -> dict[str, dict[str, Json]]:
    return dict.fromkeys(names.split(), schema)


_SIMPLE: Mapping[str, dict[str, Json]] = {
    **{name: {"type": name} for name in JSON_TYPES},
    **_named(
        {"type": "string"},
        "str text char character varchar date datetime datetime.date datetime.datetime time "
        "datetime.time timestamp email uuid uuid.uuid url uri path bytes",
    ),
    **_named({"type": "integer"}, "int long short byte int32 int64 bigint"),
    **_named({"type": "number"}, "float double decimal decimal.decimal num float32 float64 real"),
    **_named({"type": "boolean"}, "bool"),
    **_named({"type": "null"}, "none nonetype void undefined"),
    **_named({"type": "array"}, "list sequence iterable collection tuple arraylist vector"),
    **_named({"type": "array", "uniqueItems": True}, "set frozenset"),
    **_named({"type": "object"}, "dict dictionary mapping map hashmap record struct"),
    **_named({}, "any unknown"),
}
_LISTS = frozenset(["list", "sequence", "iterable", "collection", "array", "arraylist", "vector"])
_SETS = frozenset(["set", "frozenset"])
_MAPS = frozenset(["dict", "dictionary", "mapping", "map", "hashmap", "record"])
_OPTIONAL = re.compile(r"(?:\s*,\s*|\s+)\(?optional\)?\s*$|^optional\s+", re.IGNORECASE)
_GENERIC = re.compile(r"([A-Za-z_][\w.]*)\s*[\[<](.*)[\]>]", re.DOTALL)
_LIST_OF = re.compile(r"(?:list|array|sequence)\s+of\s+(.+)", re.IGNORECASE | re.DOTALL)


def is_optional(name: str) -> bool:
    """Whether a type's name says that its argument may be left out: `str, optional`."""
    return bool(_OPTIONAL.search(name)) or _head(name) == "optional"


@lru_cache(maxsize=1024)
def type_named(name: str) -> dict[str, Json] | None:
    """The schema of a type's name; None if it is none, or no JSON value can be of that type.

    >>> type_named("List[int]")
    {'type': 'array', 'items': {'type': 'integer'}}
    >>> type_named("Optional[str]")
    {'type': ['string', 'null']}
    """
    if len(name) > MAX_LENGTH:
        return None
    text = _OPTIONAL.sub("", name.strip()).strip().strip("\"'`").strip()
    parts = _split(text.replace(" or ", "|"), "|")
    if len(parts) > 1:
        return union([type_named(part) for part in parts])
    if known := _SIMPLE.get(text.lower().removeprefix("typing.")):
        return dict(known)
    if text.lower().removeprefix("typing.") in ("any", "unknown"):
        return {}
    if text.endswith("[]"):
        return _list_of(type_named(text[:-2]))
    if found := _LIST_OF.fullmatch(text):
        inner = found[1].strip()
        return _list_of(type_named(inner) or type_named(inner.removesuffix("s")))
    if found := _GENERIC.fullmatch(text):
        return _generic(found[1].lower().removeprefix("typing."), found[2])
    return None


def union(parts: list[dict[str, Json] | None]) -> dict[str, Json] | None:
    """The schema of a value that is of one of several types; None if one of them is unknown."""
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or not known:
        return None
    if {} in known:
        return {}
    if all(part.keys() == {"type"} for part in known):
        names: list[Json] = []
        for part in known:
            kinds = part["type"] if isinstance(part["type"], list) else [part["type"]]
            names += [kind for kind in kinds if kind not in names]
        return {"type": names[0] if len(names) == 1 else names}
    return known[0] if len(known) == 1 else {"anyOf": [*known]}


def _head(name: str) -> str:
    found = _GENERIC.fullmatch(name.strip())
    return found[1].lower().removeprefix("typing.") if found else ""


def _generic(head: str, inner: str) -> dict[str, Json] | None:
    parts = _split(inner, ",")
    if head == "optional":
        return union([type_named(inner), {"type": "null"}])
    if head == "union":
        return union([type_named(part) for part in parts])
    if head == "literal":
        return _literal(inner)
    if head == "annotated":
        return type_named(parts[0])
    if head in _LISTS:
        return _list_of(type_named(inner))
    if head in _SETS:
        found = _list_of(type_named(inner))
        return None if found is None else {**found, "uniqueItems": True}
    if head == "tuple":
        return _tuple(parts)
    if head in _MAPS:
        return _map(parts)
    return None


def _list_of(item: dict[str, Json] | None) -> dict[str, Json] | None:
    return None if item is None else {"type": "array", "items": item} if item else {"type": "array"}


def _tuple(parts: list[str]) -> dict[str, Json] | None:
    if len(parts) == 2 and parts[1] == "...":
        return _list_of(type_named(parts[0]))
    items: list[Json] = []
    for part in parts:
        if (item := type_named(part)) is None:
            return None
        items.append(item)
    size = len(items)
    return {"type": "array", "prefixItems": items, "minItems": size, "maxItems": size}


def _map(parts: list[str]) -> dict[str, Json] | None:
    value = type_named(parts[-1])
    if len(parts) != 2 or value is None:
        return None
    return {"type": "object", "additionalProperties": value} if value else {"type": "object"}


def _literal(inner: str) -> dict[str, Json] | None:
    try:
        values = ast.literal_eval(f"[{inner}]")
    except (ValueError, SyntaxError):
        return None
    plain = all(value is None or isinstance(value, str | int | float | bool) for value in values)
    return {"enum": values} if plain and values else None


def _split(text: str, separator: str) -> list[str]:
    """The parts between separators that stand in no brackets."""
    parts, depth, start = [], 0, 0
    for place, char in enumerate(text):
        depth += (char in "[<({") - (char in "]>)}")
        if char == separator and depth == 0:
            parts.append(text[start:place].strip())
            start = place + 1
    return [*parts, text[start:].strip()]
