"""A running or finished run, from another terminal.

    # until the run is over
    python -m train.watch runs/grpo
    # once
    python -m train.watch runs/grpo --once
    # as a picture
    python -m train.watch runs/grpo --svg runs/panel.svg
    # what the rows mean
    python -m train.watch --legend

Shows the journal of the run's folder as the run itself does, and again whenever it grows, until
the run is over or Ctrl-C. Of a pipeline it shows the stage that wrote last, until the pipeline has
its table. It waits for a run that has not begun, and says when one has been silent for long. Where
the output is no terminal, it prints the last state and ends.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from agents.console import console
from reasonact_env.replay.export import write_svg
from tools.command import run
from tools.command_line import read_options
from tools.option_types import Positional, shown_as
from tools.places import CARD, require_ending
from train.runs.live import state_of, view
from train.runs.panel import Shown, legend, panel
from train.runs.run import METRICS, RUN
from train.runs.sketch import duration
from train.runs.trends import lately, read

PAUSE = 1.0
"""Seconds between two looks at the file."""
SILENT, TIMES = 300.0, 10
"""A run is said to be silent after so many seconds without a step, and so many usual steps. Chosen
by hand."""


def stage_of(folder: Path) -> Path | None:
    """The run in a folder: the folder itself, or the stage of a pipeline that wrote last."""
    if (folder / METRICS).exists():
        return folder
    stages = folder.glob(f"*/{METRICS}")
    latest = max(stages, key=lambda journal: journal.stat().st_mtime, default=None)
    return latest.parent if latest else None


def shown(folder: Path) -> Shown:
    """A run's folder, or a pipeline's, as a picture.

    Raises:
        FileNotFoundError: if there is no journal.
    """
    run = stage_of(folder)
    if run is None:
        raise FileNotFoundError(
            f"expected a run's folder with {METRICS}, found none in {folder}; a run writes it with "
            "its first step"
        )
    journal = run / METRICS
    state, lines = state_of(run), read(journal)
    seen = Shown(state.title or str(run), lines, state.total, state.episode)
    return replace(seen, note=_note(seen, time.time() - journal.stat().st_mtime))


def is_over(folder: Path, seen: Shown) -> bool:
    """Whether nothing more will come: all steps are there, or all numbers of a pipeline."""
    if (folder / METRICS).exists():
        return (folder / CARD).exists() or (seen.total is not None and seen.step >= seen.total)
    stages = [*folder.glob(f"*/{METRICS}"), *folder.glob(f"*/{RUN}")]
    return _written(folder.glob("*.json")) > _written(stages)


def _written(files: Iterable[Path]) -> float:
    """When the latest of them was written; 0 without any."""
    return max((file.stat().st_mtime for file in files), default=0.0)


def _note(seen: Shown, silent: float) -> str:
    """What to say of a run whose last step is some seconds ago; empty if that is usual."""
    usual = lately(seen.steps, "time/step") or 0.0
    if seen.total is None or seen.step >= seen.total or silent < max(SILENT, TIMES * usual):
        return ""
    took = f", where one takes {duration(usual)}" if usual else ""
    return f"no step for {duration(silent)}{took}: it may have ended; the same command goes on"


def _begun(folder: Path) -> None:
    """Waits until there is a journal.

    Raises:
        NotADirectoryError: where none can come to be.
    """
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"expected a run's folder, got the file {folder}; give its folder")
    if stage_of(folder) is None:
        console().print(f"No step in {folder} yet; waiting for the first one (Ctrl-C ends).")
    while stage_of(folder) is None and not any(folder.glob("*.json")):
        time.sleep(PAUSE)


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """What is watched."""

    run: Positional[Annotated[Path | None, shown_as("RUN")]] = None
    """The run's folder, or a pipeline's."""
    once: bool = False
    """Show it once and end."""
    svg: Annotated[Path | None, shown_as("FILE.svg")] = None
    """Write it as a picture and end."""
    legend: bool = False
    """Say what the rows mean and end."""

    def __post_init__(self) -> None:
        """Refuses to watch nothing."""
        if self.run is None and not self.legend:
            raise ValueError("expected a run's folder, got none; give one, or --legend")


def main(argv: Sequence[str] | None = None) -> None:
    """Shows a run until it is over."""
    args = read_options(WatchOptions, argv, prog="python -m train.watch", about=__doc__)
    if args.legend or args.run is None:
        console().print(legend())
        return
    if args.svg is not None:
        require_ending(args.svg, "--svg", ".svg")
        made = write_svg(panel(shown(args.run)), args.svg, title=args.run.name, width=80)
        console().print(f"Picture: {made}")
        return
    with suppress(KeyboardInterrupt):
        if console().is_terminal and not args.once:
            _begun(args.run)
        _watch(args.run, args.once)


def _watch(run_folder: Path, once: bool) -> None:
    """Shows a run that has begun, and again whenever its picture changes."""
    seen = shown(run_folder)
    with view() as show:
        show(seen)
        while show.is_live and not once and not is_over(run_folder, seen):
            time.sleep(PAUSE)
            seen = shown(run_folder)
            show(seen)


if __name__ == "__main__":
    run(main)
