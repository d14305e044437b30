"""Many episodes at a time behind an endpoint that fails, and is killed once.

    python -m benchmarks.endpoint_load --episodes 1000 --workers 1000

The endpoint is `benchmarks.stub_endpoint` in a process of its own. When a third of the episodes
have ended it is killed, and comes back after a while. The same evaluation is repeated until nothing
is missing. Then every episode must be there once, with the reward that the recorded agent earns.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agents.console import console, plain_table
from agents.gold import Gold
from agents.play import play
from reasonact_env.config import EnvConfig
from reasonact_env.episodes.storage import EpisodeFile, read_episodes
from tasks.load import load_tasks
from tools.command import run
from tools.command_line import read_options
from tools.ranges import require_at_least, require_within
from tools.usage import Usage
from train.evaluate import main as evaluate
from train.runs.kept import Account
from train.runs.played import EPISODES, PARTS


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What `python -m benchmarks.endpoint_load` takes."""

    episodes: int = 1000
    """How many are played."""
    workers: int = 1000
    """How many at a time."""
    fail: float = 0.1
    """The share of requests that fail."""
    pause: float = 0.0
    """Seconds that the endpoint takes for an answer."""
    away: float = 3.0
    """Seconds for which the endpoint is away after it was killed; negative: it is not killed."""
    timeout: float = 120.0
    """Seconds for which an answer is waited for: a stub in Python answers some hundred a second."""
    port: int = 8019
    """Where the endpoint listens."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "episodes", "workers")
        require_within(self, 0, 0.9, "fail")


def main(argv: Sequence[str] | None = None) -> None:
    """Plays, and prints what came of it."""
    args = read_options(LoadOptions, argv, prog="python -m benchmarks.endpoint_load", about=__doc__)
    data = f"desk:{args.episodes}"
    with tempfile.TemporaryDirectory() as folder, _killed_once(args, data, Path(folder)) as kills:
        began, calls = time.monotonic(), 0
        while not calls or (Path(folder) / PARTS).exists():
            evaluate(_command(args, data, folder))
            calls += 1
        seconds = time.monotonic() - began
        _report(args, data, Path(folder), seconds, calls, len(kills))


def _command(args: LoadOptions, data: str, folder: str) -> list[str]:
    model = f"stub@http://127.0.0.1:{args.port}/v1,timeout={args.timeout:g}"
    what = ["--data", data, "--split", "all", "--tasks", str(args.episodes)]
    return ["--agent", model, *what, "--workers", str(args.workers), "--out", folder]


@contextmanager
def _killed_once(args: LoadOptions, data: str, folder: Path) -> Iterator[list[float]]:
    """The endpoint, which is away for a while when a third of the episodes have ended."""
    told = ["--port", str(args.port), "--data", data, "--fail", str(args.fail)]
    command = [sys.executable, "-m", "benchmarks.stub_endpoint", *told, "--pause", str(args.pause)]

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()  # it listens
        return process

    running, kills, done = [start()], list[float](), threading.Event()

    def kill() -> None:
        while args.away >= 0 and not done.wait(0.1):
            ended = sum(_lines(file) for file in (folder / PARTS).glob("[0-9]*.jsonl"))
            if ended >= args.episodes // 3:
                running[0].kill()
                running[0].wait()
                kills.append(time.monotonic())
                time.sleep(args.away)
                running[0] = start()
                return

    watching = threading.Thread(target=kill)
    watching.start()
    try:
        yield kills
    finally:
        done.set()
        watching.join()
        running[0].kill()
        running[0].wait()


def _lines(file: Path) -> int:
    return len(EpisodeFile(file)) if file.exists() else 0


def _report(
    args: LoadOptions, data: str, folder: Path, seconds: float, calls: int, kills: int
) -> None:
    """The table; ends with an error if an episode is lost, played twice, or otherwise paid."""
    _, played = read_episodes(folder / EPISODES)
    tasks = load_tasks(data).tasks
    account = Account.of(folder, played, [(task.id, None) for task in tasks], "own")
    usage: Usage = account.agent
    count = Counter(one.task_id for one in played)
    config = EnvConfig(data=data, split="all", user="own")
    gold = play(config, Gold(tasks), [(task.id, None) for task in tasks])
    paid = {one.episode.task_id: one.episode.total for one in gold}
    other = sum(one.total != paid[one.task_id] for one in played)
    twice = sum(number > 1 for number in count.values())
    rows = [
        ("episodes, at a time", f"{args.episodes:,}, {args.workers:,}"),
        ("lost, played twice, paid otherwise than gold", f"{account.missing}, {twice}, {other}"),
        ("requests answered, attempts failed", f"{usage.requests:,}, {usage.failures:,}"),
        ("the endpoint was killed; the command was called", f"{kills}; {calls}"),
        ("seconds; episodes and requests a second", _speed(args, usage, seconds)),
        ("seconds of processor time, start and reports included", f"{time.process_time():,.1f}"),
        ("memory at most, MB", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f}"),
    ]
    console().print(plain_table("episodes behind an endpoint", ("what", "figure"), rows))
    if account.missing or twice or other:
        raise ValueError("expected each episode once, with gold's reward; see the table")


def _speed(args: LoadOptions, usage: Usage, seconds: float) -> str:
    return f"{seconds:,.1f}; {args.episodes / seconds:,.1f}, {usage.requests / seconds:,.1f}"


if __name__ == "__main__":
    run(main)
