import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from reasonact_env import guard

ROOT = Path(guard.__file__).parent.parent
OURS = ("reasonact_env", "tools", "tasks", "agents", "train")


def run(code: str, folder: Path, path: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Runs Python with `folder` first on its path and `path` after it."""
    environment = os.environ | {"PYTHONPATH": str(path)}
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", guard.IMPORTED)
@pytest.mark.parametrize("form", ["{}.py", "{}/__init__.py"])
def test_a_shadowed_name_fails_with_one_sentence_that_names_the_file(
    tmp_path: Path, name: str, form: str
) -> None:
    file = tmp_path / form.format(name)
    file.parent.mkdir(exist_ok=True)
    file.write_text('"""Somebody else\'s."""\n')
    done = run("import reasonact_env", tmp_path)
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
    assert last.startswith(f"ImportError: expected ReasonAct's own package {name!r} in ")
    assert f"but Python finds {file};" in last
    assert "rename or move that file" in last


def test_a_module_that_is_already_imported_is_found(tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text("")
    code = "import sys, tools; sys.path.pop(0); import reasonact_env"
    done = run(code, tmp_path)
    assert f"but Python finds {tmp_path / 'tools.py'};" in done.stderr


def test_an_overwritten_init_is_found(tmp_path: Path) -> None:
    """As happens where two distributions are installed into one folder."""
    for name in OURS:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    assert run("import reasonact_env", tmp_path, tmp_path).returncode == 0
    (tmp_path / "tools" / "__init__.py").write_text("from .agent import Agent\n")
    done = run("import reasonact_env", tmp_path, tmp_path)
    assert f"but Python finds {tmp_path / 'tools' / '__init__.py'};" in done.stderr


@pytest.mark.parametrize("file", ["train.py", "agents.py", "train/__init__.py", "tools/notes.txt"])
def test_what_is_not_imported_does_not_shadow(tmp_path: Path, file: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine = 1\n")
    done = run("import reasonact_env.env", tmp_path)
    assert done.returncode == 0, done.stderr


GOLD = (
    "from reasonact_env.named import agent_by_name; agent_by_name('gold', [], 'turn', 'optional')"
)


@pytest.mark.parametrize("code", ["import train.audit", GOLD])
def test_a_script_called_agents_is_named_where_agents_are_needed(tmp_path: Path, code: str) -> None:
    (tmp_path / "agents.py").write_text("mine = 1\n")
    last = run(code, tmp_path).stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: expected ReasonAct's own package 'agents' in ")
    assert f"but Python finds {tmp_path / 'agents.py'};" in last


@pytest.mark.parametrize("code", ["import train.audit", GOLD])
def test_a_package_called_agents_stands_beside_ours(tmp_path: Path, code: str) -> None:
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "__init__.py").write_text("from .mine import MINE\n")
    (tmp_path / "agents" / "mine.py").write_text("MINE = 1\n")
    done = run(f"{code}; from agents import MINE; import agents.gold", tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_linked_checkout_is_ours(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(ROOT, target_is_directory=True)
    done = run("import reasonact_env.guard, tools", tmp_path, tmp_path / "link")
    assert done.returncode == 0, done.stderr


def test_an_archive_is_ours(tmp_path: Path) -> None:
    archive = tmp_path / "reasonact.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for name in OURS:
            for path in (ROOT / name).rglob("*.py"):
                file.write(path, path.relative_to(ROOT))
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    done = run("import reasonact_env; print(reasonact_env.__file__)", folder, archive)
    assert done.returncode == 0, done.stderr
    assert str(archive) in done.stdout


def test_here_all_is_well() -> None:
    guard.check()
