"""Reads a row's sidecar: its goal, its world, its group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from tasks.apigen.labels import labels_in
from tasks.apigen.rows import RowProblem
from tasks.goals import SidecarGoal
from tasks.setups import InWorld, Recorded
from tasks.types import Setup
from tasks.user import Customer
from tools.effects import ToolEffect
from tools.jsontext import short
from tools.types import Effect, Json, ToolCall
from tools.worlds import world_named
from tools.worlds.database import Base
from tools.worlds.world import World

_WORLD_FORMS = (
    '`world` as {"name": "…", "state": {…}}, or with "made": {"customers": 500, "seed": 7} in the '
    "state's place"
)


_MISSPELT = 0.82
"""Keys as near as this to one of ours (difflib's ratio) are taken for a slip."""

_EFFECT_FORMS = (
    '`effects` as {"TOOL": "read", "write" or "handover"}, or with {"effect": "read" or "write", '
    '"handover": true or false, "free_text": ["ARGUMENT"]} in the name\'s place'
)


@dataclass(frozen=True, slots=True)
class DeclaredTool:
    """What a sidecar says of a tool; None where it does not say."""

    effect: Effect | None = None
    """Read or write."""
    hands_over: bool | None = None
    """Whether it hands the conversation over to a human."""
    free_text: frozenset[str] | None = None
    """The arguments that are in the caller's own words, as paths."""

    def over(self, known: ToolEffect) -> ToolEffect:
        """What is known of the tool otherwise, where nothing is said; else what is said."""
        if self.effect is not None:
            known = replace(known, effect=self.effect, inferred=False)
        if self.hands_over is not None:
            known = replace(known, hands_over=self.hands_over, hands_over_inferred=False)
        if self.free_text is not None:
            known = replace(known, free_text=self.free_text, free_text_inferred=False)
        return known


@dataclass(frozen=True, slots=True)
class Sidecar:
    """One entry of a sidecar, read."""

    gold: SidecarGoal | None = None
    """The goal, or None if the entry has none."""
    setup: Setup = field(default_factory=Recorded)
    """The task's setup: its API, its user, its rules."""
    effects: Mapping[str, DeclaredTool] = field(default_factory=dict)
    """Tool -> what the entry declares of it; empty if it declares nothing."""
    group: str | None = None
    """Rows of the same group stay on one side of a split."""
    customer: str | None = None
    """Whom a row is about; it counts where the dialogue shows no customer's data."""
    origin: str | None = None
    """The name of the numbers that a row was generated from; only it has that name."""
    traces: tuple[str | None, ...] = ()
    """The agent's reasons, one per turn; empty if the entry has none."""
    succeeded: bool | None = None
    """The benchmark's own verdict on the recorded agent; None if the entry has none."""
    unread: tuple[str, ...] = ()
    """The entry's keys that mean nothing here, such as notes on where a row comes from."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Its plain values as text, by which a part of a data set can be chosen."""


KEYS = (
    "gold",
    "world",
    "effects",
    "agenda",
    "case",
    "group",
    "user_group",
    "generated_from",
    "traces",
    "success",
)
"""The keys of an entry that are read; `tasks.apigen.reader` tells what they mean."""


def read_sidecar(entry: Json) -> Sidecar:
    """Reads one entry; unknown keys are only noted, unless they look like a misspelt one.

    Raises:
        RowProblem: of kind `bad_sidecar`, if the entry has another form: then the row's goal is
            not known.
    """
    if not isinstance(entry, dict):
        raise _problem("one object per record, or {} for none", entry)
    return Sidecar(
        gold=_gold(entry.get("gold")),
        setup=_setup(entry),
        effects=_effects(entry.get("effects")),
        group=_group(entry.get("group")),
        customer=_group(entry.get("user_group")),
        origin=_group(entry.get("generated_from")),
        traces=_traces(entry.get("traces")),
        succeeded=_flag(entry.get("success")),
        unread=_unread(entry),
        labels=labels_in(entry),
    )


def _unread(entry: dict[str, Json]) -> tuple[str, ...]:
    unread = tuple(key for key in entry if key not in KEYS)
    for key in unread:
        if near := get_close_matches(key.lower(), KEYS, n=1, cutoff=_MISSPELT):
            raise RowProblem(
                "bad_sidecar",
                f"expected the keys {', '.join(KEYS)} in a sidecar, got {key!r}; did you mean "
                f"{near[0]!r}?",
            )
    return unread


def _setup(entry: dict[str, Json]) -> Setup:
    """The setup from an entry's `world`, `agenda` and `case`.

    Their code is imported here, since most files have at most one of them.
    """
    world, case = entry.get("world"), entry.get("case")
    user = _agenda(entry.get("agenda"))
    if case is None:
        return Recorded(user) if world is None else _in_world(world, user)
    if world is not None or user is not None:
        raise _problem("`case`, or `world` and `agenda`, but not both", short(case))
    return _on_procedure(case)


def _in_world(entry: Json, user: Customer | None) -> Setup:
    """The world with its database: written out (`state`), or generated (`made`) from numbers."""
    if isinstance(entry, dict) and isinstance(name := entry.get("name"), str):
        try:
            world = world_named(name)
            if (base := _base(world, entry)) is not None:
                return InWorld(world, base, user)
        except ValueError as error:
            raise RowProblem("bad_sidecar", str(error)) from None
    raise _problem(_WORLD_FORMS, entry)


def _base(world: World, entry: dict[str, Json]) -> Base | None:
    """The database in, or named by, a world's entry; None if there is neither, or both."""
    match entry:
        case {"state": _, "made": _}:
            return None
        case {"state": dict(state)}:
            return Base.of(state)
        case {"made": {"customers": int(customers), "seed": int(seed), **rest}} if not rest:
            return world.generated(customers, seed)
        case _:
            return None


def _on_procedure(case: Json) -> Setup:
    if not isinstance(case, dict):
        raise _problem('`case` as {"procedure": "…", …}', case)
    from tasks.procedures.setup import OnProcedure

    try:
        return OnProcedure.of(case)
    except (OSError, ValueError) as error:
        raise RowProblem("bad_sidecar", str(error)) from None


def _agenda(agenda: Json) -> Customer | None:
    if agenda is None:
        return None
    from tasks.agenda.agenda_json import AgendaError, agenda_from_json
    from tasks.agenda.user import AgendaUser

    try:
        return AgendaUser(agenda_from_json(agenda))
    except AgendaError as error:
        raise RowProblem("bad_sidecar", f"{error}; correct it in the sidecar") from None


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
        misnamed = "arguments" not in action and len(action) > 1
        if isinstance(name, str) and isinstance(arguments, dict) and not misnamed:
            return ToolCall(name, arguments)
    raise _problem('an action of `gold` as {"name": "…", "arguments": {…}}', action)


def _effects(effects: Json) -> Mapping[str, DeclaredTool]:
    if effects is None:
        return {}
    if isinstance(effects, dict):
        return {name: _declared(said) for name, said in effects.items()}
    raise _problem(_EFFECT_FORMS, effects)


def _declared(said: Json) -> DeclaredTool:
    match said:
        case "handover":
            return DeclaredTool(Effect.READ, hands_over=True)
        case str() if said in tuple(Effect):
            return DeclaredTool(Effect(said))
        case dict() if said and said.keys() <= {"effect", "handover", "free_text"}:
            return _declared_at_length(said)
    raise _problem(_EFFECT_FORMS, said)


def _declared_at_length(said: dict[str, Json]) -> DeclaredTool:
    effect, hands_over, free = said.get("effect"), said.get("handover"), said.get("free_text")
    if (
        effect not in (None, *Effect)
        or not isinstance(hands_over, bool | None)
        or not isinstance(free, list | None)
        or not all(isinstance(path, str) for path in free or [])
    ):
        raise _problem(_EFFECT_FORMS, said)
    return DeclaredTool(
        None if effect is None else Effect(str(effect)),
        hands_over,
        None if free is None else frozenset(map(str, free)),
    )


def _group(group: Json) -> str | None:
    if group is None or isinstance(group, str | int):
        return str(group or "") or None
    raise _problem("`group` and `user_group` as strings", group)


def _traces(traces: Json) -> tuple[str | None, ...]:
    """The traces; only cold starts use them, so values other than texts do not refuse a row."""
    if not isinstance(traces, list):
        return ()
    return tuple(trace if isinstance(trace, str) else None for trace in traces)


def _flag(value: Json) -> bool | None:
    """The flag; it is shown and decides nothing, so that anything else costs no row its place."""
    return value if isinstance(value, bool) else None


def _problem(expected: str, came: Json) -> RowProblem:
    return RowProblem(
        "bad_sidecar", f"expected {expected}, got {short(came)}; correct it in the sidecar"
    )
