"""`--failures`, `--compare` and `--groups`: what is shown of whole runs, without a screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from rich.console import Group, RenderableType
from rich.text import Text

from reasonact_env.episodes.header import unlike
from reasonact_env.failures.command import as_json, failures_told
from reasonact_env.failures.rows import Run, read_run
from reasonact_env.replay.compare import (
    against_view,
    compared,
    grouped,
)
from reasonact_env.replay.html import screen_page
from reasonact_env.replay.html_episode import comparison_page
from reasonact_env.replay.html_failures import against_page, failures_page
from reasonact_env.replay.one_run import Asked, picked
from reasonact_env.replay.query import line_of
from reasonact_env.replay.sources import stage_of
from tools.inert import safe
from tools.option_types import shown_as


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What is looked at in whole runs; at most one of these."""

    failures: bool = False
    """What fails most often; with a second run, what that one mends and breaks."""
    compare: Annotated[str | None, shown_as("FILE|RUN")] = None
    """Another run over the same tasks, side by side with this one, step by step."""
    groups: bool = False
    """The groups of a generation of GRPO, their members side by side, with advantages."""

    @property
    def asked(self) -> bool:
        """Whether a run is looked at and no episode."""
        return self.failures or self.compare is not None or self.groups


@dataclass(frozen=True, slots=True)
class Looked:
    """Whole runs, looked at."""

    title: str
    """What it is about."""
    view: RenderableType
    """What is shown."""
    page: Callable[[], str]
    """Makes a page of it."""
    plain: Callable[[], object]
    """Makes plain values of it for scripts."""
    hint: str = ""
    """A command that goes on from here; empty for none."""


def look_at(
    options: RunOptions, paths: Sequence[str], asked: Asked, wanted: str | None = None
) -> Looked:
    """What the options ask for.

    Args:
        options: What is looked at.
        paths: The runs: one, or two with --failures.
        asked: Which file of a folder, and which of its episodes.
        wanted: The number or task id of --episode.

    Raises:
        OSError: if a file cannot be read.
        StorageError: if one is not a file of episodes.
        ValueError: if two runs share no task, one has no groups, or --where is a mistake.
    """
    if not options.failures and asked.of_episodes:
        raise ValueError(
            f"expected run= or stage= after --where with --compare and --groups, got "
            f"{line_of(asked.of_episodes)}; --episode chooses a task"
        )
    notes = []

    def opened(path: str | Path) -> Run:
        found = picked(path, asked, generation=options.groups)
        notes.append(found.note)
        return replace(read_run(found.path, asked.data, asked.database), chosen=found.chosen)

    looked = _looked(options, opened, paths, wanted)
    told = [Text(safe(note), style="dim", overflow="fold") for note in notes if note]
    return replace(looked, view=Group(*told, looked.view)) if told else looked


def _looked(
    options: RunOptions,
    opened: Callable[[str | Path], Run],
    paths: Sequence[str],
    wanted: str | None,
) -> Looked:
    first = opened(paths[0])
    if options.compare is not None:
        return _compared(first, opened(options.compare), wanted)
    if options.groups:
        found, title = grouped(first), f"groups of {first.path}"
        view = found.view(wanted)
        return Looked(
            title, view, lambda: screen_page(title, view, 110), lambda: found.plain(wanted)
        )
    if len(paths) > 1:
        after = opened(paths[1])
        _require_pairs(first, after)
        return Looked(
            f"{first.path} and {after.path}",
            against_view(first, after),
            lambda: against_page(first, after),
            lambda: as_json(first, after),
        )
    view, hint = failures_told(first)
    title = f"failures of {first.path}"
    return Looked(title, view, lambda: failures_page(first), lambda: as_json(first), hint)


def _require_pairs(before: Run, after: Run) -> None:
    """Refuses filters that leave two runs no task that ended in both."""
    if before.chosen is None or after.chosen is None:
        return
    first, second = (
        {row.task_id for row in run.rows if row.won is not None} for run in (before, after)
    )
    if not first & second:
        raise ValueError(
            f"expected tasks that have {before.chosen.words} in both runs, found none; leave one "
            "run out, or the filter"
        )


def _compared(left: Run, right: Run, wanted: str | None) -> Looked:
    both = compared(left, right)
    match = both.chosen(wanted)
    episodes = left.episodes[match.left - 1], right.episodes[match.right - 1]
    names = tuple(f"{stage_of(run.header.agent)} · {run.path}" for run in (left, right))
    note = unlike(left.header, right.header)
    page = comparison_page(episodes, (names[0], names[1]), note)
    title = f"{left.path} and {right.path}"
    return Looked(title, both.view(wanted), lambda: page, lambda: both.plain(wanted))
