"""How fast the replay opens files of episodes and answers keys, and what memory it takes.

    python -m benchmarks.replay_speed
    python -m benchmarks.replay_speed --data FILE    # keys on the longest dialogue of real data

Large files are made of embedded episodes, each line many times. A process of
its own opens each of them twice: without an index, and with the one that the first time has left.
Another walks through the longest dialogue, key by key, with its goal and gold beside it.
"""

from __future__ import annotations

import io
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from agents.console import console, plain_table
from agents.gold import Gold
from agents.play import play
from benchmarks.machine import machine
from benchmarks.replay import save
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episodes.storage import Header, write_episodes
from reasonact_env.replay.cursor import start
from reasonact_env.replay.index import index_path
from reasonact_env.replay.moves import move
from reasonact_env.replay.screen import Screen
from reasonact_env.replay.shelf import Shelf
from tasks.load import require_data
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.places import require_place
from tools.ranges import require_at_least

LIST_KEYS = ("down",) * 40 + ("pagedown",) * 40 + ("f", "f", "o", "o", "O", "end", "home", "m")
"""What is pressed in the list: steps, pages, a filter, orders, the sheet of filters."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is measured."""

    data: str | None = None
    """Data of whose longest dialogue keys are measured; None for embedded dialogues."""
    episodes: int = 500
    """Embedded episodes that are played; the files repeat them."""
    sizes: tuple[int, ...] = (10_000, 100_000)
    """Episodes of each file."""
    out: Path = Path("runs/replay-speed.json")
    """Where the figures are written."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "episodes")


def repeated(source: Path, out: Path, n: int) -> Path:
    """A file of `n` episodes, made of another one's lines."""
    first, *lines = source.read_bytes().splitlines(keepends=True)
    with out.open("wb") as file:
        file.write(first)
        file.writelines(lines[number % len(lines)] for number in range(n))
    return out


def longest(data: str | None, out: Path) -> Path:
    """A file with the recorded agent's episode of the longest dialogue."""
    config = EnvConfig(data=data, split="all", mode="turn")
    env = ReasonActEnv.of(config)
    task = max(env.tasks, key=lambda one: len(one.decisions))
    gold = Gold([task], "turn")
    episodes = [one.episode for one in play(config, gold, [(task.id, None)], seed=0)]
    write_episodes(out, Header(config.to_json(), env.source, "gold"), episodes)
    return out


def opened(path: Path) -> dict[str, float]:
    """Opens a file in this process; seconds of CPU and of the clock, and keys in the list."""
    clock, cpu = time.perf_counter(), time.process_time()
    shelf = Shelf([path])
    screen = Screen(shelf, start(shelf))
    _draw(screen)
    found = {"seconds": time.perf_counter() - clock, "CPU seconds": time.process_time() - cpu}
    found["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found | _times("key", list(_pressed(screen, LIST_KEYS)))


def walked(path: Path) -> dict[str, float]:
    """Walks through a file's first episode in this process."""
    shelf = Shelf([path])
    shelf.why(0, wait=True)
    screen = Screen(shelf, start(shelf))
    _draw(screen)
    steps = len(shelf.episode(0).steps)
    keys = ["n"] * steps + ["p"] * steps + ["end", "home"] + ["e", "w", "l", "g", "g", "x"]
    return {"steps": steps} | _times("key", list(_pressed(screen, keys)))


def _pressed(screen: Screen, keys: Sequence[str]) -> Iterator[float]:
    """CPU milliseconds from each key to its screen."""
    for key in keys:
        start_of = time.process_time()
        screen.cursor = move(screen.cursor, key, screen.shelf)
        _draw(screen)
        yield 1_000 * (time.process_time() - start_of)


def _draw(screen: Screen) -> None:
    terminal = Console(file=io.StringIO(), width=120, height=40, force_terminal=True, markup=False)
    terminal.print(screen, end="")


def _times(name: str, times: Sequence[float]) -> dict[str, float]:
    return {f"{name} p50, ms": statistics.median(times), f"{name} slowest, ms": max(times)}


def _apart(what: str, path: Path) -> dict[str, float]:
    """The figures of a function here, in a process of its own."""
    code = (
        f"import json, pathlib, benchmarks.replay_speed as one; path = pathlib.Path({str(path)!r})"
    )
    code += f"; print(json.dumps(one.{what}(path)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main(argv: Sequence[str] | None = None) -> None:
    """Prints the figures and writes them as JSON."""
    args = read_options(Options, argv, prog="python -m benchmarks.replay_speed", about=__doc__)
    require_data(args.data)
    require_place(args.out)
    figures: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        played = Path(folder) / "played.jsonl"
        save(played, args.episodes, "dialogue", 0)
        for n in args.sizes:
            path = repeated(played, Path(folder) / f"{n}.jsonl", n)
            figures[f"{n:,} episodes, without an index"] = _apart("opened", path)
            figures[f"{n:,} episodes, with it"] = _apart("opened", path)
            index_path(path).unlink()
            path.unlink()
        path = longest(args.data, Path(folder) / "long.jsonl")
        figures["the longest dialogue"] = _apart("walked", path)
    cells = [
        (what, name, f"{value:,.3f}" if value < 10 else f"{value:,.0f}")
        for what, found in figures.items()
        for name, value in found.items()
    ]
    console().print(plain_table("the replay's speed", ["file", "what", "value"], cells))
    write_json(args.out, {"figures": figures, "machine": machine()})


if __name__ == "__main__":
    run(main)
