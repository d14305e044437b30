"""STAR's procedures: imported, linted, played to an end; and its dialogues, read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tasks.dice import Dice
from tasks.load import load_tasks
from tasks.procedures.conversation import converse
from tasks.procedures.lint import lint
from tasks.procedures.paths import sample_path
from tasks.procedures.records import prepare
from tasks.procedures.star import Imported, import_star
from tools.types import Json

SMALL: dict[str, Json] = {
    "room_book": {
        "graph": {
            "hello": "ask_name",
            "ask_name": "room_ask_day",
            "room_ask_day": "query_check",
            "available": "room_ask_confirm",
            "unavailable": "room_unavailable",
            "yes": "query_book",
            "no": "room_ask_day",
            "query_book": "room_booked",
            "room_update": "room_booked",
        },
        "replies": {
            "hello": "Hello.",
            "ask_name": "Your name?",
            "room_ask_day": "Which day?",
            "query_check": "Check",
            "query_book": "Book",
            "available": "Available",
            "unavailable": "Unavailable",
            "room_ask_confirm": "Room {room:s} is free.\nShall I book it?",
            "room_unavailable": "Nothing is free.",
            "room_booked": "Done, for {price:d}.",
            "room_update": "Still done.",
            "yes": "Yes",
            "no": "No",
        },
        "tool": {
            "name": "room_book",
            "description": "Query the rooms.",
            "parameters": {
                "type": "object",
                "properties": {
                    "Day": {"anyOf": [{"type": "string", "enum": ["Monday", "Friday", "Sunday"]}]},
                    "CustomerName": {"type": "string"},
                    "RequestType": {"type": "string", "enum": ["Check", "Book"]},
                },
                "required": ["Day", "CustomerName"],
            },
        },
    }
}


def play(imported: Imported, seeds: int) -> set[str]:
    """The ends that are reached."""
    ready = prepare(imported.procedure)
    ends = set()
    for seed in range(seeds):
        path = sample_path(ready.graph, {}, Dice("star", seed))
        talk = converse(imported.procedure, ready.graph, path, f"star-{seed}")
        assert talk.calls
        ends.add(talk.end)
    return ends


def test_a_small_one() -> None:
    (imported,) = import_star(SMALL)
    procedure = imported.procedure
    assert lint(procedure) == []
    assert procedure.step("ask_name").asks == ("CustomerName",)
    assert procedure.step("room_ask_day").asks == ("Day",)
    assert procedure.step("query_check").branches == {
        "available": "room_ask_confirm",
        "unavailable": "room_unavailable",
    }
    assert procedure.step("room_ask_confirm").branches == {
        "yes": "query_book",
        "no": "room_ask_day",
    }
    assert set(procedure.apis) == {"room_book_check", "room_book_book"}
    assert procedure.apis["room_book_book"].write
    assert imported.left_out == ("room_update",)
    assert play(imported, 20) == {"room_unavailable", "room_booked"}


def test_another_form() -> None:
    with pytest.raises(ValueError, match="expected 'x' as an object of graph"):
        import_star({"x": {"graph": {}}})


def test_all_of_stars(shared_data: Path) -> None:
    entries = json.loads((shared_data / "star_procedures.json").read_text("utf-8"))
    imported = import_star(entries)
    assert len(imported) == 24
    found = [str(finding) for one in imported for finding in lint(one.procedure)]
    assert found == []
    assert all(play(one, 10) for one in imported)


def test_stars_dialogues(shared_data: Path) -> None:
    data = load_tasks(str(shared_data / "dialogues" / "star_apigen_like.json"))
    assert len(data.tasks) + len(data.errors) == 601
    assert len(data.tasks) > 590
