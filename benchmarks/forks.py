"""What a copy of a running environment costs, and whether it goes on as the original does.

    python -m benchmarks.forks
    python -m benchmarks.forks --data dialogues.json --database retail_db --database rebuilt

Gold plays each task to its middle. There the environment is forked, deep-copied as Gymnasium wraps
it, and pickled; then gold plays all of them to the end, and the four episodes are compared. Times
are of this thread alone, so that a busy machine changes little.
"""

from __future__ import annotations

import copy
import pickle
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import gymnasium
import numpy as np

from agents.console import console, plain_table
from agents.gold import Gold
from benchmarks.machine import machine
from reasonact_env.agent import Session
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode
from tasks.load import require_data
from tasks.types import Task
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.option_types import Repeated
from tools.places import require_place
from tools.ranges import require_at_least

HEADS = (
    "data",
    "database",
    "mode",
    "tasks",
    "alike",
    "fork",
    "p99",
    "deepcopy",
    "pickle",
    "read",
    "bytes",
)
DATA = ("desk:100", "retail:100", "airline:100", "procedures:100")
T = TypeVar("T")


@dataclass(slots=True)
class Copies:
    """What was measured, one entry a task."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    """Way of copying -> thread seconds."""
    sizes: list[int] = field(default_factory=list)
    """Bytes of a pickle."""
    alike: int = 0
    """Tasks whose four episodes were equal."""

    def timed(self, what: str, make: Callable[[], T]) -> T:
        """Calls a function three times, and notes the best time."""
        times = []
        for _ in range(3):
            begin = time.thread_time()
            made = make()
            times.append(time.thread_time() - begin)
        self.seconds.setdefault(what, []).append(min(times))
        return made

    def microseconds(self, what: str, quantile: float = 0.5) -> float:
        """A quantile of the times."""
        return round(1e6 * float(np.quantile(self.seconds[what], quantile)), 1)


def measure(data: str, database: str | None, mode: str, limit: int) -> Copies:
    """Copies an environment in the middle of each task."""
    env = gymnasium.make(
        "ReasonAct-APIGen-v0", data=data, database=database, mode=mode, split="all", user="own"
    )
    below = _below(env)
    gold, found = Gold(below.tasks, mode), Copies()
    for task in below.tasks[:limit]:
        _measure(env, below, gold, task, found)
    return found


def _measure(
    env: gymnasium.Env[object, str], below: ReasonActEnv, gold: Gold, task: Task, found: Copies
) -> None:
    observation, info = below.reset(seed=0, options={"task_id": task.id})
    half = max(1, len(task.turns) // 2)
    session = _play(below, gold, Session(observation, info), half)
    fork = found.timed("fork", below.fork)
    deep = found.timed("deepcopy", lambda: copy.deepcopy(env))
    data = found.timed("pickle", lambda: pickle.dumps(env))
    read = found.timed("read", lambda: pickle.loads(data))
    found.sizes.append(len(data))
    ends = [_to_end(one, gold, session) for one in (below, fork, _below(deep), _below(read))]
    found.alike += all(end == ends[0] for end in ends)


def _to_end(env: ReasonActEnv, gold: Gold, session: Session) -> Episode:
    same = Session(session.observation, session.info, dict(session.memory))
    _play(env, gold, same, 10**6)
    return env.episode


def _play(env: ReasonActEnv, gold: Gold, session: Session, steps: int) -> Session:
    """Plays so many messages, or to the end."""
    while steps and env.episode.stop is None:
        (action,) = gold.act([session])
        session.observation, _, _, _, session.info = env.step(action)
        steps -= 1
    return session


def _below(env: gymnasium.Env[object, str]) -> ReasonActEnv:
    below = env.unwrapped
    assert isinstance(below, ReasonActEnv)
    return below


def figures(data: str, database: str | None, mode: str, limit: int) -> list[str | float]:
    """One row of the table."""
    found = measure(data, database, mode, limit)
    return [
        Path(data).name,
        "" if database is None else Path(database).name,
        mode,
        len(found.sizes),
        found.alike,
        found.microseconds("fork"),
        found.microseconds("fork", 0.99),
        *(found.microseconds(what) for what in ("deepcopy", "pickle", "read")),
        int(np.median(found.sizes)),
    ]


@dataclass(frozen=True, slots=True)
class Options:
    """What is copied."""

    data: Repeated[tuple[str, ...]] = ()
    """Data sets; if not given, generated ones of each kind."""
    database: Repeated[tuple[str, ...]] = ()
    """Databases to play on, besides recorded answers."""
    tasks: int = 100
    """At most this many tasks of each."""
    out: Path = Path("runs/forks.json")
    """Where the figures are written."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "tasks")


def main(argv: Sequence[str] | None = None) -> list[list[str | float]]:
    """Prints the table, writes it as JSON, and returns its rows."""
    args = read_options(Options, argv, prog="python -m benchmarks.forks", about=__doc__)
    require_data(*args.data)
    require_place(args.out)
    rows = [
        figures(data, database, mode, args.tasks)
        for data in args.data or DATA
        for database in (None, *args.database)
        for mode in ("dialogue", "turn")
    ]
    cells = [[one if isinstance(one, str) else f"{one:,}" for one in row] for row in rows]
    title = "Copies of a running environment; medians, in microseconds of this thread"
    console().print(plain_table(title, HEADS, cells))
    write_json(args.out, {"title": title, "heads": HEADS, "rows": rows, "machine": machine()})
    return rows


if __name__ == "__main__":
    run(main)
