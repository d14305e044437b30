"""What a run's folder says of itself: the stage, its data, its model, and the code that ran.

Every stage writes `run.json` first. Stage, configuration, data, model and what comes from outside
the project are the run's identity: the same command goes on with the folder, another one is
refused. The file also names code, packages and machine; with the same ones, the same identity gives
the same numbers.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from agents.console import console
from tools.files import read_object, write_json
from tools.types import Json
from train.runs import processes
from train.runs.data import data_identity as data_identity
from train.runs.folders import PREPARED, SAMPLES, require_no_model
from train.runs.folders import RUN as RUN
from train.runs.folders import last_checkpoint as last_checkpoint
from train.runs.outside import ROOT as ROOT
from train.runs.outside import code_hash

METRICS = "metrics.jsonl"
"""The journal's name there."""
_FEW, _SHOWN = 4, 80
"""Differences that are told, and the most characters of two values that are shown."""
_HASH = re.compile(r"\b[0-9a-f]{16}\b")
"""What tells a reader nothing."""
PACKAGES = (
    "reasonact",
    "gymnasium",
    "jsonschema",
    "numpy",
    "torch",
    "transformers",
    "trl",
    "peft",
    "accelerate",
    "datasets",
    "tokenizers",
    "openai",
)
"""Whose versions are written down."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run's identity."""

    stage: str
    """sft, cold-start, grpo, …"""
    configuration: Mapping[str, object]
    """Everything that was chosen, resolved."""
    data: Mapping[str, Json]
    """As `data_identity` gives it."""
    model: Mapping[str, Json]
    """What it begins with: name or words, and a hash of the weights where there are any yet."""
    outside: Mapping[str, Json] = field(default_factory=dict)
    """Code that is not the project's, and models behind an endpoint, as `train.runs.outside` tells
    them."""


def begin(
    out: Path,
    run: Run,
    as_today: Callable[[Mapping[str, Any]], Mapping[str, object]] = lambda recorded: recorded,
    *,
    instead: str = "give another --out or delete it",
) -> None:
    """Writes down what a folder is for, or checks that it is for just this.

    A folder that holds no other file is free for any run: the one before was refused.
    Where code, packages or machine have changed since, it says so and goes on.

    Args:
        out: The folder.
        run: What is run now.
        as_today: Brings a configuration that an older version wrote into the form of today's.
        instead: What to do where the folder holds another run.

    Raises:
        ValueError: if the folder holds the beginning of something else.
        FileExistsError: if it holds a model that no run has written.
    """
    # Through JSON and back, so that tuples compare equal to the lists that the file holds, and
    # paths to their names.
    path, wanted = out / RUN, json.loads(json.dumps(asdict(run), default=str))
    around = surroundings()
    if not path.exists():
        require_no_model(out)
    if not path.exists() or (_is_bare(out) and not _is_of(path, wanted)):
        if processes.is_main():
            (out / SAMPLES).unlink(missing_ok=True)  # of a run that was killed before it began
            write_json(path, {**wanted, "surroundings": around})
        return
    found = read_object(path)
    if found.get("stage") == run.stage and isinstance(found.get("configuration"), dict):
        found["configuration"] = as_today(found["configuration"])
    # Older versions did not write it down. Of an agent's code nothing is known then: it may differ.
    unknown = {name: one for name, one in wanted["outside"].items() if name != "agent"}
    found.setdefault("outside", unknown)
    require_same({key: found.get(key) for key in wanted}, wanted, out, instead)
    if odd := _differences(found.get("surroundings"), _as_recorded(around, found)):
        console().print(
            f"{out} was begun with other {', '.join(odd)}: the numbers may differ from those of an "
            "unbroken run.",
            style="yellow",
        )


def decided(out: Path, name: str, decide: Callable[[], str]) -> str:
    """What a run decided for itself when it began; a killed run goes on with the same.

    Args:
        out: The run's folder.
        name: What is decided.
        decide: Decides it, the first time.
    """
    found = dict(read_object(out / RUN)) if (out / RUN).exists() else {}
    before = found.get("decided", {})
    if name in before:
        return str(before[name])
    chosen = decide()
    if found and processes.is_main():
        write_json(out / RUN, {**found, "decided": {**before, name: chosen}})
    return chosen


def _as_recorded(around: Mapping[str, Json], found: Mapping[str, Any]) -> dict[str, Json]:
    """Today's surroundings, as far as an older version wrote such things down."""
    recorded = found.get("surroundings")
    known = recorded if isinstance(recorded, Mapping) else around
    return {name: value for name, value in around.items() if name in known}


def _is_bare(out: Path) -> bool:
    """Whether nothing followed the beginning of a run."""
    return all(path.name in PREPARED for path in out.rglob("*") if path.is_file())


def _is_of(path: Path, wanted: Mapping[str, object]) -> bool:
    """Whether the file tells of this run."""
    try:
        found = read_object(path)
    except ValueError:
        return False
    return not _differences({key: found.get(key) for key in wanted}, wanted)


@lru_cache(maxsize=1)
def surroundings() -> dict[str, Json]:
    """The code, the packages and the machine."""
    return {
        "code": code_hash(),
        "commit": _commit(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "threads": os.environ.get("OMP_NUM_THREADS"),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _commit() -> str | None:
    """The code's commit, marked where files differ from it; None outside its own repository."""
    top = _git("rev-parse", "--show-toplevel")
    if top is None or Path(top) != ROOT:
        return None
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return f"{_git('rev-parse', 'HEAD')}{' with changes' if changed else ''}"


def _git(*args: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *args], capture_output=True, text=True, check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def require_same(
    found: Mapping[str, object],
    wanted: Mapping[str, object],
    out: Path,
    instead: str = "give another --out or delete it",
) -> None:
    """Refuses to go on in a folder that holds something else.

    Raises:
        ValueError: if what was found there differs from what is wanted.
    """
    if odd := _differences(found, wanted):
        raise ValueError(
            f"expected an empty folder or the same run to go on with, but {out} holds another one "
            f"(it differs in {', '.join(_told(odd, found, wanted))}); {instead}"
        )


def _told(
    odd: Sequence[str], found: Mapping[str, object], wanted: Mapping[str, object]
) -> list[str]:
    """What differs, for people: names with both values where these are short, each pair once."""
    pairs: dict[object, str] = {}  # one name is told of several for one thing, as an agent has
    for name in odd:
        there, here = _under(found, name), _under(wanted, name)
        plain = all(isinstance(one, str | int | float | None) for one in (there, here))
        both = f"{there} there, {here} here"
        shown = plain and len(both) <= _SHOWN and not _HASH.search(both)
        short = name.removeprefix("configuration.")
        words = f"{short} ({both})" if shown else short
        texts = shown and isinstance(there, str) and isinstance(here, str)
        pairs.setdefault((there, here) if texts else name, words)
    more = [f"{len(pairs) - _FEW} more"] * (len(pairs) > _FEW)
    return [*pairs.values()][:_FEW] + more


def _under(where: object, name: str) -> object:
    """What stands under a name with dots; None for nothing."""
    for part in name.split("."):
        where = where.get(part) if isinstance(where, Mapping) else None
    return where


def _differences(found: object, wanted: Mapping[str, object], above: str = "") -> list[str]:
    """The names of what differs, a dot between levels."""
    if not isinstance(found, Mapping):
        return [above.rstrip(".") or "everything"]
    names: list[str] = []
    for key in sorted({*found, *wanted}):
        mine, theirs = wanted.get(key), found.get(key)
        if isinstance(mine, Mapping):
            names += _differences(theirs, mine, f"{above}{key}.")
        elif mine != theirs:
            names.append(f"{above}{key}")
    return names
