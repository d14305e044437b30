"""This project beside another distribution that installs a package `agents`, as wheels do it."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

THEIRS = {
    "agents/__init__.py": "from .agent import Agent\n",
    "agents/agent.py": "class Agent: pass\n",
    "beside-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: beside\nVersion: 1.0\n",
    "beside-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}
"""A stand-in for openai-agents: it has an `agents/__init__.py`, which imports what lies beside."""
BOTH = (
    "from agents import Agent; import reasonact_env, train.audit; "
    "from agents.gold import Gold; print(Agent.__module__, Gold.__module__)"
)
OURS_ALONE = "import reasonact_env, train.audit; from agents.gold import Gold; print('ours')"
THEIRS_ALONE = "from agents import Agent; print('theirs')"


def done(*command: object, cwd: Path | None = None) -> str:
    environment = {key: text for key, text in os.environ.items() if key != "PYTHONPATH"}
    words = [str(word) for word in command]
    ran = subprocess.run(
        words, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout.strip()


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stand-in's wheel."""
    path = tmp_path_factory.mktemp("theirs") / "beside-1.0-py3-none-any.whl"
    record = "beside-1.0.dist-info/RECORD"
    with zipfile.ZipFile(path, "w") as file:
        for name, text in THEIRS.items():
            file.writestr(name, text)
        file.writestr(record, "".join(f"{name},,\n" for name in (*THEIRS, record)))
    return path


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A fresh environment that finds what we need in the one of these tests."""
    done(sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv")
    (site,) = (tmp_path / "venv" / "lib").glob("*/site-packages")
    (site / "needs.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return tmp_path / "venv" / "bin" / "python"


def install(python: Path, *what: object) -> None:
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps"]
    done(*pip, "--disable-pip-version-check", "--no-build-isolation", "--ignore-installed", *what)


@pytest.mark.parametrize("first", ["ours", "theirs"])
@pytest.mark.parametrize("editable", [False, True], ids=["wheel", "editable"])
def test_both_work_in_either_order(
    wheel: Path,
    theirs: Path,
    source: Path,
    python: Path,
    first: str,
    editable: bool,
    tmp_path: Path,
) -> None:
    mine = ["-e", source] if editable else [wheel]
    for what in (mine, [theirs]) if first == "ours" else ([theirs], mine):
        install(python, *what)
    assert done(python, "-c", BOTH, cwd=tmp_path) == "agents.agent agents.gold"


@pytest.mark.parametrize(
    ("name", "left"), [("beside", OURS_ALONE), ("reasonact", THEIRS_ALONE)], ids=["theirs", "ours"]
)
def test_the_other_one_survives_an_uninstallation(
    wheel: Path, theirs: Path, python: Path, name: str, left: str, tmp_path: Path
) -> None:
    install(python, wheel)
    install(python, theirs)
    uninstall = [sys.executable, "-m", "pip", "--python", python, "uninstall", "-q", "-y", name]
    done(*uninstall, cwd=tmp_path)
    assert done(python, "-c", left, cwd=tmp_path) in ("ours", "theirs")
