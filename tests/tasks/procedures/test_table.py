"""Generated tests as a table: what is written is what is read."""

from pathlib import Path

import pytest

from tasks.load import load_tasks
from tasks.procedures.__main__ import main
from tasks.procedures.table import HEADER, write_table
from tasks.types import Task


def decisions_of(task: Task) -> list[tuple[object, ...]]:
    return [
        (task.rules, task.tools, task.messages[: turn.index], turn.kind, turn.text, turn.calls)
        for turn in task.decisions
    ]


@pytest.mark.parametrize(("n", "seed", "part"), [(40, 0, "seen"), (9, 3, "unseen"), (1, 7, "all")])
def test_the_table_holds_the_tests_of_the_data_set(
    tmp_path: Path, n: int, seed: int, part: str
) -> None:
    path = tmp_path / "ALMITA.csv"
    size = write_table(path, n, seed, part)
    read, known = load_tasks(str(path)), load_tasks(f"procedures:{n}:{seed}:{part}")
    assert not read.errors
    assert [decisions_of(task) for task in read.tasks] == [
        decisions_of(task) for task in known.tasks
    ]
    assert sum(len(task.decisions) for task in read.tasks) == size
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_the_command_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.csv"
    assert main(["--table", str(path), "--tasks", "3", "--part", "billing"]) == 0
    assert "tests of 3 conversations" in capsys.readouterr().out
    assert path.read_text("utf-8").startswith(",".join(HEADER))
    assert main(["--table", str(path), "--part", "nowhere"]) == 2
    assert main(["--table", str(path / "below" / "a.csv")]) == 2  # a file is no folder
