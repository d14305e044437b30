"""The pages: what they tell a reader to type is typed here, in their order."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tools import command_line

ROOT = Path(__file__).parent.parent
PAGES = sorted(path.relative_to(ROOT / "docs").as_posix() for path in ROOT.glob("docs/**/*.md"))
OTHERS = ("README.md", "train/README.md", "tools/worlds/README.md", "tasks/procedures/README.md")
FENCE = re.compile(r"(<!-- not run: [^>]+ -->\n)?```(bash|python)\n(.*?)```", re.DOTALL)


class Block(NamedTuple):
    """A fenced block of a page."""

    runs: bool
    language: str
    text: str

    @property
    def commands(self) -> list[str]:
        """Its commands, one a line."""
        joined = self.text.replace("\\\n", " ")
        return [line for line in joined.splitlines() if line.strip() and line[0] != "#"]


def blocks(page: Path) -> Iterator[Block]:
    for skipped, language, text in FENCE.findall(page.read_text("utf-8")):
        yield Block(not skipped, language, text)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as a reader has it: the examples are there, and nothing else."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_says_runs(name: str, desk: Path) -> None:
    names: dict[str, Any] = {"__name__": "page"}
    for block in blocks(ROOT / "docs" / name):
        if not block.runs:
            continue
        if block.language == "python":
            exec(compile(block.text, name, "exec", dont_inherit=True), names)
            continue
        done = subprocess.run(
            ["bash", "-ec", block.text], cwd=desk, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{block.text}\n{done.stdout}\n{done.stderr}"
    assert {path.name for path in desk.iterdir()} <= {"examples", "runs"}  # git ignores the latter


class Read(Exception):
    """The options were read, and nothing else is wanted."""


def options_of(command: str) -> tuple[str, list[str]] | None:
    """Module and arguments of `python -m MODULE ARGUMENT…`, wherever it stands in a line."""
    words = ["0" if word == "S" else word for word in shlex.split(command, comments=True)]
    start = next((i for i, word in enumerate(words) if word.endswith("python")), len(words))
    if words[start + 1 : start + 2] != ["-m"] or "." not in words[start + 2]:
        return None
    end = next((i for i, word in enumerate(words) if word in ("|", ">", "&&")), len(words))
    return words[start + 2], words[start + 3 : end]


@pytest.mark.parametrize("name", [*(f"docs/{page}" for page in PAGES), *OTHERS])
def test_every_command_takes_the_options_that_a_page_gives_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def only_read(*args: Any, **kwargs: Any) -> Any:
        command_line.read_options(*args, **kwargs)
        raise Read

    for block in blocks(ROOT / name):
        for command in block.commands if block.language == "bash" else ():
            found = options_of(command)
            if found is None or "…" in command:
                continue
            module = importlib.import_module(found[0])
            if not hasattr(module, "read_options"):
                continue
            monkeypatch.setattr(module, "read_options", only_read)
            monkeypatch.setattr(sys, "argv", [found[0], *found[1]])
            with pytest.raises((Read, FileNotFoundError)):  # the reader has the files
                module.main()


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason="the site needs `pip install -e '.[docs]'`")
    made = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    loaded = re.compile(r"""(?:src|href)=["']https?://[^"']+\.(?:js|css|woff2?)""")
    pages = sorted((tmp_path / "site").rglob("*.html"))
    assert len(pages) > len(PAGES) - 1
    assert [page.name for page in pages if loaded.search(page.read_text("utf-8"))] == []
    found = (tmp_path / "site" / "search" / "search_index.js").read_text("utf-8")
    assert found.startswith("var __index = {")  # or no search without a server
