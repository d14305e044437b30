"""Validating and carrying out the calls of one message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from reasonact_env.episode import CallRecord
from reasonact_env.limits import MAX_STEP
from tools.effects import ToolEffect
from tools.executor import Executor
from tools.protocol import Parsed
from tools.schema.size import MAX_VALUES, values_in
from tools.schema.toolbox import Toolbox
from tools.types import CallProblem, Effect, ProblemKind, ToolCall


class Carried(NamedTuple):
    """What became of a message's calls."""

    executor: Executor
    """The API in its state afterwards."""
    records: tuple[CallRecord, ...]
    """One record a call block."""
    written: int
    """How many characters of rows were written."""


def carry_out(
    parsed: Parsed,
    executor: Executor,
    toolbox: Toolbox,
    effects: Mapping[str, ToolEffect],
    room: int = MAX_STEP,
) -> Carried:
    """Runs a message's calls in order; a bad call does not stop the rest.

    Args:
        parsed: The message.
        executor: The API in its current state.
        toolbox: The tools' schemas.
        effects: Tool name -> read or write.
        room: Once answers and written rows have this many characters, no call is carried out.
    """
    records: list[CallRecord] = []
    used = all_written = 0
    patience = MAX_VALUES
    for attempt in parsed.attempts:
        if isinstance(attempt, CallProblem):
            records.append(_not_made(None, attempt, executor.digest))
        elif problem := toolbox.check(attempt, patience):
            if problem.kind is not ProblemKind.TOO_LARGE:  # then nothing was looked at
                patience -= values_in(dict(attempt.arguments))
            records.append(_not_made(attempt, problem, executor.digest))
        elif used >= room:
            records.append(_not_made(attempt, _no_room(room), executor.digest))
        else:
            executor, record, written = _run(attempt, executor, toolbox, effects)
            records.append(record)
            all_written += written
            used += written + len(record.content)
    return Carried(executor, tuple(records), all_written)


def _run(
    call: ToolCall, executor: Executor, toolbox: Toolbox, effects: Mapping[str, ToolEffect]
) -> tuple[Executor, CallRecord, int]:
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
    return after, record, result.written


def _no_room(room: int) -> CallProblem:
    return CallProblem(
        ProblemKind.TOO_LARGE,
        f"Expected calls whose answers and changes have fewer than {room:,} characters in one "
        "message, got more by the calls before this one, which was not carried out. Make it in "
        "another message, if it is needed.",
    )


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
