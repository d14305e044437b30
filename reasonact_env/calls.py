"""Validating and carrying out the calls of one message."""

from __future__ import annotations

from collections.abc import Mapping

from reasonact_env.episode import CallRecord
from tools.effects import ToolEffect
from tools.executor import Executor
from tools.protocol import Parsed
from tools.schema.toolbox import Toolbox
from tools.types import CallProblem, Effect, ToolCall


def carry_out(
    parsed: Parsed, executor: Executor, toolbox: Toolbox, effects: Mapping[str, ToolEffect]
) -> tuple[Executor, tuple[CallRecord, ...]]:
    """Runs a message's calls in order; a bad call does not stop the rest.

    Args:
        parsed: The message.
        executor: The API in its current state.
        toolbox: The tools' schemas.
        effects: Tool name -> read or write.

    Returns:
        The API in its state afterwards, and one record per call block.
    """
    records = []
    for attempt in parsed.attempts:
        if isinstance(attempt, CallProblem):
            records.append(_not_made(None, attempt, executor.digest))
        elif problem := toolbox.check(attempt):
            records.append(_not_made(attempt, problem, executor.digest))
        else:
            executor, record = _run(attempt, executor, toolbox, effects)
            records.append(record)
    return executor, tuple(records)


def _run(
    call: ToolCall, executor: Executor, toolbox: Toolbox, effects: Mapping[str, ToolEffect]
) -> tuple[Executor, CallRecord]:
    after, result = executor.run(call)
    record = CallRecord(
        name=call.name,
        arguments=call.arguments,
        normal=toolbox.normal(call),
        effect=effects[call.name].effect,
        content=result.content,
        problem=result.problem,
        state_before=executor.digest,
        state_after=after.digest,
        changes=() if after is executor else after.changes_since(executor),
    )
    return after, record


def _not_made(call: ToolCall | None, problem: CallProblem, digest: str) -> CallRecord:
    """The record of a call that never reached the API."""
    return CallRecord(
        name=call.name if call else None,
        arguments=call.arguments if call else None,
        normal=None,
        effect=Effect.READ,
        content=f"Error: {problem.text}",
        problem=problem,
        state_before=digest,
        state_after=digest,
    )
