"""STAR's procedures: imported, linted, played to an end; and its dialogues, read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.gold import Gold
from agents.play import play
from reasonact_env.config import EnvConfig
from tasks.load import load_tasks
from tasks.procedures.__main__ import main
from tasks.procedures.conversation import converse
from tasks.procedures.lint import lint
from tasks.procedures.paths import sample_path
from tasks.procedures.records import prepare
from tasks.procedures.setup import OnProcedure
from tasks.procedures.star import Imported, import_star
from tools.dice import Dice
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


def ends_of(imported: Imported, seeds: int) -> set[str]:
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
    assert ends_of(imported, 20) == {"room_unavailable", "room_booked"}


def test_another_form() -> None:
    with pytest.raises(ValueError, match="expected 'x' as an object of graph"):
        import_star({"x": {"graph": {}}})


def test_all_of_stars(shared_data: Path) -> None:
    entries = json.loads((shared_data / "star_procedures.json").read_text("utf-8"))
    imported = import_star(entries)
    assert len(imported) == 24
    found = [str(finding) for one in imported for finding in lint(one.procedure)]
    assert found == []
    assert all(ends_of(one, 10) for one in imported)


def test_a_file_of_ones_own_is_data(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(SMALL), "utf-8")
    data = load_tasks(f"procedures:12:0:{file}")
    assert data.errors == ()
    setups = [task.setup for task in data.tasks if isinstance(task.setup, OnProcedure)]
    assert {setup.case.procedure.name for setup in setups} == {"room_book"}
    config = EnvConfig(mode="dialogue", data=f"procedures:12:0:{file}", split="all", user="own")
    wanted = [(task.id, None) for task in data.tasks]
    for one in play(config, Gold(data.tasks), wanted, batch_size=12, seed=0):
        assert one.episode.total == pytest.approx(1)


def test_a_file_with_findings_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(AREA.replace('end = "told"', 'go = "find"'), "utf-8")
    with pytest.raises(ValueError, match="expected nothing for the linter to find in mine.toml"):
        load_tasks(f"procedures:12:0:{file}")


AREA = """
area = "mine"
company = "a shop"
[slots]
order = { words = "order number", looks = "####" }
[apis.find]
does = "Find an order."
takes = ["order"]
gives.found = { place = "P-##" }
[[procedure]]
name = "find_order"
title = "Find an order"
intents = ["Where is it?", "I miss a parcel.", "Where is my order?", "Has it left?"]
steps = [
  { id = "ask", ask = ["order"], say = "Which order?" },
  { id = "find", call = "find" },
  { id = "tell", say = "It is at {place}.", end = "told" },
]
"""


def test_stars_dialogues(shared_data: Path) -> None:
    data = load_tasks(str(shared_data / "dialogues" / "star_apigen_like.json"))
    assert len(data.tasks) + len(data.errors) == 601
    assert len(data.tasks) > 590


def test_its_file_is_linted_as_it_is(shared_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lint", str(shared_data / "star_procedures.json")]) == 0
    assert "nothing found" in capsys.readouterr().out
