"""What is reported beside the verdict, and is no part of it: partial credit, harm, violations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reasonact_env.episode import GoalCall, Harm
from reasonact_env.reward.progress import Move, Progress, Target
from tasks.customers import owner
from tasks.policy import Talk, Violation, rules_of, violations
from tasks.procedures.customer import strays_of
from tasks.types import Task
from tools.effects import is_handover
from tools.jsontext import canonical
from tools.types import FieldChange, ToolCall


def goals_done(target: Target, progress: Progress) -> tuple[GoalCall, ...]:
    """The calls that count as progress, in the goal's order, and whether each was carried out."""
    left = dict(progress.made)
    done: list[GoalCall] = []
    for call, normal in zip(target.task.goal.calls, target.order, strict=True):
        left[normal] = left.get(normal, 0) - 1
        done.append(GoalCall(call, left[normal] >= 0))
    return tuple(done)


def harm_done(target: Target, moves: Sequence[Move]) -> tuple[Harm, ...]:
    """The rows of other customers than the goal's that are not as they were at the beginning."""
    task = target.task
    if task.world is None or not target.customers:
        return ()
    harmed: dict[Harm, None] = {}
    for change in _lasting(moves):
        whose = owner(task.world.base, change)
        if whose is not None and whose not in target.customers:
            harmed[Harm(whose, change.table, change.key)] = None
    return tuple(harmed)


def policy_broken(task: Task, moves: Sequence[Move]) -> tuple[Violation, ...]:
    """Where the conversation broke the policy of its world, or left its case's procedure."""
    turns = ((move.parsed, move.answers) for move in moves)
    if task.case is not None:
        strays = strays_of(task.case, turns)
        return tuple(Violation(stray.kind.value, number, stray.text) for number, stray in strays)
    if task.world is None or not rules_of(task.world.name):
        return ()  # reading a talk costs more than a whole step
    goal = (*task.goal.reads, *task.goal.writes, *_handovers(task))
    return violations(task.world.name, Talk.read(task.opening, turns, task.effects, goal))


def _handovers(task: Task) -> Iterator[ToolCall]:
    """The gold agent's call for a human; the record beside an agenda is the gold agent's."""
    if task.agenda is not None:
        yield from (c for turn in task.turns for c in turn.calls if is_handover(c.name))


def _lasting(moves: Sequence[Move]) -> Iterator[FieldChange]:
    """The changes of all moves, without those that were taken back."""
    merged: dict[tuple[str, str, str], FieldChange] = {}
    for move in moves:
        for record in move.calls:
            for change in record.changes:
                place = (change.table, change.key, change.field)
                before = merged[place].before if place in merged else change.before
                merged[place] = FieldChange(*place, before, change.after)
    return (c for c in merged.values() if canonical(c.before) != canonical(c.after))
