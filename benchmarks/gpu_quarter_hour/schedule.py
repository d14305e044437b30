"""Phases in processes of their own, killed at their limits; every piece of work leaves a file.

`PHASE.phase.json` tells how a phase ended, `PIECE.json` what a piece found. A phase that is done is
not done again, and of one that was killed only the pieces that are missing.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

from tools.command import sentence
from tools.files import read_object, write_json

PHASES = {"environment": 0.5, "sft": 3.0, "grpo": 3.0, "pipeline": 6.5}
"""Phase -> its share of the time, beside those of the phases that are done after it."""
MINUTES = 14.0
"""For all phases, unless told otherwise."""
DONE, KILLED = "done", "killed at its limit"
WORK = "benchmarks.gpu_quarter_hour.work"
"""The command that does one phase, or one seed of the last one."""
LAST_LINES = 5
"""Lines of a phase's output that are kept where it failed."""


def limit(phase: str, shares: Mapping[str, float], left: float) -> float:
    """The seconds of a phase: its share of what is left for it and for those after it.

    What a phase needs less goes to those after it, and the last one has all that is left.

    Args:
        phase: One of the phases.
        shares: Phase -> its share, of those that are still to be done, in order.
        left: Seconds.

    >>> limit("sft", {"sft": 3.0, "grpo": 3.0}, 120)
    60.0
    """
    names = [*shares]
    due = [shares[name] for name in names[names.index(phase) :]]
    return left * due[0] / sum(due) if due[0] else 0.0


def run_phases(
    out: Path,
    wanted: Mapping[str, float],
    argv: Sequence[str],
    minutes: float,
    tell: Callable[[], object],
) -> None:
    """Runs phases that are not done, one after the other.

    Args:
        out: Where everything is left.
        wanted: Phase -> its share.
        argv: The command line that each phase gets, besides its name.
        minutes: For all of them.
        tell: Called after each phase.
    """
    ends = monotonic() + 60 * minutes
    due = {phase: share for phase, share in wanted.items() if not is_done(out, phase)}
    for phase in wanted:
        if phase not in due:
            print(f"{phase}: done before", flush=True)
        elif (seconds := limit(phase, due, ends - monotonic())) <= 0:
            print(f"{phase}: no time left", flush=True)
        else:
            print(f"{phase}: {seconds:.0f} seconds at most …", flush=True)
            write_json(out / f"{phase}.phase.json", _run(out, phase, argv, seconds))
        tell()


def is_done(out: Path, phase: str) -> bool:
    """Whether a phase has come to its end, with nothing that failed."""
    path = out / f"{phase}.phase.json"
    return path.is_file() and read_object(path)["ended"] == DONE


def _run(out: Path, phase: str, argv: Sequence[str], seconds: float) -> dict[str, object]:
    """One phase; its processes are a group, so that none of them outlives its limit."""
    started, log = monotonic(), out / f"{phase}.log"
    until = ["--phase", phase, "--seconds", f"{seconds:.1f}"]
    with log.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", WORK, *argv, *until],
            stdout=file,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        try:
            status = process.wait(seconds)
            ended = f"failed with status {status}" if status else DONE
        except subprocess.TimeoutExpired:
            ended = KILLED
        finally:
            _kill(process)
    found: dict[str, object] = {"ended": ended, "limit": seconds, "seconds": monotonic() - started}
    lines = log.read_text("utf-8", errors="replace").splitlines()
    return found if ended == DONE else {**found, "last": lines[-LAST_LINES:]}


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends a phase's whole group, those that a killed phase has started too."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:  # all have ended by themselves
        return
    process.wait()


def side_by_side(out: Path, seeds: int, argv: Sequence[str]) -> int:
    """Runs all seeds, each in a process of this one's group.

    Args:
        out: Where everything is left.
        seeds: How many.
        argv: The command line that a seed's process gets, besides its number.

    Returns:
        How many of them failed.
    """
    started = []
    for seed in range(seeds):
        with (out / f"seed-{seed}.log").open("ab") as log:
            command = [sys.executable, "-m", WORK, *argv, "--seed", str(seed)]
            started.append(subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT))
    return sum(process.wait() != 0 for process in started)


def end_with_parent() -> None:
    """Ends this process when the one that started it is gone: nobody would look at its limit."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            sleep(1)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def leave(out: Path, name: str, work: Callable[[], Mapping[str, object]]) -> bool:
    """Does a piece of work and leaves its file, unless an earlier call has done so.

    A measurement that fails leaves its error, so that the others are still taken; the next call
    tries it again.

    Returns:
        Whether the piece is there.
    """
    path = out / f"{name}.json"
    if path.is_file() and "error" not in read_object(path):
        return True
    try:
        found: Mapping[str, object] = work()
    except Exception as error:  # out of memory, or whatever a library says of this chip
        found = {"error": f"{type(error).__name__}: {sentence(error)}"}
    write_json(path, found)
    print(f"{name}: {found.get('error', 'measured')}", flush=True)
    return "error" not in found


def found_in(out: Path) -> dict[str, dict[str, Any]]:
    """Everything that was left so far, by name."""
    files = (path for path in sorted(out.glob("*.json")) if path.name != "summary.json")
    return {path.name.removesuffix(".json"): read_object(path) for path in files}
