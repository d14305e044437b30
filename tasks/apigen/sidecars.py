"""Reads what stands beside a row: its goal, its world, its group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tasks.agenda.agenda import Agenda
from tasks.agenda.agenda_json import AgendaError, agenda_from_json
from tasks.apigen.rows import RowProblem
from tasks.goals import SidecarGoal
from tasks.procedures.case import Case
from tasks.procedures.case_json import case_from_json
from tasks.procedures.library import named
from tasks.types import WorldStart
from tools import worlds
from tools.jsontext import short
from tools.types import Effect, Json, ToolCall
from tools.worlds.database import Base
from tools.worlds.generated.databases import generated_base

_NOT_META = frozenset(
    {"gold", "world", "effects", "agenda", "case", "preambles", "conversion", "index", "split"}
)
"""What a task keeps elsewhere, or not at all."""
_WORLD_FORMS = (
    '`world` as {"name": "…", "state": {…}}, or with "made": {"customers": 500, "seed": 7} in the '
    "state's place"
)


@dataclass(frozen=True, slots=True)
class Sidecar:
    """One entry of a sidecar, read."""

    gold: SidecarGoal | None = None
    """What should have been done, or None where nobody says."""
    world: WorldStart | None = None
    """The stateful API behind the tools, or None."""
    effects: Mapping[str, Effect] = field(default_factory=dict)
    """Tool -> read or write, as declared; empty where nobody says."""
    group: str | None = None
    """Rows of the same group stay on one side of a split."""
    agenda: Agenda | None = None
    """What the customer knows and wants, or None where nobody says."""
    case: Case | None = None
    """What the customer of a procedure knows and does, or None where nobody says."""
    meta: Mapping[str, Json] = field(default_factory=dict)
    """All the rest."""


def read_sidecar(entry: Json) -> Sidecar:
    """Reads one entry.

    Raises:
        RowProblem: of kind `bad_sidecar`, if it is of another form: then nobody knows what the
            row's goal is.
    """
    if not isinstance(entry, dict):
        raise _problem("an object a record, or {} for none", entry)
    meta = {name: value for name, value in entry.items() if name not in _NOT_META}
    return Sidecar(
        gold=_gold(entry.get("gold")),
        world=_world(entry.get("world")),
        effects=_effects(entry.get("effects")),
        group=_group(entry.get("group") or entry.get("user_group")),
        agenda=_agenda(entry.get("agenda")),
        case=_case(entry.get("case")),
        meta=meta,
    )


def _gold(gold: Json) -> SidecarGoal | None:
    if gold is None:
        return None
    actions = gold.get("actions") if isinstance(gold, dict) else None
    outputs = (gold.get("outputs") or []) if isinstance(gold, dict) else None
    if not isinstance(actions, list) or not isinstance(outputs, list):
        raise _problem('`gold` as {"actions": […], "outputs": […]}', gold)
    return SidecarGoal(tuple(map(_action, actions)), tuple(map(str, outputs)))


def _action(action: Json) -> ToolCall:
    if isinstance(action, dict):
        name, arguments = action.get("name"), action.get("arguments") or {}
        if isinstance(name, str) and isinstance(arguments, dict):
            return ToolCall(name, arguments)
    raise _problem('an action of `gold` as {"name": "…", "arguments": {…}}', action)


def _world(world: Json) -> WorldStart | None:
    """The world with its database: written out as `state`, or `made` anew from two numbers."""
    if world is None:
        return None
    if isinstance(world, dict) and isinstance(name := world.get("name"), str):
        try:
            worlds.specs(name)
            if (base := _base(name, world)) is not None:
                return WorldStart(name, base)
        except ValueError as error:
            raise RowProblem("bad_sidecar", str(error)) from None
    raise _problem(_WORLD_FORMS, world)


def _base(name: str, world: dict[str, Json]) -> Base | None:
    """The database that a world's entry gives or refers to; None if it does neither, or both."""
    match world:
        case {"state": _, "made": _}:
            return None
        case {"state": dict(state)}:
            return Base.of(state)
        case {"made": {"customers": int(customers), "seed": int(seed), **rest}} if not rest:
            return generated_base(name, customers, seed)
        case _:
            return None


def _effects(effects: Json) -> Mapping[str, Effect]:
    if effects is None:
        return {}
    if isinstance(effects, dict) and all(effect in tuple(Effect) for effect in effects.values()):
        return {name: Effect(str(effect)) for name, effect in effects.items()}
    raise _problem('`effects` as {"TOOL": "read" or "write"}', effects)


def _case(case: Json) -> Case | None:
    if case is None:
        return None
    if not isinstance(case, dict):
        raise _problem('`case` as {"procedure": "…", …}', case)
    try:
        file = str(case["file"]) if case.get("file") else None
        return case_from_json(case, named(str(case.get("procedure")), file))
    except (OSError, ValueError) as error:
        raise RowProblem("bad_sidecar", str(error)) from None


def _group(group: Json) -> str | None:
    if group is None or isinstance(group, str | int):
        return str(group or "") or None
    raise _problem("`group` as a string", group)


def _agenda(agenda: Json) -> Agenda | None:
    try:
        return None if agenda is None else agenda_from_json(agenda)
    except AgendaError as error:
        raise RowProblem("bad_sidecar", f"{error}; correct it in the sidecar") from None


def _problem(expected: str, came: Json) -> RowProblem:
    return RowProblem(
        "bad_sidecar", f"expected {expected}, got {short(came)}; correct it in the sidecar"
    )
