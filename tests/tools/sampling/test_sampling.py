"""Random calls: always valid, the same for the same generator."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tools.sampling.calls import sample_arguments, sample_call
from tools.schema.toolbox import SchemaRefused, Toolbox
from tools.types import ToolSpec

EMAIL = r"^[a-z]+@[a-z]+\.com$"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "string", "minLength": 40},
        {"type": "string", "maxLength": 2},
        {"type": "string", "pattern": "^[A-Z]{3}$"},
        {"type": "string", "pattern": r"^#W\d{7}$"},
        {"type": "string", "pattern": r"^(north|south)-\d{1,3}(?:-[a-f]+)?$"},
        {"type": "string", "pattern": EMAIL},
        {"type": "string", "pattern": r"^[^\s@-]{2,}$"},
        {"type": "string", "pattern": r"^api\.", "minLength": 9},
        {"type": "string", "pattern": "[.]$"},
        {"type": "string", "format": "date"},
        {"type": "string", "format": "date-time"},
        {"type": "string", "format": "email"},
        {"type": "string", "format": "never heard of"},
        {"type": "integer"},
        {"type": "integer", "minimum": 5, "maximum": 5},
        {"type": "integer", "exclusiveMinimum": 5, "exclusiveMaximum": 7},
        {"type": "integer", "maximum": -1_000},
        {"type": "integer", "minimum": 10**30},
        {"type": "integer", "multipleOf": 7, "minimum": 50, "maximum": 60},
        {"type": "number", "multipleOf": 0.25, "maximum": 1},
        {"type": "number", "exclusiveMinimum": 0, "maximum": 0.5},
        {"type": "number", "minimum": -1e308, "maximum": 1e308},
        {"type": ["integer", "null"]},
        {"enum": ["a", 1, None]},
        {"const": {"a": [1]}},
        {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        {"oneOf": [{"type": "integer", "minimum": 10}, {"type": "null"}], "description": "x"},
        {"allOf": [{"type": "integer"}, {"minimum": 3}, {"maximum": 4}]},
        {"type": "number", "allOf": [{"type": "integer", "minimum": 3, "maximum": 3}]},
        {"$ref": "#/$defs/pair"},
        {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 3},
        {"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True, "minItems": 3},
        {"type": "array", "contains": {"const": 7}},
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "null"}], "items": False},
        {"type": "object", "minProperties": 2},
        {"type": "object", "required": ["z"], "additionalProperties": {"type": "null"}},
        {"type": "object", "properties": {"a": {}, "b": {}}, "dependentRequired": {"a": ["b"]}},
        {"not": {"type": "string"}},
        {"minimum": 3, "type": "integer", "default": 3},
        True,
        {},
    ],
)
@pytest.mark.parametrize("required", [True, False])
def test_samples_are_valid(schema, required):
    parameters = {
        "type": "object",
        "properties": {"a": schema},
        "required": ["a"] * required,
        "$defs": {"pair": {"type": "array", "items": {"type": "boolean"}, "minItems": 2}},
    }
    rng = np.random.default_rng(0)
    samples = [sample_arguments(parameters, rng) for _ in range(30)]
    assert all(Draft202012Validator(parameters).is_valid(sample) for sample in samples)
    assert all(json.loads(json.dumps(sample)) == sample for sample in samples)
    assert {"a" in sample for sample in samples} == ({True} if required else {True, False})


def test_multiples_are_decimal():
    schema = {"type": "number", "multipleOf": 0.1, "minimum": 0, "maximum": 1}
    parameters = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
    rng = np.random.default_rng(0)
    samples = {sample_arguments(parameters, rng)["a"] for _ in range(200)}
    assert samples == {0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1}


def test_formats_look_right():
    parameters = {
        "type": "object",
        "properties": {"day": {"type": "string", "format": "date"}},
        "required": ["day"],
    }
    day = sample_arguments(parameters, np.random.default_rng(1))["day"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", str(day))


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"type": "integer", "minimum": 3, "maximum": 2},
        {"type": "string", "minLength": 10**9},
        {"type": "array", "minItems": 10**9},
        {"not": {}},
        {"allOf": [{"type": "string"}, {"type": "null"}]},
    ],
)
def test_contradictions_are_named(schema):
    parameters = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
    with pytest.raises(ValueError, match="contradict"):
        sample_arguments(parameters, np.random.default_rng(0))


def test_refused_schemas_are_refused_here_too():
    with pytest.raises(SchemaRefused):
        sample_arguments({"type": "string"}, np.random.default_rng(0))


def test_deep_lists_stay_small():
    schema: dict = {"type": "integer"}
    for _ in range(25):
        schema = {"type": "array", "items": schema}
    parameters = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
    sample = sample_arguments(parameters, np.random.default_rng(0))
    assert len(json.dumps(sample)) < 10_000


def test_the_same_generator_gives_the_same_calls():
    spec = ToolSpec("t", "", {"type": "object", "properties": {"a": {}, "b": {"type": "string"}}})
    one, other = (
        [sample_call(spec, rng) for _ in range(20)]
        for rng in (np.random.default_rng(5), np.random.default_rng(5))
    )
    assert one == other
    assert len({json.dumps(dict(call.arguments)) for call in one}) > 5


KINDS = st.sampled_from(["string", "integer", "number", "boolean", "null"])
SCHEMAS = st.recursive(
    st.builds(lambda kind: {"type": kind}, KINDS)
    | st.builds(
        lambda low, size: {"type": "integer", "minimum": low, "maximum": low + size},
        st.integers(-9, 9),
        st.integers(0, 9),
    )
    | st.builds(
        lambda low, size: {"type": "string", "minLength": low, "maxLength": low + size},
        st.integers(0, 9),
        st.integers(0, 9),
    )
    | st.builds(lambda values: {"enum": values}, st.lists(st.text(), min_size=1, max_size=3)),
    lambda inner: (
        st.builds(
            lambda item, low: {"type": "array", "items": item, "minItems": low},
            inner,
            st.integers(0, 2),
        )
        | st.builds(
            lambda parts, need: {
                "type": "object",
                "properties": parts,
                "required": [*parts][:need],
            },
            st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
            st.integers(0, 3),
        )
        | st.builds(lambda options: {"anyOf": options}, st.lists(inner, min_size=1, max_size=3))
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(SCHEMAS, st.integers(0, 2**32))
def test_any_satisfiable_schema_is_sampled(schema, seed):
    parameters = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
    sample = sample_arguments(parameters, np.random.default_rng(seed))
    assert Draft202012Validator(parameters).is_valid(sample)


def real_specs(shared_data: Path) -> list[ToolSpec]:
    """Every distinct tool of the benchmarks and of the dialogues."""
    texts = [path.read_text("utf-8") for path in sorted(shared_data.glob("tau/*/*_tools.json"))]
    for path in sorted(shared_data.glob("dialogues/*.json")):
        if not path.name.endswith(".meta.json"):
            records = json.loads(path.read_text("utf-8"))
            records = records if isinstance(records, list) else [records]
            texts += {record["tools"] for record in records}
    tools = [tool.get("function", tool) for text in texts for tool in json.loads(text)]
    distinct = {json.dumps(tool, sort_keys=True): tool for tool in tools}
    return [ToolSpec(t["name"], t["description"], t["parameters"]) for t in distinct.values()]


def test_every_real_tool_is_sampled(shared_data: Path):
    rng = np.random.default_rng(0)
    specs = real_specs(shared_data)
    assert len(specs) > 100
    for spec in specs:
        tools = Toolbox.of((spec,))
        assert [tools.check(sample_call(spec, rng)) for _ in range(20)] == [None] * 20
