"""The folder of an evaluation: what was played there, and how it is played again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from agents.at_once import play_at_once
from agents.console import console, progress
from agents.named import scripted
from agents.play import Ended, Wanted, play_as_they_end
from reasonact_env.agent import Agent
from reasonact_env.episode import Episode
from reasonact_env.episodes.growing import GrowingFile
from reasonact_env.episodes.storage import Header, write_episodes
from tools.chat_address import known_as
from tools.files import read_object
from train.runs.kept import ATTEMPTS, Kept
from train.runs.run import RUN, decided

if TYPE_CHECKING:
    from train.evaluate import EvaluationSettings
    from train.scoring.report import Subject

STAGE = "evaluate"
"""What an evaluation calls itself in `run.json`."""
EPISODES, PARTS = "episodes.jsonl", "parts"
"""All episodes of an evaluation, and the folder of those played so far."""
BATCH = 64
"""Episodes at a time, unless a policy's profile says otherwise."""
EARLIER = 256
"""Episodes of a part before a folder told how many they are."""
SEED_STRIDE = 100_003
"""Keeps the parts' seeds of one evaluation apart from those of the next: a prime above the number
of parts."""

MakeAgent: TypeAlias = Callable[[int], Agent]
"""From a seed to the agent that plays one shard."""


def read_words(episodes: Path) -> str:
    """What to say of episodes that are read and not played."""
    played = datetime.fromtimestamp(episodes.stat().st_mtime).strftime("%Y-%m-%d %H:%M")
    return (
        f"Read, not played: {episodes} holds this evaluation's episodes since {played}. The same "
        "train.evaluate with --again plays them again, and any command does without this folder."
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
    for name in (EPISODES, ATTEMPTS, "arrays.npz", "summary.json", RUN):
        (out / name).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Pace:
    """How many episodes are played at a time, and when they are written."""

    shard: int | None = BATCH
    """Episodes of a part, which is written when all of them have ended, so that a killed run draws
    the same samples again; None for agents that draw none: each is written when it ends.

    A policy's is what it plays at a time, so that a kill costs one such wave. Each part has a seed
    of its own, so another size gives other samples.
    """
    workers: int = 1
    """How many models' answers are waited for at the same time."""
    alone: bool = False
    """Whether each episode is played by itself, `workers` at a time; else in waves, whose agent
    answers all conversations in one call."""


def all_played(
    plan: EvaluationSettings, subject: Subject, make_agent: MakeAgent, out: Path, pace: Pace
) -> Path:
    """The file of the plan's episodes: played, unless the folder has all of them."""
    episodes = out / EPISODES
    if episodes.exists() and not (out / PARTS).exists():
        console().print(read_words(episodes), style="yellow")
        return episodes
    kept = Kept(out / PARTS, plan.wanted)
    play_missing(plan, subject, make_agent, kept, _as_begun(kept, pace, out))
    if kept.gather(episodes) == len(kept.wanted):
        shutil.rmtree(out / PARTS)
    return episodes


def _as_begun(kept: Kept, pace: Pace, out: Path) -> Pace:
    """The same, with parts as large as before: other parts would hold other episodes."""
    if not pace.shard:
        return pace
    size = decided(out, "part", lambda: str(EARLIER if kept.files else pace.shard))
    return replace(pace, shard=int(size))


def play_missing(
    plan: EvaluationSettings, subject: Subject, make_agent: MakeAgent, kept: Kept, pace: Pace
) -> None:
    """Plays a plan's episodes, but those that are there.

    What is lost is noted, and played by the next call.
    """
    missing = kept.missing()
    env = replace(plan.env, user=known_as(plan.user))  # as the next call may be more patient
    header = Header(env=env.to_json(), source=subject.source, agent=subject.model)
    with progress(f"{subject.sampling} · {subject.model}", len(kept.wanted)) as advance:
        advance(len(kept.wanted) - len(missing))

        def told(ended: Iterator[Ended]) -> Iterator[Ended]:
            for one in ended:
                yield one
                advance(1)

        for number, wanted in _parts(plan, kept, pace, missing):
            agent = make_agent(plan.seed * SEED_STRIDE + number)
            ended = told(_play(plan, agent, wanted, pace))
            _write(kept.part(number), header, kept.listen(ended, pace.workers), pace)
            if kept.gave_up:
                return


def _parts(
    plan: EvaluationSettings, kept: Kept, pace: Pace, missing: Sequence[Wanted]
) -> Iterator[tuple[int, Sequence[Wanted]]]:
    """The parts that are to be played, by number."""
    shards = plan.shards(pace.shard) if pace.shard else []
    waiting = [number for number in range(len(shards)) if not kept.part(number).exists()]
    for number in waiting:
        yield number, shards[number]
    if missing and not waiting:  # what was lost before
        yield kept.next_part(len(shards)), missing


def _play(
    plan: EvaluationSettings, agent: Agent, wanted: Sequence[Wanted], pace: Pace
) -> Iterator[Ended]:
    if pace.alone:
        return play_at_once(plan.env, agent, wanted, workers=pace.workers, seed=plan.seed)
    return play_as_they_end(
        plan.env,
        agent,
        wanted,
        batch_size=plan.batch or BATCH,
        seed=plan.seed,
        workers=pace.workers,
    )


def _write(path: Path, header: Header, played: Iterator[Episode], pace: Pace) -> None:
    if pace.shard:
        write_episodes(path, header, played)
        return
    file = GrowingFile(path, header)
    try:
        for one in played:
            file.add(one)
    finally:
        file.close()


def agent_named(name: str, plan: EvaluationSettings) -> MakeAgent:
    """A scripted agent: gold, one of the baselines, or `MODULE:NAME`.

    Raises:
        ValueError: for any other name.
    """
    agent = scripted(name, plan.chosen(), plan.mode, plan.thinking)
    return lambda seed: agent
