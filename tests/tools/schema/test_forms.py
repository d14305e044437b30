"""Where tools say which arguments they take, and which dialect of schemas they say it in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.schema.drafts import tidied
from tools.schema.forms import FormRefused, bare_tool, parameters_of
from tools.schema.load import SchemaRefused, load_schema
from tools.schema.toolbox import Toolbox
from tools.schema.type_names import is_optional, type_named
from tools.types import ToolCall, ToolSpec

CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"],
}
GOOD, BAD = {"city": "Bonn", "days": 3}, [{"days": 3}, {"city": 5}, {"city": "Bonn", "town": "x"}]


def accepts(parameters: Any, arguments: dict[str, Any]) -> bool:
    return Toolbox.of([ToolSpec("t", "", parameters)]).check(ToolCall("t", arguments)) is None


@pytest.mark.parametrize(
    "key",
    ["parameters", "inputSchema", "input_schema", "args", "args_schema", "arguments", "params"]
    + ["parametersJsonSchema", "InputSchema", "input-schema", "schema", "json_schema"],
)
@pytest.mark.parametrize("written", [lambda x: x, json.dumps], ids=["object", "text"])
def test_the_schema_under_any_common_key(key: str, written: Any) -> None:
    tool = {"name": "t", "description": "", key: written(CITY), "annotations": {"title": "T"}}
    schema = parameters_of(tool)
    assert schema == CITY
    assert accepts(schema, GOOD)
    assert not any(accepts(schema, bad) for bad in BAD)


@pytest.mark.parametrize(
    "tool",
    [
        {"toolSpec": {"name": "t", "inputSchema": {"json": CITY}}},
        {"type": "function", "function": {"name": "t", "parameters": CITY}},
        {"name": "t", "parameters": None, "input_schema": CITY},
        {"name": "t", "parameters": {}, "input_schema": CITY},
        {"name": "t", "parameters": {"type": "object", "properties": {}}, "inputSchema": CITY},
        {"name": "t", "parameters": CITY, "inputSchema": CITY},
        {"name": "t", "properties": CITY["properties"], "required": ["city"]},
        {"name": "t", "parameters": {"city": {"type": "str"}, "days": {"type": "int, optional"}}},
        {"name": "t", "parameters": {"city": "str", "days": "int, optional"}},
        {
            "name": "t",
            "parameters": {"city": {"type": "str"}, "days": {"type": "int"}},
            "required": ["city"],
        },
        {
            "name": "t",
            "parameters": [
                {"name": "city", "type": "string", "required": True},
                {"name": "days", "type": "integer"},
            ],
        },
        {
            "name": "t",
            "required_parameters": [{"name": "city", "type": "STRING"}],
            "optional_parameters": [{"name": "days", "type": "int"}],
        },
        {
            "name": "t",
            "parameters": [
                {"name": "city", "in": "query", "required": True, "schema": {"type": "string"}},
                {"name": "days", "in": "query", "schema": {"type": "integer"}},
            ],
        },
        {"name": "t", "parameters": {"type": "object", **CITY["properties"], "required": ["city"]}},
        {
            "name": "t",
            "parameters": {
                "type": "object",
                "properties": {
                    "city": {"type": "string", "required": True},
                    "days": {"type": "integer", "required": False},
                },
            },
        },
        {
            "name": "t",
            "parameters": {
                "type": "dict",
                "properties": {"city": {"type": "String"}, "days": {"type": "long"}},
                "required": ["city"],
            },
        },
    ],
)
def test_other_forms(tool: Any) -> None:
    schema = parameters_of(bare_tool(tool))
    assert accepts(schema, GOOD)
    assert accepts(schema, {"city": "Bonn"})
    assert not any(accepts(schema, bad) for bad in BAD)


@pytest.mark.parametrize(
    "tool",
    [
        {"name": "t"},
        {"name": "t", "description": "", "strict": True, "version": "1", "parameters": None},
        {"name": "t", "parameters": {}},
        {"name": "t", "parameters": []},
        {"name": "t", "parameters": ""},
        {
            "name": "t",
            "outputSchema": CITY,
            "annotations": {"readOnlyHint": True},
            "_meta": {"a": 1},
        },
    ],
)
def test_a_tool_that_takes_nothing(tool: Any) -> None:
    schema = parameters_of(tool)
    assert accepts(schema, {})
    assert not accepts(schema, {"city": "Bonn"})


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        ({"name": "t", "signature": CITY}, "'signature'; rename"),
        ({"name": "t", "takes": json.dumps(CITY)}, "'takes'; rename"),
        ({"name": "t", "takes": [{"name": "city"}]}, "'takes'; rename"),
        ({"name": "t", "parameters": CITY, "args": {"town": {"type": "str"}}}, "keep one"),
        ({"name": "t", "parameters": 5}, "as an object"),
        ({"name": "t", "parameters": "city: str"}, "as an object"),
        ({"name": "t", "parameters": "{city"}, "as an object"),
        ({"name": "t", "parameters": ["city", "days"]}, "with a name each"),
        ({"name": "t", "parameters": {"city": 5}}, "arguments to their types"),
        ({"name": "t", "parameters": {"city": "the name of the city"}}, "to their types"),
        ({"name": "t", "parameters": {"f": {"type": "Callable[[int], int]"}}}, "for 'f'"),
        ({"name": "t", "parameters": {"f": {"type": "List[Foo]"}}}, "for 'f'"),
    ],
)
def test_what_cannot_be_told_is_refused_by_name(tool: Any, words: str) -> None:
    with pytest.raises(FormRefused, match=words):
        parameters_of(tool)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("str", ["x", ""], [1, None]),
        ("int", [1, 2.0], ["1", 1.5, True]),
        ("float", [1, 1.5], ["1"]),
        ("bool", [True], [1, "true"]),
        ("list", [[], [1, "x"]], ["x", {}]),
        ("dict", [{}, {"a": 1}], [[]]),
        ("List[str]", [["a"]], [[1], "a"]),
        ("list[int]", [[1]], [["1"]]),
        ("List[List[float]]", [[[1.5]], []], [[1]]),
        ("Optional[str]", ["x", None], [1]),
        ("Optional[List[int]]", [None, [1]], [["a"], 1]),
        ("Union[int, str]", [1, "x"], [1.5, None]),
        ("int | None", [1, None], ["x"]),
        ("int or str", [1, "x"], [[]]),
        ("Dict[str, int]", [{"a": 1}], [{"a": "x"}, []]),
        ("Tuple[int, str]", [[1, "a"]], [[1], ["a", 1], [1, "a", 2]]),
        ("Tuple[float, ...]", [[1, 2.5, 3]], [["a"]]),
        ("Set[int]", [[1, 2]], [[1, 1]]),
        ("Literal['a', 'b']", ["a"], ["c"]),
        ("Any", [1, None, {}], []),
        ("string[]", [["a"]], [[1]]),
        ("list of str", [["a"]], [[1]]),
        ("Array<number>", [[1.5]], [["a"]]),
        ("typing.List[typing.Optional[int]]", [[None, 1]], [["a"]]),
        ("str, optional", ["x"], [1, None]),
    ],
)
def test_names_of_types(kind: str, good: list[Any], bad: list[Any]) -> None:
    flat = parameters_of({"name": "t", "parameters": {"a": {"type": kind, "description": "…"}}})
    nested = {"type": "object", "properties": {"a": {"type": kind}}}
    for schema in (flat, nested):
        assert all(accepts(schema, {"a": value}) for value in good)
        assert not any(accepts(schema, {"a": value}) for value in bad)


def test_arguments_with_the_names_of_keywords() -> None:
    flat = {name: {"type": "str"} for name in ("type", "title", "items", "properties", "required")}
    schema = parameters_of({"name": "t", "parameters": flat})
    assert set(schema["properties"]) == set(schema["required"]) == set(flat)  # type: ignore[arg-type]
    assert accepts(schema, dict.fromkeys(flat, "x"))
    assert not accepts(schema, dict.fromkeys(flat, 1))
    kinds = parameters_of({"name": "t", "parameters": {"type": "str", "title": "str", "n": "int"}})
    assert kinds["required"] == ["type", "title", "n"]


def test_flat_arguments_with_a_default_may_be_left_out() -> None:
    flat = {"city": {"type": "str"}, "days": {"type": "int", "default": 5}}
    schema = parameters_of({"name": "t", "parameters": flat})
    assert schema["required"] == ["city"]
    tools = Toolbox.of([ToolSpec("t", "", schema)])
    whole, short = ToolCall("t", {"city": "x", "days": 5}), ToolCall("t", {"city": "x"})
    assert tools.normal(whole) == tools.normal(short)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {
            "type": "object",
            "title": "Record",
            "description": "any",
            "default": {},
            "examples": [{}],
        },
        {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {}},
        {"type": "object", "properties": {"type": {"type": "string"}, "properties": {}}},
        {"anyOf": [{"required": ["a"]}], "properties": {"a": {}}, "x-order": {"a": 1}},
        {"$ref": "#/$defs/a", "$defs": {"a": {"type": "object"}}},
    ],
)
def test_schemas_stay_as_they_are(schema: dict[str, Any]) -> None:
    assert parameters_of({"name": "t", "parameters": schema}) == schema


ARROW = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "enum": None, "description": None, "items": None, "const": None},
        "order_id": None,
        "days": {
            "type": "array",
            "items": {"type": "integer", "properties": None, "required": None},
            "anyOf": None,
        },
    },
    "required": ["city"],
    "additionalProperties": None,
    "$defs": None,
}


def test_nulls_of_a_table_cost_nothing() -> None:
    clean = parameters_of({"name": "t", "parameters": ARROW, "inputSchema": None, "strict": None})
    assert clean == {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "array", "items": {"type": "integer"}},
        },
        "required": ["city"],
    }
    for schema in (ARROW, clean):
        assert accepts(schema, {"city": "x", "days": [1]})
        assert not accepts(schema, {"city": "x", "order_id": "1"})
        assert not accepts(schema, {"city": None})
    assert not accepts({**ARROW, "required": None}, {"city": None})
    assert accepts({**ARROW, "required": None}, {})
    assert accepts({**ARROW, "required": ["order_id"]}, {"order_id": 7})


def test_objects_of_nulls_are_nulls() -> None:
    nothing = {"type": None, "properties": {"a": {"type": None, "enum": None}}, "required": None}
    schema = {**ARROW, "properties": {**ARROW["properties"], "order_id": nothing}}
    tool = {"name": "t", "function": {"name": None}, "parameters": schema, "inputSchema": nothing}
    assert parameters_of(bare_tool(tool)) == parameters_of({"name": "t", "parameters": ARROW})  # type: ignore[arg-type]


def test_nulls_that_are_values_stay() -> None:
    schema = {"properties": {"a": {"const": None}, "b": {"enum": [None, 1], "default": None}}}
    assert tidied(schema) == schema


def prop(**schema: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": schema, "b": {}, "c": {}}}


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        (
            {**prop(), "dependencies": {"a": ["b"], "c": {"required": ["a"]}}},
            [{}, {"b": 1}, {"a": 1, "b": 1}, {"c": 1, "a": 1, "b": 2}],
            [{"a": 1}, {"c": 1}, {"c": 1, "a": 1}],
        ),
        (prop(minimum=1, exclusiveMinimum=True), [{"a": 2}], [{"a": 1}]),
        (prop(minimum=1, exclusiveMinimum=False), [{"a": 1}], [{"a": 0}]),
        (prop(maximum=3, exclusiveMaximum=True), [{"a": 2}], [{"a": 3}]),
        (
            prop(items=[{"type": "string"}, {"type": "integer"}], additionalItems=False),
            [{"a": ["x", 1]}, {"a": ["x"]}],
            [{"a": [1]}, {"a": ["x", 1, 2]}],
        ),
        (
            prop(items=[{"type": "string"}], additionalItems={"type": "null"}),
            [{"a": ["x", None]}],
            [{"a": ["x", 1]}],
        ),
        (prop(items=[{"type": "string"}]), [{"a": ["x", 1]}], [{"a": [1]}]),
        (prop(items={"type": "string"}, additionalItems=False), [{"a": ["x", "y"]}], [{"a": [1]}]),
        (prop(divisibleBy=3), [{"a": 6}], [{"a": 4}]),
        (prop(type="string", nullable=True), [{"a": None}, {"a": "x"}], [{"a": 1}]),
        (prop(type="string", nullable=False), [{"a": "x"}], [{"a": None}]),
        (prop(type="string", enum=["x"], nullable=True), [{"a": None}], [{"a": "y"}]),
        (prop(anyOf=[{"type": "string"}], nullable=True), [{"a": None}], [{"a": 1}]),
        (
            prop(oneOf=[{"type": "string"}], discriminator={"propertyName": "kind"}, example=3),
            [{"a": "x"}],
            [{"a": 1}],
        ),
        (
            {**prop(**{"$ref": "#/definitions/s"}), "definitions": {"s": {"type": "str"}}},
            [{"a": "x"}],
            [{"a": 1}],
        ),
        (
            {
                **prop(**{"$ref": "#/definitions/s", "maxLength": 1}),
                "definitions": {"s": {"type": "string"}},
                "$schema": "http://json-schema.org/draft-07/schema#",
            },
            [{"a": "long"}],
            [{"a": 1}],
        ),
        (
            {**prop(type="string"), "id": "http://x.org/root.json", "nullable": True},
            [{}],
            [{"a": 1}],
        ),
        ({"type": "object", "properties": {}, "required": ["a"]}, [{"a": 1}], [{}, {"b": 1}]),
        (prop(type=["str", "None"]), [{"a": None}, {"a": "x"}], [{"a": 1}]),
        (prop(type="STRING", examples="x", deprecated="no"), [{"a": "x"}], [{"a": 1}]),
        (prop(items="str"), [{"a": ["x"]}], [{"a": [1]}]),
    ],
)
def test_other_dialects(schema: Any, good: list[Any], bad: list[Any]) -> None:
    assert all(accepts(schema, arguments) for arguments in good)
    assert not any(accepts(schema, arguments) for arguments in bad)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (prop(disallow="string"), "'disallow'"),
        (prop(extends={"type": "string"}), "'extends'"),
        (prop(discriminator={"propertyName": "kind", "mapping": {}}), "'discriminator'"),
        (prop(nullable="maybe"), "nullable"),
        (prop(items=[{}], prefixItems=[{}]), "got both"),
        ({**prop(), "$schema": "http://x.org/my-dialect"}, r"\$schema"),
        (
            {
                **prop(**{"$ref": "#/definitions/s", "maxLength": 1}),
                "definitions": {"s": {"type": "string"}},
            },
            "name the draft",
        ),
        (
            {
                "properties": {"a": {"$id": "http://x.org/a", "not": {"$ref": "#/$defs/n"}}},
                "$defs": {"n": {"type": "null"}},
            },
            "'\\$id'",
        ),
        (prop(type="file"), "'file'"),
    ],
)
def test_dialects_that_are_refused_by_name(schema: Any, words: str) -> None:
    with pytest.raises(SchemaRefused, match=words):
        load_schema(ToolSpec("t", "", schema))


WILD = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["str", "object", "", "a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "properties", "required", "items", "additionalItems", "dependencies"]
                + [
                    "nullable",
                    "exclusiveMinimum",
                    "minimum",
                    "enum",
                    "const",
                    "$ref",
                    "id",
                    "anyOf",
                    "allOf",
                    "not",
                    "prefixItems",
                    "additionalProperties",
                ]
                + ["definitions", "discriminator", "parameters", "inputSchema", "default", "city"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("nothing", [[None], [{"type": None, "items": None}], None])
@pytest.mark.parametrize("key", ["anyOf", "oneOf", "allOf"])
def test_alternatives_of_nulls_are_none(key: str, nothing: Any) -> None:
    """They neither mark a schema, nor accept anything."""
    flat = parameters_of({"name": "t", "parameters": {"city": {"type": "str"}, key: nothing}})
    assert not accepts(flat, {})
    assert accepts(flat, {"city": "Bonn"})
    inside = prop(type="integer", **{key: nothing})
    assert [accepts(inside, {"a": value}) for value in (1, "a")] == [True, False]


def test_alternatives_lose_nulls_among_them() -> None:
    schema = prop(anyOf=[{"type": "integer", "items": None}, {"type": None, "items": None}])
    assert [accepts(schema, {"a": value}) for value in (1, "a")] == [True, False]


@pytest.mark.parametrize(
    ("written", "good", "bad"),
    [
        ({"any_of": [{"type": "STRING"}]}, "a", 1),
        ({"type": "array", "min_items": 1}, [1], []),
        ({"type": "string", "maxlength": 2}, "ab", "abc"),
        ({"type": "object", "additional_properties": False}, {}, {"y": 1}),
        ({"type": "string", "max_length": 9, "maxLength": 2}, "ab", "abc"),
    ],
)
def test_keywords_in_other_spellings(written: Any, good: Any, bad: Any) -> None:
    assert [accepts(prop(**written), {"a": value}) for value in (good, bad)] == [True, False]
    named = parameters_of({"name": "t", "parameters": {"max_length": {"type": "int"}}})
    assert accepts(named, {"max_length": 3})


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        ({"parameters": {"type": "object", "extends": {"properties": {}}}}, "extends"),
        ({"signature": "(city: str) -> dict"}, "signature"),
    ],
)
def test_arguments_in_forms_that_nobody_reads_are_refused(tool: Any, words: str) -> None:
    with pytest.raises((FormRefused, SchemaRefused), match=words):
        load_schema(ToolSpec("t", "", parameters_of({"name": "t", **tool})))


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(["parameters", "inputSchema", "other"]), WILD, max_size=2))
def test_whatever_a_tool_says_is_read_or_refused(tool: dict[str, Any]) -> None:
    try:
        schema = parameters_of({"name": "t", **tool})
        loaded = load_schema(ToolSpec("t", "", schema))
    except (FormRefused, SchemaRefused):
        return
    again = parameters_of({"name": "t", "parameters": schema}) if schema else schema
    assert load_schema(ToolSpec("t", "", again)) == loaded
    assert accepts(schema, {}) in (True, False)


@pytest.mark.parametrize("name", ["Callable[[int], int]", "np.ndarray", "", "List[", "x" * 300])
def test_what_is_no_name_of_a_type(name: str) -> None:
    assert type_named(name) is None


def test_a_name_says_whether_its_argument_is_optional() -> None:
    assert [is_optional(name) for name in ("str, optional", "Optional[str]", "str")] == [
        True,
        True,
        False,
    ]
