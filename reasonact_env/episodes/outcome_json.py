"""Verdicts and changes of the state as plain JSON values, and back again without loss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reasonact_env.episode import GoalCall, Harm, Outcome
from reasonact_env.episodes.json_values import JsonObject, number_in, object_in, objects_in, text_in
from tasks.rules import Violation
from tools.types import FieldChange, Json, ToolCall


def outcome_json(outcome: Outcome | None) -> Json:
    """The verdict as an object; null for none."""
    if outcome is None:
        return None
    return {
        "success": outcome.success,
        "state": outcome.state,
        "facts": outcome.facts,
        "reads": outcome.reads,
        "tau": outcome.tau,
        "goal": outcome.goal,
        "goals": [
            {"call": {"name": g.call.name, "arguments": dict(g.call.arguments)}, "done": g.done}
            for g in outcome.goals
        ],
        "harm": [{"customer": h.customer, "table": h.table, "key": h.key} for h in outcome.harm],
        "violations": [
            {"rule": v.rule, "message": v.message, "text": v.text} for v in outcome.violations
        ],
    }


def outcome_of(value: Json) -> Outcome | None:
    """Reads what `outcome_json` wrote; files of version 1 lack the three lists."""
    if value is None:
        return None
    verdicts = object_in(value)
    names = ("success", "state", "facts", "reads", "tau")
    success, state, facts, reads, tau = (bool(verdicts[name]) for name in names)
    return Outcome(
        success=success,
        state=state,
        facts=facts,
        reads=reads,
        tau=tau,
        goal=text_in(verdicts["goal"]),
        goals=tuple(map(_goal_of, objects_in(verdicts.get("goals", [])))),
        harm=tuple(map(_harm_of, objects_in(verdicts.get("harm", [])))),
        violations=tuple(map(_violation_of, objects_in(verdicts.get("violations", [])))),
    )


def change_json(change: FieldChange) -> JsonObject:
    """One change."""
    return {
        "table": change.table,
        "key": change.key,
        "field": change.field,
        "before": change.before,
        "after": change.after,
    }


def changes_json(changes: Iterable[FieldChange]) -> JsonObject:
    """A call's `changes`, where there are any; most calls change nothing."""
    listed: list[Json] = [change_json(change) for change in changes]
    return {"changes": listed} if listed else {}


def changes_of(call: Mapping[str, Json]) -> tuple[FieldChange, ...]:
    """Reads what `changes_json` wrote."""
    return tuple(map(_change_of, objects_in(call.get("changes", []))))


def _change_of(value: Mapping[str, Json]) -> FieldChange:
    table, key, field = (text_in(value[name]) for name in ("table", "key", "field"))
    return FieldChange(table, key, field, value["before"], value["after"])


def _goal_of(value: Mapping[str, Json]) -> GoalCall:
    call = object_in(value["call"])
    made = ToolCall(text_in(call["name"]), object_in(call["arguments"]))
    return GoalCall(made, bool(value["done"]))


def _harm_of(value: Mapping[str, Json]) -> Harm:
    return Harm(text_in(value["customer"]), text_in(value["table"]), text_in(value["key"]))


def _violation_of(value: Mapping[str, Json]) -> Violation:
    message = int(number_in(value["message"]))
    return Violation(text_in(value["rule"]), message, text_in(value["text"]))
