"""Schemas of other dialects, keyword by keyword, as draft 2020-12 says the same.

Known are drafts 4 to 2019-09, OpenAPI's and Swagger's additions, names of types as programming
languages have them, and what Arrow leaves where rows of one table have different keys: nulls. A
keyword that would change what is valid and is not known is refused by name.

| written | read as |
|---|---|
| `any_of`, `min_items`, `maxlength` | the keyword as JSON Schema spells it |
| `dependencies` | `dependentRequired` and `dependentSchemas` |
| `items` as a list, `additionalItems` | `prefixItems`, `items` |
| `exclusiveMinimum: true` beside `minimum` | `exclusiveMinimum` alone; the same of the maximum |
| `divisibleBy` | `multipleOf` |
| `required: true` in a property | the property among its object's `required` |
| `nullable: true` | null is valid, too, whatever else the schema says |
| `type: "str"`, `"List[int]"`, `"STRING"` | what `tools.schema.type_names` says |
| a keyword or a property that is null | nothing; a property that is required may be anything |
| `discriminator` beside `oneOf` or `anyOf` | nothing, as the alternatives say what is valid |
| anything beside `$ref`, where `$schema` names draft 3 to 7 | nothing, as those drafts have it |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from tools.jsontext import short
from tools.schema.nulls import is_a_value, is_empty_place, is_nothing, is_nothing_listed
from tools.schema.spelling import spelled
from tools.schema.type_names import JSON_TYPES, type_named, union
from tools.types import Json

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

_OLD_MAPS = ("$defs", "definitions", "dependencies")
_HOSTS = ("json-schema.org", "spec.openapis.org", "swagger.io")
"""Who publishes the dialects that are read."""
_OLD_DRAFTS = ("/draft-03/", "/draft-04/", "/draft-05/", "/draft-06/", "/draft-07/")
"""In these, nothing beside `$ref` counts."""
REFUSED: Mapping[str, str] = {
    **dict.fromkeys(
        ("unevaluatedProperties", "unevaluatedItems"), "use additionalProperties or items"
    ),
    **dict.fromkeys(("$dynamicRef", "$recursiveRef"), "use $ref"),
    "disallow": "use not",
    "extends": "use allOf",
}
"""Keyword -> what to use in its place."""
_ANNOTATIONS: Mapping[str, type] = {
    **dict.fromkeys(("title", "description", "$comment", "format"), str),
    **dict.fromkeys(("contentEncoding", "contentMediaType", "$anchor", "$id", "id"), str),
    **dict.fromkeys(("deprecated", "readOnly", "writeOnly"), bool),
    "examples": list,
}
"""Keywords that say nothing of what is valid, and the form that draft 2020-12 asks of them."""
_CHOICES = ("oneOf", "anyOf")


class KeywordRefused(ValueError):
    """A keyword that is not supported; the message says what to use in its place."""


def tidied(schema: Json) -> Json:
    """The schema without Arrow's nulls and with JSON Schema's names of types, on all levels.

    Dialects aside it says the same; a schema that has neither comes back as it is. A bare name of a
    type is its schema.
    """
    if isinstance(schema, str) and (named := type_named(schema)) is not None:
        return dict(named)
    return map_parts(tidied_node(schema), tidied) if isinstance(schema, dict) else schema


def map_parts(schema: Mapping[str, Json], change: Callable[[Json], Json]) -> dict[str, Json]:
    """The schema with each schema inside it changed."""
    changed: dict[str, Json] = {}
    for key, value in schema.items():
        if (key in MAPS or key in _OLD_MAPS) and isinstance(value, dict):
            # What depends on a name may be a name, which is no type's.
            changed[key] = {
                name: part if key == "dependencies" and isinstance(part, str) else change(part)
                for name, part in value.items()
            }
        elif (key in LISTS or key == "items") and isinstance(value, list):
            changed[key] = [change(part) for part in value]
        elif key in SINGLES or key == "additionalItems":
            changed[key] = change(value)
        else:
            changed[key] = value
    return changed


def tidied_node(schema: Mapping[str, Json]) -> dict[str, Json]:
    """One level of `tidied`."""
    schema = spelled(schema)
    needed = schema.get("required")
    required = needed if isinstance(needed, list) else []
    plain: dict[str, Json] = {}
    for key, value in schema.items():
        if value is None or (key in (*SINGLES, "additionalItems") and is_nothing(value)):
            if is_a_value(key, schema):
                plain[key] = value
        elif key == "properties" and isinstance(value, dict):
            plain[key] = {
                name: {} if is_nothing(part) else part
                for name, part in value.items()
                if not is_nothing(part) or name in required
            }
        elif (key in MAPS or key in _OLD_MAPS) and isinstance(value, dict):
            plain[key] = {name: part for name, part in value.items() if not is_nothing(part)}
        elif key in (*LISTS, "items", "required", "type") and isinstance(value, list):
            if not is_nothing_listed(key, value):
                plain[key] = [part for part in value if not is_empty_place(key, part)]
        elif isinstance(value, _ANNOTATIONS.get(key, object)):
            plain[key] = value
    found = _with_needed(_with_type(plain))
    return {} if is_nothing(found) else found


def _with_type(schema: dict[str, Json]) -> dict[str, Json]:
    """With a type that JSON Schema knows, where its name can be read."""
    kind = schema.get("type")
    names = [kind] if isinstance(kind, str) else kind if isinstance(kind, list) else []
    if not names or all(name in JSON_TYPES for name in names):
        return schema
    rest = {key: value for key, value in schema.items() if key != "type"}
    if names == ["enum"] and "enum" in rest:
        return rest
    found = union([type_named(name) if isinstance(name, str) else None for name in names])
    if found is None:
        return schema  # the check of the schema names it
    if found.keys().isdisjoint(rest):
        return {**found, **rest}
    if found.keys() & rest.keys() == {"items"}:  # written out, they say more than the name does
        return {**found, **rest}
    others = rest.get("allOf")
    return {**rest, "allOf": [*(others if isinstance(others, list) else []), found]}


def _with_needed(schema: dict[str, Json]) -> dict[str, Json]:
    """With a list of the required properties, where each says of itself whether it is."""
    if isinstance(schema.get("required"), bool):
        schema = {key: value for key, value in schema.items() if key != "required"}
    parts = schema.get("properties")
    if not isinstance(parts, dict):
        return schema
    marked = [
        name
        for name, part in parts.items()
        if isinstance(part, dict) and part.get("required") is True
    ]
    if not marked:
        return schema
    listed = schema.get("required")
    known = list(listed) if isinstance(listed, list) else []
    # The marks go as well, so that a second reading finds nothing to do.
    own = {
        name: {k: v for k, v in part.items() if k != "required"}
        if isinstance(part, dict) and name in marked
        else part
        for name, part in parts.items()
    }
    needed: list[Json] = [*known, *(name for name in marked if name not in known)]
    return {**schema, "properties": own, "required": needed}


def is_old(schema: Mapping[str, Json]) -> bool:
    """Whether a schema says that it is of draft 3 to 7.

    Raises:
        KeywordRefused: if its dialect is one that somebody made up.
    """
    named = schema.get("$schema")
    if not isinstance(named, str):
        return False
    host = urlsplit(named).hostname or ""
    if host and not host.endswith(_HOSTS):
        raise KeywordRefused(
            f"expected $schema to name a draft of JSON Schema or OpenAPI, got {short(named)}; "
            "nothing is known of its keywords, so name a draft"
        )
    return any(draft in named for draft in _OLD_DRAFTS)


def modern(schema: Mapping[str, Json], *, old: bool = False) -> dict[str, Json]:
    """One level of a schema in the keywords of draft 2020-12.

    Args:
        schema: A level, tidied.
        old: Whether its `$schema` names a draft in which nothing beside `$ref` counts.

    Raises:
        KeywordRefused: for a keyword that changes what is valid and has no other form.
    """
    for key, instead in REFUSED.items():
        if key in schema:
            raise KeywordRefused(f"the keyword {key!r} is not supported; {instead}")
    if old and "$ref" in schema:
        return {"$ref": schema["$ref"]}
    found = _items(_bounds(dict(schema)))
    found = _nullable(_dependencies(found))
    if found.pop("discriminator", None) is not None and found.keys().isdisjoint(_CHOICES):
        raise KeywordRefused(
            "the keyword 'discriminator' is not supported without oneOf or anyOf; list the "
            "alternatives"
        )
    return found


def _bounds(schema: dict[str, Json]) -> dict[str, Json]:
    for strict, loose in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(strict), bool) and schema.pop(strict) and loose in schema:
            schema[strict] = schema.pop(loose)
    if "divisibleBy" in schema:
        schema.setdefault("multipleOf", schema.pop("divisibleBy"))
        schema.pop("divisibleBy", None)
    return schema


def _items(schema: dict[str, Json]) -> dict[str, Json]:
    more = schema.pop("additionalItems", None)
    first = schema.get("items")
    if not isinstance(first, list):
        return schema
    if "prefixItems" in schema:
        raise KeywordRefused("expected prefixItems or a list of items, got both; keep prefixItems")
    del schema["items"]
    if first:
        schema["prefixItems"] = first
    if more is not None:
        schema["items"] = more
    return schema


def _dependencies(schema: dict[str, Json]) -> dict[str, Json]:
    found = schema.pop("dependencies", None)
    if found is None:
        return schema
    if not isinstance(found, dict):
        raise KeywordRefused(f"expected dependencies as an object, got {short(found)}; mend it")
    for name, needs in found.items():
        names: Json = [needs] if isinstance(needs, str) else needs
        kind = "dependentRequired" if isinstance(names, list) else "dependentSchemas"
        known = schema.get(kind, {})
        if not isinstance(known, dict) or name in known:
            raise KeywordRefused(f"expected dependencies or {kind} of {short(name)}, got both")
        schema[kind] = {**known, name: names}
    return schema


def _nullable(schema: dict[str, Json]) -> dict[str, Json]:
    """With null among the valid values, where OpenAPI 3.0 or Swagger 2 says so.

    OpenAPI 3.0.3 wants null in an `enum`, too. Most tools leave it out there and mean it, so that
    it is not asked for.
    """
    marks = [schema.pop(name, None) for name in ("nullable", "x-nullable")]
    if odd := [mark for mark in marks if mark is not None and not isinstance(mark, bool)]:
        raise KeywordRefused(f"expected nullable as true or false, got {short(odd[0])}; mend it")
    if True not in marks:
        return schema
    kinds, values = schema.get("type"), schema.get("enum")
    if not schema.keys().isdisjoint(("$ref", "anyOf", "oneOf", "allOf", "not", "if", "const")):
        about: dict[str, Json] = {
            key: schema.pop(key) for key in ("title", "description") if key in schema
        }
        return {**about, "anyOf": [schema, {"type": "null"}]}
    if isinstance(kinds, str | list):
        listed: list[Json] = kinds if isinstance(kinds, list) else [kinds]
        schema["type"] = listed if "null" in listed else [*listed, "null"]
    if isinstance(values, list) and None not in values:
        schema["enum"] = [*values, None]
    return schema
