"""An episode in one line: a cell a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from reasonact_env.episode import Episode, Mode, Step
from reasonact_env.view.scores import clipped
from tools.types import Effect

_BLOCKS = "▁▂▃▄▅▆▇█"
PROBLEM, BROKEN, WRITE, UNKNOWN = "✗", "!", "w", "?"
"""Stand in the place of a step whose call failed, that broke a rule, that changed the state, or
whose scores are no numbers."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A sparkline of an episode: how good each step was by itself, from -1 (▁) to 1 (█).

    ✗ stands for a call that failed, ! for a broken rule, w for a write, ? for scores that are no
    numbers. The step that is shown stands in brackets. A long episode is cut on both sides of it.
    """

    episode: Episode
    """The episode."""
    step: int
    """The step that is shown, from 1; 0 for the opening."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        cells = [_cell(self.episode, number) for number in range(1, len(self.episode.steps) + 1)]
        here = self.step - 1
        line = Text("steps ", style="dim", no_wrap=True)
        if here < 0:
            line.append("[]", style="bold")
        first, last = _window(len(cells), max(0, here), options.max_width - 12)
        line.append("…" if first else "", style="dim")
        for place, (mark, style) in enumerate(cells[first:last], first):
            if place == here:
                line.append("[", style="bold").append(mark, style=style).append("]", style="bold")
            else:
                line.append(mark, style=style)
        yield line.append("…" if last < len(cells) else "", style="dim")


def goodness(step: Step, mode: Mode) -> float | None:
    """How good a step was by itself, from -1 to 1: its reward in turn mode, else its own scores.

    None where that is no number.
    """
    if mode is Mode.TURN:
        return clipped(step.reward)
    own = [score for score in step.step_scores.values() if score is not None]
    return clipped(sum(own) / len(own)) if own else 0.0


def _cell(episode: Episode, number: int) -> tuple[str, str]:
    """A step's mark and its style."""
    step = episode.steps[number - 1]
    if episode.outcome and any(b.message == number for b in episode.outcome.violations):
        return BROKEN, "bold yellow"
    if any(not call.ok for call in step.calls):
        return PROBLEM, "bold red"
    if any(call.effect is Effect.WRITE for call in step.calls):
        return WRITE, "bold cyan"
    value = goodness(step, episode.mode)
    if value is None:
        return UNKNOWN, "bold red"
    mark = _BLOCKS[round((value + 1) / 2 * (len(_BLOCKS) - 1))]
    return mark, "red" if value < 0 else "green"


def _window(count: int, here: int, room: int) -> Sequence[int]:
    """The part of the cells that fits, with the present one in the middle."""
    if count <= room:
        return 0, count
    first = max(0, min(here - room // 2, count - room))
    return first, first + room
