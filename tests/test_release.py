"""What a release promises: the wheel, its data, its names, and the core without anything else."""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator, Sequence
from importlib.metadata import requires
from pathlib import Path

import pytest

import reasonact_env
from benchmarks.imports import closure

ROOT = Path(__file__).parent.parent
PACKAGES = ("agents", "reasonact_env", "tasks", "tools", "train")
PYTHONS = "REASONACT_PYTHONS"
"""The variable that names further interpreters, by blanks; their packages come from the index."""
AT_MOST = 18
"""Packages that a core install brings, besides ours."""
COMMANDS = (
    ("reasonact_env", "doctor"),
    ("tasks.load", "procedures:20"),
    ("tasks.generate", "--world", "airline", "--tasks", "2", "--out", "airline.json"),
    ("train.evaluate", "--agent", "gold", "--data", "retail:3", "--split", "all", "--out", "runs"),
    ("reasonact_env.replay", "runs", "--verify"),
    ("reasonact_env.failures", "runs/episodes.jsonl"),
    ("train.audit", "--data", "desk:10"),
    ("train.compare", "--before", "runs", "--after", "runs"),
    ("agents.validate", "airline.json"),
)
"""What the core install runs, one after the other, in a folder that holds nothing."""
DATA = (
    "import pathlib, train; weights = pathlib.Path(train.__file__).parent / 'weights'; "
    "print(*(file.name for file in weights.rglob('*')))"
)


def ran(folder: Path, *command: object) -> subprocess.CompletedProcess[str]:
    names = ("PYTHONPATH", "COLUMNS")
    environment = {key: text for key, text in os.environ.items() if key not in names}
    words = [str(word) for word in command]
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def require(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, f"{done.args}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def files() -> Iterator[str]:
    """All files of the packages, as the repository has them."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(ROOT).as_posix()


def test_the_wheel_holds_all_files_of_the_packages_and_the_licences(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {name for name in files() if name not in names} == set()
    assert {f"{package}/py.typed" for package in PACKAGES} <= names
    about = f"reasonact-{reasonact_env.__version__}.dist-info"
    assert {f"{about}/licenses/LICENSE", f"{about}/licenses/LICENSES.md"} <= names
    strange = {name.partition("/")[0] for name in names} - {*PACKAGES, about}
    assert strange == set()


def test_the_changelog_begins_with_this_version() -> None:
    heads = re.findall(r"^## \[([^]]+)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert [head for head in heads if head != "Unreleased"][0] == reasonact_env.__version__


def core_runs(python: Path, folder: Path) -> None:
    """Runs the core's commands from a folder that is not the project's."""
    for module, *rest in COMMANDS:
        require(ran(folder, python, "-m", module, *rest))
    weights = require(ran(folder, python, "-c", DATA)).split()
    assert {"model.safetensors", "tokenizer.json", "chat_template.jinja"} <= {*weights}
    listed = require(ran(folder, python.with_name("reasonact"), "load", "desk:5"))
    assert "desk(n=5" in listed
    where = require(ran(folder, python, "-c", "import tools; print(tools.__file__)"))
    assert not Path(where.strip()).is_relative_to(ROOT)


def test_an_installed_wheel_works_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    require(ran(tmp_path, sys.executable, "-m", "venv", "--without-pip", "venv"))
    (site,) = (tmp_path / "venv" / "lib").glob("*/site-packages")
    (site / "needs.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = tmp_path / "venv" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps")
    require(ran(tmp_path, *pip, "--disable-pip-version-check", "--ignore-installed", wheel))
    (folder := tmp_path / "elsewhere").mkdir()
    core_runs(python, folder)


@pytest.mark.parametrize("interpreter", os.environ.get(PYTHONS, "").split() or [None])
def test_other_interpreters_run_the_core(
    interpreter: str | None, wheel: Path, tmp_path: Path
) -> None:
    if interpreter is None:
        pytest.skip(f"needs other interpreters: {PYTHONS}='/usr/bin/python3.12 …', and the index")
    require(ran(tmp_path, interpreter, "-m", "venv", "venv"))
    python = tmp_path / "venv" / "bin" / "python"
    require(ran(tmp_path, python, "-m", "pip", "install", "-q", wheel))
    told = require(ran(tmp_path, python, "-m", "pip", "list", "--format", "freeze"))
    found = {line.partition("==")[0].lower() for line in told.splitlines()}
    found -= {"pip", "setuptools", "reasonact"}
    assert len(found) <= AT_MOST, sorted(found)
    (folder := tmp_path / "elsewhere").mkdir()
    core_runs(python, folder)


def test_a_core_install_has_few_packages() -> None:
    if requires("reasonact") is None:
        pytest.skip("needs the package installed")
    assert len(closure("reasonact") - {"reasonact"}) <= AT_MOST


def public() -> dict[str, set[str]]:
    """Module -> public names, as the page lists them."""
    page = (ROOT / "docs" / "reference" / "names.md").read_text("utf-8")
    rows = re.findall(r"^\| `([\w.]+)` \| (.+) \|$", page, re.M)
    return {module: set(re.findall(r"`(\w+)`", names)) for module, names in rows}


def sources() -> Iterator[tuple[str, str]]:
    """What users read as code: the pages' blocks and the examples."""
    pages = [*ROOT.glob("docs/**/*.md"), ROOT / "README.md", *ROOT.glob("*/README.md")]
    for page in pages:
        for block in re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.S):
            yield page.name, block
    for path in ROOT.glob("examples/**/*.py"):
        yield path.name, path.read_text("utf-8")


def imported(code: str) -> Iterator[tuple[str, Sequence[str]]]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES:
            yield str(node.module), [one.name for one in node.names]


def test_pages_and_examples_use_public_names_alone() -> None:
    known = public()
    for where, code in sources():
        for module, names in imported(code):
            assert {*names} <= known.get(module, set()), f"{where}: {module}"


def test_public_names_exist_and_are_explained() -> None:
    assert public()["reasonact_env"] == {*reasonact_env.__all__}
    for module, names in public().items():
        loaded = importlib.import_module(module)
        for name in names:
            assert getattr(loaded, name).__doc__ or name == "Json", f"{module}.{name}"
