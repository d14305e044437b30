"""Errors of the caller's own code: one line with the file and line that their author wrote."""

import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tools.command import line_of, raised
from tools.load_object import load_object
from tools.own_code import own_place, place_of

HOME = Path(__file__).parents[2]
WITHOUT_RETURN = '''from tools.worlds.functions import tools_of
def look(database, plate: str):
    """Looks."""
TOOLS = tools_of(look)
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, which is searched for modules."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    return tmp_path


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("torn", "\ndef act(:\n    pass\n", "SyntaxError: invalid syntax (torn.py:2); mend it"),
        ("bare", "import os\nimport nosuch\n", "'nosuch' (bare.py:2); install it, or mend the"),
        ("unnamed", "one = two\n", "NameError: name 'two' is not defined (unnamed.py:1); mend it"),
        ("keyed", "{}['one']\n", "KeyError: 'one' (keyed.py:1); mend it"),
        ("ending", "import sys\nsys.exit(3)\n", "SystemExit: 3 (ending.py:2); take out what ends"),
        ("undeclared", WITHOUT_RETURN, "'look' to declare what it returns, got no return type; "),
        ("undeclared_too", WITHOUT_RETURN, "(undeclared_too.py:4); mend it"),
        ("nulls", "\0", "source code string cannot contain null bytes"),
        ("wanting", "raise ModuleNotFoundError('No', name='openai')", "[llm]' brings it"),
    ],
)
def test_a_module_that_cannot_be_imported_is_told_with_the_authors_line(
    name: str, text: str, words: str, folder: Path
) -> None:
    (folder / f"{name}.py").write_text(text)
    with pytest.raises(ValueError, match=f"expected an agent from the module '{name}', got") as one:
        load_object(f"{name}:Clerk", "an agent")
    assert words in str(one.value)
    assert str(one.value).endswith("; --debug shows the traceback")
    assert line_of(one.value) == str(one.value)


def test_the_file_that_is_broken_is_named_and_not_the_one_that_imports_it(folder: Path) -> None:
    (folder / "upper.py").write_text("import lower\n")
    (folder / "lower.py").write_text("\n\nif True\n")
    with pytest.raises(ValueError, match=r"from the module 'upper', got .*\(lower\.py:3\)"):
        load_object("upper:Clerk", "an agent")


def test_an_error_in_a_module_of_ours_stays_a_bug() -> None:
    """As a command meets it, whose own frames are all ours."""
    with pytest.raises(AttributeError) as bug:
        load_object("tools.load_object:is_object_name", "a function")(None)  # type: ignore[operator]
    trace = bug.value.__traceback__
    assert trace is not None
    bug.value.__traceback__ = trace.tb_next  # without this file
    assert own_place(bug.value) is None
    assert line_of(bug.value) is None


def test_other_peoples_code_is_told_where_the_caller_has_none_in_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = folder / "site-packages"
    package.mkdir()
    (package / "theirs.py").write_text("import json\ndef act():\n    json.loads('{')\n")
    monkeypatch.syspath_prepend(package)
    act: object = load_object("theirs:act", "an agent")
    with pytest.raises(ValueError, match="Expecting") as caught:
        act()  # type: ignore[operator]
    trace = caught.value.__traceback__
    assert trace is not None
    caught.value.__traceback__ = trace.tb_next  # without this file
    assert own_place(caught.value) is None
    assert place_of(caught.value) == "site-packages/theirs.py:3"


def failing() -> None:
    raise KeyError("x" * 1000)


def test_what_is_raised_in_a_process_of_a_pool_has_its_place() -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        error = pool.submit(failing).exception()
    assert error is not None
    line = failing.__code__.co_firstlineno + 1
    assert own_place(error) == f"{os.path.relpath(__file__)}:{line}"
    assert len(raised(error)) < 400


LATE = """
class Init:
    def __init__(self):
        self.one = {}["one"]

class Boom:
    def act(self, sessions):
        return [session.observation["mesages"] for session in sessions]

def load():
    return [open("nowhere")]
"""


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("tasks.load late:load", "nothing is there; give another path (late.py:11); mend it"),
        (
            "train.evaluate --data desk:9 --agent late:Init",
            "expected late:Init to make an agent, got KeyError: 'one' (late.py:4); mend it",
        ),
        (
            "reasonact_env.play --be user --data desk:9 --agent late:Boom",
            "KeyError: 'mesages' (late.py:8); mend",
        ),
    ],
)
def test_errors_after_the_import_are_one_line_too(command: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text(LATE)
    for more in ([], ["--debug"]):
        done = subprocess.run(
            [sys.executable, "-m", *command.split(), *more],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(HOME)},
            capture_output=True,
            text=True,
        )
        lines = done.stderr.splitlines()
        assert done.returncode == 2
        assert lines[-1].startswith(f"python -m {command.split()[0]}: error: expected ")
        assert words in lines[-1]
        assert (lines[0] == "Traceback (most recent call last):") == bool(more)
        assert more or len(lines) == 1
