"""The folder of an evaluation: what was played there, and how it is played again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from agents.console import progress
from agents.contest import counted
from agents.named import scripted
from agents.play import play
from reasonact_env.agent import Agent
from reasonact_env.episodes.storage import Header, write_episodes
from tools.files import read_object
from train.runs.run import RUN

if TYPE_CHECKING:
    from train.evaluate import EvaluationSettings
    from train.scoring.report import Subject

STAGE = "evaluate"
"""What an evaluation calls itself in `run.json`."""
EPISODES, PARTS = "episodes.jsonl", "parts"
"""All episodes of an evaluation, and the folder of those played so far."""
BATCH = 64
"""Episodes at a time, unless a policy's profile says otherwise."""
SEED_STRIDE = 100_003
"""Keeps the parts' seeds of one evaluation apart from those of the next: a prime above the number
of parts."""

MakeAgent: TypeAlias = Callable[[int], Agent]
"""From a seed to the agent that plays one shard."""


def read_words(episodes: Path) -> str:
    """What to say of episodes that are read and not played."""
    played = datetime.fromtimestamp(episodes.stat().st_mtime).strftime("%Y-%m-%d %H:%M")
    return (
        f"Read, not played: {episodes} holds this evaluation's episodes since {played}. To play "
        "them again: train.evaluate with --again, or delete the folder."
    )


def clear(out: Path) -> None:
    """Deletes what an evaluation has left in a folder, so that it is played again.

    Raises:
        ValueError: if the folder holds something else than an evaluation.
    """
    if not (out / RUN).exists():
        return
    if (stage := read_object(out / RUN).get("stage")) != STAGE:
        raise ValueError(
            f"expected --again with a folder of train.evaluate, but {out} holds a run of {stage}, "
            "which stays; give another --out"
        )
    shutil.rmtree(out / PARTS, ignore_errors=True)
    for name in (EPISODES, "arrays.npz", "summary.json", RUN):
        (out / name).unlink(missing_ok=True)


def play_shards(
    plan: EvaluationSettings, subject: Subject, make_agent: MakeAgent, folder: Path, size: int
) -> None:
    """Plays a plan's episodes, a file for each shard, but those that are there."""
    header = Header(env=plan.env.to_json(), source=subject.source, agent=subject.model)
    shards = plan.shards(size)
    with progress(subject.model, sum(map(len, shards))) as advance:
        for number, wanted in enumerate(shards):
            path = folder / f"{number:05d}.jsonl"
            if path.exists():
                advance(len(wanted))
                continue
            played = play(
                plan.env,
                make_agent(plan.seed * SEED_STRIDE + number),
                wanted,
                batch_size=plan.batch or BATCH,
                seed=plan.seed,
            )
            write_episodes(path, header, counted(played, advance))


def agent_named(name: str, plan: EvaluationSettings) -> MakeAgent:
    """A scripted agent: gold, one of the baselines, or `MODULE:NAME`.

    Raises:
        ValueError: for any other name.
    """
    agent = scripted(name, plan.chosen(), plan.mode, plan.thinking)
    return lambda seed: agent
