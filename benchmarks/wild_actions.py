"""Wild actions and adversaries against environments of every kind.

    python -m benchmarks.wild_actions --actions 1000000
    python -m benchmarks.wild_actions --env all --actions 200000 --data FILE --database DATABASE …

No action may raise or take more than 50 ms of the thread's CPU time, the process may hold at most
300 MB more than at the start, and only valid calls of writing tools may change the state;
jsonschema itself checks that here. In every other episode an adversary goes on with one thing
(`benchmarks.siege`), for up to 50 messages. Now and then an ended episode is written, read and
played again, and has to come back equal. An episode that ends is followed by the next one, as in
training.

Without FILE, `--env all` leaves out what needs one: real dialogues in APIGen-MT's format, on
recorded answers, in rebuilt worlds, and on each database.

Python's garbage collector runs between the actions, not within one: a full collection of a
thousand tasks takes longer than any step, whichever step it happens to hit.
"""

from __future__ import annotations

import gc
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from rich.table import Table

from agents.console import console, plain_table, progress
from benchmarks.bombardment import LIMIT_MS, Bombardment, Tally
from benchmarks.machine import machine
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Mode
from tasks.load import require_data
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.nearest import did_you_mean
from tools.places import require_place
from tools.ranges import require_at_least, require_seeds

LIMIT_MB = 300.0
"""The process may hold this much more than before the first action."""
COLLECT_EVERY = 1_000
"""Actions between two collections of garbage."""
SIEGED = 50
"""A dialogue has this many messages at most."""


@dataclass(frozen=True, slots=True)
class Place:
    """An environment that is bombarded."""

    name: str
    """How tables call it."""
    data: str | None = None
    """Its data."""
    database: str | None = None
    """What stands behind its tasks."""
    user: str = "own"
    """Who talks to the agent."""


PLACES = {
    place.name: place
    for place in (
        Place("desk", "desk:1000:0"),
        Place("retail", "retail:300"),
        Place("airline", "airline:300"),
        Place("kaleidoscope", "kaleidoscope:300"),
        Place("procedures", "procedures:300"),
    )
}
"""Name -> environment, of those that need no files. Retail and airline have tasks of both variants
of their worlds."""
ON_FILE = ("recorded", "rebuilt", "loaded")
"""Those that need a file of dialogues; `loaded` a database, too."""


def bombard(n: int, data: str | Place | None, mode: str, seed: int) -> Tally:
    """Sends `n` wild actions to one environment."""
    place = data if isinstance(data, Place) else Place("own", data)
    config = EnvConfig(
        data=place.data,
        database=place.database,
        user=place.user,
        split="all",
        mode=mode,
        max_turns=SIEGED if mode == Mode.DIALOGUE else None,
    )
    bombardment = Bombardment(ReasonActEnv.of(config), seed)
    with progress("wild actions", n) as advance, _collecting_outside(), _peak(bombardment.tally):
        for done in range(1, n + 1):
            bombardment.act()
            if done % 1000 == 0:
                advance(1000)
            if done % COLLECT_EVERY == 0:
                gc.collect()
    return bombardment.tally


@contextmanager
def _collecting_outside() -> Iterator[None]:
    """No collection but those that are asked for; what exists already is left out of them."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


@contextmanager
def _peak(tally: Tally) -> Iterator[None]:
    """Notes how much more memory the process held at most than at the beginning (Linux alone)."""
    clear, status = Path("/proc/self/clear_refs"), Path("/proc/self/status")
    if not clear.exists():
        yield
        return
    clear.write_text("5")  # the peak is that from now on
    start = _kilobytes(status, "VmRSS")
    yield
    tally.peak_mb = (_kilobytes(status, "VmHWM") - start) / 1024
    if tally.peak_mb > LIMIT_MB:
        tally.failures[f"over {LIMIT_MB:.0f} MB"] += 1


def _kilobytes(status: Path, name: str) -> int:
    line = next(row for row in status.read_text().splitlines() if row.startswith(f"{name}:"))
    return int(line.split()[1])


@dataclass(frozen=True, slots=True)
class Options:
    """What is bombarded."""

    actions: int = 1_000_000
    """How many actions each environment gets in each mode."""
    env: tuple[str, ...] = ()
    """Environments: desk, retail, airline, kaleidoscope, procedures (these are generated),
    recorded, rebuilt, loaded (these need `--data`), or all; not given: what `--data` and
    `--database` say."""
    data: str | None = None
    """Dialogues, as everywhere; not given: the embedded set."""
    database: tuple[str, ...] = ()
    """Databases behind the dialogues: paths, or "rebuilt"."""
    mode: Literal["dialogue", "turn", "both"] = "dialogue"
    """Of environments."""
    seed: int = 0
    """Of all that is random."""
    out: Path = Path("runs/wild_actions.json")
    """Where the figures go."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "actions")
        require_seeds(self, "seed")


def places(options: Options) -> list[Place]:
    """The environments that the options name.

    Raises:
        ValueError: for an unknown name, or one that lacks its file.
    """
    if not options.env:
        found = [Place(_called(at), options.data, at) for at in options.database]
        return found or [Place(options.data or "desk", options.data)]
    if "all" in options.env:
        on_file = ON_FILE[: 2 + bool(options.database)] if options.data else ()
        return [place for name in (*PLACES, *on_file) for place in _named(name, options)]
    return [place for name in options.env for place in _named(name, options)]


def _named(name: str, options: Options) -> list[Place]:
    if name in PLACES:
        return [PLACES[name]]
    if name not in ON_FILE:
        known = ["all", *PLACES, *ON_FILE]
        raise ValueError(
            f"expected --env out of {', '.join(known)}; got {name!r}{did_you_mean(name, known)}"
        )
    if options.data is None or (name == "loaded" and not options.database):
        raise ValueError(f"expected --data (and --database for loaded) with --env {name}, got none")
    if name == "loaded":
        return [Place(_called(at), options.data, at) for at in options.database]
    return [Place(name, options.data, "rebuilt" if name == "rebuilt" else None)]


def _called(database: str) -> str:
    return f"loaded {Path(database).parent.name}/{Path(database).name}"


def main(argv: Sequence[str] | None = None) -> Tally:
    """Prints what happened, writes it as JSON, and returns that of the last environment."""
    options = read_options(Options, argv, prog="benchmarks.wild_actions", about=__doc__)
    require_data(options.data)
    require_place(options.out)
    modes = [mode.value for mode in Mode] if options.mode == "both" else [options.mode]
    runs = [(place, mode) for place in places(options) for mode in modes]
    rows: list[dict[str, object]] = []
    tally = Tally()
    for place, mode in runs:
        start = time.perf_counter()
        tally = _bombarded(place, mode, options, alone=len(runs) == 1)
        found = _summary(tally, options.actions, time.perf_counter() - start)
        rows.append({"env": place.name, "mode": mode, **found, **_details(tally)})
        console().print(_table(f"{options.actions:,} wild actions each", rows))
        write_json(options.out, {"environments": rows, "machine": machine()})
    return tally


def _bombarded(place: Place, mode: str, options: Options, *, alone: bool) -> Tally:
    """One environment; where there are several, each in a process of its own, for its memory."""
    if alone:
        return bombard(options.actions, place, mode, options.seed)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(bombard, options.actions, place, mode, options.seed).result()


_SHOWN = ("failures", "median ms", "p99 ms", "max ms", "over 50 ms", "peak MB", "longest file KB")


def _table(title: str, rows: Sequence[dict[str, object]]) -> Table:
    heads = ["environment", "mode", *_SHOWN]
    cells = [[str(row[name]) for name in ("env", "mode", *_SHOWN)] for row in rows]
    return plain_table(title, heads, cells)


def _summary(tally: Tally, n: int, seconds: float) -> dict[str, object]:
    cpu = np.array(tally.cpu_ms)
    return {
        "actions": n,
        "without exception": len(cpu),
        f"over {LIMIT_MS:.0f} ms": int((cpu > LIMIT_MS).sum()),
        "failures": tally.failures.total(),
        "median ms": round(float(np.median(cpu)), 4),
        "p99 ms": round(float(np.quantile(cpu, 0.99)), 3),
        "p99.99 ms": round(float(np.quantile(cpu, 0.9999)), 3),
        "max ms": round(float(cpu.max()), 3),
        "peak MB": round(tally.peak_mb, 1),
        "longest file KB": round(tally.longest_line / 1000),
        "writes that changed the state": tally.seen["writes"],
        "minutes": round(seconds / 60, 2),
    }


def _details(tally: Tally) -> dict[str, object]:
    return {
        "seen": dict(sorted(tally.seen.items())),
        "failed": dict(tally.failures),
        "examples": tally.examples,
        "slowest": [[round(ms, 2), action] for ms, action in sorted(tally.slowest)[::-1]],
    }


if __name__ == "__main__":
    run(main)
