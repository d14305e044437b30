"""`--failures`, `--compare` and `--groups`: what is shown of whole runs, without a screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from rich.console import RenderableType

from reasonact_env.episodes.storage import StorageError
from reasonact_env.failures.rows import Run, read_run
from reasonact_env.replay.compare import (
    against_view,
    comparison,
    failures_view,
    group_comparison,
)
from reasonact_env.replay.sources import sources_of
from tools.option_types import only_one, shown_as

_WHAT = only_one("what is looked at in whole runs")


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What is looked at in whole runs."""

    failures: Annotated[bool, _WHAT] = False
    """What fails most often; with a second run, what that one mends and breaks."""
    compare: Annotated[str | None, shown_as("FILE|RUN"), _WHAT] = None
    """Another run over the same tasks, side by side with this one, step by step."""
    groups: Annotated[bool, _WHAT] = False
    """The groups of a generation of GRPO, their members side by side, with advantages."""

    @property
    def asked(self) -> bool:
        """Whether a run is looked at and no episode."""
        return self.failures or self.compare is not None or self.groups


def run_view(
    options: RunOptions,
    paths: Sequence[str],
    wanted: str | None,
    data: str | None,
    database: str | None,
) -> tuple[str, RenderableType]:
    """What the options ask for, with a title.

    Args:
        options: What is looked at.
        paths: The runs.
        wanted: The number or task id of --episode.
        data: Where the data lie now, if not where the files say.
        database: Where the database lies now.

    Raises:
        OSError: if a file cannot be read.
        StorageError: if one is not a file of episodes.
        ValueError: if two runs share no task, or one has no groups.
    """

    def opened(path: str | Path) -> Run:
        return read_run(single(path), data, database)

    first = opened(paths[0])
    if options.compare is not None:
        return f"{first.path} and {options.compare}", comparison(
            first, opened(options.compare), wanted
        )
    if options.groups:
        return f"groups of {first.path}", group_comparison(first, wanted)
    if len(paths) > 1:
        return f"{first.path} and {paths[1]}", against_view(first, opened(paths[1]))
    return f"failures of {first.path}", failures_view(first)


def single(path: str | Path) -> Path:
    """The one file of episodes behind a path.

    Raises:
        OSError: if there is no such path.
        StorageError: if there is none, or more than one.
    """
    found = sources_of([path])
    if len(found) > 1:
        names = ", ".join(source.label for source in found[:6]) + ", …" * (len(found) > 6)
        raise StorageError(
            f"{path}: expected one file of episodes to look at as a run, found {len(found)} "
            f"({names}); give one of them, as {found[0].path}"
        )
    return found[0].path
