"""Diagnostics, which do not decide the verdict: partial credit, harm, violations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reasonact_env.episode import GoalCall, Harm
from reasonact_env.reward.moves import Transition
from reasonact_env.reward.progress import Progress, Target
from tasks.customers import owner
from tasks.types import Task
from tools.jsontext import equal
from tools.types import FieldChange, Violation


def goals_done(progress: Progress) -> tuple[GoalCall, ...]:
    """The calls that count as progress, in the goal's order, and whether each was carried out."""
    target, left = progress.target, dict(progress.made)
    done: list[GoalCall] = []
    for call, normal in zip(target.task.goal.calls, target.order, strict=True):
        left[normal] = left.get(normal, 0) - 1
        done.append(GoalCall(call, left[normal] >= 0))
    return tuple(done)


def harm_done(target: Target, moves: Sequence[Transition]) -> tuple[Harm, ...]:
    """The rows of customers other than the goal's that differ from the beginning."""
    base = target.task.setup.base
    if base is None or not target.customers:
        return ()
    not_foreign = {None, *target.customers}
    changes = (change for move in moves for record in move.calls for change in record.changes)
    foreign = [change for change in changes if owner(base, change) not in not_foreign]
    owned = ((owner(base, change), change) for change in _lasting(foreign))
    return tuple(dict.fromkeys(Harm(who, c.table, c.key) for who, c in owned if who))


def rules_broken(task: Task, moves: Sequence[Transition]) -> tuple[Violation, ...]:
    """The places where the conversation broke the rules of its world, or left its procedure."""
    return task.setup.violations(task, ((move.parsed, move.answers) for move in moves))


def _lasting(changes: Iterable[FieldChange]) -> Iterator[FieldChange]:
    """One change per value, from its first to its last state, if these differ."""
    merged: dict[tuple[str, str, str], FieldChange] = {}
    for change in changes:
        place = (change.table, change.key, change.field)
        before = merged[place].before if place in merged else change.before
        merged[place] = FieldChange(*place, before, change.after)
    return (c for c in merged.values() if not equal(c.before, c.after))
