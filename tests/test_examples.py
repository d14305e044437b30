import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))

CORE_AND_OFFLINE = """
import runpy, sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo") and not isinstance(arguments[1], str):
        raise RuntimeError(f"{event} {arguments}")

heavy = "accelerate datasets pandas peft tokenizers torch transformers trl".split()
sys.modules.update(dict.fromkeys(heavy))
sys.addaudithook(refuse)
sys.argv = [sys.argv[1]]
sys.path.insert(0, "examples")
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a script where nothing but the core install is to be had, and no network."""


def test_there_are_examples() -> None:
    assert {path.stem for path in EXAMPLES} >= {
        "first_episode",
        "own_agent",
        "own_reward",
        "own_user",
        "vector",
    }


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_on_the_core_install_and_offline(path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", CORE_AND_OFFLINE, str(path)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert not done.stderr
