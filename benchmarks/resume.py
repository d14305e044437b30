"""Kills a pipeline with kill -9 in each of its stages, and compares the results.

    OMP_NUM_THREADS=1 python -m benchmarks.resume --out runs/resume

Two small pipelines are run as a user runs them, in processes of their own: one undisturbed, the
other killed as soon as a stage has written down its first steps, and begun again, stage by stage,
then once more in the middle of the last evaluation. Weights, journals (without what a clock says),
training episodes and the report must be the same to the last bit.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.console import console, plain_table
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.places import require_place
from train.runs.run import METRICS, ROOT
from train.runs.trends import read

STAGES = ("sft", "cold-start", "grpo")
"""Those that learn."""
CLOCKED = ("time/", "speed/")
"""Numbers that depend on the clock."""
GRPO = (
    "--generations",
    "6",
    "--prompts",
    "2",
    "--group",
    "4",
    "--save-every",
    "2",
    "--max-turns",
    "4",
)
SIZE = ("--data", "desk:200:1", "--train-tasks", "96", "--samples", "12", "--tasks", "20")
"""Small, but every stage is longer than the first of its checkpoints."""
PATIENCE = 3_600.0
"""Seconds for one stage."""


def command(out: Path) -> list[str]:
    """The pipeline as a user starts it."""
    return [sys.executable, "-m", "train.pipeline", "--out", str(out), *SIZE, *GRPO]


def finish(out: Path) -> None:
    """Runs the pipeline to its end."""
    subprocess.run(command(out), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def kill_when(out: Path, due: Callable[[], bool]) -> bool:
    """Starts the pipeline and kills it at a moment.

    Returns:
        Whether it was killed, and had not ended by itself before.
    """
    running = subprocess.Popen(
        command(out), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    end = time.monotonic() + PATIENCE
    while running.poll() is None and time.monotonic() < end:
        if due():
            running.kill()
            break
        time.sleep(0.01)
    return running.wait() < 0


def learning(out: Path, stage: str) -> bool:
    """Whether a stage is past its first checkpoint, but not yet done."""
    place = out / stage
    past = len(list((place / "checkpoints" if stage == "grpo" else place).glob("checkpoint-*")))
    return past > 0 and len(read(place / METRICS)) >= 3 and not (place / "policy.json").exists()


def judging(out: Path) -> bool:
    """Whether the evaluation of the last stage has begun."""
    return any(out.glob("eval-GRPO-*/run.json"))


def disturbed(out: Path) -> dict[str, bool]:
    """A pipeline that is killed in every stage; stage -> whether the kill came in time."""
    found = {stage: kill_when(out, lambda at=stage: learning(out, at)) for stage in STAGES}  # type: ignore[misc]
    found["evaluation"] = kill_when(out, lambda: judging(out))
    finish(out)
    return found


def fingerprints(out: Path, stage: str) -> dict[str, str]:
    """What a stage left: hashes of weights, journal and episodes."""
    lines = [
        {name: value for name, value in line.items() if not name.startswith(CLOCKED)}
        for line in read(out / stage / METRICS)
    ]
    episodes = b"".join(file.read_bytes() for file in sorted((out / stage).glob("episodes/*")))
    return {
        "weights": _sha((out / stage / "model.safetensors").read_bytes()),
        "metrics": _sha(json.dumps(lines).encode()),
        "episodes": _sha(episodes) if episodes else "",
    }


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Options:
    """Where the runs lie."""

    out: Path = Path("runs/resume")
    """Their folder."""


def main(argv: Sequence[str] | None = None) -> bool:
    """Runs both, prints the table; returns whether all is the same."""
    out = read_options(Options, argv, prog="python -m benchmarks.resume", about=__doc__).out
    require_place(out / "resume.json")
    whole, broken = out / "whole", out / "broken"
    for begun in (whole, broken):  # nothing else in the folder is ours to delete
        shutil.rmtree(begun, ignore_errors=True)
    finish(whole)
    killed = disturbed(broken)
    rows, same = [], True
    for stage in STAGES:
        ours, theirs = fingerprints(broken, stage), fingerprints(whole, stage)
        equal = {name: ours[name] == theirs[name] for name in ours}
        same = same and all(equal.values())
        words = ["same" if equal[name] else "DIFFERENT" for name in ours]
        rows.append([stage, "yes" if killed[stage] else "too late", *words])
    reports = [json.loads((at / "report.json").read_text("utf-8")) for at in (whole, broken)]
    same = same and reports[0] == reports[1]
    words = ["same" if reports[0] == reports[1] else "DIFFERENT", ""]
    rows.append(["evaluation", "yes" if killed["evaluation"] else "too late", "", *words])
    heads = ("stage", "killed", "weights", "metrics", "episodes")
    console().print(plain_table("kill -9 and begin again, against an unbroken run", heads, rows))
    write_json(out / "resume.json", {"killed": killed, "same": same})
    return same


if __name__ == "__main__":
    run(lambda: not main())
