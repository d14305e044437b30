"""Messages in OpenAI's chat form, to and from ours.

There, an assistant's calls and thoughts stand beside its text, and each answer of a tool names its
call. Here, a message is one raw text (`tools.protocol`), which is what gets graded: so a call whose
arguments are no JSON goes into it exactly as the model wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tools.protocol import (
    CALL,
    END_CALL,
    END_THINK,
    THINK,
    ThinkForm,
    parse,
    raw_call,
    render,
    wrap_unreadable,
)
from tools.types import Json, MessageKind, Role, ToolCall


def from_openai(message: Mapping[str, Any] | object) -> str:
    """An assistant's message in OpenAI's form as a raw message.

    A thought is taken from `reasoning_content` or `reasoning`; text beside calls is kept; the calls
    follow in their order, their arguments as they came, JSON or not.

    Args:
        message: A dict, or an object of the SDK's with `model_dump`.

    Raises:
        TypeError: for anything else.
        ValueError: for a message of somebody else.

    >>> print(from_openai({"tool_calls": [{"function": {"name": "find", "arguments": "{oops"}}]}))
    <tool_call>
    {"name": "find", "arguments": {oops}
    </tool_call>
    """
    plain = _plain(message)
    if (role := plain.get("role", "assistant")) != Role.ASSISTANT:
        raise ValueError(f"expected a message of the assistant, got one of role {role!r}")
    calls = [_block(call) for call in calls_of(plain)]
    text = _text(plain.get("content")) or _text(plain.get("refusal"))
    if calls and text:
        text = _closed(text)
    thought = _text(plain.get("reasoning_content")) or _text(plain.get("reasoning"))
    thought = thought.replace(THINK, "").replace(END_THINK, "").strip()
    return render(text="\n".join([text, *calls] if text else calls), thought=thought or None)


def to_openai(messages: Iterable[Mapping[str, str]]) -> list[dict[str, Any]]:
    """A conversation of ours in OpenAI's form.

    Calls are numbered through, and a thought becomes `reasoning_content`. A message with a call
    that cannot be read stays one text, as the model wrote it, and its answers are a user's message:
    in that form a tool's answer has to name a call that can be read.

    Args:
        messages: The messages of an observation.
    """
    found: list[dict[str, Any]] = []
    ids: list[str | None] = []
    told: list[str] = []
    number = 0
    for message in messages:
        role, content = message["role"], message["content"]
        if role == Role.TOOL:
            told.append(content)
            continue
        found += answers_of(told, ids)
        told, ids = [], []
        if role != Role.ASSISTANT:
            found.append({"role": role, "content": content})
            continue
        found.append(_assistant(content, number))
        ids = [call["id"] for call in found[-1].get("tool_calls", ())]
        number += len(ids)
    return found + answers_of(told, ids)


def answers_of(contents: Sequence[str], ids: Sequence[str | None]) -> list[dict[str, Any]]:
    """The answers to a message's calls in OpenAI's form.

    Args:
        contents: The texts of the tool messages: one a call; a single one where no call could be
            read; and first those to calls that stood in the text.
        ids: The ids of the message's calls, in order; None for a call without one.

    Returns:
        An answer for each id, then what is left, as a user's message.
    """
    if not contents:
        return []
    extra = max(0, len(contents) - len(ids))
    left, texts = contents[:extra], contents[extra:]
    named: list[dict[str, Any]] = [
        {
            "role": Role.TOOL.value,
            **({} if id is None else {"tool_call_id": id}),
            "content": texts[min(at, len(texts) - 1)],
        }
        for at, id in enumerate(ids)
    ]
    return named + ([{"role": Role.USER.value, "content": "\n".join(left)}] if left else [])


def calls_of(message: Mapping[str, Any] | object) -> list[dict[str, Any]]:
    """The calls of an assistant's message in OpenAI's form, as dicts, in order.

    Raises:
        TypeError: if it is no such message.
    """
    plain = _plain(message)
    calls = plain.get("tool_calls") or []
    if not isinstance(calls, list | tuple):
        raise TypeError(f"expected tool_calls as a list of calls, got {type(calls).__name__}")
    if isinstance(old := plain.get("function_call"), Mapping):
        calls = [*calls, {"function": old}]
    return [_plain(call, "each of tool_calls as a dict with id and function") for call in calls]


_MESSAGE = "a message in OpenAI's form, a dict with role, content and tool_calls"


def _plain(value: Mapping[str, Any] | object, what: str = _MESSAGE) -> dict[str, Any]:
    dump = getattr(value, "model_dump", None)
    plain = dump() if callable(dump) else value
    if isinstance(plain, list | tuple):
        raise TypeError(
            f"expected {what}, got a {type(plain).__name__} of {len(plain)}; pass one at a time"
        )
    if not isinstance(plain, Mapping):
        raise TypeError(
            f"expected {what}, or the SDK's object, got {type(plain).__name__}; "
            "pass response.choices[0].message"
        )
    return dict(plain)


def _text(content: object) -> str:
    """The text of a content: a string, or parts of which some are texts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, Mapping)]
    return "".join(text for text in texts if isinstance(text, str))


def _closed(text: str) -> str:
    """Text that stands before calls; a call that it leaves open is closed, or it would swallow
    them.
    """
    if CALL not in text or text.rfind(END_CALL) > text.rfind(CALL):
        return text
    return f"{text}\n{END_CALL}"


def _block(call: Mapping[str, Any]) -> str:
    """A call as the model would have written it into its text."""
    function = call.get("function")
    if not isinstance(function, Mapping):
        return wrap_unreadable(json.dumps(call, default=str).replace("<", "\\u003c"))
    arguments = function.get("arguments")
    if not isinstance(arguments, str):
        return raw_call(function.get("name"), json.dumps(arguments, ensure_ascii=False))
    return raw_call(function.get("name"), arguments if arguments.strip() else '""')


def _assistant(raw: str, number: int) -> dict[str, Any]:
    """A raw message in OpenAI's form; its calls are numbered from `number` on."""
    parsed = parse(raw)
    message: dict[str, Any] = {"role": Role.ASSISTANT.value, "content": raw}
    if parsed.problems or parsed.kind is MessageKind.NONE or parsed.thinking is ThinkForm.BROKEN:
        return message
    if parsed.thought:
        message["reasoning_content"] = parsed.thought
    message["content"] = parsed.text or None
    if parsed.calls:
        message["tool_calls"] = [_call(call, number + at) for at, call in enumerate(parsed.calls)]
    return message


def _call(call: ToolCall, number: int) -> dict[str, Json]:
    arguments = json.dumps(call.arguments, ensure_ascii=False)
    function: dict[str, Json] = {"name": call.name, "arguments": arguments}
    return {"id": f"call_{number}", "type": "function", "function": function}
