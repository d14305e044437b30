"""Reads one raw row as messages and turns; repairs and counts small errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from tasks.apigen.calls import answers_in, attempts_in, first_of, in_order, read_call, text_of
from tasks.apigen.jsonfiles import BrokenLine
from tasks.apigen.offers import Offer, Unusable, read_offer
from tasks.types import Turn
from tools.jsontext import short
from tools.protocol import ThinkForm, parse, render, wrap_unreadable
from tools.schema.toolbox import Toolbox
from tools.types import Json, Message, MessageKind, ProblemKind, Role, ToolSpec

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
    "function": "observation",
    "tool_response": "observation",
    "tool_result": "observation",
    "system": "system",
}
_LISTS = ("conversations", "messages")
"""Keys under which turns stand."""


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
    """The dialogue's tools, without those that cannot be used."""
    unusable: tuple[Unusable, ...] = ()
    """The tools that cannot be used; the row needs none of them."""
    mended: set[str] = field(default_factory=set)
    """The names of the errors that were repaired."""


@dataclass(frozen=True, slots=True)
class _Said:
    """One entry of `conversations`, or several of one speaker."""

    speaker: str
    """human, gpt, call, observation or system."""
    values: list[Json]
    """What was said: texts, or calls one by one."""
    ids: list[Json] = field(default_factory=list)
    """Of calls and observations: which belong together, where the row says so."""
    beside: list[Json] = field(default_factory=list)
    """Texts beside calls."""


def read_row(record: Json) -> Record:
    """Reads a row.

    Raises:
        RowProblem: if it is not a dialogue with tools; the kinds are `broken_line`, `not_a_record`,
            `bad_turn`, `bad_tools`, `no_user_turn`, `no_assistant_turn`, `orphan_observation` and
            `missing_observation`.
    """
    if isinstance(record, BrokenLine):
        raise RowProblem("broken_line", record.why)
    if not isinstance(record, dict) or not isinstance(record.get("conversations"), list):
        raise RowProblem(
            "not_a_record",
            "expected an object with a list `conversations` (APIGen-MT, ShareGPT, Hermes) or "
            f"`messages` (OpenAI), or `query`, `tools` and `answers` (xLAM), got {_told(record)}; "
            "docs/data.md shows each form",
        )
    mended: set[str] = set()
    said = _read_entries(cast("list[Json]", record["conversations"]))
    rules = _rules(record, said)
    offer = _offer(record.get("tools"))
    builder = _Builder(rules, Toolbox.of(offer.tools), mended)
    messages, turns = builder.build(_grouped(said, mended))
    if not turns:
        raise RowProblem(
            "no_assistant_turn", "expected an assistant message after the user's first, got none"
        )
    called = {call.name for turn in turns for call in turn.calls}
    require_usable(offer, called)
    if offer.unusable:
        mended.add("unusable_tool")
    return Record(tuple(messages), tuple(turns), offer.tools, offer.unusable, mended)


def _told(record: Json) -> str:
    """What came in a record's place: the keys of an object, or the value."""
    if not isinstance(record, dict) or not record:
        return short(record)
    if key := next((key for key in _LISTS if key in record), None):
        value = record[key]
        kind = type(value).__name__
        came = "has no message" if isinstance(value, list) else f"is a {kind}, not a list"
        return f"one whose {key} {came}"
    return f"an object with {short(', '.join(record))}"


def require_usable(offer: Offer, called: set[str]) -> None:
    """Refuses a row that needs a tool which cannot be used.

    Raises:
        RowProblem: of kind `bad_tools` or `refused_schema`.
    """
    if missing := offer.missing(called):
        raise RowProblem(missing.kind, missing.why)


def _offer(tools: Json) -> Offer:
    try:
        return read_offer(tools)
    except ValueError as error:
        raise RowProblem("bad_tools", str(error)) from None


class _Builder:
    """Turns grouped entries into messages."""

    def __init__(self, rules: str, toolbox: Toolbox, mended: set[str]) -> None:
        self._messages = [Message(Role.SYSTEM, rules)]
        self._toolbox = toolbox
        self._turns: list[Turn] = []
        self._mended = mended
        self._user_spoke = False
        self._open_calls = 0
        self._open_ids: list[Json] = []

    def build(self, said: Sequence[_Said]) -> tuple[list[Message], list[Turn]]:
        """Adds all entries; raises RowProblem if their order makes no dialogue."""
        if not any(entry.speaker == "human" for entry in said):
            raise RowProblem("no_user_turn", "expected a turn of the user, got none")
        for number, entry in enumerate(said, 1):
            if self._open_calls and entry.speaker != "observation":
                raise RowProblem(
                    "missing_observation",
                    f"expected an observation for each call, got {entry.speaker} as turn {number} "
                    f"where {self._open_calls} more would be due",
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
        calls = [read_call(value, self._toolbox, self._mended) for value in entry.values]
        readable = tuple(call for call in calls if call is not None)
        blocks = [
            wrap_unreadable(text_of(value)) if call is None else render([call])
            for call, value in zip(calls, entry.values, strict=True)
        ]
        if beside := [text_of(text) for text in entry.beside]:
            self._mended.add("text_beside_call")
        content = "\n".join([*beside, *blocks])
        sound = len(readable) == len(calls) and parse(content).calls == readable
        self._open_calls, self._open_ids = len(calls), entry.ids
        self._add_turn(Turn(0, MessageKind.CALL, readable, "", is_decision=sound), content)

    def _add_observation(self, entry: _Said) -> None:
        values = in_order(answers_in(entry.values, self._open_calls), entry.ids, self._open_ids)
        if len(values) > self._open_calls:
            raise RowProblem(
                "orphan_observation",
                f"expected {self._open_calls} observations, got {len(values)}: "
                "an observation answers the call right before it",
            )
        self._open_calls -= len(values)
        self._messages += [Message(Role.TOOL, text_of(value)) for value in values]

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
        name = first_of(entry, ("from", "role"))
        speaker = _SPEAKERS.get(name) if isinstance(name, str) else None
        value = first_of(entry, ("value", "content"))
        calls = _calls_beside(entry)
        if speaker in ("gpt", "call") and calls is not None:
            beside: list[Json] = [] if value is None or not text_of(value).strip() else [value]
            said.append(_Said("call", *_apart(calls), beside))
            continue
        if speaker is None or value is None or _is_other_content(value):
            raise RowProblem(
                "bad_turn",
                'expected a turn as {"from": "human" | "gpt" | "function_call" | "observation", '
                f'"value": "…"}}, got {short(entry)}',
            )
        if speaker == "call":
            said.append(_Said("call", *_apart(attempts_in(value) or [value])))
        else:
            said.append(_Said(speaker, [value], [first_of(entry, ("tool_call_id", "id"))]))
    return said


def _calls_beside(entry: dict[str, Json]) -> list[Json] | None:
    """The calls that stand beside a message's text, whether or not they can be read."""
    calls = attempts_in({key: entry.get(key) for key in ("tool_calls", "function_call")})
    listed = entry.get("tool_calls")
    return listed if calls is None and isinstance(listed, list) and any(listed) else calls


def _apart(calls: Sequence[Json]) -> tuple[list[Json], list[Json]]:
    """The calls, and their ids."""
    return [*calls], [call.get("id") if isinstance(call, dict) else None for call in calls]


def _is_other_content(value: Json) -> bool:
    """Whether a message is made of parts with calls or answers among them, which nobody reads."""
    parts = value if isinstance(value, list) else []
    kinds = [part.get("type") for part in parts if isinstance(part, dict)]
    return any(kind in ("tool_use", "tool_result") for kind in kinds)


def _rules(record: dict[str, Json], said: list[_Said]) -> str:
    """The row's rules: its field `system`, or a first turn of that name."""
    rules = record.get("system")
    if said and said[0].speaker == "system":
        first = said.pop(0)
        rules = rules or first.values[0]
    if any(entry.speaker == "system" for entry in said):
        raise RowProblem("bad_turn", "expected a system turn in the first place only")
    return "" if rules is None else text_of(rules)


def _grouped(said: Sequence[_Said], mended: set[str]) -> list[_Said]:
    """Joins neighbours of one speaker; joins calls only if their answers come together, too."""
    groups: list[_Said] = []
    for entry in said:
        if groups and groups[-1].speaker == entry.speaker:
            groups[-1].values.extend(entry.values)
            groups[-1].ids.extend(entry.ids)
            groups[-1].beside.extend(entry.beside)
            if entry.speaker != "observation":  # as many as calls, in a turn or in several
                mended.add(f"joined_{entry.speaker}_turns")
        else:
            groups.append(replace(entry))
    return groups


def _joined(entry: _Said) -> str:
    return "\n\n".join(text_of(value) for value in entry.values)
