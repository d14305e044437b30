r"""Reads dialogues in APIGen-MT's record format.

One raw row of `apigen-mt_5k.json`, shortened:

    {"system": "# Airline Agent Policy …",
     "tools": "[{\"name\": \"get_user_details\", \"parameters\": {…}, …}, …]",
     "conversations": [
        {"from": "human", "value": "Hi, I want to cancel my flight."},
        {"from": "gpt", "value": "What is your user id?"},
        {"from": "human", "value": "It is amy_1."},
        {"from": "function_call",
         "value": "{\"name\": \"get_user_details\", \"arguments\": {\"user_id\": \"amy_1\"}}"},
        {"from": "observation", "value": "{\"name\": …}"},
        {"from": "gpt", "value": "Thank you, Amy. …"}]}

A sidecar has one entry per row, with all that the row itself does not say: `gold` (actions and
outputs), `world` (name and first state), `effects` (tool -> read or write), `agenda` or `case` (the
customer's knowledge and wishes), `group` or `user_group` (rows that stay together in a split),
`traces` (the agent's reasons, one per turn), `success` (the benchmark's own verdict on the run).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from tasks.apigen.rows import Record, RowProblem, read_row
from tasks.apigen.sidecars import Sidecar, read_sidecar
from tasks.goals import output_facts, recorded_facts, recorded_goal, verified_goal
from tasks.setups import InWorld
from tasks.splits import assign_splits, near_copy_groups
from tasks.types import Goal, Split, Task, TaskError, TaskSet, Turn
from tools.effects import ToolEffect, effect_of
from tools.schema.toolbox import SchemaRefused, Toolbox
from tools.types import Effect, Json, Message, MessageKind, Role, ToolSpec
from tools.worlds.world import World


def read_records(
    records: Sequence[Json], sidecars: Sequence[Json] | None, *, source: str, stem: str
) -> TaskSet:
    """Reads rows into tasks; a row that is not a task becomes a `TaskError`.

    Args:
        records: The rows.
        sidecars: One entry per row, in the same order, or None.
        source: The data set's name.
        stem: The beginning of the tasks' ids.

    Raises:
        ValueError: if the numbers of sidecars and rows differ.
    """
    if sidecars is not None and len(sidecars) != len(records):
        raise ValueError(
            f"expected one sidecar entry for each of {len(records)} records, got {len(sidecars)}; "
            "make the two files again together, or remove the sidecar"
        )
    drafts: list[_Draft] = []
    errors: list[TaskError] = []
    mended = Counter[str]()
    for index, record in enumerate(records):
        try:
            draft = _draft(record, {} if sidecars is None else sidecars[index], index)
        except RowProblem as problem:
            errors.append(TaskError(index, problem.kind, str(problem)))
        else:
            drafts.append(draft)
            mended.update(draft.row.mended)
    tasks = _with_splits(drafts, source, stem)
    return TaskSet(source, tasks, tuple(errors), dict(sorted(mended.items())))


@dataclass(frozen=True, slots=True)
class _Draft:
    """A task that has no split yet."""

    index: int
    row: Record
    sidecar: Sidecar
    turns: tuple[Turn, ...]
    effects: Mapping[str, ToolEffect]
    goal: Goal


def _draft(record: Json, raw_sidecar: Json, index: int) -> _Draft:
    try:
        row, sidecar = read_row(record), read_sidecar(raw_sidecar)
        toolbox = Toolbox.of(row.tools)
    except SchemaRefused as refused:
        raise RowProblem("refused_schema", str(refused)) from None
    except RecursionError:
        raise RowProblem("too_deep", "expected flat JSON, got one nested too deep") from None
    turns = tuple(_judged(turn, toolbox, row.mended) for turn in row.turns)
    effects = _effects(row.tools, sidecar)
    goal = _goal(row.messages, turns, sidecar, toolbox, effects)
    return _Draft(index, row, sidecar, turns, effects, goal)


def _judged(turn: Turn, toolbox: Toolbox, mended: set[str]) -> Turn:
    """The turn; it is not a decision if a call breaks its tool's schema."""
    if turn.kind is not MessageKind.CALL or not turn.is_decision:
        return turn
    if all(toolbox.check(call) is None for call in turn.calls):
        return turn
    mended.add("invalid_call")
    return Turn(turn.index, turn.kind, turn.calls, turn.text, is_decision=False)


def _effects(tools: tuple[ToolSpec, ...], sidecar: Sidecar) -> Mapping[str, ToolEffect]:
    pairs = tuple((spec.name, spec.description) for spec in tools)
    if not isinstance(sidecar.setup, InWorld):
        return _with_declared(_inferred_effects(pairs), sidecar.effects)
    world = sidecar.setup.world
    strange = tuple((s.name, s.description) for s in tools if s.name not in world.tools)
    return _with_strange(world, strange) if strange else world.effects


def _with_declared(
    inferred: Mapping[str, ToolEffect], declared: Mapping[str, Effect]
) -> Mapping[str, ToolEffect]:
    """Inferred effects, overridden by declared ones."""
    said = {name: ToolEffect(effect, inferred=False) for name, effect in declared.items()}
    return {**inferred, **said} if said else inferred


@lru_cache(maxsize=4096)
def _with_strange(world: World, strange: tuple[tuple[str, str], ...]) -> Mapping[str, ToolEffect]:
    """The effects of a world's tools, and of the distractors among the task's tools."""
    return {**world.effects, **_inferred_effects(strange)}


@lru_cache(maxsize=256)
def _inferred_effects(tools: tuple[tuple[str, str], ...]) -> Mapping[str, ToolEffect]:
    """One mapping for all tasks with the same tools."""
    return {name: effect_of(name, description) for name, description in tools}


def _goal(
    messages: Sequence[Message],
    turns: Sequence[Turn],
    sidecar: Sidecar,
    toolbox: Toolbox,
    effects: Mapping[str, ToolEffect],
) -> Goal:
    """The sidecar's goal or, without a sidecar, the dialogue's own."""
    gold = sidecar.gold
    if gold is None:
        return recorded_goal(messages, turns, toolbox, effects)
    # A generated dialogue is the gold one, so the goal's facts are those that it tells.
    in_world = isinstance(sidecar.setup, InWorld)
    told = recorded_facts(messages, turns) if in_world else output_facts(gold)
    if sidecar.setup.user is not None:  # a count, for example, is in no tool's answer
        told |= output_facts(gold)
    goal = verified_goal(gold, told, toolbox, effects)
    if goal.writes or (goal.reads and goal.facts):
        return goal
    # An agent would meet an empty gold by saying nothing, so the record's goal is used.
    own = recorded_goal(messages, turns, toolbox, effects)
    return replace(goal, reads=goal.reads or own.reads, facts=goal.facts or own.facts)


def _with_splits(drafts: Sequence[_Draft], source: str, stem: str) -> tuple[Task, ...]:
    texts = [(d.row.messages[0].content, _user_text(d.row.messages)) for d in drafts]
    groups = near_copy_groups(texts, [draft.sidecar.group for draft in drafts])
    return tuple(
        _task(draft, source, f"{stem}-{draft.index:05d}", group, split)
        for draft, group, split in zip(drafts, groups, assign_splits(groups), strict=True)
    )


def _task(draft: _Draft, source: str, task_id: str, group: str, split: Split) -> Task:
    return Task(
        id=task_id,
        source=source,
        messages=draft.row.messages,
        tools=draft.row.tools,
        turns=draft.turns,
        goal=draft.goal,
        effects=draft.effects,
        split=split,
        group=group,
        setup=draft.sidecar.setup,
        traces=draft.sidecar.traces,
        succeeded=draft.sidecar.succeeded,
    )


def _user_text(messages: Iterable[Message]) -> str:
    return "\n".join(m.content for m in messages if m.role is Role.USER)
