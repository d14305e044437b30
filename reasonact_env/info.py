"""The infos of `reset` and `step`, as plain JSON values.

Vector environments collect infos in arrays. There a score of None is NaN if the first environment's
score was a number, and None otherwise. The mask next to it (`_tool` for `tool`) tells which
environments had the key at all.
"""

from __future__ import annotations

from dataclasses import asdict

from reasonact_env.episode import CallRecord, Outcome, Step, StopReason
from tasks.types import Task
from tasks.user import UserReport
from tools.types import FieldChange, Json


def reset_info(task: Task, turn: int, state_hash: str) -> dict[str, Json]:
    """The task's id and data set, the next turn's number, and the state's digest."""
    return {"task_id": task.id, "source": task.source, "turn": turn, "state_hash": state_hash}


def step_info(
    task: Task,
    place: str,
    step: Step,
    turn: int,
    stop: StopReason | None,
    outcome: Outcome | None,
) -> dict[str, Json]:
    """The info of a step.

    Args:
        task: The task.
        place: What stands behind it, by `tasks.databases.place_name`.
        step: The step.
        turn: The next decision's or message's number.
        stop: Why the episode ended, or None.
        outcome: The verdict on an ended dialogue, or None.
    """
    info: dict[str, Json] = {
        **reset_info(task, turn, step.state_hash),
        "database": place,
        "reward_components": dict(step.components),
        "weights": dict(step.weights),
        "step_scores": dict(step.step_scores),
        "call_problems": [],
        "results": [],
        "changes": [],
    }
    if calls := step.calls:
        info["call_problems"] = [_problem(record) for record in calls if record.problem]
        info["results"] = [_result(record) for record in calls]
        info["changes"] = [_change(change) for record in calls for change in record.changes]
    if stop is not None:
        info["stop"] = stop.value
        info["outcome"] = None if outcome is None else _plain(outcome)
    return info


def user_info(report: UserReport, outcome: Outcome | None) -> Json:
    """The report of a user who listens, at the end of a dialogue.

    An episode is `lost` if it was not a success and the user did not understand some reply.
    """
    won = outcome is not None and outcome.success
    lost = bool(report.misunderstood) and not won
    return {**asdict(report), "lost": lost}


def _plain(outcome: Outcome) -> Json:
    """The verdict as plain JSON. `asdict` would take a sixth of a step's time."""
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


def _change(change: FieldChange) -> Json:
    return {
        "table": change.table,
        "key": change.key,
        "field": change.field,
        "before": change.before,
        "after": change.after,
    }


def _problem(record: CallRecord) -> Json:
    assert record.problem is not None
    return {"tool": record.name, "kind": record.problem.kind.value, "text": record.problem.text}


def _result(record: CallRecord) -> Json:
    return {
        "tool": record.name,
        "ok": record.ok,
        "effect": record.effect.value,
        "content": record.content,
    }
