"""Shows a run while it goes on: a panel on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.text import Text

from agents.console import console
from tools.files import read_object, write_json
from train.runs import processes
from train.runs.failure_detectors import failures
from train.runs.panel import Shown, panel, plain
from train.runs.trends import Line

STATE = "live.json"
"""The file in the run's folder that tells the panel what the journal does not."""
LINES = 50
"""About how many lines a whole run prints where there is no terminal."""


class View(Protocol):
    """Shows a run, again and again."""

    is_live: bool
    """Whether each picture replaces the last one."""

    def __call__(self, shown: Shown) -> None:
        """Shows it as it is now."""


@contextmanager
def view() -> Iterator[View]:
    """A panel that renews itself; lines where there is no terminal, or with NO_COLOR.

    Of several processes, the main one shows; the others get nothing to show.
    """
    screen = console()
    no_panel = not screen.is_terminal or screen.is_dumb_terminal or os.environ.get("NO_COLOR")
    if no_panel or not processes.is_main():
        yield Lines(screen)
        return
    with Live(console=screen, auto_refresh=False, vertical_overflow="visible") as live:
        yield Panels(live)


class Panels:
    """The panel, renewed in its place."""

    is_live = True

    def __init__(self, live: Live) -> None:
        """Draws on a terminal."""
        self._live = live

    def __call__(self, shown: Shown) -> None:
        """Draws the panel anew, and only here: drawing between two steps would slow them."""
        self._live.update(panel(shown), refresh=True)


class Lines:
    """A line for some of the steps, and each failure when it is first seen."""

    is_live = False

    def __init__(self, screen: Console) -> None:
        """Prints on a console."""
        self._screen, self._step = screen, -1
        self._named: list[str] = []

    def __call__(self, shown: Shown) -> None:
        """Prints what is new."""
        every = -(-(shown.total or len(shown.steps)) // LINES) or 1
        for line in shown.lines:
            step = int(line["step"])
            if step > self._step and (step % every == 0 or step in (1, shown.total)):
                self._print(plain(line, shown.total))
        self._step = max([self._step, *(int(line["step"]) for line in shown.lines)])
        for found in failures(shown.steps):
            if found.signature not in self._named:
                self._named.append(found.signature)
                self._print(f"! {found}")

    def _print(self, text: str) -> None:
        self._screen.print(Text(text), soft_wrap=True)


@dataclass(frozen=True, slots=True)
class State:
    """What the journal does not say."""

    title: str = ""
    """What is trained."""
    total: int | None = None
    """Steps in all."""
    episode: str = ""
    """The last episode in a line."""


def state_of(run: Path) -> State:
    """What a run's folder says of it; an empty state if there is no readable file."""
    try:
        found = read_object(run / STATE)
    except (OSError, ValueError):
        return State()
    total = found.get("total")
    whole = total if type(total) is int else None  # neither text nor a truth value
    return State(str(found.get("title", "")), whole, str(found.get("episode", "")))


class Teller:
    """Shows a run, and writes down what another terminal needs to show it, too."""

    def __init__(
        self, show: View, run: Path, title: str, total: int, episode: Callable[[], str]
    ) -> None:
        """Takes what stays the same over a run.

        Args:
            show: Where it is shown.
            run: The run's folder.
            title: What is trained.
            total: Steps in all.
            episode: The last episode in a line.
        """
        self._show, self._run, self._episode = show, run, episode
        self._title, self._total = title, total

    def __call__(self, lines: Sequence[Line]) -> None:
        """Tells how far the run is."""
        episode = self._episode()
        state = {"title": self._title, "total": self._total, "episode": episode}
        write_json(self._run / STATE, state, sync=False)  # it only tells where the run is now
        self._show(Shown(self._title, lines, self._total, episode))
