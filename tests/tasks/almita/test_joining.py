"""Tables in which what is expected has a column for replies and one for calls."""

import csv
from pathlib import Path

import pytest

from tasks.almita.columns import ColumnsError
from tasks.almita.reader import read_almita
from tools.types import MessageKind

TURNS = '[{"role": "user", "content": "Where is order 4711?"}]'
TOOLS = '[{"name": "find_order", "description": "Finds it.", "parameters": {"type": "object"}}]'
CALL = '{"name": "find_order", "arguments": {}}'
PROCEDURE = "1. Ask which order it is about. 2. Call find_order. 3. Say where the order is."
REPLY = "Which order do you mean?"


def table(path: Path, header: str, *rows: tuple[str, str]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "procedure", "tools", "context", *header.split("|")])
        for number, row in enumerate(rows):
            writer.writerow([f"c{number}", PROCEDURE, TOOLS, TURNS, *row])
    return path


def test_each_row_has_the_one_that_it_fills(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", "expected_reply|expected_call", (REPLY, ""), ("NaN", CALL))
    kinds = [task.decisions[0].kind for task in read_almita(path).tasks]
    assert kinds == [MessageKind.REPLY, MessageKind.CALL]


def test_they_can_be_named_in_the_path(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", "x|y", (REPLY, ""), ("", CALL))
    tasks = read_almita(f"{path}#expected=x,y&id=id").tasks
    assert [task.decisions[0].kind for task in tasks] == [MessageKind.REPLY, MessageKind.CALL]


def test_two_answers_to_one_test_are_never_joined(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", "expected_reply|expected_call", (REPLY, CALL), ("", CALL))
    with pytest.raises(ColumnsError, match="expected"):
        read_almita(path)
    with pytest.raises(ValueError, match="row 1, got expected_reply and expected_call"):
        read_almita(path, {"expected": "expected_reply,expected_call"})
