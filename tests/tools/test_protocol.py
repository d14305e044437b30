"""The parser: every string has one reading, and `render` is its inverse."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.protocol import (
    MAX_CALLS,
    MAX_CHARS,
    Parsed,
    ThinkForm,
    change_calls,
    parse,
    render,
    reply_of,
)
from tools.types import CallProblem, Json, MessageKind, ProblemKind, ToolCall

CHARACTERS = st.characters(exclude_categories=["Cs"])
SCALARS = st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text(CHARACTERS)
ARGUMENTS: st.SearchStrategy[dict[str, Json]] = st.dictionaries(
    st.text(CHARACTERS) | st.sampled_from(["<think>", "</tool_call>"]),
    SCALARS | st.lists(SCALARS, max_size=3) | st.sampled_from(["</think>", "<tool_call>"]),
    max_size=4,
)
CALLS = st.builds(ToolCall, st.text(CHARACTERS), ARGUMENTS)
PLAIN = st.text(CHARACTERS).map(str.strip).filter(lambda text: "<" not in text)


@given(st.lists(CALLS, max_size=4), PLAIN, st.none() | PLAIN)
def test_parse_inverts_render(calls: list[ToolCall], text: str, thought: str | None) -> None:
    parsed = parse(render(calls, text, thought))
    assert parsed.attempts == tuple(calls)
    assert parsed.text == text
    assert parsed.thought == thought
    expected = ThinkForm.ABSENT if thought is None else ThinkForm.WELL_FORMED
    assert parsed.thinking is expected


TAGS = st.sampled_from(
    ["<think>", "</think>", "<tool_call>", "</tool_call>", '{"name": "f", "arguments": {}}', "\n"]
)


@given(st.lists(TAGS | st.text(st.characters(), max_size=5), max_size=12).map("".join))
def test_the_reply_of_a_message_is_the_one_that_parse_reads(message: str) -> None:
    reply = parse(message).reply
    assert reply_of(message) == (reply.text if reply else None)


@given(st.lists(TAGS | st.text(st.characters(), max_size=5), max_size=12).map("".join))
def test_every_string_has_a_reading(message: str) -> None:
    parsed = parse(message)
    assert isinstance(parsed, Parsed)
    assert (parsed.kind is MessageKind.CALL) == bool(parsed.calls)
    assert (parsed.reply is not None) == (parsed.kind is MessageKind.REPLY)
    for problem in parsed.problems:
        problem.text.encode("utf-8")


CALL = '<tool_call>\n{"name": "f", "arguments": {"x": 1}}\n</tool_call>'


BARE = '{"name": "find_order", "arguments": {"id": "1"}}'


def test_text_next_to_a_call_is_kept_but_no_reply() -> None:
    parsed = parse(f"Let me look. {CALL}")
    assert parsed.kind is MessageKind.CALL
    assert parsed.text == "Let me look."
    assert parsed.reply is None


@pytest.mark.parametrize(
    ("message", "form"),
    [
        ("hello", ThinkForm.ABSENT),
        ("<think>a</think>hello", ThinkForm.WELL_FORMED),
        ("  \n<think></think>hello", ThinkForm.WELL_FORMED),
        ("<think>a", ThinkForm.BROKEN),
        ("hello <think>a</think>", ThinkForm.BROKEN),
        ("<think>a</think><think>b</think>hello", ThinkForm.BROKEN),
        ("<think>a<think>b</think>hello", ThinkForm.BROKEN),
        ("a</think>hello", ThinkForm.WELL_FORMED),
        ("a</think>hello</think>", ThinkForm.BROKEN),
        ("a</think>hello <think>b</think>", ThinkForm.BROKEN),
        ("<think>a</think></think>hello", ThinkForm.BROKEN),
    ],
)
def test_forms_of_thought(message: str, form: ThinkForm) -> None:
    assert parse(message).thinking is form


@pytest.mark.parametrize("thought", ["I look it up.", f"I would write {CALL}", ""])
def test_a_template_may_have_opened_the_thought(thought: str) -> None:
    parsed = parse(f"{thought}</think>\n\nHello!")
    assert (parsed.thought, parsed.text, parsed.attempts) == (thought, "Hello!", ())
    assert parsed.reply is not None
    called = parse(f"{thought}\n</think>\n\n{CALL}")
    assert (called.thought, called.calls) == (thought, (ToolCall("f", {"x": 1}),))


def test_calls_inside_a_thought_are_not_made() -> None:
    assert parse(f"<think>{CALL}</think>hello").reply is not None


@pytest.mark.parametrize("message", [f"<think>{CALL}</think>", f"<think>{CALL}", f"{CALL}</think>"])
def test_a_call_that_stands_only_inside_the_thought_is_named(message: str) -> None:
    parsed = parse(message)
    assert parsed.kind is MessageKind.NONE
    assert [problem.kind for problem in parsed.problems] == [ProblemKind.IN_THOUGHT]


def test_a_thought_may_have_a_tag_of_calls() -> None:
    parsed = parse(f"A <tool_call> block is due.</think>\n\n{CALL}")
    assert (parsed.thought, parsed.text) == ("A <tool_call> block is due.", "")
    assert (parsed.thinking, parsed.calls) == (ThinkForm.WELL_FORMED, (ToolCall("f", {"x": 1}),))


@pytest.mark.parametrize("inside", [BARE, "<function=find_order></function>", 'find_order(id="1")'])
def test_any_call_inside_the_thought_alone_is_named(inside: str) -> None:
    parsed = parse(f"<think>I call {inside}</think>", ("find_order",))
    assert [problem.kind for problem in parsed.problems] == [ProblemKind.IN_THOUGHT]


@pytest.mark.parametrize(
    "tags", ["</tool_call>", "</tool_call><think>a</think>", "<tool_call></think>"]
)
@pytest.mark.parametrize("garbage", [" and more", "}", " <b>", ' "x"', f"\n{BARE}"])
def test_a_block_ends_behind_its_json_whatever_follows(tags: str, garbage: str) -> None:
    block = f'<tool_call>{{"name": "f", "arguments": {{"x": "a {tags} b"}}}}{garbage}</tool_call>'
    message = f"Look. {block} {CALL}"
    parsed = parse(message)
    assert [type(attempt) for attempt in parsed.attempts] == [CallProblem, ToolCall]
    assert (parsed.text, parsed.thinking) == ("Look.", ThinkForm.ABSENT)
    changed = change_calls(message, lambda call: ToolCall("g", call.arguments))
    assert changed == f"Look. {block} {render([ToolCall('g', {'x': 1})])}"


@given(
    st.lists(TAGS | st.sampled_from(['"', "{", "}}", '{"a": "', " x "]), max_size=12).map("".join)
)
def test_calls_are_changed_where_they_are_read(message: str) -> None:
    before = parse(message)
    after = parse(change_calls(message, lambda call: ToolCall(f"{call.name}2", {})))
    assert [call.name for call in after.calls] == [f"{call.name}2" for call in before.calls]
    assert (after.text, after.thought, after.thinking) == (
        before.text,
        before.thought,
        before.thinking,
    )
    assert after.problems == before.problems


@pytest.mark.parametrize("text", ["</tool_call>", "<tool_call>", "</think>", "<think>x</think>"])
@pytest.mark.parametrize("around", ["{}", '\\"{}\\\\', "{} and {}", '[{{\\"{}'])
def test_tags_in_the_strings_of_a_call_are_text(text: str, around: str) -> None:
    written = f'"{around.replace("{}", text).replace("{{", "{")}"'
    block = f'<tool_call>{{"name": "f", "arguments": {{"x": {written}}}}}</tool_call>'
    parsed = parse(f"Look: {block}{CALL}")
    assert parsed.calls == (ToolCall("f", {"x": json.loads(written)}), ToolCall("f", {"x": 1}))
    assert (parsed.text, parsed.thinking) == ("Look:", ThinkForm.ABSENT)
    assert change_calls(block, lambda call: ToolCall("g", {})).count('"g"') == 1


@pytest.mark.parametrize("rest", ["", ', "arguments": null', ', "arguments": ""'])
def test_no_arguments_are_empty_ones(rest: str) -> None:
    assert parse(f'<tool_call>{{"name": "f"{rest}}}</tool_call>').calls == (ToolCall("f", {}),)


@pytest.mark.parametrize("block", ["oops", '{"name": 1}', '{"name": "f", "arguments": "{}"}'])
def test_text_with_an_attempt_to_call_is_no_reply(block: str) -> None:
    parsed = parse(f"Your order is cancelled. <tool_call>{block}</tool_call>")
    assert parsed.kind is MessageKind.NONE
    assert parsed.reply is None


@pytest.mark.parametrize(
    "message",
    [
        '{"name": "f", "arguments": {"x": 1}}',
        '```json\n{"name": "f", "arguments": {"x": 1}}\n```',
        'Let me look.\n```\n{"name": "f", "parameters": {}}\n```',
        'I call:\n  {"tool": "f", "args": {}}\nOne moment.',
        '[{"name": "f", "arguments": {}}]',
        '{"type": "function", "function": {"name": "f", "arguments": "{}"}}',
        '{"tool_calls": [{"function": {"name": "f", "arguments": {}}}]}',
        "<function=f><parameter=x>1</parameter></function>",
        '<function_calls>\n<invoke name="f">\n</invoke></function_calls>',
        '[TOOL_CALLS][{"name": "f", "arguments": {}}]',
        '<|python_tag|>{"name": "f", "parameters": {}}',
    ],
)
def test_other_syntaxes_are_attempts_and_named(message: str) -> None:
    parsed = parse(message)
    assert parsed.kind is MessageKind.NONE
    assert [problem.kind for problem in parsed.problems] == [ProblemKind.OTHER_SYNTAX]
    assert "<tool_call>" in parsed.problems[0].text


@pytest.mark.parametrize(
    "message",
    ['{"name": "Ann", "city": "Rome"}', "Use {x}.", '{"items": [1]}', "a < b <i>c</i>", "[1] {2}"],
)
def test_json_and_markup_that_call_nothing_are_replies(message: str) -> None:
    assert parse(message).kind is MessageKind.REPLY


@pytest.mark.parametrize(
    "message",
    [
        f"Let me look. {BARE}",
        f"`{BARE}`",
        f"- {BARE}",
        f"<json>{BARE}</json>",
        BARE[:-1],
        BARE.replace('"', "'"),
        BARE.replace("}}", ",}}"),
        '{"find_order": {"id": "1"}}',
        '{"tool_name": "find_order", "tool_arguments": {"id": "1"}}',
        '{"recipient_name": "functions.find_order", "parameters": {"id": "1"}}',
        'find_order\n{"id": "1"}',
        'find_order(id="1")',
        "```tool_code\nprint(default_api.find_order(id='1'))\n```",
        'Action: find_order\nAction Input: {"id": "1"}',
        '<find_order>{"id": "1"}</find_order>',
        '<find_order id="1"/>',
        "<TOOL_CALL>find_order</TOOL_CALL>",
        '<tool_call id="1">find_order</tool_call>',
        "<toolcall>find_order</toolcall>",
        "<|tool_call_start|>[find_order]<|tool_call_end|>",
        "<｜DSML｜function_calls>",
        "<|tool_call>call:find_order{}<tool_call|>",
        "✿FUNCTION✿: find_order",
        "to=functions.find_order",
        "<execute_tool>find_order</execute_tool>",
    ],
)
def test_a_text_that_names_a_tool_as_calls_do_is_an_attempt(message: str) -> None:
    parsed = parse(message, ("search", "find_order"))
    assert (parsed.kind, parsed.reply) == (MessageKind.NONE, None)
    assert [problem.kind for problem in parsed.problems] == [ProblemKind.OTHER_SYNTAX]


@pytest.mark.parametrize(
    "message",
    [
        "I did call find_order for you.",
        "A search (for shoes) finds them.",
        "Action: search for shoes",
        "Your <action> items: find_order",
        '{"name": "Ann", "search": "shoes"}',
        "The action: search",
        "search <b>shoes</b> [1]",
    ],
)
def test_a_text_that_only_has_a_name_of_a_tool_is_a_reply(message: str) -> None:
    assert parse(message, ("search", "find_order")).kind is MessageKind.REPLY


def test_a_closing_tag_alone_is_an_attempt() -> None:
    parsed = parse("I cancel it.\n</tool_call>")
    assert [problem.kind for problem in parsed.problems] == [ProblemKind.NOT_JSON]


def test_where_the_tools_are_known_a_bare_object_must_name_one() -> None:
    assert parse('{"name": "f"}', {"f"}).kind is MessageKind.NONE
    assert parse('{"name": "f", "arguments": {}}', {"g"}).kind is MessageKind.REPLY


@pytest.mark.parametrize(
    ("block", "kind"),
    [
        ("nonsense", ProblemKind.NOT_JSON),
        ("", ProblemKind.NOT_JSON),
        ('{"name": "f", "arguments": {}} {}', ProblemKind.NOT_JSON),
        ("[]", ProblemKind.NOT_AN_OBJECT),
        ("null", ProblemKind.NOT_AN_OBJECT),
        ("{}", ProblemKind.NOT_AN_OBJECT),
        ('{"arguments": {}}', ProblemKind.NOT_AN_OBJECT),
        ('{"name": 3, "arguments": {}}', ProblemKind.NOT_AN_OBJECT),
        ('{"name": "f", "arguments": []}', ProblemKind.NOT_AN_OBJECT),
        ('{"name": "f", "arguments": {}, "id": 1}', ProblemKind.NOT_AN_OBJECT),
        ('{"name": "f", "arguments": "{}"}', ProblemKind.DOUBLE_ENCODED),
        ('"{\\"name\\": \\"f\\"}"', ProblemKind.DOUBLE_ENCODED),
        ('{"name": "f", "arguments": {"x": NaN}}', ProblemKind.NOT_JSON),
        ("<function=f>\n<parameter=x>\n1\n</parameter>\n</function>", ProblemKind.OTHER_SYNTAX),
        ('<invoke name="f"><x>1</x></invoke>', ProblemKind.OTHER_SYNTAX),
    ],
)
def test_unreadable_calls_have_names(block: str, kind: ProblemKind) -> None:
    (attempt,) = parse(f"<tool_call>{block}</tool_call>").attempts
    assert isinstance(attempt, CallProblem)
    assert attempt.kind is kind


def test_a_bad_call_does_not_hide_a_good_one() -> None:
    parsed = parse(f"<tool_call>oops</tool_call>\n{CALL}\n<tool_call>{{")
    assert [type(attempt) for attempt in parsed.attempts] == [CallProblem, ToolCall, CallProblem]
    assert parsed.kind is MessageKind.CALL


def test_too_many_calls_are_one_problem() -> None:
    parsed = parse(CALL * (MAX_CALLS + 5))
    assert len(parsed.calls) == MAX_CALLS
    assert [problem.kind for problem in parsed.problems] == [ProblemKind.TOO_LARGE]


def test_a_too_long_message_stays_too_long_when_it_is_cut_to_be_stored() -> None:
    message = "x" * (3 * MAX_CHARS)
    assert parse(message) == parse(message[: MAX_CHARS + 1])
    assert parse(message).problems[0].kind is ProblemKind.TOO_LARGE
    assert parse("x" * MAX_CHARS).kind is MessageKind.REPLY


@pytest.mark.parametrize(
    "unit",
    [
        "<think>",
        "</think>",
        "<tool_call>",
        "</tool_call>",
        "<tool_call>{",
        '<tool_call>"',
        '<tool_call>"</tool_call>',
        "<tool_call></think>",
        '<tool_call>{"a": "</tool_call></think>',
        '<tool_call>{"\\"</tool_call>',
        '<tool_call>{"\\"</tool_call></think>',
        '{"name": ',
        "\n[{",
        "<function=",
        "```{",
    ],
)
def test_repeated_tags_take_linear_time(unit: str, growth: Callable[..., float]) -> None:
    assert growth(parse, unit * (MAX_CHARS // len(unit))) < 24
