"""Random calls that the tools' schemas accept."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar, cast

import numpy as np

from tools.jsontext import canonical
from tools.sampling.merge import merged
from tools.sampling.text import sample_text
from tools.schema.load import load_schema
from tools.schema.size import MAX_VALUES
from tools.schema.strict import exact, is_number
from tools.schema.toolbox import Toolbox
from tools.types import Json, ToolCall, ToolSpec

T = TypeVar("T")

_TRIES = 20
"""The number of random values that are tried before the plainest one."""
_SPAN = 100
"""The largest distance of a number from its only bound, or from 0 if it has no bound."""
_WIDEST = 1_000_000
"""The largest width of a range; of a wider one only the beginning is used."""
_MAX_EXTRA = 3
"""The most items of a list beyond those that it needs."""
_DEEP = 5
"""The depth below which only required parts are sampled."""
_HINTS = {
    "object": ("properties", "required", "additionalProperties", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"),
    "string": ("pattern", "format", "minLength", "maxLength"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
"""Type -> the keywords that imply it in a schema without `type`."""


def sample_call(spec: ToolSpec, rng: np.random.Generator) -> ToolCall:
    """Samples a schema-valid call of a tool.

    Args:
        spec: The tool.
        rng: Where all randomness comes from.

    Raises:
        ValueError: if no arguments that fulfil the schema are found.
    """
    return ToolCall(spec.name, sample_arguments(spec.parameters, rng))


def sample_arguments(parameters: Mapping[str, Json], rng: np.random.Generator) -> dict[str, Json]:
    """Samples arguments that a tool's JSON schema accepts; optional ones with probability ½.

    Args:
        parameters: The schema, as in `ToolSpec.parameters`.
        rng: Where all randomness comes from.

    Raises:
        ValueError: if the schema is refused (`SchemaRefused`), or if no value that fulfils it is
            found: most likely it contradicts itself.
    """
    schema, toolbox = _load(json.dumps(dict(parameters)))
    draws = [_Draw(rng) for _ in range(_TRIES)] + [_Draw(np.random.default_rng(0), spare=True)]
    for draw in draws:
        value = draw.value(schema)
        if isinstance(value, dict) and toolbox.check(ToolCall("", value)) is None:
            return value
    raise ValueError(
        f"expected a schema that some arguments fulfil, found none in {len(draws)} tries; check "
        "that its keywords do not contradict each other"
    )


@lru_cache(maxsize=1024)
def _load(parameters: str) -> tuple[dict[str, Json], Toolbox]:
    spec = ToolSpec("", "", json.loads(parameters))
    return load_schema(spec), Toolbox.of((spec,))


@dataclass(slots=True)
class _Draw:
    """One attempt at a value, which the caller then validates."""

    rng: np.random.Generator
    """Where all randomness comes from."""
    spare: bool = False
    """Whether to take the first option of every choice, and only required parts."""
    count: int = 0
    """The number of values so far; beyond the limit for a call, all further values are null."""

    def value(self, schema: Json, depth: int = 0) -> Json:
        """Samples a value that fulfils the schema, except for keywords that only forbid."""
        self.count += 1
        if self.count > MAX_VALUES or schema is False:
            return None
        if not isinstance(schema, dict):
            return self.choice(["x", 1, True, None, 0.5])
        schema = merged(schema, self.choice)
        if "const" in schema:
            return schema["const"]
        if isinstance(values := schema.get("enum"), list):
            return self.choice(values)
        return self.of_type(self.type_of(schema), schema, depth)

    def choice(self, options: Sequence[T]) -> T:
        """One of several options; the first if `spare`."""
        return options[0] if self.spare else options[int(self.rng.integers(len(options)))]

    def flip(self, depth: int) -> bool:
        """Whether to add an optional part."""
        return not self.spare and depth < _DEEP and bool(self.rng.random() < 0.5)

    def type_of(self, schema: Mapping[str, Json]) -> str:
        """The type of the value to sample."""
        if isinstance(kinds := schema.get("type"), list):
            return str(self.choice(kinds))
        if kinds is not None:
            return str(kinds)
        hinted = [kind for kind, keys in _HINTS.items() if any(key in schema for key in keys)]
        return self.choice(hinted or ["string", "integer", "boolean", "null"])

    def of_type(self, kind: str, schema: dict[str, Json], depth: int) -> Json:
        """Samples a value of a type."""
        match kind:
            case "object":
                return self.object(schema, depth)
            case "array":
                return self.array(schema, depth)
            case "string":
                return sample_text(schema, self.choice)
            case "boolean":
                return self.choice([True, False])
            case "null":
                return None
            case _:
                return self.number(schema, whole=kind == "integer")

    def object(self, schema: dict[str, Json], depth: int) -> Json:
        """Samples an object: all required properties, and some of the rest."""
        properties = cast("dict[str, Json]", schema.get("properties", {}))
        other = schema.get("additionalProperties", True)
        names = [*cast("list[str]", schema.get("required", []))]
        optional = [name for name in properties if name not in names]
        names += [name for name in optional if self.flip(depth)]
        least = min(_whole(schema.get("minProperties"), 0), MAX_VALUES)
        spares = [name for name in optional if name not in names]
        spares += [f"key_{i}" for i in range(least)]
        names += spares[: max(0, least - len(names))]
        names += _dependents(schema, names)
        parts = {name: properties.get(name, other) for name in names}
        return {name: self.value(part, depth + 1) for name, part in parts.items()}

    def array(self, schema: dict[str, Json], depth: int) -> Json:
        """Samples a list of a permitted length."""
        wanted = [*cast("list[Json]", schema.get("prefixItems", []))]
        if "contains" in schema and not wanted:
            wanted.append(schema["contains"])
        least = min(max(_whole(schema.get("minItems"), 0), len(wanted)), MAX_VALUES)
        most = min(_whole(schema.get("maxItems"), least + _MAX_EXTRA), least + _MAX_EXTRA)
        count = least if not self.flip(depth) else self.choice(range(least, max(most, least) + 1))
        rest = schema.get("items", True)
        wanted = (wanted + [rest] * (count - len(wanted)))[:count]
        if not schema.get("uniqueItems"):
            return [self.value(part, depth + 1) for part in wanted]
        return self.unique(wanted, depth)

    def unique(self, wanted: list[Json], depth: int) -> list[Json]:
        """Samples values that all differ, as far as a few tries find them."""
        found: dict[str, Json] = {}
        for part in wanted:
            for _ in range(_TRIES):
                value = self.value(part, depth + 1)
                if canonical(value) not in found:
                    found[canonical(value)] = value
                    break
        return list(found.values())

    def number(self, schema: Mapping[str, Json], *, whole: bool) -> Json:
        """Samples a number between the bounds, in exact arithmetic because these may be huge."""
        low, high = _range(schema, whole=whole)
        step = schema.get("multipleOf", 1 if whole else None)
        if not is_number(step):
            return _as_json(low + (high - low) * Fraction(self.choice(range(1, 100)), 100))
        unit = exact(step)
        first, last = math.ceil(low / unit), math.floor(high / unit)
        last = max(first, min(last, first + _WIDEST))
        return _as_json(unit * self.choice(range(first, last + 1)))


def _dependents(schema: Mapping[str, Json], names: list[str]) -> list[str]:
    """The further names that `dependentRequired` demands."""
    needs = cast("dict[str, list[str]]", schema.get("dependentRequired", {}))
    return [more for name in names for more in needs.get(name, []) if more not in names]


def _whole(value: Json, otherwise: int) -> int:
    return int(value) if is_number(value) else otherwise


def _range(schema: Mapping[str, Json], *, whole: bool) -> tuple[Fraction, Fraction]:
    """The smallest and the largest number to sample."""
    edge = 1 if whole else Fraction(1, 1_000)
    lows = [exact(v) for v in [schema.get("minimum")] if is_number(v)]
    lows += [exact(v) + edge for v in [schema.get("exclusiveMinimum")] if is_number(v)]
    highs = [exact(v) for v in [schema.get("maximum")] if is_number(v)]
    highs += [exact(v) - edge for v in [schema.get("exclusiveMaximum")] if is_number(v)]
    low = max(lows) if lows else min([Fraction(0), *(high - _SPAN for high in highs)])
    high = min(highs) if highs else low + _SPAN
    return low, min(high, low + _WIDEST)


def _as_json(value: Fraction) -> Json:
    """The number as a float of few digits, or as an integer if it is whole."""
    if value.denominator == 1:
        return value.numerator
    return float(value)
