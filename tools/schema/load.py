"""Making a tool's schema safe to use: references resolved, anything dangerous refused.

Schemas of older drafts, of OpenAPI and of other dialects are read as `tools.schema.drafts` says.
The result is a schema without references and of bounded size. Its patterns have been compiled
once, and its top level is closed: an argument that the schema does not name is refused, unless
the schema says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast
from urllib.parse import unquote

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from tools.jsontext import short
from tools.schema.drafts import KeywordRefused, is_old, map_parts, modern, tidied, tidied_node
from tools.schema.patterns import PatternRefused, compile_pattern
from tools.types import Json, ToolSpec

MAX_DEPTH = 32
"""The largest depth of nested subschemas and values."""
MAX_SUBSCHEMAS = 5_000
"""The most parts of a schema once its references are resolved."""

_DROPPED = frozenset({"$defs", "definitions", "$schema", "$id", "id", "$anchor", "$ref"})
_OF_NULL = frozenset({"nullable", "x-nullable"})
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
    # Arguments are an object whatever OpenAPI's `nullable` says of them.
    schema = {key: value for key, value in spec.parameters.items() if key not in _OF_NULL}
    try:
        resolved = resolved_schema(schema)
    except SchemaRefused as error:
        raise SchemaRefused(f"tool {name}: {error}") from None
    return _close(_require_object(cast("dict[str, Json]", resolved), name))


def resolved_schema(schema: Json) -> Json:
    """Any schema, of any of the dialects that are read, as one of draft 2020-12 without `$ref`.

    Raises:
        SchemaRefused: as `load_schema` does.
    """
    if _is_deeper(schema, MAX_DEPTH):
        raise SchemaRefused(
            f"expected a schema of at most {MAX_DEPTH} levels, got more; flatten it"
        )
    try:
        root = schema if isinstance(schema, dict) else {}
        resolved = _Resolver(root, is_old(root)).resolve(schema, depth=0)
        if not (isinstance(resolved, dict) and _is_plainly_sound(resolved)):
            Draft202012Validator.check_schema(resolved)
    except SchemaError as error:
        where = "/".join(map(str, error.absolute_path)) or "its top level"
        raise SchemaRefused(
            f"expected a JSON schema (draft 2020-12), but at {short(where)}: {short(error.message)}"
        ) from None
    except (KeywordRefused, PatternRefused) as error:
        raise SchemaRefused(str(error)) from None
    return resolved


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
    if not silent or not _OPENING.isdisjoint(schema):
        return schema
    named = cast("dict[str, Json]", schema["properties"])
    # What is required is named, too; without this no call would ever be valid.
    unnamed = [name for name in cast("list[str]", schema.get("required", [])) if name not in named]
    if unnamed:
        schema = {**schema, "properties": {**named, **dict.fromkeys(unnamed, True)}}
    return {**schema, "additionalProperties": False}


@dataclass(slots=True)
class _Resolver:
    """One walk over a schema; it replaces each reference by its target."""

    root: Mapping[str, Json]
    """The whole schema, in which references are looked up."""
    old: bool = False
    """Whether it is of a draft in which nothing beside `$ref` counts."""
    count: int = 0
    """The number of parts so far."""
    open_refs: list[str] = field(default_factory=list)
    """The references that are being resolved, outermost first."""

    def resolve(self, schema: Json, depth: int) -> Json:
        """Returns the schema without references, in the keywords of draft 2020-12."""
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_SUBSCHEMAS:
            raise SchemaRefused(
                f"expected a schema of at most {MAX_DEPTH} levels and {MAX_SUBSCHEMAS} parts with "
                "its references resolved, got more; simplify it"
            )
        if isinstance(schema, str):
            return tidied(schema)
        if not isinstance(schema, dict):
            return schema
        if depth:
            self._check_place(schema)
        node = modern(tidied_node(schema), old=self.old)
        _compile_patterns(node)
        parts = {key: value for key, value in node.items() if key not in _DROPPED}
        plain = map_parts(parts, lambda part: self.resolve(part, depth + 1))
        if "$ref" not in node:
            return plain
        ref = str(node["$ref"])
        target = self._follow(ref, depth)
        if set(plain) <= _ANNOTATIONS:
            return {**target, **plain} if isinstance(target, dict) else target
        if ref.startswith("#/definitions/") and "$schema" not in self.root:
            raise SchemaRefused(
                f"expected nothing beside {short(ref)} or a $schema that names the draft, got "
                f"{short(', '.join(plain))}, which drafts 4 to 7 ignore and later ones do not; use "
                "$defs or name the draft"
            )
        return {**plain, "allOf": [*cast("list[Json]", plain.get("allOf", [])), target]}

    def _check_place(self, schema: Mapping[str, Json]) -> None:
        """Refuses a part with an address of its own, since its references lead elsewhere."""
        for key in ("$id", "id") if self.old else ("$id",):
            named = schema.get(key)
            if (
                isinstance(named, str)
                and not named.startswith("#")
                and _has_reference(dict(schema))
            ):
                raise SchemaRefused(
                    f"the keyword {key!r} is not supported around references inside of a schema; "
                    "copy what they refer to"
                )

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


def _has_reference(value: Json) -> bool:
    if isinstance(value, dict):
        return "$ref" in value or any(map(_has_reference, value.values()))
    return isinstance(value, list) and any(map(_has_reference, value))


def _compile_patterns(schema: Mapping[str, Json]) -> None:
    """Refuses patterns that cannot be matched in linear time."""
    if isinstance(pattern := schema.get("pattern"), str):
        compile_pattern(pattern)
    if isinstance(named := schema.get("patternProperties"), dict):
        for pattern in named:
            compile_pattern(pattern)
