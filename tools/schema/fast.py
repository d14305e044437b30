"""A JSON schema compiled to closures, which say quickly whether a value is valid, but not why.

It knows the keywords that the tools of all data sets and worlds use. `jsonschema` validates any
part of a schema with another keyword, so the verdict on every value is `jsonschema`'s. With
`jsonschema` alone, a step of the environment takes 1.15 to 1.5 times as long; with jsonschema-rs it
takes as long as with this module (`python -m benchmarks.validation`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, cast

from tools.jsontext import canonical
from tools.schema.patterns import MAX_MATCHED, compile_pattern
from tools.schema.strict import StrictValidator, is_number
from tools.types import Json

Check: TypeAlias = Callable[[Json], bool]


def compile_check(schema: Json) -> Check:
    """Compiles a schema.

    Args:
        schema: A schema without references, as `tools.schema.load` returns it.
    """
    if not isinstance(schema, dict):
        return lambda value: bool(schema)
    if not StrictValidator.VALIDATORS.keys() & schema.keys() <= _COMPILERS.keys():
        return cast("Check", StrictValidator(schema).is_valid)
    compilers = dict.fromkeys(_COMPILERS[key] for key in _COMPILERS if key in schema)
    return _all_of([compiler(schema) for compiler in compilers])


def _all_of(checks: list[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]

    def check(value: Json) -> bool:
        for part in checks:  # noqa: SIM110 - a generator would cost half of the time
            if not part(value):
                return False
        return True

    return check


def _any_of(checks: list[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]

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
    "number": is_number,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def _type(schema: Mapping[str, Json]) -> Check:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return _any_of([_TYPES[str(kind)] for kind in kinds])


def _enum(schema: Mapping[str, Json]) -> Check:
    """Equality as JSON defines it: 1 equals 1.0, but not true."""
    values = cast("list[Json]", schema["enum"])
    strings = frozenset(value for value in values if isinstance(value, str))
    texts = frozenset(map(canonical, values))
    return lambda value: value in strings if isinstance(value, str) else canonical(value) in texts


def _object(schema: Mapping[str, Json]) -> Check:
    properties = cast("dict[str, Json]", schema.get("properties", {}))
    named = {name: compile_check(part) for name, part in properties.items()}
    needed = tuple(cast("list[str]", schema.get("required", [])))
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


def _items(schema: Mapping[str, Json]) -> Check:
    item = compile_check(schema["items"])
    return lambda value: not isinstance(value, list) or all(map(item, value))


def _minimum(schema: Mapping[str, Json]) -> Check:
    low = cast("float", schema["minimum"])
    return lambda value: not is_number(value) or value >= low


def _maximum(schema: Mapping[str, Json]) -> Check:
    high = cast("float", schema["maximum"])
    return lambda value: not is_number(value) or value <= high


def _pattern(schema: Mapping[str, Json]) -> Check:
    search = compile_pattern(str(schema["pattern"]))
    return lambda value: not isinstance(value, str) or (len(value) <= MAX_MATCHED and search(value))


_COMPILERS: Mapping[str, Callable[[Mapping[str, Json]], Check]] = {
    "type": _type,
    "enum": _enum,
    **dict.fromkeys(("properties", "required", "additionalProperties"), _object),
    "items": _items,
    "minimum": _minimum,
    "maximum": _maximum,
    "pattern": _pattern,
    "anyOf": lambda schema: _any_of(list(map(compile_check, cast("list[Json]", schema["anyOf"])))),
}
