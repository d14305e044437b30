"""Keywords of several words as other libraries write them: `any_of`, `min_items`, `maxlength`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tools.types import Json

_KEYWORDS = """
anyOf oneOf allOf minItems maxItems minLength maxLength minProperties maxProperties minContains
maxContains additionalProperties patternProperties propertyNames uniqueItems multipleOf prefixItems
exclusiveMinimum exclusiveMaximum additionalItems dependentRequired dependentSchemas
"""
_SPELLED: Mapping[str, str] = {word.lower(): word for word in re.findall(r"\w+", _KEYWORDS)}


def spelled(schema: Mapping[str, Json]) -> Mapping[str, Json]:
    """One level of a schema with its keywords as JSON Schema spells them.

    Where a keyword stands in both spellings, JSON Schema's counts.
    """
    names = {key: _SPELLED.get(key.replace("_", "").lower(), key) for key in schema}
    if all(key == name for key, name in names.items()):
        return schema
    return {name: schema.get(name, schema[key]) for key, name in names.items()}
