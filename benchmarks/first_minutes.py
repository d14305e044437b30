"""How many minutes a newcomer needs: from an empty folder to an episode, an agent, a policy.

    python -m benchmarks.first_minutes            # `make demo` is the longest part
    python -m benchmarks.first_minutes --quick    # with its quick form, which learns nothing

The repository that this file is part of is cloned into an empty folder, and what README and
`docs/five-minutes.md` tell a newcomer to type is typed there, without a pause: nobody reads.
Packages come from pip's index, or from its cache where there is one (`--fresh`: never).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.console import console, plain_table
from benchmarks.machine import machine
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.places import require_place
from train.runs.run import ROOT

CLERK = "runs/clerk"
STEPS = {
    "first episode": (
        "{python} -m venv .venv && .venv/bin/pip install -q -e .",
        ".venv/bin/python examples/first_episode.py",
    ),
    "first episodes of an own agent": (
        ".venv/bin/python -m train.evaluate --agent examples.own_agent:Clerk "
        f"--data desk:200 --tasks 20 --out {CLERK}",
    ),
    "first explained failure": (
        f".venv/bin/python -m reasonact_env.failures {CLERK}/episodes.jsonl",
    ),
    "first trained policy, judged": ("make demo PYTHON={python} ARGS='{demo}'",),
}
"""What one arrives at -> the commands that lead there from the one before."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is typed."""

    quick: bool = False
    """Trains the quick demo, which learns nothing."""
    fresh: bool = False
    """Has pip load every package anew."""
    out: Path = Path("runs/first-minutes.json")
    """Where the figures go."""


def minutes(options: Options) -> list[tuple[str, float]]:
    """What one arrives at, and the minutes since the clone began.

    Raises:
        RuntimeError: if a command fails; the error holds the end of what it said.
    """
    words = {"python": sys.executable, "demo": "--quick" if options.quick else ""}
    found = []
    with tempfile.TemporaryDirectory() as folder:
        clone, began = Path(folder) / "reasonact", time.monotonic()
        _type(f"git clone -q '{ROOT}' reasonact", Path(folder), options)
        for name, commands in STEPS.items():
            for command in commands:
                _type(command.format(**words), clone, options)
            found.append((name, (time.monotonic() - began) / 60))
    return found


def _type(command: str, folder: Path, options: Options) -> None:
    """Runs a command as one types it: nothing of this process's packages is in its way."""
    hidden = ("PYTHONPATH", "MAKEFLAGS")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    kept |= {"PIP_NO_CACHE_DIR": "1"} if options.fresh else {}
    done = subprocess.run(
        ["bash", "-ec", command], cwd=folder, env=kept, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"expected `{command}` to succeed: {(done.stdout + done.stderr)[-800:]}")


def main(argv: Sequence[str] | None = None) -> list[tuple[str, float]]:
    """Prints the table, writes it as JSON, and returns its rows."""
    options = read_options(Options, argv, prog="python -m benchmarks.first_minutes", about=__doc__)
    require_place(options.out)
    found = minutes(options)
    rows = [[name, f"{value:.1f}"] for name, value in found]
    console().print(plain_table("From an empty folder", ["to the", "minutes"], rows))
    write_json(options.out, {"machine": machine(), "minutes": dict(found)})
    return found


if __name__ == "__main__":
    run(main)
