r"""Whether GRPO learns to try: the share of calls that fail, before and after, by two rewards.

    python -m train.sft --profile demo-tiny --data desk:20000:1 \
        --rehearse kaleidoscope:2500:5 --out runs/sft
    python -m benchmarks.trying --policy runs/sft --seeds 0 1 2

From one SFT policy GRPO learns twice a seed: with the reward as it is, in which failed and needless
calls cost something in `tool` (`EndedDialogue.tool`), and with one in which they cost nothing.
Everything else is the same. While they learn, the user says its recorded lines whatever is asked
(unless `--user own` is given), so that asking is worth little and trying much; they are judged with
users who listen. The same command goes on where it stopped.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.console import console, plain_table
from reasonact_env.reward.progress import Progress
from reasonact_env.stats import Interval
from reasonact_env.users.make import OWN
from tasks.load import require_data
from tools.command import run
from tools.command_line import read_options
from tools.ranges import require_at_least, require_seeds
from train import pipeline

FREE, COSTLY = "free", "costly"
"""Trying costs nothing; it costs what it costs."""
METRICS = {"bad_calls": "failed calls, %", "success": "success, %", "return": "mean return, %"}
"""What is shown."""
STAGES = ("SFT", "GRPO-plain")


@dataclass(frozen=True, slots=True)
class TryingOptions:
    """What learns, and from what."""

    policy: Path
    """The folder of the SFT policy that all begin with."""
    seeds: tuple[int, ...] = (0, 1, 2)
    """One run with each reward and seed."""
    data: str = "desk:20000:1"
    """What is played; the held-out part is judged."""
    profile: str = "demo-tiny"
    """The policy's."""
    generations: int = 40
    """GRPO's."""
    tasks: int = 500
    """Held-out tasks to judge on."""
    user: str = "scripted"
    """Who talks to the policy while it learns; own: a user who listens, with whom asking is worth
    more, and with whom all are judged."""
    out: Path = Path("runs/trying")
    """Where everything goes."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "generations", "tasks")
        require_seeds(self, "seeds")

    def arguments(self, reward: str, seed: int) -> list[str]:
        """Those of one pipeline."""
        told = {
            "profile": self.profile,
            "data": self.data,
            "stages": ",".join(STAGES),
            "generations": self.generations,
            "eval-every": 0,
            "sampling": "sampled",
            "tasks": self.tasks,
            "user": self.user,
            "judging-user": OWN,
            "policy": self.policy,
            "seed": seed,
            "out": self.out / f"{reward}-{seed}",
        }
        return [word for name, value in told.items() for word in (f"--{name}", str(value))]


def make_free() -> None:
    """From now on failed and needless calls cost nothing in this process."""
    Progress.waste = property(lambda self: 0.0)  # type: ignore[method-assign, assignment]


def learn() -> None:
    """One pipeline, in a process of its own: the reward, and then the pipeline's arguments."""
    if sys.argv[1] == FREE:
        make_free()
    pipeline.main(sys.argv[2:])


def main(argv: Sequence[str] | None = None) -> None:
    """Lets all of them learn, and prints what became of their calls."""
    options = read_options(TryingOptions, argv, prog="python -m benchmarks.trying", about=__doc__)
    require_data(options.data)
    for seed in options.seeds:
        for reward in (FREE, COSTLY):
            call = [sys.executable, "-c", "from benchmarks.trying import learn; learn()", reward]
            subprocess.run([*call, *options.arguments(reward, seed)], check=True)
    heads = ("trying is", "seed", *(f"{name}: SFT, GRPO, difference" for name in METRICS.values()))
    console().print(plain_table("Held-out tasks, sampled", heads, rows(options)))


def rows(options: TryingOptions) -> Iterator[list[str]]:
    """A row for each run."""
    for reward in (FREE, COSTLY):
        for seed in options.seeds:
            report = options.out / f"{reward}-{seed}" / "report.json"
            found = json.loads(report.read_text("utf-8"))["sampled"]
            yield [reward, str(seed), *(_cell(found, name) for name in METRICS)]


def _cell(found: Mapping[str, Any], name: str) -> str:
    before, after = (100 * found[stage]["metrics"][name]["value"] for stage in STAGES)
    change = found[f"{STAGES[1]} - {STAGES[0]}"][name]
    ends = Interval.from_dict(change).ends("+.1f", 100)
    return f"{before:.1f}, {after:.1f}, {100 * change['value']:+.1f} {ends}"


if __name__ == "__main__":
    run(main)
