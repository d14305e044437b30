"""What the judged stages achieve in their tasks, to stand beside what people say of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from reasonact_env.episode import Mode
from reasonact_env.failures.overview import share_of
from reasonact_env.failures.rows import EpisodeRow, read_run
from reasonact_env.rate.items import stage_of
from reasonact_env.stats import Interval, Ratios, ratio

Achieved: TypeAlias = "dict[str, str]"
"""What is measured -> its value and interval, in words."""


def achievements(paths: Sequence[Path]) -> dict[str, Achieved]:
    """Success and return of each stage, over all of its files; dialogues and decisions apart.

    Raises:
        OSError: if a file cannot be read.
        StorageError: if one is not a file of episodes.
    """
    rows: dict[str, list[EpisodeRow]] = {}
    for path in paths:
        run = read_run(path)
        rows.setdefault(stage_of(run.header), []).extend(run.rows)
    return {stage: dict(_achieved(own)) for stage, own in rows.items()}


def _achieved(rows: Sequence[EpisodeRow]) -> Iterator[tuple[str, str]]:
    for mode, name, unit in (
        (Mode.DIALOGUE, "success, %", "episodes"),
        (Mode.TURN, "right decisions, %", "turn episodes"),
    ):
        own = [row for row in rows if row.mode is mode]
        ended = [row for row in own if row.won is not None]
        if ended:  # without their tasks nobody knows of decisions whether they are right
            lost = share_of(ended, lambda cause: True)
            won = Interval(1 - lost.value, 1 - lost.high, 1 - lost.low, lost.n, lost.clusters)
            yield name, f"{100 * won.value:.1f} {won.ends('.1f', 100)}"
        if own:
            total = ratio(Ratios.of([row.total for row in own], None, [r.task_id for r in own]))
            yield f"return ({unit})", f"{total.value:+.3f} {total.ends('+.3f')}"
            yield unit, f"{len(own):,}"
