"""The one parser of assistant messages, and its inverse.

The syntax is Qwen3's: an optional `<think>…</think>`, then text for the user, calls, or both;
each call is a JSON object between `<tool_call>` and `</tool_call>`. Where a chat template opens the
thought (Qwen3-Thinking-2507), a message begins inside it and closes it. `tools.message_parts` finds
the tags; no other module knows them. They are those of the chat template in
https://github.com/QwenLM/Qwen3, commit 7a2f61ffc7a20d47efcd2bf97f6f2bf52729042e
(`docs/source/assets/qwen3_nonthinking.jinja`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from tools.jsontext import JsonProblem, read_json, short
from tools.message_parts import ThinkForm as ThinkForm
from tools.message_parts import blocks, split_thoughts, think_blocks
from tools.message_problems import (
    double_encoded,
    in_other_syntax,
    in_thought,
    message_too_large,
    not_an_object,
    too_many_calls,
    unclosed,
    unopened,
)
from tools.other_syntax import foreign_markup, other_syntax
from tools.tags import CALL as CALL
from tools.tags import EMPTY_THOUGHT as EMPTY_THOUGHT
from tools.tags import END_CALL as END_CALL
from tools.tags import END_THINK as END_THINK
from tools.tags import MAX_CALLS as MAX_CALLS
from tools.tags import MAX_CHARS as MAX_CHARS
from tools.tags import THINK as THINK
from tools.types import CallProblem, Json, MessageKind, Reply, ToolCall

_TAG = re.compile(r"<(?=/?(?:think|tool_call)>)")


class Parsed(NamedTuple):  # one per step; a frozen dataclass is slower
    """An assistant message, read."""

    thought: str | None
    """The first thought's text, or None."""
    thinking: ThinkForm
    """How the thought is written."""
    attempts: tuple[ToolCall | CallProblem, ...]
    """One entry per call block, in order: the call, or why it could not be read."""
    text: str
    """The text outside all blocks, stripped."""
    calls: tuple[ToolCall, ...]
    """The readable calls."""
    problems: tuple[CallProblem, ...]
    """The problems of the calls that could not be read."""
    kind: MessageKind
    """A call if any is readable; else a reply if there is text and no attempt; else none."""
    reply: Reply | None
    """What the user is told, or None; text in a message that attempts to call is not delivered."""

    @classmethod
    def of(
        cls,
        thought: str | None,
        thinking: ThinkForm,
        attempts: tuple[ToolCall | CallProblem, ...],
        text: str,
    ) -> Parsed:
        """Derives from a message's parts what a step reads many times."""
        if not attempts:
            kind, reply = (MessageKind.REPLY, Reply(text)) if text else (MessageKind.NONE, None)
            return cls(thought, thinking, (), text, (), (), kind, reply)
        calls = tuple([a for a in attempts if isinstance(a, ToolCall)])
        problems = tuple([a for a in attempts if isinstance(a, CallProblem)])
        kind = MessageKind.CALL if calls else MessageKind.NONE
        return cls(thought, thinking, attempts, text, calls, problems, kind, None)


def parse(message: str, tools: Collection[str] | None = None) -> Parsed:
    """Reads an assistant message; every string has a reading, found in linear time.

    Args:
        message: What the assistant wrote.
        tools: The names of the tools on offer, where they are known: a text that names one of them
            as a call does, in JSON without tags or as code, is an attempt to call it.
    """
    if len(message) > MAX_CHARS:
        return Parsed.of(None, ThinkForm.ABSENT, (message_too_large(),), "")
    thoughts, thinking, rest = split_thoughts(message)
    attempts, text = _split_calls(rest)
    if not attempts and (problem := _attempt_without_tags(text, thoughts, tools)):
        attempts = (problem,)
    return Parsed.of(thoughts[0] if thoughts else None, thinking, attempts, text)


def reply_of(message: str) -> str | None:
    """What `parse` reads as the reply to the user, or None; calls are not read."""
    if len(message) > MAX_CHARS or CALL in split_thoughts(message)[2]:
        return None
    reply = parse(message).reply
    return None if reply is None else reply.text


def _attempt_without_tags(
    text: str, thoughts: Sequence[str], tools: Collection[str] | None
) -> CallProblem | None:
    """What a message without call blocks attempts nevertheless, as a problem; None for nothing."""
    if text:
        if came := other_syntax(text, tools):
            return in_other_syntax(came)
        return unopened() if END_CALL in text else None
    called = any(CALL in thought or other_syntax(thought, tools) for thought in thoughts)
    return in_thought() if called else None


def render(calls: Iterable[ToolCall] = (), text: str = "", thought: str | None = None) -> str:
    """Writes a message from which `parse` reads the same calls, text and thought.

    Args:
        calls: Calls, in order.
        text: The text for the user, or the text next to the calls.
        thought: The thought, or None for no block at all.
    """
    blocks = [text] if text else []
    blocks += [f"{CALL}\n{_call_json(call)}\n{END_CALL}" for call in calls]
    think = "" if thought is None else f"{THINK}\n{thought}\n{END_THINK}\n\n"
    return think + "\n".join(blocks)


def with_thought(message: str, thought: str) -> str:
    """The message with this thought before it; its own thoughts are removed."""
    _, _, rest = split_thoughts(message)
    return f"{THINK}\n{thought}\n{END_THINK}\n\n{rest.lstrip()}"


def without_thoughts(message: str) -> str:
    """The message without its thoughts, however they are written, and without blanks around it."""
    return split_thoughts(message)[2].strip()


def wrap_unreadable(raw: str) -> str:
    """A call block around a recorded call that is not JSON, so that it stays in the history."""
    return f"{CALL}\n{raw}\n{END_CALL}"


def raw_call(name: Json, arguments: str) -> str:
    """A call block with arguments as a model wrote them, JSON or not; no tag in them ends it."""
    call = f'{{"name": {json.dumps(name, ensure_ascii=False)}, "arguments": {arguments}}}'
    return wrap_unreadable(_TAG.sub(r"\\u003c", call))


def call_blocks(message: str) -> tuple[str, list[str]]:
    """The text outside a message's call blocks, and what each block holds, as it was written.

    A block that is not closed keeps its tag, so that nobody takes it for a call.

    Args:
        message: A message without thoughts.
    """
    kept: list[str] = []
    inside: list[str] = []
    position = 0
    for body, end in blocks(message):
        kept.append(message[position : body - len(CALL)])
        start = body - len(CALL) if end is None else body
        inside.append(message[start:end].removeprefix("\n").removesuffix("\n"))
        position = len(message) if end is None else end + len(END_CALL)
    kept.append(message[position:])
    return "".join(kept).strip(), inside


def change_calls(message: str, change: Callable[[ToolCall], ToolCall]) -> str:
    """The message with each readable call changed, and everything else as it was."""
    if len(message) > MAX_CHARS:
        return message
    parts: list[str] = []
    position = 0
    for start, end in think_blocks(message):
        parts += [_change_blocks(message[position:start], change), message[start:end]]
        position = end
    return "".join([*parts, _change_blocks(message[position:], change)])


def _change_blocks(rest: str, change: Callable[[ToolCall], ToolCall]) -> str:
    """A message's text without its thoughts, with its readable calls changed."""
    parts: list[str] = []
    position = 0
    for body, end in blocks(rest):
        if end is None:
            break
        call = _read_call(rest[body:end])
        changed = change(call) if isinstance(call, ToolCall) else None
        block = f"\n{_call_json(changed)}\n" if changed else rest[body:end]
        parts += [rest[position:body], block, END_CALL]
        position = end + len(END_CALL)
    return "".join([*parts, rest[position:]])


def _split_calls(rest: str) -> tuple[tuple[ToolCall | CallProblem, ...], str]:
    """Cuts the calls out: what each is, and the text around them."""
    if CALL not in rest:
        return (), rest.strip()
    attempts: list[ToolCall | CallProblem] = []
    kept: list[str] = []
    position = 0
    for body, end in blocks(rest):
        kept.append(rest[position : body - len(CALL)])
        if len(attempts) == MAX_CALLS:
            attempts.append(too_many_calls())
            return tuple(attempts), "".join(kept).strip()
        if end is None:
            attempts.append(unclosed(rest[body:]))
            return tuple(attempts), "".join(kept).strip()
        attempts.append(_read_call(rest[body:end]))
        position = end + len(END_CALL)
    kept.append(rest[position:])
    return tuple(attempts), "".join(kept).strip()


def _read_call(block: str) -> ToolCall | CallProblem:
    """Reads one call block: exactly a name and an object of arguments."""
    try:
        value = read_json(block)
        if isinstance(value, str):
            return double_encoded("the call", value)
        if not isinstance(value, dict):
            return not_an_object(f"a JSON {type(value).__name__}: {short(value)}")
        return _call_of(value)
    except JsonProblem as error:
        came = foreign_markup(block)
        return error.problem if came is None else in_other_syntax(came)


def _call_of(value: dict[str, Json]) -> ToolCall | CallProblem:
    name, arguments = value.get("name"), value.get("arguments")
    if len(value) != ("name" in value) + ("arguments" in value) or not isinstance(name, str):
        return not_an_object(f"an object with {short(', '.join(value) or 'no keys')}")
    if arguments is None or (isinstance(arguments, str) and not arguments.strip()):
        return ToolCall(name, {})  # the schema then says what is missing
    if isinstance(arguments, str):
        return double_encoded("arguments", arguments)
    if not isinstance(arguments, dict):
        return not_an_object(f"arguments that are {short(arguments)}")
    return ToolCall(name, arguments)


def _call_json(call: ToolCall) -> str:
    value = {"name": call.name, "arguments": call.arguments}
    return _TAG.sub(r"\\u003c", json.dumps(value, ensure_ascii=False))
