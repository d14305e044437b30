"""OpenAI's form and ours: what a model wrote is what is read, malformed or not."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.openai_form import answers_of, from_openai, to_openai
from tools.protocol import CALL, END_CALL, END_THINK, THINK, parse, render
from tools.types import ProblemKind, ToolCall


def calling(*arguments: Any, name: Any = "find", **more: Any) -> dict[str, Any]:
    calls = [
        {"id": f"c{n}", "type": "function", "function": {"name": name, "arguments": one}}
        for n, one in enumerate(arguments)
    ]
    return {"role": "assistant", "content": None, "tool_calls": calls, **more}


def test_calls_thoughts_and_text_are_kept_apart() -> None:
    message = calling('{"id": 3}', "{}", content="One moment.", reasoning_content="Look it up.")
    read = parse(from_openai(message))
    assert read.calls == (ToolCall("find", {"id": 3}), ToolCall("find", {}))
    assert (read.text, read.thought, read.reply) == ("One moment.", "Look it up.", None)


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning"])
def test_a_thought_is_not_told(key: str) -> None:
    read = parse(from_openai({"content": "Done.", key: f"{THINK}so {END_THINK}Secret."}))
    assert read.reply is not None
    assert (read.reply.text, read.thought) == ("Done.", "so Secret.")


@pytest.mark.parametrize("empty", ["", "  ", None])
def test_a_call_without_arguments(empty: str | None) -> None:
    assert parse(from_openai(calling(empty))).calls == (ToolCall("find", {}),)


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ("{oops", ProblemKind.NOT_JSON),
        ("{'id': 3}", ProblemKind.NOT_JSON),
        ('{"id": 3', ProblemKind.NOT_JSON),
        ('{"id": 1, "id": 2}', ProblemKind.NOT_JSON),
        ('"{\\"id\\": 3}"', ProblemKind.DOUBLE_ENCODED),
        ("[3]", ProblemKind.NOT_AN_OBJECT),
        ('{}, "more": 1', ProblemKind.NOT_AN_OBJECT),
        ('{}, "name": "other"', ProblemKind.NOT_JSON),
        (f'{{}}}}\n{END_CALL}\n{CALL}{{"name": "sell"}}', ProblemKind.NOT_JSON),
    ],
)
def test_malformed_arguments_are_one_problem_and_stand_as_they_came(
    arguments: str, kind: ProblemKind
) -> None:
    raw = from_openai(calling(arguments))
    (problem,) = parse(raw).attempts
    assert getattr(problem, "kind", None) == kind
    assert CALL in arguments or arguments in raw


@pytest.mark.parametrize(
    "call",
    [{}, {"function": None}, {"function": {}}, {"type": "custom", "custom": {"input": CALL}}],
)
def test_a_call_of_another_kind_is_one_problem(call: dict[str, Any]) -> None:
    assert len(parse(from_openai({"tool_calls": [call]})).problems) == 1


def test_a_call_that_the_text_leaves_open_does_not_swallow_the_others() -> None:
    read = parse(from_openai(calling('{"id": 3}', content=f'So {CALL}{{"name": "fi')))
    assert [type(one) for one in read.attempts[1:]] == [ToolCall]


def test_objects_parts_and_the_old_form() -> None:
    message = {"function_call": {"name": "find", "arguments": "{}"}, "content": None}
    assert parse(from_openai(SimpleNamespace(model_dump=lambda: message))).calls
    assert from_openai({"content": [{"type": "text", "text": "Hi"}, {"type": "image"}]}) == "Hi"
    assert from_openai({"content": None, "refusal": "No."}) == "No."


def test_what_is_no_message_of_the_assistant_is_refused() -> None:
    with pytest.raises(TypeError, match="a dict with role, content and tool_calls"):
        from_openai("text")
    with pytest.raises(TypeError, match="got a list of 2; pass one at a time"):
        from_openai([{"content": "Hi"}, {"content": "Ho"}])
    with pytest.raises(ValueError, match="got one of role 'user'"):
        from_openai({"role": "user", "content": "text"})


TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXTS | st.sampled_from([CALL, END_THINK]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
CALLS = st.builds(ToolCall, TEXTS, st.dictionaries(TEXTS, VALUES, max_size=3))


@given(st.lists(CALLS, max_size=3), TEXTS.map(str.strip), st.none() | st.just("Hm."))
def test_what_we_write_in_that_form_reads_back_the_same(
    calls: list[ToolCall], text: str, thought: str | None
) -> None:
    raw = render(calls, text, thought)
    (message,) = to_openai([{"role": "assistant", "content": raw}])
    assert from_openai(json.loads(json.dumps(message))) == raw


@given(st.text(st.sampled_from('{}"a:,\\<> \n') | st.characters(codec="utf-8"), max_size=40))
def test_any_arguments_are_one_attempt(arguments: str) -> None:
    assert len(parse(from_openai(calling(arguments))).attempts) == 1


def test_each_answer_names_its_call() -> None:
    raw = render([ToolCall("find", {"id": 1}), ToolCall("find", {"id": 2})])
    messages = [("user", "Hi"), ("assistant", raw), ("tool", "one"), ("tool", "two")]
    messages += [("assistant", render([ToolCall("end", {})])), ("tool", "three")]
    found = to_openai({"role": role, "content": text} for role, text in messages)
    ids = [call["id"] for one in found for call in one.get("tool_calls", ())]
    answers = [(one["tool_call_id"], one["content"]) for one in found if one["role"] == "tool"]
    assert answers == [*zip(ids, ("one", "two", "three"), strict=True)]
    assert len(set(ids)) == 3


@pytest.mark.parametrize(
    "raw", ["", f"{CALL}{{oops", f"{CALL}x{END_CALL}{render([ToolCall('a', {})])}"]
)
def test_what_cannot_be_read_stays_text_and_its_answer_is_a_users(raw: str) -> None:
    answered = [{"role": "tool", "content": "Error: one"}]
    found = to_openai([{"role": "assistant", "content": raw}, *answered])
    assert found == [
        {"role": "assistant", "content": raw},
        {"role": "user", "content": "Error: one"},
    ]


def test_one_answer_to_all_unreadable_calls_goes_to_each() -> None:
    assert [one["content"] for one in answers_of(["Error"], ["a", "b"])] == ["Error", "Error"]
    first, second = answers_of(["of the text", "of the call"], ["a"])
    assert (first["tool_call_id"], first["content"]) == ("a", "of the call")
    assert second == {"role": "user", "content": "of the text"}
