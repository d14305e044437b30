"""A world of one's own: what its author gets wrong is told in one line."""

from __future__ import annotations

import copy
import json
import pickle
import re
from collections.abc import Callable, Iterator

import pytest

from tasks.load import load_tasks
from tools.types import Json, ToolCall, Violation
from tools.worlds import world_named
from tools.worlds.crashes import crashes_noted
from tools.worlds.database import Base, Database
from tools.worlds.functions import Change, Handover, ToolBug, tools_of
from tools.worlds.rules.conversation import Conversation
from tools.worlds.world import World

STATE: dict[str, Json] = {"cars": {"P1": {"spot": "", "seen": [1, {"at": "gate"}]}}}


def park(database: Database, plate: str) -> Change:
    """Parks a car."""
    row = database.row("cars", plate)
    assert row is not None
    return Change(database.put("cars", plate, {**row, "spot": "S1"}), "parked")


def park_in_place(database: Database, plate: str) -> Change:
    """Parks a car by changing the shared row."""
    row = database.row("cars", plate)
    row["spot"] = "S1"  # type: ignore[index]
    return Change(database, "parked")


def park_in_depth(database: Database, plate: str) -> Change:
    """Parks a car by changing what a copied row shares."""
    row = dict(database.row("cars", plate) or {})
    row["seen"].append("lot")  # type: ignore[union-attr]
    return Change(database.put("cars", plate, row), "parked")


def park_for_nothing(database: Database, plate: str) -> Change:
    """Forgets to return."""


def look(database: Database, plate: str) -> Json:
    """Looks, and changes something."""
    return park(database, plate)  # type: ignore[return-value]


def look_oddly(database: Database, plate: str) -> Json:
    """Answers with what JSON does not have."""
    return {plate}  # type: ignore[return-value]


def call_person(database: Database) -> Handover:
    """Hands over, but does not say so."""
    return "done"  # type: ignore[return-value]


def crash(database: Database, plate: str) -> Json:
    """Has a bug."""
    return int(plate)


GARAGE = World(f"{__name__}:GARAGE", tools_of(park))
MISNAMED = World("garage:GARAGE", tools_of(park))


@pytest.mark.parametrize("tool", [park_in_place, park_in_depth])
def test_a_tool_that_changes_a_row_in_place_stops_the_run(tool: Callable[..., Change]) -> None:
    base = Base.of(STATE)
    before = json.dumps(base.tables)
    executor = World("w", tools_of(tool)).start(base)
    with pytest.raises(ToolBug, match=rf"{tool.__name__}.*test_worlds_own.py:\d+: .*database.put"):
        executor.run(ToolCall(tool.__name__, {"plate": "P1"}))
    assert json.dumps(base.tables) == before


def test_rows_that_were_written_are_read_only_too() -> None:
    executor, _ = GARAGE.start(STATE).run(ToolCall("park", {"plate": "P1"}))
    row = executor.database.row("cars", "P1")  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="in place"):
        row["spot"] = ""
    assert row == {"spot": "S1", "seen": [1, {"at": "gate"}]}


def test_read_only_rows_are_copied_and_pickled() -> None:
    row = Base.of(STATE).row("cars", "P1")
    own = copy.deepcopy(row)
    own["seen"].append(2)  # type: ignore[index]
    assert pickle.loads(pickle.dumps(row)) == row != own
    assert json.dumps(row) == json.dumps(STATE["cars"]["P1"])  # type: ignore[index]


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        (park_for_nothing, "return a Change.* got None"),
        (look, "return JSON.* got a Change"),
        (look_oddly, "plain JSON"),
        (call_person, "return a Handover.* got \"'done'\", a str"),
    ],
)
def test_what_a_tool_returns_is_what_it_declares(tool: Callable[..., Json], words: str) -> None:
    arguments: dict[str, Json] = {} if tool is call_person else {"plate": "P1"}
    with pytest.raises(ToolBug, match=f"{tool.__name__}.*{words}"):
        World("w", tools_of(tool)).start(STATE).run(ToolCall(tool.__name__, arguments))


def test_crashes_are_noted_with_their_place() -> None:
    executor = World("w", tools_of(crash)).start(STATE)
    with crashes_noted() as crashes:
        _, result = executor.run(ToolCall("crash", {"plate": "P1"}))
    assert not result.ok
    assert [*crashes] == [
        f"crash crashed at test_worlds_own.py:{crash.__code__.co_firstlineno + 2}: ValueError: "
        "invalid literal for int() with base 10: 'P1'"
    ]


def without_return(database: Database, plate: str):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Declares nothing."""


def or_none(database: Database, plate: str) -> Change | None:
    """Declares two things."""


def untyped(database: Database, plate) -> Json:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Has no type."""


def starred(database: Database, *plates: str) -> Json:
    """Takes any number."""


def alone() -> Json:
    """Takes no database."""


def without_database(plate: str) -> Json:
    """Takes no database, but an argument."""


def misdescribed(database: Database, plate: str) -> Json:
    """Describes another argument.

    Args:
        plat: The plate.
    """


@pytest.mark.parametrize(
    ("tools", "words"),
    [
        ([without_return], "'without_return' to declare what it returns, got no return type"),
        ([or_none], r"'or_none'.* got `-> Change \| None`"),
        ([untyped], "'plate' of the tool 'untyped'"),
        ([starred], r"'starred'.* got `\*plates: str`"),
        ([alone], "'alone', got none"),
        ([without_database], "'without_database', got `plate: str`"),
        ([misdescribed], r"\(database, plate\), got 'plat'; did you mean 'plate'"),
        ([park, park], "'park' twice"),
        ([lambda database: 1], "got a lambda"),
        ([7], "got a int"),
    ],
)
def test_functions_that_are_no_tools_are_refused(tools: list[object], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        tools_of(*tools)  # type: ignore[arg-type]


def silent(talk: Conversation) -> Iterator[Violation]:
    """Returns None."""
    return None  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"tools": [park]}, "tools of the world w as tools_of"),
        ({"rules": silent}, r"write rules=\(silent,\)"),
        ({"rules": (alone,)}, "the rule alone of the world w"),
        ({"generate": alone}, "`generate` of the world w.* as alone"),
        ({"name": ""}, "the name of a world"),
    ],
)
def test_fields_of_a_world_are_checked(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        World(**{"name": "w", "tools": tools_of(park), **wrong})  # type: ignore[arg-type]


def test_a_rule_that_yields_something_else_is_named() -> None:
    world = World("w", tools_of(park), rules=(silent,))
    with pytest.raises(ValueError, match="the rule silent of the world w to yield Violations"):
        world.violations(Conversation(()))


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        (None, "got a NoneType"),
        ({"cars": [1]}, "table 'cars'"),
        ({"cars": {1: {}}}, "keys of table 'cars' to be strings"),
        ({"cars": {"P1": {"x": {1}}}}, "row 'P1' of table 'cars': .* a set"),
    ],
)
def test_generated_tables_are_checked(tables: object, words: str) -> None:
    world = World("w", tools_of(park), generate=lambda customers, seed: tables)  # type: ignore
    with pytest.raises(ValueError, match=f"`generate` of the world w .*{words}"):
        world.generated(1, 2)


def test_a_world_bears_the_name_by_which_it_is_found() -> None:
    assert world_named(GARAGE.name) is GARAGE
    with pytest.raises(ValueError, match="bear the name by which it is found"):
        world_named(f"{__name__}:MISNAMED")


def record(call: Json, sidecar: dict[str, Json], tools: Json = None) -> tuple[object, object]:
    talk: Json = [
        {"from": "human", "value": "Park P1."},
        {"from": "function_call", "value": {"name": "park", "arguments": {"plate": "P1"}}},
        {"from": "observation", "value": "parked"},
        {"from": "gpt", "value": "It is parked."},
    ]
    own: Json = [spec.as_dict() for spec in GARAGE.specs]
    world: Json = {"name": GARAGE.name, "state": STATE}
    row = {"system": "Park.", "tools": tools or own, "conversations": talk}
    return row, {"world": world, "gold": {"actions": [call]}, **sidecar}


GOLD: Json = {"name": "park", "arguments": {"plate": "P1"}}
OTHER: Json = [
    {"name": "park", "parameters": {"type": "object", "properties": {"car": {"type": "string"}}}}
]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (record({"name": "prak", "arguments": {}}, {}), "prak.*Did you mean 'park'"),
        (record({"name": "park", "arguments": {"car": "P1"}}, {}), "park.*got 'car'"),
        (record({"name": "park", "kwargs": {"plate": "P1"}}, {}), "kwargs"),
        (record(GOLD, {"wrld": 1}), "'wrld'; did you mean 'world'"),
        (record(GOLD, {}, OTHER), r"tool 'park'.*\(plate\), got car"),
    ],
)
def test_sidecars_that_fit_neither_record_nor_world_are_refused(
    row: tuple[object, object], words: str
) -> None:
    tasks = load_tasks([row])  # type: ignore[list-item]
    assert [error.kind for error in tasks.errors] == ["bad_sidecar"]
    assert re.search(words, tasks.errors[0].text)
    assert tasks.complaint.startswith("1 of 1 records of ")


def test_notes_in_a_sidecar_are_counted() -> None:
    tasks = load_tasks([record(GOLD, {"repo": "x"})])  # type: ignore[list-item]
    assert (len(tasks.tasks), tasks.unread, tasks.complaint) == (1, {"repo": 1}, "")
