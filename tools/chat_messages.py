"""Conversations as endpoints take them, with their `tools` or without, and what comes back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tools.openai_form import from_openai, to_openai
from tools.protocol import CALL, END_CALL, parse, without_thoughts
from tools.types import Json

Chat = list[dict[str, Any]]
"""Messages as an endpoint takes them."""


def with_tool_calls(messages: Sequence[Mapping[str, str]]) -> Chat:
    """An observation's messages, calls as `tool_calls`, for endpoints that take `tools`.

    Earlier thoughts are left out, as chat templates do, and some endpoints refuse them. Where a
    message has no text it is empty: some templates would write `None`.
    """
    return [_said(message) for message in to_openai(messages)]


def in_text(messages: Sequence[Mapping[str, str]], tools: Sequence[Mapping[str, Json]]) -> Chat:
    """An observation's messages with the tools in the first one, for endpoints without `tools`.

    Calls stay text, and their answers come from the user; neighbours of one role are joined, since
    some templates want roles in turn.
    """
    found: Chat = [{"role": "system", "content": ""}]
    for message in messages:
        one = _in_text(message)
        if found[-1]["role"] == one["role"]:
            found[-1]["content"] = f"{found[-1]['content']}\n\n{one['content']}".lstrip()
        else:
            found.append(one)
    found[0]["content"] = f"{found[0]['content']}\n\n{_tools_in_words(tools)}".lstrip()
    return found


def raw_message(answer: Mapping[str, Any]) -> str:
    """What a model answered, as a message in our syntax, with whatever role it claims.

    A thought that the server tells twice, in the text and apart from it, is one.
    """
    text = answer.get("content")
    if isinstance(text, str) and parse(text).thought is not None:
        answer = {**answer, "reasoning_content": None, "reasoning": None}
    calls = answer.get("tool_calls")
    listed = [one for one in calls if isinstance(one, Mapping)] if isinstance(calls, list) else []
    return from_openai({**answer, "role": "assistant", "tool_calls": listed})


def _said(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message without its thoughts."""
    kept = {name: value for name, value in message.items() if name != "reasoning_content"}
    content = kept["content"] or ""
    kept["content"] = without_thoughts(content) if message["role"] == "assistant" else content
    return kept


def _in_text(message: Mapping[str, str]) -> dict[str, Any]:
    role, content = message["role"], message["content"]
    if role == "tool":
        return {"role": "user", "content": f"<tool_response>\n{content}\n</tool_response>"}
    return {"role": role, "content": without_thoughts(content) if role == "assistant" else content}


def _tools_in_words(tools: Sequence[Mapping[str, Json]]) -> str:
    lines = "\n".join(json.dumps(tool["function"], ensure_ascii=False) for tool in tools)
    call = CALL + '{"name": "…", "arguments": {…}}' + END_CALL
    return (
        f"Tools that you can call, a JSON line each:\n{lines}\n\n"
        f"To call one, write {call} and nothing else; its answer comes in the next message. "
        "Whatever else you write is read by the user."
    )
