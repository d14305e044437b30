"""Calls against schemas: valid ones, named problems, refused schemas, normal form."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tools.schema.fast import compile_check
from tools.schema.size import MAX_VALUES
from tools.schema.strict import StrictValidator
from tools.schema.toolbox import SchemaRefused, Toolbox
from tools.types import ProblemKind, ToolCall, ToolSpec

ORDER = ToolSpec(
    "place_order",
    "Places an order.",
    {
        "type": "object",
        "properties": {
            "item": {"type": "string", "enum": ["lamp", "desk", "chair"]},
            "count": {"type": "integer", "minimum": 1, "maximum": 9, "default": 1},
            "code": {"type": "string", "pattern": "^C[0-9]{3}$"},
            "payments": {
                "type": "array",
                "maxItems": 2,
                "items": {
                    "type": "object",
                    "properties": {"id": {"type": "string"}, "amount": {"type": "number"}},
                    "required": ["id"],
                    "additionalProperties": False,
                },
            },
            "note": {"anyOf": [{"type": "string", "maxLength": 5}, {"type": "null"}]},
        },
        "required": ["item"],
    },
)
LOOK = ToolSpec("look_up", "", {"type": "object", "properties": {}})
NEVER = ToolSpec("never", "", {"properties": {"a": False, "b": {"anyOf": [False]}}})
TOOLS = Toolbox.of((ORDER, LOOK, NEVER))


def order(**arguments) -> ToolCall:
    return ToolCall("place_order", arguments)


def tool(parameters) -> Toolbox:
    return Toolbox.of([ToolSpec("t", "", parameters)])


@pytest.mark.parametrize(
    "call",
    [
        order(item="lamp"),
        order(item="lamp", count=3),
        order(item="lamp", count=3.0),
        order(item="desk", code="C123", payments=[{"id": "x", "amount": 1}, {"id": "y"}]),
        order(item="desk", note=None),
        order(item="desk", note="short"),
        ToolCall("look_up", {}),
    ],
)
def test_valid_calls(call):
    assert TOOLS.check(call) is None


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (ToolCall("place_ordr", {}), "unknown_tool", ["'place_order', 'look_up',", "Did you mean"]),
        (ToolCall("", {}), "unknown_tool", ["look_up"]),
        (order(), "missing_argument", ["Expected 'item'", "got nothing", "Add"]),
        (order(item="lamp", cout=1), "unexpected_argument", ["'cout'", "Did you mean 'count'"]),
        (ToolCall("look_up", {"x": 1}), "unexpected_argument", ["only nothing", "'x'"]),
        (order(item="lamp", count="1"), "wrong_type", ["integer", "'count'", "string '1'"]),
        (order(item="lamp", count=True), "wrong_type", ["boolean true"]),
        (order(item="lamp", count=1.5), "wrong_type", ["integer", "1.5"]),
        (order(item="lamps"), "not_in_enum", ["'lamp', 'desk', 'chair'", "Did you mean 'lamp'"]),
        (order(item="lamp", count=10), "constraint", ["at most 9", "10"]),
        (order(item="lamp", code="123"), "constraint", ["matches '^C[0-9]{3}$'"]),
        (order(item="lamp", payments=[{"id": "x"}, {}]), "missing_argument", ["'payments[1]'"]),
        (
            order(item="lamp", payments=[{"id": "x", "sum": 1}]),
            "unexpected_argument",
            ["'payments[0]'", "'sum'"],
        ),
        (order(item="lamp", payments=[{"id": 1}]), "wrong_type", ["'payments[0].id'"]),
        (order(item="lamp", payments=[{"id": "x"}] * 3), "constraint", ["at most 2 items"]),
        (order(item="lamp", note="too long"), "constraint", ["at most 5 characters"]),
        (order(item="lamp", note=3), "wrong_type", ["string or null", "number 3"]),
        (order(item="lamp", count=None), "wrong_type", ["got null", "Leave 'count' out"]),
        (order(item="lamp", code=None), "wrong_type", ["Leave 'code' out"]),
        (
            order(item="lamp", payments=[{"id": "x", "amount": None}]),
            "wrong_type",
            ["Leave 'payments[0].amount' out"],
        ),
        (order(item="lamp", payments=[{"id": None}]), "wrong_type", ["Give 'payments[0].id' as"]),
        (ToolCall("never", {"a": 1}), "constraint", ["no value where 1"]),
        (ToolCall("never", {"b": 1}), "constraint", ["keyword 'anyOf'"]),
        (order(item="lamp", code="C" * 2_000), "too_large", ["'code'", "Shorten"]),
        (order(item="lamp", payments=[0] * MAX_VALUES), "too_large", ["values"]),
        (order(item="l" * 100_001), "too_large", ["characters"]),
        (order(item="lamp", count=10**5_000), "too_large", ["numbers"]),
        (order(item="lamp", count=float("nan")), "too_large", ["finite"]),
    ],
)
def test_problems_have_names_and_say_how_to_mend(call, kind, words):
    problem = TOOLS.check(call)
    assert problem is not None
    assert problem.kind == ProblemKind(kind)
    assert problem.text.startswith("Expected ")
    for word in words:
        assert word in problem.text
    assert len(problem.text) < 1_500


def test_a_deep_argument_is_too_large():
    deep: object = 0
    for _ in range(100_000):
        deep = [deep]
    problem = TOOLS.check(ToolCall("place_order", {"item": deep}))
    assert problem is not None
    assert problem.kind is ProblemKind.TOO_LARGE


def test_alternatives_are_judged_by_the_one_that_was_meant():
    tools = tool(
        {
            "type": "object",
            "properties": {
                "flight": {
                    "anyOf": [
                        {
                            "type": "object",
                            "properties": {
                                "number": {"type": "string"},
                                "date": {"type": "string"},
                            },
                            "required": ["number", "date"],
                        },
                        {"type": "string", "enum": ["none"]},
                    ]
                }
            },
        }
    )
    missing = tools.check(ToolCall("t", {"flight": {"number": "HAT1"}}))
    assert missing is not None
    assert missing.kind is ProblemKind.MISSING_ARGUMENT
    assert "'date'" in missing.text
    other = tools.check(ToolCall("t", {"flight": "some"}))
    assert other is not None
    assert other.kind is ProblemKind.NOT_IN_ENUM


@pytest.mark.parametrize(
    ("parameters", "allowed"),
    [
        ({"type": "object", "properties": {"a": {}}}, False),
        ({"type": "object", "properties": {}}, False),
        ({"properties": {"a": {}}}, False),
        ({"type": "object", "properties": {"a": {}}, "additionalProperties": True}, True),
        ({"type": "object", "properties": {}, "additionalProperties": {"type": "null"}}, False),
        ({"type": "object"}, True),
        ({"type": "object", "properties": {}, "patternProperties": {"^x": {}}}, True),
        ({"type": "object", "properties": {}, "allOf": [{"properties": {"x": {}}}]}, True),
    ],
)
def test_unnamed_arguments(parameters, allowed):
    problem = tool(parameters).check(ToolCall("t", {"x": 1}))
    assert (problem is None) is allowed


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"type": "object", "properties": {"a": {"$ref": "http://x.org/s.json"}}}, "fetched"),
        ({"type": "object", "properties": {"a": {"$ref": "other.json#/x"}}}, "fetched"),
        ({"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}}, "leads nowhere"),
        ({"type": "object", "properties": {"a": {"$ref": "#"}}}, "cycles"),
        (
            {
                "type": "object",
                "properties": {"a": {"$ref": "#/$defs/a"}},
                "$defs": {
                    "a": {"items": {"$ref": "#/$defs/b"}},
                    "b": {"not": {"$ref": "#/$defs/a"}},
                },
            },
            "cycles",
        ),
        ({"type": "string"}, "always an object"),
        ({"type": ["object", "null"]}, "always an object"),
        ({"type": "objekt"}, "JSON schema"),
        ({"type": "object", "properties": []}, "JSON schema"),
        ({"type": "object", "properties": {"a": {"pattern": "(a)\\1"}}}, "pattern"),
        ({"type": "object", "patternProperties": {"(?=a)": {}}}, "pattern"),
        ({"type": "object", "unevaluatedProperties": False}, "not supported"),
        ({"type": "object", "properties": {"a": {"multipleOf": 0}}}, "JSON schema"),
    ],
)
def test_schemas_that_are_refused(parameters, match):
    with pytest.raises(SchemaRefused, match=match):
        tool(parameters)


def nested(levels: int):
    schema: dict = {"type": "object"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


@pytest.mark.parametrize("levels", [60, 5_000, 100_000])
def test_deep_schemas_are_refused(levels):
    with pytest.raises(SchemaRefused, match="flatten"):
        tool(nested(levels))


def test_references_that_multiply_are_refused():
    defs: dict = {"d0": {"type": "string"}}
    for i in range(1, 25):
        defs[f"d{i}"] = {"anyOf": [{"$ref": f"#/$defs/d{i - 1}"}] * 2}
    with pytest.raises(SchemaRefused, match="simplify"):
        tool({"type": "object", "properties": {"a": {"$ref": "#/$defs/d24"}}, "$defs": defs})


def test_a_name_may_stand_once():
    with pytest.raises(SchemaRefused, match="'look_up' twice"):
        Toolbox.of([LOOK, LOOK])


def test_local_references():
    tools = tool(
        {
            "type": "object",
            "properties": {
                "a": {"$ref": "#/$defs/name", "description": "a name"},
                "b": {"$ref": "#/$defs/na~1me", "minLength": 2},
                "$ref": {"type": "integer"},
            },
            "$defs": {"name": {"type": "string"}, "na/me": {"$ref": "#/$defs/name"}},
        }
    )
    assert tools.check(ToolCall("t", {"a": "x", "b": "xy", "$ref": 1})) is None
    kinds = [
        problem.kind
        for arguments in ({"a": 1}, {"b": "x"}, {"b": 1}, {"$ref": "#"})
        if (problem := tools.check(ToolCall("t", arguments)))
    ]
    wrong = ProblemKind.WRONG_TYPE
    assert kinds == [wrong, ProblemKind.CONSTRAINT, wrong, wrong]


def test_equal_tools_share_a_toolbox():
    copy = ToolSpec(ORDER.name, ORDER.description, json.loads(json.dumps(ORDER.parameters)))
    assert Toolbox.of((ORDER, LOOK)) is Toolbox.of([copy, LOOK])
    assert Toolbox.of((ORDER, LOOK)) is not Toolbox.of((LOOK, ORDER))
    assert TOOLS.names == ("place_order", "look_up", "never")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (order(item="lamp", count=2), order(count=2, item="lamp"), True),
        (order(item="lamp", count=2.0), order(item="lamp", count=2), True),
        (order(item="lamp", count=1), order(item="lamp"), True),
        (order(item="lamp", count=1.0), order(item="lamp"), True),
        (order(item="lamp", count=True), order(item="lamp"), False),
        (order(item="lamp", note=None), order(item="lamp"), False),
        (order(item="lamp"), order(item="desk"), False),
        (order(note={"b": 1, "a": [2.0]}), order(note={"a": [2], "b": 1}), True),
        (order(note=[1, 2]), order(note=[2, 1]), False),
        (ToolCall("x", {"a": 1}), ToolCall("x", {"a": 1.0}), True),
        (ToolCall("x", {}), ToolCall("look_up", {}), False),
    ],
)
def test_normal_form(one, other, same):
    assert (TOOLS.normal(one) == TOOLS.normal(other)) is same


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.0, 1.0, -1.5, 2.5, 1e300, -0.0, 10**30, 1e-300])
    | st.sampled_from(["", "a", "ab", "abc", "1", "é"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)
NUMBERS = st.sampled_from([-2, 0, 1, 1.5, 2.0, 10**20])
SIZES = st.integers(0, 3)
TYPES = st.sampled_from(["string", "integer", "number", "boolean", "null", "array", "object"])


def keywords(inner) -> st.SearchStrategy[dict]:
    """Schemas of a few keywords, those that `jsonschema` itself checks included."""
    names = st.sampled_from("abc")
    return st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
            "enum": st.lists(VALUES, min_size=1, max_size=3),
            "const": VALUES,
            "properties": st.dictionaries(names, inner, max_size=2),
            "required": st.lists(names, max_size=2, unique=True),
            "additionalProperties": inner,
            "items": inner,
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
            "minimum": NUMBERS,
            "maximum": NUMBERS,
            "exclusiveMinimum": NUMBERS,
            "exclusiveMaximum": NUMBERS,
            "minLength": SIZES,
            "maxLength": SIZES,
            "minItems": SIZES,
            "maxItems": SIZES,
            "uniqueItems": st.booleans(),
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "minProperties": SIZES,
            "pattern": st.sampled_from(["^a", "b$", "^[ab]+$"]),
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "b"]), inner, max_size=1),
            "description": st.just("words"),
        },
    )


SCHEMAS = st.recursive(st.booleans() | keywords(st.booleans()), keywords, max_leaves=6)


@settings(max_examples=200, deadline=None)
@given(SCHEMAS, VALUES)
def test_fast_check_agrees_with_jsonschema(schema, value):
    expected = Draft202012Validator(schema).is_valid(value)
    assert StrictValidator(schema).is_valid(value) is expected
    assert compile_check(schema)(value) is expected


@pytest.mark.parametrize(
    ("value", "step", "valid"),
    [
        (0.3, 0.1, True),
        (0.35, 0.1, False),
        (10**400, 3, False),
        (10**400, 0.1, True),
        (1e308, 1e-300, True),
        (7, 3.5, True),
        ("x", 2, True),
        (True, 2, True),
    ],
)
def test_multiples_are_exact_and_never_overflow(value, step, valid):
    schema = {"multipleOf": step}
    assert compile_check(schema)(value) is valid
    assert StrictValidator(schema).is_valid(value) is valid


@settings(max_examples=60, deadline=None)
@given(keywords(SCHEMAS), st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=3))
def test_every_bad_call_gets_a_named_problem(schema, arguments):
    try:
        tools = tool({**schema, "type": "object"})
    except SchemaRefused:
        return
    problem = tools.check(ToolCall("t", arguments))
    assert problem is None or problem.text.startswith("Expected ")


WILD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([ORDER.name, LOOK.name]) | st.text(), st.dictionaries(st.text(), WILD))
def test_no_arguments_raise(name, arguments):
    problem = TOOLS.check(ToolCall(name, arguments))
    assert problem is None or problem.text.isprintable()


@pytest.mark.parametrize(
    "value",
    [
        [[i, [i]] for i in range(600)],
        [{"id": 1, "sum": 2}] * 600,
        "x" * 100_000,
        {f"{'k' * 40}{i}": i for i in range(1_900)},
        list(range(1_900)),
        [0.1] * 1_900,
    ],
)
def test_large_arguments_are_checked_quickly(value):
    tools = tool(
        {
            "type": "object",
            "properties": {
                "a": {"type": "array", "uniqueItems": True, "items": {"multipleOf": 1e-300}},
                "b": ORDER.parameters["properties"]["payments"],
                "c": {"anyOf": [{"pattern": "a+b"}, ORDER.parameters]},
            },
        }
    )
    start = time.thread_time()
    for name in ("a", "b", "c", "d"):
        tools.check(ToolCall("t", {name: value}))
    assert time.thread_time() - start < 5  # milliseconds; what is quadratic takes minutes


def test_real_calls_are_valid(shared_data: Path):
    records = json.loads((shared_data / "dialogues/apigen_mt_like_real.json").read_text("utf-8"))
    problems = []
    for record in records:
        tools = Toolbox.of(
            [
                ToolSpec(tool["name"], tool["description"], tool["parameters"])
                for tool in json.loads(record["tools"])
            ]
        )
        for turn in record["conversations"]:
            if turn["from"] == "function_call":
                call = json.loads(turn["value"])
                problems.append(tools.check(ToolCall(call["name"], call["arguments"])))
    assert len(problems) == 4582
    assert [problem for problem in problems if problem] == []


def test_null_is_named_once() -> None:
    spec = ToolSpec("t", "", {"properties": {"a": {"type": "string"}}, "required": ["a"]})
    problem = Toolbox.of([spec]).check(ToolCall("t", {"a": None}))
    assert problem is not None
    assert "got null. Give 'a' as string" in problem.text
