"""How long the import takes, and how many packages a core install brings.

    python -m benchmarks.imports

Every import happens in a fresh process, Gymnasium's and ours by turns; the packages are counted by
following the requirements of what is installed here.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from statistics import median
from typing import Any

from agents.console import console, plain_table
from benchmarks.machine import machine
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.places import require_place
from tools.ranges import require_at_least

PROBE = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"


def import_seconds(module: str) -> float:
    """The time that one import takes in a fresh process."""
    command = [sys.executable, "-c", PROBE.format(module)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


def reader(module: str) -> Any:
    """A module of `packaging`; a core install has pip's own copy alone.

    Raises:
        ModuleNotFoundError: if there is neither.
    """
    for package in ("packaging", "pip._vendor.packaging"):
        try:
            return import_module(f"{package}.{module}")
        except ModuleNotFoundError:
            continue
    raise ModuleNotFoundError(
        "expected pip or the package 'packaging' to read what packages require, found neither; "
        "pip install packaging"
    )


def closure(name: str) -> set[str]:
    """A distribution and all that it requires here, without extras."""
    parsed = reader("requirements").Requirement
    canonical = reader("utils").canonicalize_name
    found: set[str] = set()
    waiting = [name]
    while waiting:
        package = str(canonical(waiting.pop()))
        if package in found:
            continue
        try:
            wanted = [parsed(text) for text in requires(package) or ()]
        except PackageNotFoundError:  # another Python's or system's requirement
            continue
        found.add(package)
        waiting += [r.name for r in wanted if not r.marker or r.marker.evaluate({"extra": ""})]
    return found


@dataclass(frozen=True, slots=True)
class Options:
    """How often is measured."""

    rounds: int = 15
    """Processes of each kind."""
    out: Path = Path("runs/imports.json")
    """Where the figures are written."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "rounds")


def main(argv: Sequence[str] | None = None) -> dict[str, float | list[str]]:
    """Prints the table, writes it as JSON, and returns its values."""
    args = read_options(Options, argv, prog="python -m benchmarks.imports", about=__doc__)
    require_place(args.out)
    pairs = [
        (import_seconds("gymnasium"), import_seconds("reasonact_env")) for _ in range(args.rounds)
    ]
    theirs, ours = (median(times) for times in zip(*pairs, strict=True))
    packages = sorted(closure("reasonact"))
    rows = [
        ("import gymnasium, seconds", f"{theirs:.3f}"),
        ("import reasonact_env, seconds", f"{ours:.3f}"),
        ("ratio of the medians", f"{ours / theirs:.2f}"),
        ("packages in a core install, ours included", str(len(packages))),
    ]
    title = f"Import and install, medians of {args.rounds} fresh processes"
    console().print(plain_table(title, ["what", "value"], rows))
    console().print(", ".join(packages))
    found: dict[str, float | list[str]] = {
        "gymnasium_s": theirs,
        "reasonact_env_s": ours,
        "packages": packages,
    }
    write_json(args.out, {"title": title, **found, "machine": machine()})
    return found


if __name__ == "__main__":
    run(main)
