"""The end of every command: whose mistake an error is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.command import is_callers, run


def test_a_main_that_returns_a_number_gives_the_exit_status() -> None:
    for found, status in ((0, 0), (1, 1), (False, 0), (True, 1), (None, 0), ("a path", 0)):
        with pytest.raises(SystemExit) as end:
            run(lambda found=found: found)
        assert end.value.code == status


def _caught(work: object) -> Exception:
    try:
        work()  # type: ignore[operator]
    except Exception as error:
        return error
    raise AssertionError


def test_errors_of_callers_and_bugs_are_told_apart(tmp_path: Path) -> None:
    from tasks.load import load_tasks

    assert is_callers(_caught(lambda: load_tasks("desk:x")))
    assert is_callers(_caught(lambda: load_tasks("nowhere.json")))
    assert is_callers(_caught((tmp_path / "none").read_text))
    for work in (lambda: int("x"), lambda: {}["x"], lambda: [].index(0), lambda: 1 + "x"):
        assert not is_callers(_caught(work))


@pytest.mark.parametrize(
    "command",
    [
        "tasks.load nowhere.json",
        "agents.validate nowhere.json",
        "train.evaluate --agent nobody",
        "train.evaluate --agent gold --data nowhere.json",
        "train.evaluate --agent gold --user nobody",
        "train.evaluate --agent os:getcwd --tasks 1",
        "train.compare --before none --after none",
        "train.watch nowhere",
    ],
)
def test_a_callers_mistake_is_one_line(command: str, tmp_path: Path) -> None:
    home = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", *command.split()],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(home)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"python -m {command.split()[0]}: error: ")
    assert done.stderr.count("\n") == 1
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
