"""A running or finished run, from another terminal.

    python -m train.watch runs/grpo
    python -m train.watch runs/grpo --once

Shows the journal of the run's folder as the run itself does, and again whenever it grows, until
the run is over or Ctrl-C. Where the output is no terminal, it prints the last state and ends.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from tools.command import run
from tools.command_line import read_options
from tools.option_types import Positional, shown_as
from train.runs.live import state_of, view
from train.runs.panel import Shown
from train.runs.run import METRICS
from train.runs.trends import read

PAUSE = 1.0
"""Seconds between two looks at the file."""


def shown(run: Path) -> Shown:
    """A run's folder as a picture.

    Raises:
        FileNotFoundError: if there is no journal.
    """
    journal = run / METRICS
    if not journal.exists():
        raise FileNotFoundError(
            f"expected a run's folder with {METRICS}, found none in {run}; a run writes it with "
            "its first step"
        )
    state = state_of(run)
    return Shown(state.title or str(run), read(journal), state.total, state.episode)


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """What is watched."""

    run: Positional[Annotated[Path, shown_as("RUN")]]
    """The run's folder."""
    once: bool = False
    """Show it once and end."""


def main(argv: Sequence[str] | None = None) -> None:
    """Shows a run until it is over."""
    args = read_options(WatchOptions, argv, prog="python -m train.watch", about=__doc__)
    seen = shown(args.run)
    with suppress(KeyboardInterrupt), view() as show:
        show(seen)
        while show.is_live and not args.once and seen.step != seen.total:
            time.sleep(PAUSE)
            seen = shown(args.run)
            show(seen)


if __name__ == "__main__":
    run(main)
