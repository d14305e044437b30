"""`jsonschema`'s validator, with the keywords that could hang or raise replaced by safe ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol, TypeGuard

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from tools.jsontext import canonical, short
from tools.schema.patterns import MAX_MATCHED, compile_pattern
from tools.types import Json

TOO_LARGE = "too_large"
"""The failed keyword of a text that is too long to be matched by a pattern."""

Errors = Iterator[ValidationError]


class _Validator(Protocol):
    """The part of the calling validator that the keyword functions use."""

    def descend(self, instance: Json, schema: Json, *, path: str, schema_path: str) -> Errors: ...


def is_number(value: Json) -> TypeGuard[int | float]:
    """Whether a value is a number in JSON, where true is not a number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def exact(value: int | float) -> Fraction:
    """A JSON number's exact value, read from its decimals: 0.1 is a tenth."""
    return Fraction(value) if isinstance(value, int) else Fraction(repr(value))


def _pattern(validator: _Validator, pattern: str, value: Json, schema: Json) -> Errors:
    if not isinstance(value, str):
        return
    if len(value) > MAX_MATCHED:
        yield ValidationError(f"longer than {MAX_MATCHED} characters", validator=TOO_LARGE)
    elif not compile_pattern(pattern)(value):
        yield ValidationError(f"does not match {short(pattern)}")


def _pattern_properties(
    validator: _Validator, patterns: Mapping[str, Json], value: Json, schema: Json
) -> Errors:
    if not isinstance(value, dict):
        return
    for pattern, part in patterns.items():
        for name, item in value.items():
            if len(name) > MAX_MATCHED:
                yield ValidationError("a name that is too long", validator=TOO_LARGE)
            elif compile_pattern(pattern)(name):
                yield from validator.descend(item, part, path=name, schema_path=pattern)


def _additional_properties(
    validator: _Validator, allowed: Json, value: Json, schema: Mapping[str, Json]
) -> Errors:
    if not isinstance(value, dict):
        return
    for name in _unnamed(value, schema):
        if allowed is False:
            yield ValidationError(f"{short(name)} is not named by the schema")
        else:
            yield from validator.descend(value[name], allowed, path=name, schema_path=name)


def _unnamed(value: Mapping[str, Json], schema: Mapping[str, Json]) -> Iterator[str]:
    """The names in an object that neither `properties` nor `patternProperties` cover."""
    named, patterns = schema.get("properties"), schema.get("patternProperties")
    for name in value:
        if isinstance(named, dict) and name in named:
            continue
        matched = isinstance(patterns, dict) and any(
            len(name) <= MAX_MATCHED and compile_pattern(pattern)(name) for pattern in patterns
        )
        if not matched:
            yield name


def _multiple_of(validator: _Validator, step: Json, value: Json, schema: Json) -> Errors:
    if is_number(value) and is_number(step) and exact(value) % exact(step) != 0:
        yield ValidationError(f"not a multiple of {step}")


def _unique_items(validator: _Validator, wanted: Json, value: Json, schema: Json) -> Errors:
    if wanted and isinstance(value, list) and len(set(map(canonical, value))) < len(value):
        yield ValidationError("has equal items")


if TYPE_CHECKING:
    StrictValidator = Draft202012Validator
else:
    StrictValidator = extend(
        Draft202012Validator,
        {
            "pattern": _pattern,
            "patternProperties": _pattern_properties,
            "additionalProperties": _additional_properties,
            "multipleOf": _multiple_of,
            "uniqueItems": _unique_items,
        },
    )
