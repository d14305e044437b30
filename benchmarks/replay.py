"""Whether episodes replay to the same observations, rewards and state hashes.

    python -m benchmarks.replay --episodes 10000

Episodes of gold and wild agents in random mixture are played and saved here; then another process
with another hash seed executes them again and compares everything (`replay --verify`).
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.console import console, plain_table, progress
from agents.gold import Gold
from agents.play import play
from benchmarks.machine import machine
from benchmarks.wild import Wild
from reasonact_env.agent import Session
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode
from reasonact_env.episodes.storage import Header, write_episodes
from reasonact_env.spaces import MessageSpace
from tasks.types import Task
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.places import require_place
from tools.ranges import require_at_least, require_seeds

HASH_SEEDS = ("1", "4242")
"""PYTHONHASHSEED of the processes that verify."""


class Mixed:
    """Gold with wild actions in between; each episode draws their share anew."""

    def __init__(self, tasks: Sequence[Task], mode: str, seed: int) -> None:
        """Takes what gold takes, and a seed."""
        self._gold = Gold(tasks, mode)
        self._random = random.Random(seed)
        self._space = MessageSpace(tool for task in tasks[:1] for tool in task.tools)
        self._space.seed(seed)
        self._wild = Wild(seed, self._space.sample, megabytes=0.0)

    def act(self, sessions: Sequence[Session]) -> list[str]:
        """Answers each session with gold's message or a wild one."""
        answers = self._gold.act(sessions)
        return [self._one(s, gold) for s, gold in zip(sessions, answers, strict=True)]

    def _one(self, session: Session, gold: str) -> str:
        share = session.memory.setdefault("wild", self._random.choice((0.0, 0.1, 0.5, 1.0)))
        assert isinstance(share, float)
        return self._wild.action(gold) if self._random.random() < share else gold


def save(path: Path, n: int, mode: str, seed: int) -> Counter[str]:
    """Plays and saves `n` embedded episodes.

    Returns:
        Why they ended -> how many; and the number of steps.
    """
    config = EnvConfig(mode=mode, split="all", data=f"desk:{n}:{seed}")
    env = ReasonActEnv.of(config)
    agent = Mixed(env.tasks, mode, seed)
    header = Header(config.to_json(), env.source, "gold and wild, mixed")
    seen: Counter[str] = Counter()
    with progress(f"play, {mode} mode", n) as advance:

        def episodes() -> Iterator[Episode]:
            for played in play(config, agent, [(i, None) for i in env.task_ids], seed=seed):
                seen[f"{mode}, end: {played.episode.stop}"] += 1
                seen[f"{mode}, steps"] += len(played.episode.steps)
                advance(1)
                yield played.episode

        write_episodes(path, header, episodes())
    return seen


def verify(path: Path, hash_seed: str) -> bool:
    """Verifies a file in another process."""
    command = [sys.executable, "-m", "reasonact_env.replay", "--verify", str(path)]
    done = subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": hash_seed}, check=False)
    return done.returncode == 0


@dataclass(frozen=True, slots=True)
class Options:
    """What is replayed."""

    episodes: int = 10_000
    """Episodes of each mode."""
    seed: int = 0
    """Of the dialogues."""
    out: Path = Path("runs/replay.json")
    """Where the figures are written."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "episodes")
        require_seeds(self, "seed")


def main(argv: Sequence[str] | None = None) -> bool:
    """Prints what was compared, writes it as JSON, and returns whether all was equal."""
    args = read_options(Options, argv, prog="python -m benchmarks.replay", about=__doc__)
    require_place(args.out)
    rows: dict[str, str | int] = {}
    equal = True
    for mode in ("dialogue", "turn"):
        path = args.out.with_name(f"replay-{mode}.jsonl")
        start = time.perf_counter()
        rows |= save(path, args.episodes, mode, args.seed)
        rows[f"{mode}, seconds to play"] = round(time.perf_counter() - start)
        for hash_seed in HASH_SEEDS:
            start = time.perf_counter()
            same = verify(path, hash_seed)
            rows[f"{mode}, hash seed {hash_seed}"] = "all equal" if same else "NOT EQUAL"
            rows[f"{mode}, hash seed {hash_seed}, seconds"] = round(time.perf_counter() - start)
            equal &= same
    title = f"{args.episodes:,} embedded episodes of each mode, executed again by other processes"
    cells = [
        (name, f"{value:,}" if isinstance(value, int) else value) for name, value in rows.items()
    ]
    console().print(plain_table(title, ["what", "value"], cells))
    write_json(args.out, {"title": title, "equal": equal, **rows, "machine": machine()})
    return equal


if __name__ == "__main__":
    run(lambda: not main())
