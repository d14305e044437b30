from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.apigen.reader import read_records
from tasks.desk.generator import generate
from tasks.goals import answered_calls
from tasks.load import load_tasks
from tasks.setups import Recorded
from tasks.types import GoalLabel, Task, TaskSet
from tools.failures import looks_like_error
from tools.protocol import parse
from tools.schema.toolbox import Toolbox
from tools.types import Message, MessageKind, ProblemKind, Role, ToolCall
from tools.worlds import WORLDS

TOOLS = [
    {
        "name": "get_order",
        "description": "Shows an order.",
        "parameters": {
            "type": "object",
            "properties": {"order_id": {"type": "string"}},
            "required": ["order_id"],
        },
    },
    {
        "name": "cancel_order",
        "description": "Cancels an order.",
        "parameters": {"type": "object", "properties": {"order_id": {"type": "string"}}},
    },
    {"name": "think", "description": "Thinks.", "parameters": {"type": "object", "properties": {}}},
]
SPEAKERS = {"h": "human", "g": "gpt", "c": "function_call", "o": "observation"}


def call(name: str = "get_order", **arguments: object) -> str:
    return json.dumps({"name": name, "arguments": arguments or {"order_id": "77"}})


def record(*turns: tuple[str, object], **more: object) -> dict[str, Any]:
    """A record of turns such as ("h", "Hello")."""
    entries = [{"from": SPEAKERS.get(who, who), "value": value} for who, value in turns]
    return {"conversations": entries, "tools": json.dumps(TOOLS), "system": "Be kind.", **more}


def read(row: Any, sidecar: Any = None) -> TaskSet:
    sidecars = None if sidecar is None else [sidecar]
    found = read_records([row], sidecars, source="test", stem="t")
    assert len(found.tasks) + len(found.errors) == 1
    return found


def task_of(row: Any, sidecar: Any = None) -> Task:
    found = read(row, sidecar)
    assert not found.errors, found.errors
    return found.tasks[0]


def kinds(task: Task) -> str:
    return "".join(turn.kind.value[0] for turn in task.turns)


PLAIN = record(
    ("h", "Where is order 77?"),
    ("c", call()),
    ("o", '{"days": 5, "total": 19.50}'),
    ("g", "Order 77 takes 5 days; you paid $19.50."),
)


def test_a_plain_record() -> None:
    task = task_of(PLAIN)
    assert task.id == "t-00000"
    assert task.source == "test"
    assert [m.role.value for m in task.messages] == [
        "system",
        "user",
        "assistant",
        "tool",
        "assistant",
    ]
    assert task.rules == "Be kind."
    assert parse(task.messages[2].content).calls == (ToolCall("get_order", {"order_id": "77"}),)
    assert task.messages[3] == Message(Role.TOOL, '{"days": 5, "total": 19.50}')
    assert kinds(task) == "cr"
    assert [turn.index for turn in task.turns] == [2, 4]
    assert task.decisions == task.turns
    assert task.setup == Recorded()


def test_the_goal_of_a_plain_record_is_read_off_it() -> None:
    goal = task_of(PLAIN).goal
    assert goal.label is GoalLabel.RECORDED
    assert goal.writes == ()
    assert goal.reads == (ToolCall("get_order", {"order_id": "77"}),)
    assert goal.facts == {"5", "19.5"}
    assert goal.outputs == ()


def test_nothing_is_mended_in_a_plain_record() -> None:
    assert read(PLAIN).mended == {}


def test_the_recorded_goal_has_what_succeeded_once_and_no_scratch_calls() -> None:
    goal = task_of(
        record(
            ("h", "Cancel it."),
            ("c", call("think")),
            ("o", ""),
            ("c", call("cancel_order", order_id="1")),
            ("o", "Error: no such order"),
            ("c", call(order_id="2")),
            ("o", "{}"),
            ("c", call(order_id="2")),
            ("o", "{}"),
            ("c", call("cancel_order", order_id="2")),
            ("o", "done"),
            ("g", "Done."),
        )
    ).goal
    assert goal.writes == (ToolCall("cancel_order", {"order_id": "2"}),)
    assert goal.reads == (ToolCall("get_order", {"order_id": "2"}),)


FAILED = [
    '{"status": "failed"}',
    '{"ok": false}',
    '{"success": false}',
    '{"error": "no"}',
    "Failed to",
]


@pytest.mark.parametrize("answer", [*FAILED, "Error: no", "HTTP 404", '{"status_code": 500}'])
def test_a_write_that_failed_is_no_part_of_the_goal(answer: str) -> None:
    first, second = call("cancel_order", order_id="1"), call("cancel_order", order_id="2")
    row = record(
        ("h", "Hi"), ("c", first), ("o", answer), ("c", second), ("o", "done"), ("g", "Ok")
    )
    found = read(row)
    (task,) = found.tasks
    assert task.goal.writes == (ToolCall("cancel_order", {"order_id": "2"}),)
    assert found.inferred == ({} if looks_like_error(answer) else {"failed_write": 1})
    executor = task.setup.start(task)
    executor, result = executor.run(ToolCall("cancel_order", {"order_id": "1"}))
    assert not result.ok


def test_facts_are_read_against_what_was_said_before() -> None:
    goal = task_of(
        record(
            ("h", "Order 77, from jfk."),
            ("g", "It takes 9 days."),
            ("h", "Really?"),
            ("c", call()),
            ("o", "9 days, $5, JFK, 77"),
            ("g", "It is $5, from JFK, number 77."),
        )
    ).goal
    assert goal.facts == {"5"}


def mended(*turns: tuple[str, object], **more: object) -> tuple[Task, set[str]]:
    found = read(record(*turns, **more))
    assert not found.errors, found.errors
    assert set(found.mended.values()) <= {1}
    return found.tasks[0], set(found.mended)


def test_arguments_as_text() -> None:
    text = json.dumps({"name": "get_order", "arguments": '{"order_id": "77"}'})
    task, blemishes = mended(("h", "Hi"), ("c", text), ("o", "x"))
    assert blemishes == {"arguments_as_text"}
    assert task.turns[0].calls == (ToolCall("get_order", {"order_id": "77"}),)
    assert task.turns[0].is_decision


@pytest.mark.parametrize("value", ["Adding", "", '{"name": "x"', '["get_order"]', '{"name": 3}'])
def test_an_unreadable_call_stays_in_the_history(value: str) -> None:
    task, blemishes = mended(("h", "Hi"), ("c", value), ("o", "oops"), ("g", "Sorry."))
    assert blemishes == {"unreadable_call"}
    assert value in task.messages[2].content
    assert parse(task.messages[2].content).calls == ()
    assert [turn.is_decision for turn in task.turns] == [False, True]
    assert task.goal.calls == ()


@pytest.mark.parametrize("value", [call("Upgrade"), call(order=1), call(order_id=7)])
def test_a_call_against_its_schema_is_history_but_no_decision(value: str) -> None:
    task, blemishes = mended(("h", "Hi"), ("c", value), ("o", "oops"), ("g", "Sorry."))
    assert blemishes == {"invalid_call"}
    assert len(task.turns[0].calls) == 1
    assert [turn.is_decision for turn in task.turns] == [False, True]
    assert task.goal.calls == ()


def test_neighbours_of_one_speaker_are_joined() -> None:
    task, blemishes = mended(("h", "Hi"), ("h", "there"), ("g", "Hello."), ("g", "Yes?"))
    assert blemishes == {"joined_human_turns", "joined_gpt_turns"}
    assert [m.content for m in task.messages[1:]] == ["Hi\n\nthere", "Hello.\n\nYes?"]


def test_calls_in_a_row_with_as_many_answers_are_one_message() -> None:
    task, _ = mended(
        ("h", "Hi"), ("c", call(order_id="1")), ("c", call(order_id="2")), ("o", "a"), ("o", "b")
    )
    assert [c.arguments["order_id"] for c in task.turns[0].calls] == ["1", "2"]
    assert kinds(task) == "c"
    assert task.ends_with_call


def test_an_unreadable_call_among_others_keeps_its_answer() -> None:
    task, _ = mended(
        ("h", "Hi"), ("c", "Adding"), ("c", call(order_id="2")), ("o", "bad"), ("o", "good")
    )
    assert list(answered_calls(task.messages, task.turns)) == [
        (ToolCall("get_order", {"order_id": "2"}), "good")
    ]


def test_a_greeting_is_part_of_the_opening() -> None:
    task, blemishes = mended(("g", "How can I help?"), ("h", "Hi"), ("g", "Hello."))
    assert blemishes == {"assistant_spoke_first"}
    assert len(task.opening) == 3
    assert kinds(task) == "r"


def test_a_dialogue_may_end_on_an_observation() -> None:
    task, blemishes = mended(("h", "Cancel"), ("c", call("cancel_order")), ("o", "done"))
    assert blemishes == set()
    assert task.ends_with_call
    assert len(task.goal.writes) == 1


def test_a_last_word_of_the_user_is_kept_and_not_answered() -> None:
    task = task_of(record(("h", "Hi"), ("g", "Hello."), ("h", "Thanks, bye.")))
    assert task.messages[-1] == Message(Role.USER, "Thanks, bye.")
    assert task.user_turns == ("Hi",)
    assert not task.ends_with_call


def test_an_empty_observation_stays_empty() -> None:
    task = task_of(record(("h", "Hi"), ("c", call("think")), ("o", ""), ("g", "Hello.")))
    assert task.messages[3] == Message(Role.TOOL, "")


@pytest.mark.parametrize(
    "tools",
    [
        TOOLS,
        json.dumps(TOOLS),
        [{"type": "function", "function": tool} for tool in TOOLS],
        json.dumps([{"type": "function", "function": tool} for tool in TOOLS]),
    ],
)
def test_tools_as_list_or_text_bare_or_in_an_envelope(tools: Any) -> None:
    task = task_of({**PLAIN, "tools": tools})
    assert [spec.name for spec in task.tools] == ["get_order", "cancel_order", "think"]
    assert task.decisions == task_of(PLAIN).decisions


def test_other_names_for_speakers() -> None:
    entries = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {"role": "tool_call", "content": call()},
        {"role": "tool", "content": "x"},
        {"role": "assistant", "content": "Hello."},
    ]
    task = task_of({"conversations": entries, "tools": TOOLS})
    assert task.rules == "Be brief."
    assert kinds(task) == "cr"


def test_no_system_means_no_rules() -> None:
    row = {name: value for name, value in PLAIN.items() if name != "system"}
    assert task_of(row).rules == ""


@pytest.mark.parametrize(
    ("row", "kind", "words"),
    [
        (None, "not_a_record", "got 'None'"),
        (7, "not_a_record", "conversations"),
        ({"tools": "[]"}, "not_a_record", "list `conversations`"),
        ({**PLAIN, "conversations": ["Hi"]}, "bad_turn", "turns as objects"),
        (record(("h", "Hi"), ("wizard", "Ho")), "bad_turn", "wizard"),
        (record(("h", "Hi"), ("g", None)), "bad_turn", "value"),
        ({**PLAIN, "tools": "no"}, "bad_tools", "not JSON"),
        ({**PLAIN, "tools": None}, "bad_tools", "got no tools"),
        ({**PLAIN, "tools": [{"description": "?"}]}, "bad_tools", "tool with a name"),
        ({**PLAIN, "tools": [TOOLS[0], TOOLS[0]]}, "refused_schema", "twice"),
        (
            {**PLAIN, "tools": [{"name": "x", "parameters": {"type": "array"}}]},
            "refused_schema",
            "object",
        ),
        (record(("g", "Hello?")), "no_user_turn", "user"),
        (record(("h", "Hello?")), "no_assistant_turn", "assistant"),
        (record(("h", "Hi"), ("o", "x"), ("g", "Hello.")), "orphan_observation", "right before"),
        (record(("h", "Hi"), ("c", call()), ("o", "x"), ("o", "y")), "orphan_observation", "got 2"),
        (record(("h", "Hi"), ("c", call()), ("g", "Hello.")), "missing_observation", "each call"),
    ],
)
def test_a_record_that_is_no_task_is_counted_and_explained(row: Any, kind: str, words: str) -> None:
    found = read_records([PLAIN, row, PLAIN], None, source="test", stem="t")
    assert [task.id for task in found.tasks] == ["t-00000", "t-00002"]
    (error,) = found.errors
    assert (error.index, error.kind) == (1, kind)
    assert words in error.text


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "row",
    [
        nested(100_000),
        record(("h", nested(100_000)), ("g", "x")),
        {**PLAIN, "tools": nested(100_000)},
        {**PLAIN, "system": nested(100_000)},
        record(
            ("h", "x"), ("c", {"name": "get_order", "arguments": {"order_id": nested(100_000)}})
        ),
    ],
    ids=["record", "text", "tools", "rules", "arguments"],
)
def test_endless_nesting_is_one_more_error(row: Any) -> None:
    assert [error.kind for error in read(row).errors] == ["too_deep"]


GOLD = {
    "actions": [
        {"name": "think", "arguments": {}},
        {"name": "get_order", "arguments": {"order_id": "77"}},
        {"name": "get_order", "arguments": {"order_id": "77"}},
        {"name": "cancel_order", "arguments": {"order_id": "77"}},
        {"name": "transfer_to_human", "arguments": {}},
    ],
    "outputs": ["1,234.50", "a lamp"],
}


def test_a_goal_from_a_sidecar() -> None:
    traces = ["First I look.", None]
    task = task_of(PLAIN, {"gold": GOLD, "traces": traces, "conversion": {}})
    assert task.goal.label is GoalLabel.VERIFIED
    assert [c.name for c in task.goal.writes] == ["cancel_order"]
    assert [c.name for c in task.goal.reads] == ["get_order", "transfer_to_human"]
    assert task.goal.facts == {"1234.5"}
    assert task.goal.outputs == ("1,234.50", "a lamp")
    assert task.traces == ("First I look.", None)


@pytest.mark.parametrize("sidecar", [{}, {"gold": None}])
def test_a_sidecar_without_gold_leaves_the_dialogue(sidecar: dict[str, Any]) -> None:
    assert task_of(PLAIN, sidecar).goal == task_of(PLAIN).goal


def test_a_world_from_a_sidecar() -> None:
    (row, sidecar), *_ = generate(1, 0)
    task = task_of(row, sidecar)
    assert task.setup.base is not None
    assert task.goal.label is GoalLabel.VERIFIED
    assert not any(effect.inferred for effect in task.effects.values())
    executor = task.setup.start(task)
    for made, answer in answered_calls(task.messages, task.turns):
        executor, result = executor.run(made)
        assert result.content == answer


def test_a_generated_world_from_a_sidecar() -> None:
    sidecar = {"world": {"name": "retail", "made": {"customers": 3, "seed": 1}}}
    one, other = task_of(PLAIN, sidecar), task_of(PLAIN, json.loads(json.dumps(sidecar)))
    assert one.setup.base is other.setup.base
    assert one.setup.base is WORLDS["retail"].generated(3, 1)


@pytest.mark.parametrize(
    ("sidecar", "words"),
    [
        ([], "one object per record"),
        ({"gold": 1}, "`gold`"),
        ({"gold": {"actions": 1}}, "`gold`"),
        ({"gold": {"actions": [{}]}}, "an action"),
        ({"gold": {"actions": [], "outputs": 5}}, "`gold`"),
        ({"world": "desk"}, "`world`"),
        ({"world": {"name": "moon", "state": {}}}, "world"),
        ({"world": {"name": "desk", "state": {"orders": 1}}}, "orders"),
        ({"world": {"name": "retail", "made": {"customers": 5}}}, "`world`"),
        ({"world": {"name": "retail", "made": {"customers": "5", "seed": 1}}}, "`world`"),
        ({"world": {"name": "retail", "made": {"customers": 0, "seed": 1}}}, "1 to "),
        ({"world": {"name": "desk", "made": {"customers": 5, "seed": 1}}}, "can be generated"),
        ({"world": {"name": "retail", "state": {}, "made": {}}}, "`world`"),
        ({"group": ["amy"]}, "`group`"),
    ],
)
def test_a_bad_sidecar_is_counted_and_explained(sidecar: Any, words: str) -> None:
    (error,) = read(PLAIN, sidecar).errors
    assert error.kind == "bad_sidecar"
    assert words in error.text


def test_sidecars_must_be_as_many_as_records() -> None:
    with pytest.raises(ValueError, match="one sidecar entry for each of 1 records, got 2"):
        read_records([PLAIN], [{}, {}], source="test", stem="t")


@pytest.mark.parametrize("key", ["group", "user_group"])
def test_a_sidecar_may_say_what_stays_together(key: str) -> None:
    rows = [
        record(("h", f"Something else: {text}"), ("g", "Ok.")) for text in ("a b", "c d", "e f")
    ]
    sidecars = [{key: "amy"}, {key: "bob"}, {key: "amy"}]
    a, b, c = read_records(rows, sidecars, source="test", stem="t").tasks
    assert a.group == c.group != b.group
    assert a.split is c.split


def test_equal_tools_are_shared() -> None:
    a, b = read_records([PLAIN, PLAIN], None, source="test", stem="t").tasks
    assert a.tools is b.tools
    assert a.effects is b.effects


@pytest.mark.parametrize("key", ["inputSchema", "input_schema", "args", "function_parameters"])
def test_the_schema_of_a_tool_under_another_key(key: str) -> None:
    tools = [{"name": t["name"], "description": "…", key: t["parameters"]} for t in TOOLS]
    task = task_of({**PLAIN, "tools": tools})
    assert (task.goal, task.decisions) == (task_of(PLAIN).goal, task_of(PLAIN).decisions)


def test_flat_arguments_as_xlam_has_them() -> None:
    flat = {"order_id": {"type": "str"}, "lang": {"type": "str, optional", "default": "en"}}
    task = task_of({**PLAIN, "tools": json.dumps([{"name": "get_order", "parameters": flat}])})
    assert task.decisions == task_of(PLAIN).decisions
    assert task.tools[0].parameters["required"] == ["order_id"]
    wrong = record(("h", "Hi"), ("c", call(order_id=7)), ("o", "x"), ("g", "Ok."))
    assert read({**wrong, "tools": [{"name": "get_order", "parameters": flat}]}).mended == {
        "invalid_call": 1
    }


BROKEN: list[dict[str, Any]] = [
    {"name": "fly", "parameters": {"type": "array"}},
    {"name": "fly", "signature": {"city": {"type": "str"}}},
    {"name": "fly", "parameters": {"properties": {"a": {"pattern": "(a)\\1"}}}},
    {"name": "fly", "parameters": {"properties": {"a": {"$ref": "http://x.org"}}}},
    {"name": "fly", "parameters": {"f": {"type": "Callable"}}},
    {"name": "fly", "parameters": {"properties": {"a": {"default": math.nan}}}},
    {"description": "no name"},
]


@pytest.mark.parametrize("tool", BROKEN)
def test_a_tool_that_cannot_be_used_and_is_not_called_costs_nothing(tool: dict[str, Any]) -> None:
    found = read({**PLAIN, "tools": [tool, *TOOLS, None]})
    assert found.errors == ()
    assert found.mended == {"unusable_tool": 1}
    assert list(found.unusable_tools) == [tool.get("name", "a tool without a name")]
    plain = task_of(PLAIN)
    assert found.tasks[0].tools == plain.tools
    assert found.tasks[0].goal == plain.goal


@pytest.mark.parametrize("tool", BROKEN[:-1])
def test_a_tool_that_cannot_be_used_costs_only_the_records_that_call_it(
    tool: dict[str, Any],
) -> None:
    tools = [*TOOLS, tool]
    flying = record(("h", "Fly."), ("c", call("fly", a=1)), ("o", "x"), ("g", "Ok."), tools=tools)
    asked = {"gold": {"actions": [{"name": "fly", "arguments": {"a": 1}}]}}
    rows = [{**PLAIN, "tools": tools}, flying, {**PLAIN, "tools": tools}]
    found = read_records(rows, [{}, {}, asked], source="test", stem="t")
    assert [task.id for task in found.tasks] == ["t-00000"]
    assert [error.index for error in found.errors] == [1, 2]
    assert {error.kind for error in found.errors} <= {"bad_tools", "refused_schema"}
    assert all("fly" in error.text or "JSON" in error.text for error in found.errors)


def test_a_name_that_stands_twice_costs_only_who_calls_it() -> None:
    tools = [*TOOLS, {"name": "fly"}, {"name": "fly", "parameters": TOOLS[0]["parameters"]}]
    found = read({**PLAIN, "tools": tools})
    assert found.mended == {"unusable_tool": 1}
    assert "twice" in found.unusable_tools["fly"]


def test_the_nulls_of_a_table_cost_nothing() -> None:
    def whole(turn: dict[str, Any]) -> dict[str, Any]:
        return {"tool_calls": None, "name": None, "role": None, "content": None, **turn}

    schema = {
        "type": "object",
        "properties": {
            "order_id": {"type": "string", "enum": None, "description": None},
            "user_id": None,
        },
        "required": ["order_id"],
        "title": None,
    }
    tools = [
        {"name": "get_order", "description": None, "parameters": schema, "inputSchema": None},
        None,
    ]
    entries = [whole(turn) for turn in PLAIN["conversations"]]
    found = read({"system": "Be kind.", "conversations": entries, "tools": tools, "id": None})
    assert (found.errors, found.mended) == ((), {})
    assert found.tasks[0].decisions == task_of(PLAIN).decisions
    assert "null" not in json.dumps(dict(found.tasks[0].tools[0].parameters))


def test_the_nulls_of_a_call_in_a_table_are_left_out() -> None:
    made = {"name": "get_order", "arguments": {"order_id": "77", "user_id": None, "days": None}}
    task, blemishes = mended(("h", "Hi"), ("c", made), ("o", "x"), ("g", "Ok."))
    assert blemishes == {"null_arguments"}
    assert task.turns[0].calls == (ToolCall("get_order", {"order_id": "77"}),)
    assert task.turns[0].is_decision
    # In a text, it is what the agent said.
    _, blemishes = mended(("h", "Hi"), ("c", json.dumps(made)), ("o", "x"), ("g", "Ok."))
    assert blemishes == {"invalid_call"}


@pytest.mark.parametrize("given", [None, "", "null", {}, "{}"])
def test_no_arguments(given: object) -> None:
    made = [{"name": "think", "arguments": given}] + [{"name": "think"}] * (given is None)
    for one in made:
        for value in (one, json.dumps(one)):
            task, blemishes = mended(("h", "Hi"), ("c", value), ("o", "x"), ("g", "Ok."))
            assert task.turns[0].calls == (ToolCall("think", {}),)
            assert task.turns[0].is_decision
            assert blemishes <= {"no_arguments", "arguments_as_text"}


@pytest.mark.parametrize("key", ["parameters", "args", "input"])
def test_arguments_under_another_key(key: str) -> None:
    task, _ = mended(("h", "Hi"), ("c", {"name": "get_order", key: {"order_id": "1"}}), ("o", "x"))
    assert task.turns[0].calls == (ToolCall("get_order", {"order_id": "1"}),)


def test_arguments_that_may_be_anywhere_are_not_taken_for_none() -> None:
    task, blemishes = mended(("h", "Hi"), ("c", {"name": "get_order", "order_id": "1"}), ("o", "x"))
    assert blemishes == {"unreadable_call"}
    assert not task.turns[0].is_decision


ONE, TWO = ({"name": "get_order", "arguments": {"order_id": x}} for x in "12")
OPENAI = [
    {
        "id": f"call_{place}",
        "type": "function",
        "function": {"name": made["name"], "arguments": json.dumps(made["arguments"])},
    }
    for place, made in enumerate((ONE, TWO))
]


@pytest.mark.parametrize(
    "turns",
    [
        [("c", [ONE, TWO]), ("o", "a"), ("o", "b")],
        [("c", json.dumps([ONE, TWO])), ("o", "a"), ("o", "b")],
        [("c", [json.dumps(ONE), json.dumps(TWO)]), ("o", "a"), ("o", "b")],
        [("c", json.dumps([ONE, TWO])), ("o", ["a", "b"])],
        [("c", json.dumps([ONE, TWO])), ("o", json.dumps(["a", "b"]))],
        [("c", OPENAI), ("o", "a"), ("o", "b")],
        [("c", {"tool_calls": OPENAI}), ("o", "a"), ("o", "b")],
        [("c", json.dumps({"tool_calls": OPENAI})), ("o", "a"), ("o", "b")],
        [("c", [ONE]), ("c", TWO), ("o", "a"), ("o", "b")],
    ],
)
def test_several_calls_in_one_value(turns: list[tuple[str, object]]) -> None:
    task, blemishes = mended(("h", "Hi"), *turns, ("g", "Ok."))
    assert blemishes <= {"joined_call_turns", "arguments_as_text"}
    assert [made.arguments["order_id"] for made in task.turns[0].calls] == ["1", "2"]
    assert kinds(task) == "cr"
    assert task.decisions == task.turns
    made_calls = list(answered_calls(task.messages, task.turns))
    assert [(made.arguments["order_id"], answer) for made, answer in made_calls] == [
        ("1", "a"),
        ("2", "b"),
    ]


@pytest.mark.parametrize("ids", [[0, 1], [1, 0]])
def test_messages_as_openai_has_them(ids: list[int]) -> None:
    answers = [
        {"role": "tool", "tool_call_id": f"call_{place}", "content": "ab"[place]} for place in ids
    ]
    entries: list[dict[str, Any]] = [
        {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
        {"role": "assistant", "content": None, "tool_calls": OPENAI},
        *answers,
        {"role": "assistant", "content": "Ok.", "tool_calls": None},
    ]
    task = task_of({"conversations": entries, "tools": TOOLS})
    assert task.messages[1].content == "Hi"
    assert [m.content for m in task.messages if m.role is Role.TOOL] == ["a", "b"]
    assert task.decisions == task.turns


def test_a_text_beside_calls_stays_in_the_history() -> None:
    entries = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "I look.", "function_call": ONE},
        {"role": "function", "content": "x"},
        {"role": "assistant", "content": "Ok."},
    ]
    task = task_of({"conversations": entries, "tools": TOOLS})
    assert kinds(task) == "cr"
    assert parse(task.messages[2].content).text == "I look."


@pytest.mark.parametrize(
    "form",
    [
        "{0}\n{1}",
        "<tool_call>{0}</tool_call>\n<tool_call>\n{1}\n</tool_call>",
        "```\n{0}\n{1}\n```",
    ],
)
def test_several_calls_in_one_text(form: str) -> None:
    text = form.format(json.dumps(ONE), json.dumps(ONE))
    task, _ = mended(("h", "Hi"), ("c", text), ("o", "a"), ("o", "b"))
    call = ToolCall("get_order", {"order_id": "1"})
    assert list(answered_calls(task.messages, task.turns)) == [(call, "a"), (call, "b")]


@pytest.mark.parametrize(
    "text", ["I call:\n{0}", "<tool_call>{0}</tool_call> I hope.", "<tool_call>{0}", "{0}\n{{"]
)
def test_a_text_with_more_than_calls_is_unreadable(text: str) -> None:
    _, blemishes = mended(("h", "Hi"), ("c", text.format(json.dumps(ONE))), ("o", "a"))
    assert blemishes == {"unreadable_call"}


def test_one_bad_call_of_several_is_one_bad_call() -> None:
    task, blemishes = mended(("h", "Hi"), ("c", [ONE, {"name": 3}]), ("o", "a"), ("o", "b"))
    assert blemishes == {"unreadable_call"}
    assert list(answered_calls(task.messages, task.turns)) == [
        (ToolCall("get_order", {"order_id": "1"}), "a")
    ]


WILD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        ["human", "gpt", "function_call", "observation", "system", call(), "<think>"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["from", "value", "name", "arguments", "parameters", "type", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places inside a JSON value."""
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(place for key, item in inner for place in paths(item, (*path, key)))]


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    row, sidecar = draw(st.sampled_from(BASES))
    root = copy.deepcopy({"row": row, "sidecar": sidecar})
    for _ in range(draw(st.integers(1, 4))):
        *way, last = draw(st.sampled_from([path for path in paths(root) if len(path) > 1]))
        parent: Any = root
        for key in way:
            parent = parent[key]
        match draw(st.sampled_from(["replace", "delete", "repeat"])):
            case "replace":
                parent[last] = draw(WILD)
            case "delete":
                del parent[last]
            case _ if isinstance(parent, list):
                parent.insert(last, copy.deepcopy(draw(st.sampled_from(parent))))
    return root


BASES = [({**PLAIN, "tools": TOOLS}, {"gold": GOLD}), *generate(3, 0)]


@settings(max_examples=150, deadline=None)
@given(mutated())
def test_no_mutation_of_a_record_raises_or_is_lost(root: Any) -> None:
    check_sound(read(root.get("row"), root.get("sidecar", {})))


@settings(deadline=None)
@given(WILD)
def test_no_json_value_raises_or_is_lost(value: Any) -> None:
    check_sound(read(value))


def check_sound(found: TaskSet) -> None:
    for error in found.errors:
        assert error.text.isprintable()
        assert len(error.text) < 1000
    for task in found.tasks:
        toolbox = Toolbox.of(task.tools)
        assert task.messages[0].role is Role.SYSTEM
        for turn in task.turns:
            parsed = parse(task.messages[turn.index].content)
            assert task.messages[turn.index].role is Role.ASSISTANT
            if turn.is_decision:
                assert (parsed.kind, parsed.calls, parsed.problems) == (turn.kind, turn.calls, ())
                assert turn.kind is MessageKind.REPLY or all(
                    toolbox.check(c) is None for c in turn.calls
                )
        task.setup.start(task)


NO_JSON = pytest.mark.parametrize("value", [math.nan, math.inf, 10**500, "\ud800"])


@NO_JSON
def test_a_call_with_a_value_that_json_does_not_have_is_no_decision(value: Any) -> None:
    calling = {"name": "get_order", "arguments": {"order_id": value}}
    task = task_of(record(("h", value), ("c", calling), ("o", value), ("g", "Done.")))
    assert [turn.is_decision for turn in task.turns] == [False, True]
    (problem,) = parse(task.messages[task.turns[0].index].content).problems
    assert problem.kind in (ProblemKind.NOT_JSON, ProblemKind.TOO_LARGE)


@NO_JSON
def test_tools_with_a_value_that_json_does_not_have_are_refused(value: Any) -> None:
    (error,) = read({**PLAIN, "tools": [{"name": "x", "parameters": {"default": value}}]}).errors
    assert error.kind == "bad_tools"


def test_a_very_large_number_is_one_that_json_has() -> None:
    tools = [{"name": "get_order", "parameters": {"properties": {"order_id": {"default": 1e308}}}}]
    assert all(turn.is_decision for turn in task_of({**PLAIN, "tools": tools}).turns)


@pytest.mark.parametrize(
    ("name", "count", "label", "blemishes"),
    [
        ("apigen_mt_like_real", 626, GoalLabel.VERIFIED, {"untagged_call": 4}),
        ("apigen_mt_5k_real_sample", 1, GoalLabel.RECORDED, {}),
        ("star_apigen_like", 601, GoalLabel.RECORDED, {"invalid_call": 19}),
        ("nemo_ctus_apigen_like", 5, GoalLabel.RECORDED, {}),
    ],
)
def test_real_records(
    shared_data: Path, name: str, count: int, label: GoalLabel, blemishes: dict[str, int]
) -> None:
    found = load_tasks(str(shared_data / "dialogues" / f"{name}.json"))
    assert (len(found.tasks), found.errors, found.mended) == (count, (), blemishes)
    assert found.tasks[0].goal.label is label
    assert found.tasks[-1].id == f"{name}-{count - 1:05d}"


def test_real_goals(shared_data: Path) -> None:
    tasks = load_tasks(str(shared_data / "dialogues" / "apigen_mt_like_real.json")).tasks
    labels = [task.goal.label for task in tasks]
    assert (labels.count(GoalLabel.VERIFIED), labels.count(GoalLabel.PARTLY)) == (475, 122)
    assert sum(bool(task.goal.writes) for task in tasks) == 442
    others = [turn.text for task in tasks for turn in task.turns if not turn.is_decision]
    assert len(others) == 15
    assert all('"arguments": {' in text for text in others)  # calls that were said to the user
