"""Gold wins every task, baselines none; whoever breaks that is named."""

import json
from pathlib import Path

import pytest

from agents.baselines import BASELINES
from agents.validate import Verdict, main, verify


@pytest.mark.parametrize("mode", ["dialogue", "turn"])
def test_embedded_tasks_are_won_by_gold_alone(mode: str) -> None:
    gold, *baselines = verify("desk:30", mode)
    assert gold.agent == "gold"
    assert gold.mean == pytest.approx(1)
    assert len(gold.won) == 30
    assert [baseline.agent for baseline in baselines] == list(BASELINES)
    assert not [baseline.agent for baseline in baselines if baseline.won]


@pytest.mark.parametrize("user", ["scripted", "agenda"])
@pytest.mark.parametrize("data", ["retail:12:3", "airline:12:3"])
def test_tasks_of_each_world_are_won_by_gold_alone(data: str, user: str) -> None:
    gold, *baselines = verify(data, user=user)
    assert len(gold.won) == 12
    assert not gold.wrong
    assert not [baseline.agent for baseline in baselines if baseline.won]


def test_a_table_is_printed_and_the_status_is_zero(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["desk:20", "--tasks", "5"]) == 0
    shown = capsys.readouterr().out
    assert "echo_last_result" in shown
    assert "no baseline wins one" in shown


def test_gold_that_falls_short_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = {
        "conversations": [
            {"from": "human", "value": "Please close account 77."},
            {"from": "function_call", "value": '{"name": "close_account", "arguments": {"id": 1}}'},
            {"from": "observation", "value": "Error: no such account"},
            {"from": "gpt", "value": "I could not find it, sorry."},
        ],
        "tools": json.dumps(
            [
                {
                    "name": "close_account",
                    "description": "Closes an account.",
                    "parameters": {
                        "type": "object",
                        "properties": {"id": {"type": "integer"}},
                        "required": ["id"],
                    },
                }
            ]
        ),
        "system": "Be kind.",
    }
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps([record]), "utf-8")
    gold = {"actions": [{"name": "close_account", "arguments": {"id": 77}}], "outputs": []}
    (tmp_path / "tasks.meta.json").write_text(json.dumps([{"gold": gold}]), "utf-8")
    assert main([str(path)]) == 1
    assert "gold does not earn all of: " in capsys.readouterr().out


CRASHING = """
from examples.own_world import load as recorded, lend_book
from tools.types import Json
from tools.worlds.database import Database
from tools.worlds.functions import tools_of
from tools.worlds.world import World


def find_book(database: Database, title: str) -> Json:
    '''Looks a book up.'''
    return missing[title]


GARAGE = World(f"{__name__}:GARAGE", tools_of(find_book, lend_book))


def load():
    for record, sidecar in recorded():
        yield record, sidecar | {"world": {"name": GARAGE.name, "state": BOOKS}}


BOOKS = {"books": {f"volume {number}": {"shelf": 1, "card": ""} for number in range(20)}}
"""


def test_a_tool_that_crashes_is_wrong_with_a_world_where_gold_wins_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only baselines call it: no record and no goal shows it."""
    (tmp_path / "garage_crash.py").write_text(CRASHING)
    monkeypatch.syspath_prepend(tmp_path)
    assert main(["garage_crash:load"]) == 1
    shown = " ".join(capsys.readouterr().out.split())  # lines are folded where the screen ends
    assert "find_book crashed at garage_crash.py:11: NameError: name 'missing' is not def" in shown
    assert "gold does not earn" not in shown
    assert "no baseline wins one" not in shown


def test_a_floor_that_wins_speaks_against_the_data() -> None:
    assert Verdict("polite", 0.2, 1.0, ("a",), ("b",)).wrong == ("a",)
    assert Verdict("gold", 0.9, 1.0, ("a",), ("b",)).wrong == ("b",)


def test_data_that_are_missing_are_named() -> None:
    with pytest.raises(FileNotFoundError, match="no_such_file.json"):
        main(["no_such_file.json"])
