"""Making a tool's schema safe to use: references resolved, anything dangerous refused.

The result is a schema without references and of bounded size. Its patterns have been compiled
once, and its top level is closed: an argument that the schema does not name is refused, unless
the schema says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast
from urllib.parse import unquote

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from tools.jsontext import short
from tools.schema.patterns import PatternRefused, compile_pattern
from tools.types import Json, ToolSpec

MAX_DEPTH = 32
"""The largest depth of nested subschemas and values."""
MAX_SUBSCHEMAS = 5_000
"""The most parts of a schema once its references are resolved."""

MAPS = ("properties", "patternProperties", "dependentSchemas")
"""Keywords whose value maps names to schemas."""
LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
"""Keywords whose value is a list of schemas."""
SINGLES = (
    "items",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
)
"""Keywords whose value is a schema."""
_REFUSED = ("unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$recursiveRef")
_DROPPED = frozenset({"$defs", "definitions", "$schema", "$id", "$anchor", "$ref"})
_ANNOTATIONS = frozenset({"title", "description", "default", "examples", "deprecated", "$comment"})
_OPENING = frozenset({"allOf", "anyOf", "oneOf", "if", "dependentSchemas", "patternProperties"})
"""Keywords that stand in for `properties`: with one of them at the top, the schema stays open."""


class SchemaRefused(ValueError):
    """A tool set that cannot be used safely; the message says what to change."""


def load_schema(spec: ToolSpec) -> dict[str, Json]:
    """Checks a tool's schema and resolves its references.

    Args:
        spec: The tool.

    Returns:
        An equivalent JSON schema (draft 2020-12) of type `object` without `$ref`, closed at the
        top level.

    Raises:
        SchemaRefused: if it is not a schema, not one of an object, too deep or too large; or if it
            has a reference that is cyclic or leads out of the schema, a pattern that cannot be
            matched safely, or a keyword that is not supported.
    """
    name = short(spec.name)
    schema = dict(spec.parameters)
    if _is_deeper(schema, MAX_DEPTH):
        raise SchemaRefused(
            f"tool {name}: expected a schema of at most {MAX_DEPTH} levels, got more; flatten it"
        )
    try:
        if not _is_plainly_sound(schema):
            Draft202012Validator.check_schema(schema)
        resolved = _Resolver(schema).resolve(schema, depth=0)
    except SchemaError as error:
        where = "/".join(map(str, error.absolute_path)) or "its top level"
        raise SchemaRefused(
            f"tool {name}: expected a JSON schema (draft 2020-12), but at {short(where)}: "
            f"{short(error.message)}"
        ) from None
    except (SchemaRefused, PatternRefused) as error:
        raise SchemaRefused(f"tool {name}: {error}") from None
    return _close(_require_object(cast("dict[str, Json]", resolved), name))


def _is_plainly_sound(schema: Mapping[str, Json]) -> bool:
    """Whether it has only required arguments whose schemas have passed the full check before.

    The full check takes milliseconds, and the tools of thousands of domains differ only in names.
    """
    if set(schema) != {"type", "properties", "required"} or schema["type"] != "object":
        return False
    parts, required = schema["properties"], schema["required"]
    if not isinstance(parts, dict) or not isinstance(required, list):
        return False
    names = [name for name in required if isinstance(name, str)]
    if len(set(names)) != len(required):
        return False
    return all(_is_sound_part(json.dumps(part)) for part in parts.values())


@lru_cache(maxsize=4096)
def _is_sound_part(text: str) -> bool:
    try:
        Draft202012Validator.check_schema(json.loads(text))
    except SchemaError:
        return False
    return True


def _is_deeper(value: Json, levels: int) -> bool:
    """Whether objects and lists nest deeper than `levels`."""
    level: list[Json] = [value]
    for _ in range(2 * levels):
        level = [
            child
            for item in level
            if isinstance(item, (dict, list))
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
        if len(level) > 20 * MAX_SUBSCHEMAS:
            return True
    return True


def _require_object(schema: dict[str, Json], name: str) -> dict[str, Json]:
    kind = schema.get("type", "object")
    if kind not in ("object", ["object"]):
        raise SchemaRefused(
            f"tool {name}: expected parameters of type 'object', got {short(kind)}; arguments are "
            "always an object"
        )
    return {**schema, "type": "object"}


def _close(schema: dict[str, Json]) -> dict[str, Json]:
    """Forbids arguments that the schema does not name, unless the schema itself covers them."""
    silent = "properties" in schema and "additionalProperties" not in schema
    if silent and _OPENING.isdisjoint(schema):
        return {**schema, "additionalProperties": False}
    return schema


@dataclass(slots=True)
class _Resolver:
    """One walk over a schema; it replaces each reference by its target."""

    root: Mapping[str, Json]
    """The whole schema, in which references are looked up."""
    count: int = 0
    """The number of parts so far."""
    open_refs: list[str] = field(default_factory=list)
    """The references that are being resolved, outermost first."""

    def resolve(self, schema: Json, depth: int) -> Json:
        """Returns the schema without references."""
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_SUBSCHEMAS:
            raise SchemaRefused(
                f"expected a schema of at most {MAX_DEPTH} levels and {MAX_SUBSCHEMAS} parts with "
                "its references resolved, got more; simplify it"
            )
        if not isinstance(schema, dict):
            return schema
        _check_keywords(schema)
        plain = self._resolve_parts(schema, lambda part: self.resolve(part, depth + 1))
        if "$ref" not in schema:
            return plain
        target = self._follow(str(schema["$ref"]), depth)
        if set(plain) <= _ANNOTATIONS:
            return {**target, **plain} if isinstance(target, dict) else target
        return {**plain, "allOf": [*cast("list[Json]", plain.get("allOf", [])), target]}

    def _resolve_parts(
        self, schema: Mapping[str, Json], resolve: Callable[[Json], Json]
    ) -> dict[str, Json]:
        """The schema's own keywords, with the schemas inside them resolved."""
        plain: dict[str, Json] = {}
        for key, value in schema.items():
            if key in _DROPPED:
                continue
            if key in MAPS and isinstance(value, dict):
                plain[key] = {name: resolve(part) for name, part in value.items()}
            elif key in LISTS and isinstance(value, list):
                plain[key] = [resolve(part) for part in value]
            else:
                plain[key] = resolve(value) if key in SINGLES else value
        return plain

    def _follow(self, ref: str, depth: int) -> Json:
        """Returns a reference's target, itself without references."""
        if ref in self.open_refs:
            raise SchemaRefused(
                f"expected references without cycles, got {short(ref)} inside of itself; write the "
                "levels out"
            )
        self.open_refs.append(ref)
        found = self.resolve(self._look_up(ref), depth + 1)
        self.open_refs.pop()
        return found

    def _look_up(self, ref: str) -> Json:
        """Finds a JSON pointer's target in the schema itself; nothing is ever fetched."""
        if ref != "#" and not ref.startswith("#/"):
            raise SchemaRefused(
                f"expected references into the schema itself, like '#/$defs/NAME', got "
                f"{short(ref)}; nothing is fetched, so copy it into $defs"
            )
        found: Json = dict(self.root)
        for step in ref.split("/")[1:]:
            key = unquote(step).replace("~1", "/").replace("~0", "~")
            if isinstance(found, list) and key.isdecimal() and int(key) < len(found):
                found = found[int(key)]
            elif isinstance(found, dict) and key in found:
                found = found[key]
            else:
                raise SchemaRefused(f"the reference {short(ref)} leads nowhere; add its target")
        if not isinstance(found, (dict, bool)):
            raise SchemaRefused(f"expected a schema at {short(ref)}, got {short(found)}")
        return found


def _check_keywords(schema: Mapping[str, Json]) -> None:
    """Refuses keywords that are not supported, and compiles the patterns."""
    for key in _REFUSED:
        if key in schema:
            raise SchemaRefused(f"the keyword {key!r} is not supported; use additionalProperties")
    if isinstance(pattern := schema.get("pattern"), str):
        compile_pattern(pattern)
    if isinstance(named := schema.get("patternProperties"), dict):
        for pattern in named:
            compile_pattern(pattern)
