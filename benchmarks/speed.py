"""How fast the environment steps and resets.

    python -m benchmarks.speed
    python -m benchmarks.speed --data dialogues.json

Gold agents play, so that all of the work is done: parsing, schema validation, execution, scoring.
`steps/s` counts the resets' time too; `reset` is that of a task played before, `first reset` that
of a new one, which compiles schemas and replays the goal.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from agents.console import console, plain_table
from agents.gold import Gold
from benchmarks.machine import machine
from reasonact_env.agent import Session
from reasonact_env.env import ReasonActEnv
from tasks.load import require_data
from tasks.types import Task
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.option_types import Repeated
from tools.places import require_place
from tools.ranges import require_at_least

HEADS = ("data", "mode", "steps", "steps/s", "step p50", "p99", "reset p50", "p99", "first reset")
KEYS = (
    "data",
    "mode",
    "steps",
    "steps_per_s",
    "step_p50_ms",
    "step_p99_ms",
    "reset_p50_ms",
    "reset_p99_ms",
    "first_reset_p50_ms",
    "steps_per_cpu_s",
)
"""The names of `HEADS` in the JSON file, and one more: on a busy machine, time is not all ours."""


@dataclass(slots=True)
class Times:
    """Seconds, one entry an event."""

    steps: list[float] = field(default_factory=list)
    """Of steps."""
    resets: list[float] = field(default_factory=list)
    """Of resets."""
    cpu: float = 0.0
    """Thread CPU time of both, in all."""


def measure(env: ReasonActEnv, tasks: Sequence[Task], mode: str) -> Times:
    """Lets gold play the tasks once."""
    gold, times = Gold(tasks, mode), Times()
    for task in tasks:
        _play(env, gold, task.id, times)
    return times


def _play(env: ReasonActEnv, gold: Gold, task_id: str, times: Times) -> None:
    cpu, start = time.thread_time(), time.perf_counter()
    observation, info = env.reset(options={"task_id": task_id})
    times.resets.append(time.perf_counter() - start)
    times.cpu += time.thread_time() - cpu
    ended = False
    while not ended:
        (action,) = gold.act([Session(observation, info)])
        cpu, start = time.thread_time(), time.perf_counter()
        observation, _, terminated, truncated, info = env.step(action)
        times.steps.append(time.perf_counter() - start)
        times.cpu += time.thread_time() - cpu
        ended = terminated or truncated


def figures(data: str | None, mode: str, limit: int, rounds: int) -> dict[str, str | float]:
    """One row of the table."""
    env = ReasonActEnv(data=data, split="all", mode=mode)
    tasks = env.tasks[:limit]
    first = measure(env, tasks, mode)
    later = [measure(env, tasks, mode) for _ in range(rounds)]
    steps = np.array([t for times in later for t in times.steps])
    resets = np.array([t for times in later for t in times.resets])
    cpu = sum(times.cpu for times in later)
    values = (
        len(steps),
        round(len(steps) / float(steps.sum() + resets.sum())),
        *(round(1000 * float(np.quantile(steps, q)), 4) for q in (0.5, 0.99)),
        *(round(1000 * float(np.quantile(resets, q)), 4) for q in (0.5, 0.99)),
        round(1000 * float(np.median(first.resets)), 3),
        round(len(steps) / cpu),
    )
    return dict(zip(KEYS, (tasks[0].source, mode, *values), strict=True))


@dataclass(frozen=True, slots=True)
class Options:
    """What is played."""

    data: Repeated[tuple[str, ...]] = ()
    """More data than the embedded set."""
    tasks: int = 500
    """At most this many tasks."""
    rounds: int = 5
    """How often everything is measured."""
    out: Path = Path("runs/speed.json")
    """Where the figures are written."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "tasks", "rounds")


def main(argv: Sequence[str] | None = None) -> list[dict[str, str | float]]:
    """Prints the table, writes it as JSON, and returns its rows."""
    args = read_options(Options, argv, prog="python -m benchmarks.speed", about=__doc__)
    require_data(*args.data)
    require_place(args.out)
    rows = [
        figures(data, mode, args.tasks, args.rounds)
        for data in (None, *args.data)
        for mode in ("dialogue", "turn")
    ]
    cells = [[_cell(row[key]) for key in KEYS[: len(HEADS)]] for row in rows]
    title = "Steps with schema validation, execution and rewards, one core; times in ms"
    console().print(plain_table(title, HEADS, cells))
    write_json(args.out, {"title": title, "rows": rows, "machine": machine()})
    return rows


def _cell(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:,}"


if __name__ == "__main__":
    run(main)
