"""Free text: which arguments it is, and that nobody compares it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

import pytest

from tools.effects import ToolEffect
from tools.free_text import are_choices, free_text_of, reworded, texts_at, without_words
from tools.recorded import RecordedExecutor
from tools.schema.toolbox import Toolbox
from tools.types import Effect, Json, ToolCall, ToolSpec
from tools.worlds.database import Database
from tools.worlds.functions import Change, FreeText, Handover, tools_of
from tools.worlds.world import World

TEXT: dict[str, Json] = {"type": "string"}


def spec(**properties: Json) -> ToolSpec:
    required: list[Json] = [name for name in properties if not name.endswith("_or_not")]
    return ToolSpec("tool", "", {"type": "object", "properties": properties, "required": required})


@pytest.mark.parametrize(
    "properties",
    [
        {"summary": TEXT},
        {"cancellation_reason": {"type": "string", "description": "Why, for example 'I am ill'."}},
        {"noteText": {"type": ["string", "null"]}},
        {"reason_for_return": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
        {"comments": {"type": "array", "items": TEXT}},
        {"notes": {"description": "Anything else."}},
    ],
)
def test_free_text_of_any_tool(properties: dict[str, Json]) -> None:
    assert free_text_of(spec(**properties), writes=False) == {*properties}


@pytest.mark.parametrize(
    "properties",
    [
        {"reason": {"type": "string", "enum": ["damaged", "late"]}},
        {"reason": {"type": "string", "description": "Either 'too late' or 'not needed'."}},
        {"reason": {"type": "string", "description": "One of the reasons that are listed."}},
        {"reason": {"type": "string", "pattern": "^R[0-9]+$"}},
        {"reason": {"anyOf": [{"enum": ["a", "b"]}, {"type": "string"}]}},
        {"reason_code": TEXT},
        {"note_id": TEXT},
        {"summary_date": TEXT},
        {"note": {"type": "integer"}},
        {"query": TEXT},
        {"address": TEXT},
        {"user_id": {"type": "string", "description": "The summary of the user's id."}},
    ],
)
def test_what_is_no_free_text(properties: dict[str, Json]) -> None:
    assert free_text_of(spec(**properties), writes=False) == set()


def test_a_look_up_goes_by_its_text_and_a_write_does_not() -> None:
    text = spec(description=TEXT, message=TEXT)
    assert free_text_of(text, writes=False) == set()
    assert free_text_of(text, writes=True) == {"description", "message"}


def test_free_text_inside_objects_and_lists() -> None:
    item: Json = {"type": "object", "properties": {"id": TEXT, "reason": TEXT}}
    tool = spec(items={"type": "array", "items": item}, ticket=item)
    assert free_text_of(tool, writes=True) == {"items[].reason", "ticket.reason"}
    rows: Json = [{"id": "A", "reason": "it broke"}, {"id": "B"}]
    arguments = {"items": rows, "ticket": {"id": "T", "reason": "why not"}}
    free = ["items[].reason", "ticket.reason"]
    assert [*texts_at(arguments, "items[].reason")] == ["it broke"]
    assert without_words(arguments, free) == {
        "items": [{"id": "A"}, {"id": "B"}],
        "ticket": {"id": "T"},
    }
    assert without_words(reworded(arguments, free), free) == without_words(arguments, free)


@pytest.mark.parametrize(
    "name", ["memo", "additional_info", "extraInformation", "purpose_of_visit", "apology_text"]
)
def test_free_text_of_writes_by_other_names(name: str) -> None:
    assert free_text_of(spec(**{name: TEXT}), writes=True) == {name}
    assert free_text_of(spec(**{name: TEXT}), writes=False) == set()


@pytest.mark.parametrize("name", ["contact_info", "info", "payment_information", "memo_id"])
def test_information_may_be_anything(name: str) -> None:
    assert free_text_of(spec(**{name: TEXT}), writes=True) == set()


@pytest.mark.parametrize(
    ("values", "choices"),
    [
        ([["The customer is ill"], ["A broken leg, says Amy"]], False),
        ([["changed plans"]], False),
        ([["damaged"]], True),
        ([["no longer needed"]] * 3, True),
        ([["no longer needed"], ["ordered by mistake"]] * 2, True),
        ([[], [], []], False),
    ],
)
def test_what_comes_again_and_again_is_a_choice(values: list[list[str]], choices: bool) -> None:
    assert are_choices("reason", values) is choices


def effect(kind: Effect, *free: str) -> ToolEffect:
    return ToolEffect(kind, inferred=True, free_text=frozenset(free), free_text_inferred=True)


def test_normal_forms_are_equal_whatever_the_words_are() -> None:
    tool = spec(id=TEXT, note=TEXT, remark_or_not=TEXT)
    box = Toolbox.of((tool,), {"tool": effect(Effect.WRITE, "note", "remark_or_not")})
    one = ToolCall("tool", {"id": "A", "note": "short", "remark_or_not": "well"})
    other = ToolCall("tool", {"id": "A", "note": "In short: short"})
    assert box.normal(one) == box.normal(other)
    assert box.worded(one) != box.worded(other)
    assert box.normal(one) != box.normal(ToolCall("tool", {"id": "B", "note": "short"}))
    assert box.normal(one) != box.normal(ToolCall("tool", {"id": "A", "note": 7}))
    assert box.normalized(one) != box.normalized(ToolCall("tool", {"id": "A"}))
    plain = Toolbox.of((tool,))
    assert plain.normal(one) != plain.normal(other)


def test_a_recorded_answer_is_found_by_other_words() -> None:
    effects = {"tool": effect(Effect.WRITE, "note")}
    box = Toolbox.of((spec(id=TEXT, note=TEXT),), effects)
    said = ToolCall("tool", {"id": "A", "note": "was late"})
    start = RecordedExecutor.of([(said, "noted")], effects, box)
    first, answer = start.run(said)
    other, again = start.run(ToolCall("tool", {"id": "A", "note": "came late"}))
    assert answer.content == again.content == "noted"
    assert first.digest == other.digest != start.digest
    assert not start.run(ToolCall("tool", {"id": "B", "note": "was late"}))[1].ok


class Ticket(TypedDict):
    """A ticket.

    Attributes:
        id: Its number.
        story: What happened.
    """

    id: str
    story: FreeText


def add_note(database: Database, id: str, note: FreeText, urgency: int = 1) -> Change:
    """Adds a note."""
    row = database.row("notes", id) or {"log": []}
    assert isinstance(row["log"], list)
    log: list[Json] = [*row["log"], f"{note.strip()} ({urgency})"]
    return Change(database.put("notes", id, {**row, "log": log}), "noted")


def open_ticket(database: Database, ticket: Ticket, remarks: list[FreeText] | None = None) -> Json:
    """Opens a ticket."""
    return "opened"


def give_up(database: Database, why: FreeText) -> Handover:
    """Hands over."""
    return Handover("somebody comes")


DESK = World("notes", tools_of(add_note, open_ticket, give_up))


def test_worlds_declare_free_text_and_handovers() -> None:
    effects = DESK.effects
    assert {name: sorted(known.free_text) for name, known in effects.items()} == {
        "add_note": ["note"],
        "open_ticket": ["remarks", "ticket.story"],
        "give_up": ["why"],
    }
    assert [name for name, known in effects.items() if known.hands_over] == ["give_up"]
    assert not any(k.free_text_inferred or k.hands_over_inferred for k in effects.values())
    assert DESK.tools["add_note"].spec.parameters["properties"]["note"] == {"type": "string"}  # type: ignore[call-overload,index]


def play(*calls: Mapping[str, Json]) -> tuple[str, Json]:
    executor = DESK.start({"notes": {"A": {"log": ["said before"]}, "B": {"log": []}}})
    start = executor
    for arguments in calls:
        executor, result = executor.run(ToolCall("add_note", arguments))
        assert result.ok
    changes = executor.changes_since(start)
    return executor.digest, changes[0].after if changes else None


def test_a_state_is_the_same_whatever_was_written_down() -> None:
    short, log = play({"id": "A", "note": "late"})
    long, other = play({"id": "A", "note": "In short:  late "})
    assert short == long
    assert (log, other) == (["said before", "late (1)"], ["said before", "In short:  late (1)"])
    assert short != play()[0]
    assert short != play({"id": "B", "note": "late"})[0]
    assert short != play({"id": "A", "note": "late", "urgency": 2})[0]
    assert short != play({"id": "A", "note": "late"}, {"id": "A", "note": "late"})[0]
    both = play({"id": "A", "note": "x"}, {"id": "B", "note": "y"})[0]
    assert both == play({"id": "B", "note": "1"}, {"id": "A", "note": "2"})[0]
    assert DESK.start({}).run(ToolCall("give_up", {"why": "x"}))[1].content == "somebody comes"
