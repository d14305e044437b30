"""A JSON schema compiled to closures: says quickly whether a value is valid, not why not.

It agrees with `jsonschema` on every value; keywords that it does not know are left to
`jsonschema` itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, cast

from tools.jsontext import canonical
from tools.schema.patterns import MAX_MATCHED, compile_pattern
from tools.schema.strict import StrictValidator, is_multiple, is_number, is_unique
from tools.types import Json

Check: TypeAlias = Callable[[Json], bool]

_KNOWN = frozenset(
    {
        *("type", "enum", "const", "anyOf", "allOf"),
        *("properties", "required", "additionalProperties"),
        *("items", "minItems", "maxItems", "uniqueItems"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minLength", "maxLength", "pattern"),
    }
)
_KEYWORDS = frozenset(StrictValidator.VALIDATORS)


def compile_check(schema: Json) -> Check:
    """Compiles a schema.

    Args:
        schema: A schema as `tools.schema.load` returns it: without references.
    """
    if not isinstance(schema, dict):
        return _always if schema else _never
    if not _KEYWORDS.intersection(schema) <= _KNOWN:
        return cast("Check", StrictValidator(schema).is_valid)
    checks = [
        *_value_checks(schema),
        *_bound_checks(schema),
        *_container_checks(schema),
        *_combined_checks(schema),
    ]
    return _all_of(checks)


def _always(value: Json) -> bool:
    return True


def _never(value: Json) -> bool:
    return False


def _all_of(checks: list[Check]) -> Check:
    if not checks:
        return _always
    if len(checks) == 1:
        return checks[0]

    def check(value: Json) -> bool:
        for part in checks:  # noqa: SIM110 - a generator would cost half of the time
            if not part(value):
                return False
        return True

    return check


def _any_of(checks: list[Check]) -> Check:
    def check(value: Json) -> bool:
        for part in checks:  # noqa: SIM110 - a generator would cost half of the time
            if part(value):
                return True
        return False

    return check


def _is_integer(value: Json) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


_TYPES: Mapping[str, Check] = {
    "string": lambda value: isinstance(value, str),
    "integer": _is_integer,
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def _value_checks(schema: Mapping[str, Json]) -> list[Check]:
    """What type and which values."""
    checks: list[Check] = []
    if "type" in schema:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        options = [_TYPES[str(kind)] for kind in kinds]
        checks.append(options[0] if len(options) == 1 else _any_of(options))
    if isinstance(values := schema.get("enum"), list):
        checks.append(_one_of(values))
    if "const" in schema:
        checks.append(_one_of([schema["const"]]))
    return checks


def _one_of(values: list[Json]) -> Check:
    """Equality as JSON has it: 1 is 1.0 and is not true."""
    strings = frozenset(value for value in values if isinstance(value, str))
    others = frozenset(canonical(value) for value in values if not isinstance(value, str))
    if not others:
        return lambda value: isinstance(value, str) and value in strings
    return lambda value: value in strings if isinstance(value, str) else canonical(value) in others


def _bound_checks(schema: Mapping[str, Json]) -> list[Check]:
    """How large a number, how long a text."""
    checks: list[Check] = []
    if is_number(low := schema.get("minimum")):
        checks.append(lambda value: not is_number(value) or value >= low)
    if is_number(high := schema.get("maximum")):
        checks.append(lambda value: not is_number(value) or value <= high)
    if is_number(above := schema.get("exclusiveMinimum")):
        checks.append(lambda value: not is_number(value) or value > above)
    if is_number(below := schema.get("exclusiveMaximum")):
        checks.append(lambda value: not is_number(value) or value < below)
    if is_number(step := schema.get("multipleOf")):
        checks.append(lambda value: not is_number(value) or is_multiple(value, step))
    return checks + _text_checks(schema)


def _text_checks(schema: Mapping[str, Json]) -> list[Check]:
    checks: list[Check] = []
    if is_number(least := schema.get("minLength")):
        checks.append(lambda value: not isinstance(value, str) or len(value) >= least)
    if is_number(most := schema.get("maxLength")):
        checks.append(lambda value: not isinstance(value, str) or len(value) <= most)
    if isinstance(pattern := schema.get("pattern"), str):
        search = compile_pattern(pattern)
        checks.append(
            lambda value: (
                not isinstance(value, str) or (len(value) <= MAX_MATCHED and search(value))
            )
        )
    return checks


def _container_checks(schema: Mapping[str, Json]) -> list[Check]:
    """What stands in a list or an object."""
    checks: list[Check] = []
    if is_number(least := schema.get("minItems")):
        checks.append(lambda value: not isinstance(value, list) or len(value) >= least)
    if is_number(most := schema.get("maxItems")):
        checks.append(lambda value: not isinstance(value, list) or len(value) <= most)
    if "items" in schema:
        item = compile_check(schema["items"])
        checks.append(lambda value: not isinstance(value, list) or all(map(item, value)))
    if schema.get("uniqueItems"):
        checks.append(lambda value: not isinstance(value, list) or is_unique(value))
    if {"properties", "required", "additionalProperties"} & schema.keys():
        checks.append(_object_check(schema))
    return checks


def _object_check(schema: Mapping[str, Json]) -> Check:
    properties, required = schema.get("properties"), schema.get("required")
    parts = properties if isinstance(properties, dict) else {}
    named = {name: compile_check(part) for name, part in parts.items()}
    needed = tuple(map(str, required)) if isinstance(required, list) else ()
    other = compile_check(schema.get("additionalProperties", True))

    def check(value: Json) -> bool:
        if not isinstance(value, dict):
            return True
        for name in needed:
            if name not in value:
                return False
        for name, item in value.items():  # noqa: SIM110 - a generator would cost half of the time
            if not named.get(name, other)(item):
                return False
        return True

    return check


def _combined_checks(schema: Mapping[str, Json]) -> list[Check]:
    checks: list[Check] = []
    if isinstance(options := schema.get("anyOf"), list):
        checks.append(_any_of([compile_check(option) for option in options]))
    if isinstance(parts := schema.get("allOf"), list):
        checks.append(_all_of([compile_check(part) for part in parts]))
    return checks
