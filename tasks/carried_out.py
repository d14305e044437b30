"""Whether the world behind a task can tell if the task's goal was reached."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tasks.goals import answered_calls
from tasks.setups import Recorded
from tasks.types import Task
from tools.failures import is_transient, looks_like_error
from tools.jsontext import JsonProblem, canonical, equal, read_json, short
from tools.types import Json, ProblemKind, ToolCall, ToolResult
from tools.worlds.database import Base
from tools.worlds.rebuilt.executor import NOT_FOUND, RebuiltBase, key_of
from tools.worlds.world import World


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """A goal's writes, carried out in a world."""

    writes: tuple[ToolCall, ...]
    """What the goal asks for there; all writes where something is missing."""
    refused: tuple[ToolCall, ...] = ()
    """The writes that the API itself refuses.

    tau-bench's gold has some, where an agent is to find out that something cannot be done: they
    change nothing, so nobody has to bring them about.
    """
    missing: str = ""
    """Why the world cannot tell whether the goal was reached; empty where it can."""


def carried_out(world: World, base: Base, writes: Iterable[ToolCall]) -> CarriedOut:
    """Carries out a goal's writes.

    Args:
        world: The world.
        base: Its database. Of one that was rebuilt from a dialogue only that counts which the
            dialogue shows: a write that would go otherwise if a guess were wrong is missing.
        writes: The writes, in order.
    """
    goal = tuple(writes)
    if isinstance(base, RebuiltBase) and base.overwritten:
        table, key = min(base.overwritten)
        return CarriedOut(
            goal, missing=f"{key} of {table} is shown only after a write that hides what was before"
        )
    done: list[ToolCall] = []
    refused: list[ToolCall] = []
    executor = world.start(base)
    for number, call in enumerate(goal):
        executor, result = executor.run(call)
        if not result.ok and (_is_unknown(result) or NOT_FOUND.fullmatch(result.content)):
            return CarriedOut(goal, missing=f"{_told(call)} is about what it does not hold")
        if isinstance(base, RebuiltBase) and not _is_shown(world, base, goal[: number + 1], result):
            why = "depends on a price or a balance that the dialogue does not show"
            return CarriedOut(goal, missing=f"{_told(call)} {why}")
        (done if result.ok else refused).append(call)
    return CarriedOut(tuple(done), tuple(refused))


def _is_shown(
    world: World, base: RebuiltBase, calls: Sequence[ToolCall], result: ToolResult
) -> bool:
    """Whether what became of the last call follows from what the dialogue shows, not from guesses.

    Args:
        world: The world.
        base: Its database.
        calls: All calls so far.
        result: What became of the last one.
    """
    known = world.effects.get(calls[-1].name)
    recorded = base.answers.get(key_of(calls[-1], known.free_text if known else ()))
    if base.certain is None or (
        recorded is not None and looks_like_error(recorded) is not result.ok
    ):
        return True
    executor = world.start(base.certain())
    for call in calls[:-1]:
        executor, _ = executor.run(call)
    _, certain = executor.run(calls[-1])
    return certain.ok is result.ok and (result.ok or certain.content == result.content)


def _told(call: ToolCall) -> str:
    return f"{call.name} {short(canonical(dict(call.arguments)))}"


def _is_unknown(result: ToolResult) -> bool:
    return result.problem is not None and result.problem.kind is ProblemKind.UNRECORDED


def is_beyond_its_record(task: Task) -> bool:
    """Whether a goal asks for writes that a dialogue's own answers cannot carry out, so that nobody
    can reach it there.
    """
    if not isinstance(task.setup, Recorded):
        return False
    executor = task.setup.start(task)
    for call in task.goal.writes:
        executor, result = executor.run(call)
        if not result.ok:
            return True
    return False


def plays_alike(task: Task) -> bool:
    """Whether the API behind a task answers the recorded calls as they were answered.

    Failures are alike whatever their words, and those of the moment are passed over.
    """
    executor, compared = task.setup.start(task), 0
    for call, recorded in answered_calls(task.messages, task.turns):
        if is_transient(recorded):
            continue
        executor, result = executor.run(call)
        if not _alike(recorded, result):
            return False
        compared += 1
    return compared > 0


def _alike(recorded: str, result: ToolResult) -> bool:
    if looks_like_error(recorded) or not result.ok:
        return looks_like_error(recorded) and not result.ok
    return recorded == result.content or equal(_value(recorded), _value(result.content))


def _value(text: str) -> Json:
    """A JSON answer without its nulls, which some versions of the APIs leave out; else the text."""
    try:
        return _without_nulls(read_json(text))
    except JsonProblem:
        return text


def _without_nulls(value: Json) -> Json:
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    if isinstance(value, dict):
        return {name: _without_nulls(part) for name, part in value.items() if part is not None}
    return value
