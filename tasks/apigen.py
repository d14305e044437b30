"""Reads dialogues in APIGen-MT's record format.

One raw row of `apigen-mt_5k.json`, shortened::

    {"system": "# Airline Agent Policy …",
     "tools": "[{\\"name\\": \\"get_user_details\\", \\"description\\": …, \\"parameters\\": …}, …]",
     "conversations": [
        {"from": "human", "value": "Hi, I want to cancel my flight."},
        {"from": "gpt", "value": "What is your user id?"},
        {"from": "human", "value": "It is amy_1."},
        {"from": "function_call",
         "value": "{\\"name\\": \\"get_user_details\\", \\"arguments\\": {\\"user_id\\": \\"amy_1\\"}}"},
        {"from": "observation", "value": "{\\"name\\": …}"},
        {"from": "gpt", "value": "Thank you, Amy. …"}]}

A sidecar, where there is one, says per row what the row cannot: `gold` (actions and outputs),
`world` (name and first state), `group` or `user_group` (rows that stay together in a split).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from tasks.goals import Gold, recorded_goal, verified_goal
from tasks.rows import Row, RowProblem, read_row
from tasks.splits import assign_splits, near_copy_groups
from tasks.types import Goal, Split, Task, TaskError, TaskSet, Turn, WorldStart
from tools import worlds
from tools.effects import ToolEffect, effect_of
from tools.schema import SchemaRefused, Toolbox
from tools.types import Json, Kind, Message, Role, ToolCall, ToolSpec

_NOT_META = frozenset({"gold", "world", "preambles", "conversion", "index", "split"})


def read_records(
    records: Sequence[Json],
    sidecars: Sequence[Mapping[str, Json]] | None,
    *,
    source: str,
    stem: str,
) -> TaskSet:
    """Reads rows into tasks; what is no task becomes a counted `TaskError`.

    Args:
        records: The rows.
        sidecars: One a row, in the same order, or None.
        source: The data set's name.
        stem: What the tasks' ids begin with.

    Raises:
        ValueError: if there are not as many sidecars as rows.
    """
    if sidecars is not None and len(sidecars) != len(records):
        raise ValueError(
            f"expected one sidecar entry for each of {len(records)} records, got {len(sidecars)}; "
            "make the two files again together, or remove the sidecar"
        )
    drafts, errors, mended = [], [], Counter[str]()
    for index, record in enumerate(records):
        try:
            row = read_row(record)
            sidecar = sidecars[index] if sidecars is not None else {}
            drafts.append(_draft(row, sidecar, source, f"{stem}-{index:05d}"))
            mended.update(row.mended)
        except RowProblem as problem:
            errors.append(TaskError(index, problem.kind, str(problem)))
    return TaskSet(source, _with_splits(drafts), tuple(errors), dict(mended))


@dataclass(frozen=True, slots=True)
class _Draft:
    """A task without its place in the splits."""

    id: str
    source: str
    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...]
    turns: tuple[Turn, ...]
    effects: Mapping[str, ToolEffect]
    toolbox: Toolbox
    sidecar: Mapping[str, Json]


def _draft(row: Row, sidecar: Mapping[str, Json], source: str, task_id: str) -> _Draft:
    try:
        toolbox = Toolbox.of(row.tools)
    except SchemaRefused as refused:
        raise RowProblem("refused_schema", str(refused)) from None
    turns = tuple(_judged(turn, toolbox, row.mended) for turn in row.turns)
    effects = _effects(row.tools, sidecar)
    return _Draft(task_id, source, row.messages, row.tools, turns, effects, toolbox, sidecar)


def _judged(turn: Turn, toolbox: Toolbox, mended: set[str]) -> Turn:
    """The turn, no decision where a call breaks its own schema."""
    if turn.kind is not Kind.CALL or not turn.is_decision:
        return turn
    if all(toolbox.check(call) is None for call in turn.calls):
        return turn
    mended.add("invalid_call")
    return Turn(turn.index, turn.kind, turn.calls, turn.text, is_decision=False)


def _effects(
    tools: Iterable[ToolSpec], sidecar: Mapping[str, Json]
) -> Mapping[str, ToolEffect]:
    if isinstance(world := sidecar.get("world"), dict):
        return worlds.effects(str(world["name"]))
    return {spec.name: effect_of(spec.name, spec.description) for spec in tools}


def _with_splits(drafts: Sequence[_Draft]) -> tuple[Task, ...]:
    texts = [(d.messages[0].content, _user_text(d.messages)) for d in drafts]
    keys = [_group_key(draft.sidecar) for draft in drafts]
    groups = near_copy_groups(texts, keys)
    splits = assign_splits(groups)
    return tuple(
        _task(draft, group, split)
        for draft, group, split in zip(drafts, groups, splits, strict=True)
    )


def _task(draft: _Draft, group: str, split: Split) -> Task:
    world = _world(draft.sidecar)
    return Task(
        id=draft.id,
        source=draft.source,
        messages=draft.messages,
        tools=draft.tools,
        turns=draft.turns,
        goal=_goal(draft, generated=world is not None),
        effects=draft.effects,
        split=split,
        group=group,
        world=world,
        meta={name: value for name, value in draft.sidecar.items() if name not in _NOT_META},
    )


def _goal(draft: _Draft, *, generated: bool) -> Goal:
    gold = _gold(draft.sidecar)
    if gold is None:
        return recorded_goal(draft.messages, draft.turns, draft.toolbox, draft.effects)
    return verified_goal(
        gold, draft.messages, draft.toolbox, draft.effects, generated=generated
    )


def _world(sidecar: Mapping[str, Json]) -> WorldStart | None:
    world = sidecar.get("world")
    if not isinstance(world, dict):
        return None
    return WorldStart(str(world["name"]), cast("dict[str, Json]", world["state"]))


def _gold(sidecar: Mapping[str, Json]) -> Gold | None:
    """The sidecar's gold, or None where it has none or says nothing in it."""
    gold = sidecar.get("gold")
    if not isinstance(gold, dict) or not isinstance(gold.get("actions"), list):
        return None
    actions = cast("list[dict[str, Json]]", gold["actions"])
    calls = (
        ToolCall(str(a["name"]), cast("dict[str, Json]", a.get("arguments") or {}))
        for a in actions
    )
    outputs = cast("list[Json]", gold.get("outputs") or [])
    return Gold(tuple(calls), tuple(str(output) for output in outputs))


def _group_key(sidecar: Mapping[str, Json]) -> str | None:
    """What a sidecar says must stay on one side of a split."""
    key = sidecar.get("group") or sidecar.get("user_group")
    return str(key) if key else None


def _user_text(messages: Iterable[Message]) -> str:
    return "\n".join(m.content for m in messages if m.role is Role.USER)
