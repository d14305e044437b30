"""The end of every command: whose mistake an error is."""

import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tasks.load import load_tasks
from tools.command import complain, is_callers, run, sentence
from tools.interrupts import NEEDED

HOME = Path(__file__).parents[2]
BY_DATA = (
    *("asking", "doors", "forks", "hearing", "pretrained_speed", "replay_speed", "reworded"),
    *("speed", "standings", "stub_endpoint", "validation", "wild_actions", "head_speed --model x"),
    *("rollout_speed --policy x", "trying --policy x", "copying x"),
)
"""All benchmarks that take --data, and what else they want."""


def test_a_main_that_returns_a_number_gives_the_exit_status() -> None:
    for found, status in ((0, 0), (1, 1), (False, 0), (True, 1), (None, 0), ("a path", 0)):
        with pytest.raises(SystemExit) as end:
            run(lambda found=found: found)
        assert end.value.code == status


def test_ctrl_c_ends_in_one_line_that_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "argv", ["train.py", "--out", "my runs"])
    for goes_on in (True, False):
        with pytest.raises(SystemExit) as end:
            run(interrupted, goes_on=goes_on)
        assert end.value.code == 130
        (line,) = capsys.readouterr().err.splitlines()
        assert ("interrupted; to go on: " in line) == goes_on
        assert line.endswith(" --out 'my runs'") == goes_on


def test_a_mistake_is_one_line_that_controls_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert complain("it", FileNotFoundError(2, "No such file", "a\x1b[2J\nb")) == 2
    assert complain("it", OSError(28, "No space left on device")) == 2
    assert complain("it", "expected\x1b]0;title\x07\ta \ud800") == 2
    one, two, three = capsys.readouterr().err.splitlines()
    assert one == (
        "it: error: expected a file or a folder, got 'a\\x1b[2J\\nb': nothing is there; "
        "give another path"
    )
    assert two == "it: error: No space left on device"
    assert three == "it: error: expected\\x1b]0;title\\x07 a \\ud800"


@pytest.mark.parametrize("name", ["", ".", "nowhere/at/all", "x" * 300])
def test_any_path_that_is_missing_is_told(name: str) -> None:
    said = sentence(FileNotFoundError(2, "No such file", name))
    assert said.startswith("expected a file or a folder, got ")
    assert said.endswith("give another path")


def _caught(work: object) -> Exception:
    try:
        work()  # type: ignore[operator]
    except Exception as error:
        return error
    raise AssertionError


def test_errors_of_callers_and_bugs_are_told_apart(tmp_path: Path) -> None:
    assert is_callers(_caught(lambda: load_tasks("desk:x")))
    assert is_callers(_caught(lambda: load_tasks("nowhere.json")))
    assert is_callers(_caught((tmp_path / "none").read_text))
    for work in (lambda: int("x"), lambda: {}["x"], lambda: [].index(0), lambda: 1 + "x"):
        assert not is_callers(_caught(work))


def test_a_callers_mistake_in_a_process_of_a_pool_is_one() -> None:
    """As a run of `--jobs 2` makes it."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        assert is_callers(_caught(pool.submit(load_tasks, "desk:x").result))
        assert not is_callers(_caught(pool.submit(int, "x").result))


def without(packages: Iterable[str], command: str, tmp_path: Path) -> str:
    """What a command says where packages are missing: a single line."""
    for name in packages:
        words = f"raise ModuleNotFoundError('No module named {name}', name='{name}')"
        (tmp_path / f"{name}.py").write_text(words)
    done = subprocess.run(
        [sys.executable, "-m", *command.split()],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(HOME)])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    return line


@pytest.mark.parametrize("command", ["train.sft --help", "benchmarks.failures --help"])
def test_a_missing_package_is_one_line(command: str, tmp_path: Path) -> None:
    brought = ("torch", "transformers", "trl", "peft", "datasets", "tokenizers")
    line = without((*brought, "accelerate", "safetensors", "huggingface_hub"), command, tmp_path)
    assert line.startswith(f"python -m {command.split()[0]}: error: expected the package '")
    assert "pip install -e '.[train]'" in line


@pytest.mark.parametrize("command", ["train.demo", "reasonact_env doctor", "tasks.load desk:9"])
def test_python_without_what_all_commands_need_is_told_of_the_right_one(
    command: str, tmp_path: Path
) -> None:
    """Most often it is the machine's own, where that of `.venv` was meant."""
    line = without(NEEDED, command, tmp_path)
    assert line.startswith(f"python -m {command.split()[0]}: error: ")
    assert line.endswith(
        "is missing: run `make install` and `. .venv/bin/activate`, or `pip install -e .`"
    )


@pytest.mark.parametrize("command", BY_DATA)
def test_benchmarks_look_at_data_before_they_work(command: str) -> None:
    """Some load or play for minutes first; a reader that exists is not even called."""
    module, *more = command.split()
    main = importlib.import_module(f"benchmarks.{module}").main
    with pytest.raises(FileNotFoundError, match="expected a data set such as desk:200"):
        main([*more, "--data", "late"])


@pytest.mark.parametrize("module", ["speed", "imports", "wild_actions", "resume"])
def test_benchmarks_look_at_out_before_they_work(module: str, tmp_path: Path) -> None:
    """Were it not so, each of them would take longer than all of these tests."""
    (tmp_path / "file").write_text("")
    main = importlib.import_module(f"benchmarks.{module}").main
    with pytest.raises(NotADirectoryError, match="expected a folder above"):
        main(["--out", str(tmp_path / "file" / "out.json")])


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
        "train.evaluate --agent gold --out README.md",
        "train.watch nowhere",
    ],
)
def test_a_callers_mistake_is_one_line(command: str, tmp_path: Path) -> None:
    (tmp_path / "README.md").touch()
    done = subprocess.run(
        [sys.executable, "-m", *command.split()],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(HOME)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"python -m {command.split()[0]}: error: ")
    assert done.stderr.count("\n") == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "README.md"]
    if "README.md" in command:
        assert not done.stdout
        assert "--out: expected a folder, got the file README.md; give another" in done.stderr


def test_debug_shows_the_traceback_of_what_is_a_line_without_it(tmp_path: Path) -> None:
    """In `run`, in a command that catches its errors itself, and by a command's short name."""
    (tmp_path / "broken.jsonl").write_text("{")
    for command in (
        "tasks.load nowhere.json",
        "reasonact_env.replay broken.jsonl",
        "reasonact_env load nowhere.json",
    ):
        plain, debugged = (
            subprocess.run(
                [sys.executable, "-m", *command.split(), *more],
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(HOME)},
                capture_output=True,
                text=True,
            )
            for more in ([], ["--debug"])
        )
        assert plain.returncode == debugged.returncode == 2
        (line,) = plain.stderr.splitlines()
        shown = debugged.stderr.splitlines()
        assert shown[0] == "Traceback (most recent call last):"
        assert shown[-1] == line


@pytest.mark.parametrize(
    "command", ["train.demo", "tasks.load", "agents.validate x", "reasonact_env load"]
)
def test_ctrl_c_during_imports_is_one_line(command: str, tmp_path: Path) -> None:
    """A package that every command needs sends the signal while it is imported."""
    (tmp_path / "tyro.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    done = subprocess.run(
        [sys.executable, "-m", *command.split()],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(HOME)])},
        capture_output=True,
        text=True,
        # A shell has Ctrl-C ignored by what it starts in the background; this test may be that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert (done.returncode, done.stdout) == (130, "")
    (line,) = done.stderr.splitlines()
    run = "tasks.load" if command == "reasonact_env load" else command.split()[0]
    assert line == f"python -m {run}: interrupted"


INTERRUPTED = """
from tools.command import run

class Loop:
    def __init__(self): self.itself = self
    def __del__(self): print("looked through")

def main():
    Loop()
    raise KeyboardInterrupt

run(main)
"""


def test_after_ctrl_c_python_does_not_look_through_all_that_is_loaded() -> None:
    """With torch and 20,000 dialogues loaded, that took fourteen seconds of a busy core."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], cwd=HOME, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr.endswith(": interrupted\n")


def test_the_demo_speaks_before_it_loads_what_is_heavy(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("import os\nos._exit(7)\n")  # what is not flushed is lost
    done = subprocess.run(
        [sys.executable, "-m", "train.demo", "--quick", "--out", "mine"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(HOME)])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 7
    assert "Everything goes to mine; the same command goes on after" in done.stdout
