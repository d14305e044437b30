"""The values that are known at each step of a procedure on every way there."""

from __future__ import annotations

from collections.abc import Callable

from tasks.procedures.types import Procedure, Step, StepKind


def unreached(
    procedure: Procedure, stop: Callable[[Step], bool] = lambda step: False
) -> tuple[str, ...]:
    """The steps that cannot be reached from the first one.

    Args:
        procedure: A procedure whose branches lead to its own steps.
        stop: Whether all ways end at a step.
    """
    seen: set[str] = set()
    waiting = [procedure.steps[0].id]
    while waiting:
        step = procedure.step(waiting.pop())
        if step.id not in seen:
            seen.add(step.id)
            waiting += () if stop(step) else step.branches.values()
    return tuple(step.id for step in procedure.steps if step.id not in seen)


def known_before(procedure: Procedure) -> dict[str, frozenset[str]]:
    """Step -> the values that are known there on every way from the first step.

    The greatest solution of "known = intersection over all ways in" (a forward must-analysis).
    Steps that cannot be reached are missing.
    """
    known: dict[str, frozenset[str]] = {procedure.steps[0].id: frozenset()}
    waiting = [procedure.steps[0].id]
    while waiting:
        step = procedure.step(waiting.pop())
        for answer, target in step.branches.items():
            after = known[step.id] | _learned(procedure, step, answer)
            before = known.get(target)
            now = after if before is None else after & before
            if now != before:
                known[target] = now
                waiting.append(target)
    return known


def _learned(procedure: Procedure, step: Step, answer: str) -> frozenset[str]:
    if step.kind is not StepKind.CALL:
        return frozenset(step.asks)
    gives = procedure.apis[step.api].gives
    values = gives.get(answer) if answer else next(iter(gives.values()), {})
    return frozenset(values or ())
