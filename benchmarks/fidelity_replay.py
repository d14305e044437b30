"""Recorded dialogues and gold actions on our worlds: what is equal, and how the rest differs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from tools.executor import Executor
from tools.jsontext import equal
from tools.recorded import looks_like_error
from tools.types import Json, ToolCall
from tools.worlds import WORLDS
from tools.worlds.database import Base

Object: TypeAlias = "dict[str, Json]"
"""A JSON object."""

EQUAL = frozenset({"equal", "both errors, same words", "both errors, other words"})
"""The kinds that count as agreement."""
INJECTED = "failure injected by the run's environment"
"""The kind of answers that are left out: no API gives them by itself."""
HANDOVER = "transfer_to_human_agents"
"""The tool after which tau-bench ends a conversation."""
_FAULT = "503 Service Unavailable"
_MISSING_TOOL = re.compile(r"Unknown action|Error: Tool '.*' not found")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One recorded call, and how the world's answer compares."""

    source: str
    """The dialogue's source."""
    dialogue: int
    """Its place in the file."""
    call: ToolCall
    """The call."""
    kind: str
    """Equal, or how not."""
    recorded: str
    """What was answered then."""
    answered: str
    """What the world answers."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A dialogue's end, as we judge it and as its official run does."""

    source: str
    """The dialogue's source."""
    dialogue: int
    """Its place in the file."""
    what: str
    """`state` (against the official check of the database) or `outcome` (against the reward)."""
    ours: bool
    """Our judgement."""
    official: bool
    """The run's own."""


@dataclass(frozen=True, slots=True)
class Without:
    """A dialogue that is left out of some figures."""

    source: str
    """The dialogue's source."""
    dialogue: int
    """Its place in the file."""
    what: str
    """`not played`, or `never judged` by its own benchmark."""
    why: str
    """Why."""


@dataclass(frozen=True, slots=True)
class GoldAction:
    """A gold action that was carried out."""

    task_set: str
    """Where its task stands in the file of tasks."""
    task: str
    """The task's id."""
    call: ToolCall
    """The action."""
    ok: bool
    """Whether the world accepted it."""
    answer: str
    """What it answered."""


def compare(dialogue: int, source: str, record: Json, start: Executor) -> Iterator[Comparison]:
    """Carries a record's calls out in order and compares the answers.

    A call that failed by injection is left out, as it changed nothing then.
    """
    executor = start
    for call, recorded in recorded_calls(record):
        if _FAULT in recorded:
            yield Comparison(source, dialogue, call, INJECTED, recorded, "")
            continue
        executor, result = executor.run(call)
        kind = kind_of(recorded, result.content, ok=result.ok)
        yield Comparison(source, dialogue, call, kind, recorded, result.content)


def was_judged(record: Json, sidecar: Object) -> bool:
    """Whether the benchmark itself looked at how a run ended.

    Neither does so where a run breaks off, at the limit on steps for example: tau2-bench then has
    no match of the databases, and tau-bench, which judges when the user stops or the conversation
    is handed over, no `reward_info`.
    """
    if any(sidecar.get(name, "") is None for name in ("reward_info", "official_db_match")):
        return False
    if sidecar["benchmark"] != "tau1" or "final_user" not in sidecar:
        return True
    handed_over = any(call.name == HANDOVER for call, _ in recorded_calls(record))
    return handed_over or "###STOP###" in str(sidecar["final_user"])


def end_of(record: Json, start: Executor) -> Executor:
    """The state after a record's calls."""
    calls = [call for call, text in recorded_calls(record) if _FAULT not in text]
    return after(calls, start)


def after(calls: Sequence[ToolCall], start: Executor) -> Executor:
    """The state after some calls; those that fail change nothing."""
    executor = start
    for call in calls:
        executor, _ = executor.run(call)
    return executor


def recorded_calls(record: Json) -> Iterator[tuple[ToolCall, str]]:
    """A record's calls, each with the observation after it."""
    conversation = cast("list[dict[str, str]]", cast("Object", record)["conversations"])
    for said, answer in zip(conversation, conversation[1:], strict=False):
        if said["from"] == "function_call" and answer["from"] == "observation":
            yield to_call(json.loads(said["value"])), answer["value"]


def replies(record: Json) -> str:
    """All that a record's agent says, in the form in which tau-bench looks for outputs."""
    conversation = cast("list[dict[str, str]]", cast("Object", record)["conversations"])
    return (
        "\n".join(s["value"] for s in conversation if s["from"] == "gpt").lower().replace(",", "")
    )


def to_call(action: Json) -> ToolCall:
    """A call of `{"name": …, "arguments": {…}}`."""
    fields = cast("Object", action)
    arguments = fields.get("arguments")
    return ToolCall(str(fields["name"]), arguments if isinstance(arguments, dict) else {})


def kind_of(recorded: str, answered: str, *, ok: bool) -> str:
    """How two answers compare: as JSON without nulls, or as texts."""
    failed = looks_like_error(recorded) or _MISSING_TOOL.match(recorded) is not None
    if failed and not ok:
        return f"both errors, {'same' if recorded == answered else 'other'} words"
    if failed or not ok:
        return f"only the {'record' if failed else 'world'} fails"
    one, other = _read(recorded), _read(answered)
    if equal(one, other):
        return "equal"
    places = sorted({*_unlike(one, other)})
    return f"other value: {', '.join(places[:3])}{', …' if len(places) > 3 else ''}"


def replay_gold(task_set: str, tasks: Sequence[Json], start: Executor) -> Iterator[GoldAction]:
    """Carries out every task's gold actions, each task from the start."""
    for task in tasks:
        fields = cast("Object", task)
        executor = start
        for action in _actions(fields):
            call = to_call(action)
            executor, result = executor.run(call)
            task_id = str(fields.get("task_id", fields.get("id")))
            yield GoldAction(task_set, task_id, call, result.ok, result.content)


def rebuilt_from(world: str, record: Json) -> Base:
    """The database as far as a record shows it."""
    shown = [(call, text) for call, text in recorded_calls(record) if _FAULT not in text]
    return WORLDS[world].rebuilt(shown)


def _actions(task: Object) -> list[Json]:
    criteria = task.get("evaluation_criteria")
    holder = criteria if isinstance(criteria, dict) else task
    return cast("list[Json]", holder.get("actions") or [])


def _read(text: str) -> Json:
    try:
        return _without_nulls(json.loads(text))
    except json.JSONDecodeError:
        return text


def _without_nulls(value: Json) -> Json:
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    if isinstance(value, dict):
        return {k: _without_nulls(item) for k, item in value.items() if item is not None}
    return value


def _unlike(one: Json, other: Json, above: str = "answer") -> Iterator[str]:
    """The places where two values differ, without the numbers of list items."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in {*one, *other}:
            yield from _unlike(one.get(name), other.get(name), name)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for left, right in zip(one, other, strict=True):
            yield from _unlike(left, right, above)
    elif not equal(one, other):
        yield above
