r"""Reads dialogues in APIGen-MT's record format; `tasks.foreign` puts other forms into it.

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
outputs), `world` (name and first state), `effects` (tool -> "read", "write" or "handover", or
`{"effect": …, "handover": …, "free_text": […]}`), `agenda` or `case` (the customer's knowledge and
wishes), `group` (rows that stay together in a split), `user_group` (the row's customer, if the
dialogue does not show one), `generated_from` (the name of the numbers that a row was generated
from), `traces` (the agent's reasons, one per turn), `success` (the benchmark's own verdict).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tasks.apigen.customer import customer_in
from tasks.apigen.effects import Place, effects_of, without_free_text
from tasks.apigen.fitting import require_callable, require_world_tools
from tasks.apigen.offers import Offer
from tasks.apigen.rows import Record, RowProblem, read_row, require_usable
from tasks.apigen.sidecars import Sidecar, read_sidecar
from tasks.foreign.converted import Converted
from tasks.foreign.forms import in_our_form
from tasks.goals import (
    handover_of,
    leaves_out_writes,
    output_facts,
    recorded_facts,
    recorded_goal,
    verified_goal,
)
from tasks.setups import InWorld, Recorded
from tasks.splits import Placed, placed
from tasks.types import Goal, GoalLabel, Split, Task, TaskError, TaskSet, Turn
from tools.effects import ToolEffect
from tools.free_text import are_choices, texts_at
from tools.schema.toolbox import SchemaRefused, Toolbox
from tools.types import Json, Message, MessageKind, Role


def read_records(
    records: Sequence[Json],
    sidecars: Sequence[Json] | None,
    *,
    source: str,
    stem: str,
    embedded: bool = False,
) -> TaskSet:
    """Reads rows into tasks; a row that is not a task becomes a `TaskError`.

    Args:
        records: The rows.
        sidecars: One entry per row, in the same order, or None.
        source: The data set's name.
        stem: The beginning of the tasks' ids.
        embedded: Whether it is a generated set that is loaded by its name: the splits of these
            depend on what a row was generated from, too, as published figures have them.

    Raises:
        ValueError: if the numbers of sidecars and rows differ.
    """
    if sidecars is not None and len(sidecars) != len(records):
        raise ValueError(
            f"expected one sidecar entry for each of {len(records)} records, got {len(sidecars)}; "
            "make the two files again together, or remove the sidecar"
        )
    rows = _Rows()
    for index, record in enumerate(records):
        rows.read(index, record, {} if sidecars is None else sidecars[index], embedded=embedded)
    return TaskSet(
        source,
        _with_splits(without_choices(rows.drafts), source, stem, embedded=embedded),
        tuple(rows.errors),
        dict(sorted(rows.mended.items())),
        Counter(what for draft in rows.drafts for what in draft.inferred),
        {
            one.name or "a tool without a name": one.why
            for draft in rows.drafts
            for one in draft.row.unusable
        },
        dict(rows.unread),
        dict(rows.forms),
    )


@dataclass(slots=True)
class _Rows:
    """What was read of a data set's rows so far."""

    drafts: list[_Draft] = field(default_factory=list)
    errors: list[TaskError] = field(default_factory=list)
    mended: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    """Entries of sidecars that nobody knows."""
    forms: Counter[str] = field(default_factory=Counter)
    """Other people's forms."""

    def read(self, index: int, record: Json, sidecar: Json, *, embedded: bool) -> None:
        """Reads a row into a draft or an error."""
        try:
            found = Converted(record) if embedded else in_our_form(record)
            draft = _draft(found, sidecar, index)
        except RowProblem as problem:
            self.errors.append(TaskError(index, problem.kind, str(problem)))
            return
        self.drafts.append(draft)
        self.mended.update(draft.row.mended)
        self.unread.update(draft.sidecar.unread)
        self.forms.update([found.form] if found.form else [])


def without_choices(drafts: Sequence[_Draft]) -> Sequence[_Draft]:
    """The drafts, without the free text that the values of all of them show to be none."""
    free = [_free_values(draft) for draft in drafts]
    values: dict[Place, list[Collection[str]]] = {}
    for own in free:
        for place, texts in own.items():
            values.setdefault(place, []).append(texts)
    choices = frozenset(at for at, texts in values.items() if are_choices(at[1], texts))
    if not choices:
        return drafts
    return [
        _again(draft, choices) if choices & own.keys() else draft
        for draft, own in zip(drafts, free, strict=True)
    ]


def _free_values(draft: _Draft) -> dict[Place, list[str]]:
    """What stands in a record in the arguments that were inferred to be free text."""
    found: dict[Place, list[str]] = {
        (name, path): []
        for name, known in draft.effects.items()
        if known.free_text_inferred
        for path in known.free_text
    }
    for call in (call for turn in draft.turns for call in turn.calls) if found else ():
        for path in draft.effects[call.name].free_text if call.name in draft.effects else ():
            if (call.name, path) in found:
                found[call.name, path] += texts_at(call.arguments, path)
    return found


def _again(draft: _Draft, choices: frozenset[Place]) -> _Draft:
    """The draft where some arguments are no free text; only calls are compared in another way."""
    effects = without_free_text(draft.effects, choices)
    toolbox = Toolbox.of(draft.row.tools, effects)
    goal = _goal(draft.row.messages, draft.turns, draft.sidecar, toolbox, effects)
    return replace(draft, effects=effects, goal=goal)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A task that has no split yet."""

    index: int
    row: Record
    sidecar: Sidecar
    turns: tuple[Turn, ...]
    effects: Mapping[str, ToolEffect]
    goal: Goal
    inferred: tuple[str, ...]


def _draft(found: Converted, raw_sidecar: Json, index: int) -> _Draft:
    try:
        if isinstance(raw_sidecar, dict):
            raw_sidecar = {**found.sidecar, **raw_sidecar}
        row, sidecar = read_row(found.record), read_sidecar(raw_sidecar)
        row.mended.update(found.mended)
        effects = effects_of(row.tools, sidecar)
        toolbox = Toolbox.of(row.tools, effects)
    except SchemaRefused as refused:
        raise RowProblem("refused_schema", str(refused)) from None
    except RecursionError:
        raise RowProblem("too_deep", "expected flat JSON, got one nested too deep") from None
    if sidecar.gold is not None:
        asked = {call.name for call in sidecar.gold.actions}
        require_usable(Offer(row.tools, row.unusable), asked)
    if isinstance(sidecar.setup, InWorld):  # real records offer less than their gold calls
        require_world_tools(row.tools, sidecar.setup.world)
        require_callable(() if sidecar.gold is None else sidecar.gold.actions, toolbox)
    turns = tuple(_judged(turn, toolbox, row.mended) for turn in row.turns)
    goal = _goal(row.messages, turns, sidecar, toolbox, effects)
    own = sidecar.gold is None and leaves_out_writes(row.messages, turns, effects)
    inferred = ("failed_write",) if own else ()
    return _Draft(index, row, sidecar, turns, effects, goal, inferred)


def _judged(turn: Turn, toolbox: Toolbox, mended: set[str]) -> Turn:
    """The turn; it is not a decision if a call breaks its tool's schema."""
    if turn.kind is not MessageKind.CALL or not turn.is_decision:
        return turn
    if all(toolbox.check(call) is None for call in turn.calls):
        return turn
    mended.add("invalid_call")
    return Turn(turn.index, turn.kind, turn.calls, turn.text, is_decision=False)


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
    if in_world:
        calls = (*gold.actions, *(call for turn in turns for call in turn.calls))
        goal = replace(goal, handover=handover_of(calls, effects))
    if goal.writes or (goal.reads and goal.facts):
        return goal
    # An agent would meet an empty gold by saying nothing, so the record's goal is used.
    own = recorded_goal(messages, turns, toolbox, effects)
    filled = replace(goal, reads=goal.reads or own.reads, facts=goal.facts or own.facts)
    # Where a world or a customer was made along with the record, the record is the gold one.
    if filled == goal or not isinstance(sidecar.setup, Recorded) or sidecar.setup.user is not None:
        return filled
    return replace(filled, label=GoalLabel.PARTLY)


def _with_splits(
    drafts: Sequence[_Draft], source: str, stem: str, *, embedded: bool
) -> tuple[Task, ...]:
    places = placed([_placed(draft, embedded=embedded) for draft in drafts])
    return tuple(
        _task(draft, source, f"{stem}-{draft.index:05d}", group, split)
        for draft, (group, split) in zip(drafts, places, strict=True)
    )


def _placed(draft: _Draft, *, embedded: bool) -> Placed:
    """What a row's place in the splits depends on."""
    messages, sidecar = draft.row.messages, draft.sidecar
    text = _user_text(messages)
    if embedded and sidecar.origin is not None:
        return Placed(messages[0].content, text, origin=sidecar.origin)
    # A name that no other row has keeps nothing together.
    group = None if sidecar.group == sidecar.origin else sidecar.group
    customer = customer_in(messages, draft.turns) or sidecar.customer
    return Placed(messages[0].content, text, group, customer)


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
        labels=draft.sidecar.labels,
    )


def _user_text(messages: Iterable[Message]) -> str:
    return "\n".join(m.content for m in messages if m.role is Role.USER)
