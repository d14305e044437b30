"""Reads one raw row as messages and turns; repairs and counts small errors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

from tasks.types import Turn
from tools.jsontext import JsonProblem, read_json, short
from tools.protocol import ThinkForm, parse, render, wrap_unreadable
from tools.types import Json, Message, MessageKind, ProblemKind, Role, ToolCall, ToolSpec

_SPEAKERS = {
    "human": "human",
    "user": "human",
    "gpt": "gpt",
    "assistant": "gpt",
    "function_call": "call",
    "tool_call": "call",
    "observation": "observation",
    "tool": "observation",
    "function_response": "observation",
    "system": "system",
}


class RowProblem(ValueError):
    """The reason for which a row is not a task."""

    def __init__(self, kind: str, text: str) -> None:
        """Stores the reason's name and its explanation."""
        super().__init__(text)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Record:
    """A row, read."""

    messages: tuple[Message, ...]
    """The dialogue; the first message is the rules."""
    turns: tuple[Turn, ...]
    """The assistant messages after the user's first message."""
    tools: tuple[ToolSpec, ...]
    """The dialogue's tools."""
    mended: set[str] = field(default_factory=set)
    """The names of the errors that were repaired."""


@dataclass(frozen=True, slots=True)
class _Said:
    """One entry of `conversations`, or several of one speaker."""

    speaker: str
    values: list[Json]


def read_row(record: Json) -> Record:
    """Reads a row.

    Raises:
        RowProblem: if it is not a dialogue with tools; the kinds are `not_a_record`, `bad_turn`,
            `bad_tools`, `no_user_turn`, `no_assistant_turn`, `orphan_observation` and
            `missing_observation`.
    """
    if not isinstance(record, dict) or not isinstance(record.get("conversations"), list):
        raise RowProblem(
            "not_a_record",
            f"expected an object with a list `conversations`, got {short(record)}; "
            "see tasks/apigen/reader.py for the format",
        )
    mended: set[str] = set()
    said = _read_entries(cast("list[Json]", record["conversations"]))
    rules = _rules(record, said)
    tools = _read_tools(record.get("tools"))
    messages, turns = _Builder(rules, mended).build(_grouped(said, mended))
    if not turns:
        raise RowProblem(
            "no_assistant_turn", "expected an assistant message after the user's first, got none"
        )
    return Record(tuple(messages), tuple(turns), tools, mended)


class _Builder:
    """Turns grouped entries into messages."""

    def __init__(self, rules: str, mended: set[str]) -> None:
        self._messages = [Message(Role.SYSTEM, rules)]
        self._turns: list[Turn] = []
        self._mended = mended
        self._user_spoke = False
        self._open_calls = 0

    def build(self, said: Sequence[_Said]) -> tuple[list[Message], list[Turn]]:
        """Adds all entries; raises RowProblem if their order makes no dialogue."""
        if not any(entry.speaker == "human" for entry in said):
            raise RowProblem("no_user_turn", "expected a turn of the user, got none")
        for entry in said:
            if self._open_calls and entry.speaker != "observation":
                raise RowProblem(
                    "missing_observation",
                    f"expected an observation for each call, got {entry.speaker} after a call",
                )
            getattr(self, f"_add_{entry.speaker}")(entry)
        if self._open_calls:
            self._mended.add("unanswered_final_call")
        return self._messages, self._turns

    def _add_human(self, entry: _Said) -> None:
        self._user_spoke = True
        self._messages.append(Message(Role.USER, _joined(entry)))

    def _add_gpt(self, entry: _Said) -> None:
        text = _joined(entry)
        parsed = parse(text)
        sound = parsed.kind is MessageKind.REPLY and parsed.thinking is not ThinkForm.BROKEN
        if any(problem.kind is ProblemKind.OTHER_SYNTAX for problem in parsed.problems):
            self._mended.add("untagged_call")
        elif not sound:
            self._mended.add("unreadable_reply")
        self._add_turn(Turn(0, MessageKind.REPLY, (), parsed.text, is_decision=sound), text)

    def _add_call(self, entry: _Said) -> None:
        calls = [_read_call(value, self._mended) for value in entry.values]
        readable = tuple(call for call in calls if call is not None)
        blocks = [
            wrap_unreadable(_text(value)) if call is None else render([call])
            for call, value in zip(calls, entry.values, strict=True)
        ]
        content = "\n".join(blocks)
        sound = len(readable) == len(calls) and parse(content).calls == readable
        self._open_calls = len(calls)
        self._add_turn(Turn(0, MessageKind.CALL, readable, "", is_decision=sound), content)

    def _add_observation(self, entry: _Said) -> None:
        if len(entry.values) > self._open_calls:
            raise RowProblem(
                "orphan_observation",
                f"expected {self._open_calls} observations, got {len(entry.values)}: "
                "an observation answers the call right before it",
            )
        self._open_calls -= len(entry.values)
        self._messages += [Message(Role.TOOL, _text(value)) for value in entry.values]

    def _add_turn(self, turn: Turn, content: str) -> None:
        if self._user_spoke:
            index = len(self._messages)
            self._turns.append(
                Turn(index, turn.kind, turn.calls, turn.text, is_decision=turn.is_decision)
            )
        else:
            self._mended.add("assistant_spoke_first")
        self._messages.append(Message(Role.ASSISTANT, content))


def _read_entries(conversations: Sequence[Json]) -> list[_Said]:
    said = []
    for entry in conversations:
        if not isinstance(entry, dict):
            raise RowProblem("bad_turn", f"expected turns as objects, got {short(entry)}")
        name = entry.get("from", entry.get("role"))
        speaker = _SPEAKERS.get(name) if isinstance(name, str) else None
        value = entry.get("value", entry.get("content"))
        if speaker is None or value is None:
            raise RowProblem(
                "bad_turn",
                'expected a turn as {"from": "human" | "gpt" | "function_call" | "observation", '
                f'"value": "…"}}, got {short(entry)}',
            )
        said.append(_Said(speaker, [value]))
    return said


def _rules(record: dict[str, Json], said: list[_Said]) -> str:
    """The row's rules: its field `system`, or a first turn of that name."""
    rules = record.get("system")
    if said and said[0].speaker == "system":
        first = said.pop(0)
        rules = rules or first.values[0]
    if any(entry.speaker == "system" for entry in said):
        raise RowProblem("bad_turn", "expected a system turn in the first place only")
    return "" if rules is None else _text(rules)


def _grouped(said: Sequence[_Said], mended: set[str]) -> list[_Said]:
    """Joins neighbours of one speaker; joins calls only if their answers come together, too."""
    groups: list[_Said] = []
    for entry in said:
        if groups and groups[-1].speaker == entry.speaker:
            groups[-1].values.extend(entry.values)
            mended.add(f"joined_{entry.speaker}_turns")
        else:
            groups.append(_Said(entry.speaker, list(entry.values)))
    return groups


def _read_call(value: Json, mended: set[str]) -> ToolCall | None:
    """The recorded call, or None if it is not a call."""
    call = _decoded(value) if isinstance(value, str) else value
    if isinstance(call, dict) and isinstance(call.get("name"), str):
        arguments = call.get("arguments")
        if arguments is None or arguments == "":
            arguments = {}
            mended.add("no_arguments")
        if isinstance(arguments, str):
            arguments = _decoded(arguments)
            mended.add("arguments_as_text")
        if isinstance(arguments, dict):
            return ToolCall(str(call["name"]), arguments)
    mended.add("unreadable_call")
    return None


def _decoded(text: str) -> Json:
    """The JSON value of a text, or None if it is not JSON."""
    try:
        return read_json(text)
    except JsonProblem:
        return None


def _read_tools(tools: Json) -> tuple[ToolSpec, ...]:
    if isinstance(tools, str):
        return _tools_of_text(tools)
    if isinstance(tools, list):
        return _tools_of_text(json.dumps(tools))
    came = short(tools)
    raise RowProblem("bad_tools", f"expected `tools` as a list or its JSON text, got {came}")


@lru_cache(maxsize=256)
def _tools_of_text(text: str) -> tuple[ToolSpec, ...]:
    """The tools of a JSON text; equal texts give the same tuple."""
    try:
        tools = read_json(text)
    except JsonProblem as problem:
        raise RowProblem("bad_tools", f"`tools` is not JSON: {problem}") from None
    if not isinstance(tools, list):
        raise RowProblem("bad_tools", f"expected a list of tools, got {short(tools)}")
    return tuple(_tool(tool) for tool in tools)


def _tool(tool: Json) -> ToolSpec:
    """One tool, bare or in the OpenAI envelope."""
    bare = tool.get("function", tool) if isinstance(tool, dict) else None
    if not isinstance(bare, dict) or not isinstance(bare.get("name"), str):
        raise RowProblem("bad_tools", f"expected a tool with a name, got {short(tool)}")
    parameters = bare.get("parameters") or {"type": "object", "properties": {}}
    if not isinstance(parameters, dict):
        raise RowProblem("bad_tools", f"expected parameters as an object, got {short(parameters)}")
    return ToolSpec(str(bare["name"]), str(bare.get("description") or ""), parameters)


def _joined(entry: _Said) -> str:
    return "\n\n".join(_text(value) for value in entry.values)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
