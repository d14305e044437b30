"""Wild actions and adversaries against environments of every kind.

    python -m benchmarks.wild_actions --n 1000000
    python -m benchmarks.wild_actions --env all --n 200000 --data FILE --database DATABASE …

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
import heapq
import json
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from jsonschema import Draft202012Validator
from rich.table import Table

from agents.console import console, plain_table, progress
from benchmarks.machine import machine
from benchmarks.siege import Siege
from benchmarks.wild import Wild
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import CallRecord, Episode, Mode, Step, StopReason
from reasonact_env.episodes.codec import Shared, from_line, to_line
from reasonact_env.episodes.verify import replay_episode
from tasks.types import Task
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.nearest import did_you_mean
from tools.ranges import require_at_least, require_seeds
from tools.types import Effect

LIMIT_MS = 50.0
"""No step may take longer."""
LIMIT_MB = 300.0
"""The process may hold this much more than before the first action."""
COLLECT_EVERY = 1_000
"""Actions between two collections of garbage."""
SIEGED = 50
"""A dialogue has this many messages at most."""
SAVED_EVERY = 20
"""One of this many ended episodes is written and read again."""
PLAYED_EVERY = 200
"""One of this many is played again."""
KEPT = 20
"""At most this many examples of each failure are kept."""


@dataclass(slots=True)
class Tally:
    """What happened."""

    cpu_ms: list[float] = field(default_factory=list)
    """Thread CPU time of each step, in milliseconds."""
    seen: Counter[str] = field(default_factory=Counter)
    """What happened in a good way (ends, named problems, writes) -> how often."""
    failures: Counter[str] = field(default_factory=Counter)
    """What must not happen -> how often."""
    examples: list[str] = field(default_factory=list)
    """The first failures' actions, as printable text."""

    slowest: list[tuple[float, str]] = field(default_factory=list)
    """Milliseconds and action of the slowest steps, in a heap."""
    peak_mb: float = 0.0
    """How much more the process held at most than before the first action."""
    longest_line: int = 0
    """Bytes of the longest episode that was written."""

    def timed(self, cpu_ms: float, action: str) -> None:
        """Notes a step's time."""
        self.cpu_ms.append(cpu_ms)
        if len(self.slowest) < KEPT or cpu_ms > self.slowest[0][0]:
            heapq.heappush(self.slowest, (cpu_ms, _excerpt(action)))
            if len(self.slowest) > KEPT:
                heapq.heappop(self.slowest)
        if cpu_ms > LIMIT_MS:
            self.failed(f"over {LIMIT_MS:.0f} ms", action)

    def failed(self, what: str, action: str) -> None:
        """Counts a failure and keeps its action, if it is among the first."""
        self.failures[what] += 1
        if self.failures[what] <= KEPT:
            self.examples.append(f"{what}: {_excerpt(action)}")


def _excerpt(action: str) -> str:
    return f"{ascii(action[:1500])} ({len(action)} characters)"


class Bombardment:
    """Wild actions against one environment."""

    def __init__(self, env: ReasonActEnv, seed: int) -> None:
        """Resets the environment."""
        self.tally = Tally()
        self._env = env
        self._random = random.Random(seed)
        self._recorded_states: dict[tuple[str, int], str] = {}
        self._wild = Wild(seed, self._valid_call)
        placed = [task.id for task in env.tasks if task.setup.base is not None]
        self._task_ids = placed if env.config.database else env.task_ids
        self._ended = 0
        env.action_space.seed(seed)
        self._reset()

    def act(self) -> None:
        """Sends one action, and checks what it did."""
        action = self._siege.message() if self._siege else self._wild.action(self._recorded())
        start = time.thread_time()
        try:
            _, _, terminated, truncated, info = self._env.step(action)
        except Exception as error:  # whatever it is, it is what we look for
            self.tally.failed(f"raised {type(error).__name__}: {error}"[:200], action)
            self._reset()
            return
        self.tally.timed(1000 * (time.thread_time() - start), action)
        self._check(self._env.episode.steps[-1], action)
        self._count(info, action)
        if terminated or truncated:
            self._end(self._env.episode, action)

    def _end(self, episode: Episode, action: str) -> None:
        """Counts an ended episode; now and then it has to survive being saved and played again."""
        self.tally.seen[f"end: {episode.stop}"] += 1
        self._ended += 1
        if self._ended % SAVED_EVERY == 0 or episode.stop is StopReason.OVER_LIMIT:
            shared = Shared()
            line = to_line(episode, shared)
            self.tally.longest_line = max(self.tally.longest_line, len(line))
            if from_line(line, shared) != episode:
                self.tally.failed("another episode came back from a file", action)
        if self._ended % PLAYED_EVERY == 0 and replay_episode(self._env, episode) != episode:
            self.tally.failed("another episode came of the same actions", action)
        self._reset()

    def _reset(self) -> None:
        task_id = self._random.choice(self._task_ids)
        self._observation, info = self._env.reset(options={"task_id": task_id})
        self._state = str(info["state_hash"])
        self._validators = _validators(self._env.task)
        self._valid: dict[tuple[str, str], bool] = {}
        self._siege: Siege | None = None
        if self._random.random() < 0.5:
            self._siege = Siege(self._env.task, self._random.randrange(1 << 30))
            self.tally.seen[f"siege: {self._siege.name}"] += 1

    def _recorded(self) -> str:
        """A message out of the record."""
        task = self._env.task
        return task.messages[self._random.choice(task.turns).index].content

    def _valid_call(self) -> str:
        return self._env.action_space.sample(mask=self._observation["tools"])

    def _check(self, step: Step, action: str) -> None:
        """Looks whether the state changed by a chain of valid writes, and not otherwise."""
        for call in step.calls:
            if call.state_before != self._state:
                self.tally.failed("state changed between calls", action)
            if call.state_after != self._state and not self._may_write(call):
                self.tally.failed("state changed by an invalid call", action)
            self.tally.seen["writes"] += call.state_after != self._state
            self._state = call.state_after
        if step.state_hash != self._expected_state(step):
            self.tally.failed("state changed after the calls", action)
        self._state = step.state_hash

    def _expected_state(self, step: Step) -> str:
        """The state after the calls; in turn mode the record's, whatever the calls were."""
        episode = self._env.episode
        if episode.mode is Mode.DIALOGUE:
            return self._state
        place = (episode.task_id, step.turn)
        return self._recorded_states.setdefault(place, step.state_hash)

    def _may_write(self, call: CallRecord) -> bool:
        key = (call.name or "", call.normal or "")
        if key not in self._valid:
            schema = self._validators.get(key[0])
            self._valid[key] = schema is not None and bool(schema.is_valid(call.arguments))
        return self._valid[key] and call.ok and call.effect is Effect.WRITE

    def _count(self, info: dict[str, object], action: str) -> None:
        problems = info["call_problems"]
        assert isinstance(problems, list)
        for problem in problems:
            self.tally.seen[f"problem: {problem['kind']}"] += 1
        self.tally.seen["calls without problem"] += len(_results(info)) - len(problems)
        if len(action) < 10_000 and len(self.tally.cpu_ms) % 10 == 0 and not _is_json(info):
            self.tally.failed("info is no plain JSON", action)


def _results(info: dict[str, object]) -> list[object]:
    results = info["results"]
    assert isinstance(results, list)
    return results


def _is_json(info: dict[str, object]) -> bool:
    try:
        return bool(json.loads(json.dumps(info, allow_nan=False)) == info)
    except (TypeError, ValueError):
        return False


def _validators(task: Task) -> dict[str, Draft202012Validator]:
    return {tool.name: Draft202012Validator(dict(tool.parameters)) for tool in task.tools}


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

    n: int = 1_000_000
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
        require_at_least(self, 1, "n")
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
    modes = [mode.value for mode in Mode] if options.mode == "both" else [options.mode]
    runs = [(place, mode) for place in places(options) for mode in modes]
    rows: list[dict[str, object]] = []
    tally = Tally()
    for place, mode in runs:
        start = time.perf_counter()
        tally = _bombarded(place, mode, options, alone=len(runs) == 1)
        found = _summary(tally, options.n, time.perf_counter() - start)
        rows.append({"env": place.name, "mode": mode, **found, **_details(tally)})
        console().print(_table(f"{options.n:,} wild actions each", rows))
        write_json(options.out, {"environments": rows, "machine": machine()})
    return tally


def _bombarded(place: Place, mode: str, options: Options, *, alone: bool) -> Tally:
    """One environment; where there are several, each in a process of its own, for its memory."""
    if alone:
        return bombard(options.n, place, mode, options.seed)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(bombard, options.n, place, mode, options.seed).result()


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
