"""Conversations in OpenAI's form, and answers in ours."""

from __future__ import annotations

import json

import pytest

from tools.chat_messages import in_text, raw_message, with_tool_calls
from tools.protocol import parse, render
from tools.types import ToolCall, ToolSpec

TOOLS = [ToolSpec("look", "Looks.", {"type": "object", "properties": {}}).as_dict()]


def said(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


TALK = [
    said("system", "Be kind."),
    said("user", "Hello"),
    said("assistant", render([ToolCall("look", {"a": 1}), ToolCall("look", {})], "Wait", "hm")),
    said("tool", "one"),
    said("tool", "two"),
    said("assistant", "<think>\nso\n</think>\n\nDone."),
    said("user", "Thanks"),
]


def test_calls_and_their_answers_are_told_in_the_endpoints_own_form() -> None:
    _, _, call, one, two, reply, _ = with_tool_calls(TALK)
    assert call["content"] == "Wait"
    assert [json.loads(c["function"]["arguments"]) for c in call["tool_calls"]] == [{"a": 1}, {}]
    assert [c["id"] for c in call["tool_calls"]] == [one["tool_call_id"], two["tool_call_id"]]
    assert (one["content"], two["content"]) == ("one", "two")
    assert reply == {"role": "assistant", "content": "Done."}, "thoughts are not told again"


@pytest.mark.parametrize("bad", ['<tool_call>\n{"name": "look", \n</tool_call>', "", "<think>hm"])
def test_what_no_endpoint_takes_as_a_call_stays_text(bad: str) -> None:
    told = with_tool_calls([*TALK[:2], said("assistant", bad), said("tool", "Error: no")])
    assert [one["role"] for one in told] == ["system", "user", "assistant", "user"]
    assert "Error: no" in told[-1]["content"]
    assert not any("tool_calls" in one for one in told)


def test_without_tools_of_the_endpoint_all_is_text_and_roles_take_turns() -> None:
    told = in_text(TALK, TOOLS)
    assert [one["role"] for one in told] == [
        "system",
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
    ]
    assert '"name": "look"' in told[0]["content"]
    assert parse(told[2]["content"]).calls == parse(TALK[2]["content"]).calls
    assert "one" in told[3]["content"]
    assert "two" in told[3]["content"]
    assert "<think>" not in json.dumps(told)


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_becomes_the_thought_and_is_not_heard(name: str) -> None:
    parsed = parse(raw_message({"content": "Hello", name: "say </think> or <think> not"}))
    assert parsed.reply is not None
    assert parsed.reply.text == "Hello"
    assert parsed.thought is not None


def test_odd_answers_are_messages_and_no_crash() -> None:
    call = {"function": {"name": "look", "arguments": '{"a": 1'}}
    raw = raw_message({"role": "tool", "content": None, "tool_calls": [3, call, {}]})
    assert '{"a": 1' in raw
    assert len(parse(raw).problems) == 2


def test_a_thought_that_is_told_twice_is_one() -> None:
    raw = "<think>\nhm\n</think>\n\nHello"
    assert raw_message({"content": raw, "reasoning_content": "hm"}) == raw


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"content": "a"}, "a"),
        ({"content": None}, ""),
        ({"content": [{"type": "text", "text": "a"}, {"text": "b"}, 3]}, "ab"),
        ({"content": None, "refusal": "no"}, "no"),
        ({"content": 7, "tool_calls": "x"}, ""),
    ],
)
def test_texts_of_all_kinds_are_read(answer: dict[str, object], text: str) -> None:
    assert raw_message(answer) == text
