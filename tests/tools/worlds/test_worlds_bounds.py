"""No call, however often it is repeated, makes a world or an answer larger than it may be."""

from __future__ import annotations

import json

import pytest

from tools.executor import Executor
from tools.types import Json, ProblemKind, ToolCall, ToolResult
from tools.worlds import WORLDS
from tools.worlds.database import MAX_DEPTH, MAX_GROWTH, MAX_ROW, MAX_ROWS, MAX_WRITTEN, Database
from tools.worlds.executor import MAX_ANSWER
from tools.worlds.functions import ApiError, Change, tools_of
from tools.worlds.world import World


def note(database: Database, text: str) -> Change:
    """Writes twice what stands there, and a text."""
    before = database.row("notes", "one") or {}
    return Change(database.put("notes", "one", {"text": f"{before['text']}" * 2 + text}), "ok")


def add(database: Database, key: str, text: str) -> Change:
    """Adds a row."""
    return Change(database.put("notes", key, {"text": text}), "ok")


def wrap(database: Database, times: int) -> Change:
    """Puts a row into itself."""
    row: Json = dict(database.row("notes", "one") or {})
    for _ in range(times):
        row = {"in": row}
    assert isinstance(row, dict)
    return Change(database.put("notes", "one", row), "ok")


def fill(database: Database, rows: int) -> Change:
    """Writes one long row after the other."""
    for _ in range(rows):
        for text in ("a", "b"):
            database = database.put("notes", "one", {"text": text * (MAX_ROW - 100)})
    return Change(database, "ok")


def echo(database: Database, times: int) -> Json:
    """Answers at length."""
    return "é" * times


def refuse(database: Database, times: int) -> Json:
    """Refuses at length."""
    raise ApiError("no " * times)


def shout(database: Database, times: int) -> Change:
    """Changes a row, and answers at length."""
    return Change(database.put("notes", "one", {"text": "new"}), "x" * times)


NOTES = World("notes", tools_of(note, add, wrap, fill, echo, refuse, shout))


def start(text: str = "abc") -> Executor:
    return NOTES.start({"notes": {"one": {"text": text}}})


def repeat(executor: Executor, call: ToolCall, times: int) -> tuple[Executor, ToolResult]:
    """The last state, and the first answer that is no success, or the last one."""
    result = ToolResult("")
    for _ in range(times):
        executor, result = executor.run(call)
        if not result.ok:
            break
    return executor, result


def assert_too_large(before: Executor, call: ToolCall) -> ToolResult:
    after, result = before.run(call)
    assert after is before
    assert result.problem is not None
    assert result.problem.kind is ProblemKind.TOO_LARGE
    assert result.content == f"Error: {result.problem.text}"
    assert "Nothing was changed" in result.content
    assert len(result.content) < 300
    return result


def test_a_row_that_doubles_stops_at_the_longest_row() -> None:
    call = ToolCall("note", {"text": ""})
    full, result = repeat(start(), call, 100)
    assert MAX_ROW / 4 < len(json.dumps(full.database.row("notes", "one"))) <= MAX_ROW  # type: ignore[attr-defined]
    assert f"{MAX_ROW:,}" in result.content
    assert_too_large(full, call)


def test_a_row_that_was_long_from_the_beginning_may_still_be_changed() -> None:
    long = start("x" * (2 * MAX_ROW))
    after, result = long.run(ToolCall("add", {"key": "one", "text": "y" * (3 * MAX_ROW)}))
    assert result.ok
    assert after is not long
    assert_too_large(long, ToolCall("add", {"key": "one", "text": "y" * (5 * MAX_ROW)}))


def test_rows_that_are_added_stop_at_a_number_and_at_a_size() -> None:
    few = start()
    for number in range(MAX_ROWS):
        few, result = few.run(ToolCall("add", {"key": f"{number}", "text": ""}))
        assert result.ok
    assert_too_large(few, ToolCall("add", {"key": "more", "text": ""}))
    assert few.run(ToolCall("add", {"key": "0", "text": "other"}))[1].ok
    big, count = start(), MAX_GROWTH // (MAX_ROW - 100)
    for number in range(count):
        big, result = big.run(ToolCall("add", {"key": f"{number}", "text": "x" * (MAX_ROW - 100)}))
        assert result.ok
    assert_too_large(big, ToolCall("add", {"key": "more", "text": "x" * (MAX_ROW - 100)}))
    assert big.run(ToolCall("add", {"key": "0", "text": "shorter"}))[1].ok


def test_a_row_that_nests_stops_at_a_depth() -> None:
    full, result = repeat(start(), ToolCall("wrap", {"times": 5}), 1000)
    assert f"{MAX_DEPTH} levels" in result.content
    assert full.changes_since(start())


def test_one_call_writes_a_bounded_number_of_characters() -> None:
    fits = MAX_WRITTEN // MAX_ROW // 2
    after, result = start().run(ToolCall("fill", {"rows": fits}))
    assert result.ok
    assert 2 * fits * (MAX_ROW - 100) <= result.written <= MAX_WRITTEN
    refused = assert_too_large(after, ToolCall("fill", {"rows": 1000}))
    assert refused.written > 0  # it was work all the same
    assert after.run(ToolCall("fill", {"rows": fits}))[1].ok  # a call's work is its own


@pytest.mark.parametrize("name", ["echo", "refuse", "shout"])
def test_an_answer_that_is_too_long_is_said_to_be(name: str) -> None:
    before = start()
    assert_too_large(before, ToolCall(name, {"times": MAX_ANSWER + 1}))
    assert len(before.run(ToolCall(name, {"times": 10}))[1].content) < 100


def test_digests_do_not_depend_on_what_was_refused_or_undone() -> None:
    begun = start()
    there, _ = begun.run(ToolCall("add", {"key": "two", "text": "x"}))
    again, _ = there.run(ToolCall("note", {"text": "y" * (2 * MAX_ROW)}))
    assert again.digest == there.digest != begun.digest
    one, _ = begun.run(ToolCall("note", {"text": "z"}))
    back, _ = one.run(ToolCall("add", {"key": "one", "text": "abc"}))
    assert back.digest == begun.digest
    assert back.changes_since(begun) == ()


@pytest.mark.parametrize("name", ["airline", "airline-tau2"])
def test_cancelling_a_reservation_again_and_again_ends(name: str) -> None:
    world = WORLDS[name]
    base = world.generated(10, 0)
    key = next(iter(base.tables["reservations"]))
    call = ToolCall("cancel_reservation", {"reservation_id": key})
    full, result = repeat(world.start(base), call, 100)
    assert result.problem is not None
    assert result.problem.kind is ProblemKind.TOO_LARGE
    assert len(
        full.run(ToolCall("get_reservation_details", {"reservation_id": key}))[1].content
    ) > (MAX_ROW // 4)
