"""Long views: page by page in a terminal, at once everywhere else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SHOW = """
from rich.console import Console
from rich.text import Text
from reasonact_env.view.paged import print_paged
lines = Text("\\n".join(f"line {n}" for n in range(30)), style="bold")
print_paged(Console(highlight=False), lines)
print("after")
"""


def shown(lines: int, pager: str) -> str:
    """What a terminal of that many lines gets, apart from its pager."""
    pty = pytest.importorskip("pty", reason="needs a POSIX terminal")
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "60", "LINES": str(lines), "PAGER": pager}
    env.pop("MANPAGER", None)
    done = subprocess.run(
        [sys.executable, "-c", SHOW], stdin=theirs, stdout=theirs, env=env, timeout=60, check=True
    )
    os.close(theirs)
    assert done.returncode == 0
    text = os.read(ours, 65536).decode()
    os.close(ours)
    return text


def test_what_is_higher_than_the_terminal_goes_through_the_pager(tmp_path: Path) -> None:
    paged = tmp_path / "paged"
    text = shown(24, f"printenv LESS > '{tmp_path}/less'; cat > '{paged}'")
    assert "after" in text
    assert "line 3" not in text
    said = paged.read_text()
    assert "\x1b[1m" in said  # with its styles
    assert "line 0" in said
    assert "line 29" in said
    assert (tmp_path / "less").read_text().split()[-1] == "-R"


def test_what_fits_is_simply_printed(tmp_path: Path) -> None:
    text = shown(60, f"cat > '{tmp_path}/paged'")
    assert "line 29" in text
    assert not (tmp_path / "paged").exists()


def test_without_a_terminal_all_comes_at_once(tmp_path: Path) -> None:
    env = {**os.environ, "LINES": "10", "PAGER": f"cat > '{tmp_path}/paged'"}
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        env=env,
        timeout=60,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "".join(f"line {n}\n" for n in range(30)) + "after\n"
    assert not (tmp_path / "paged").exists()
