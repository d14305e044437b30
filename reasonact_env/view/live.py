"""An episode while it is played, on the terminal."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType

from reasonact_env.episode import Episode
from reasonact_env.view.episode import FULL, opening_view, step_view
from reasonact_env.view.scores import score_view, step_line, summary


def print_last(episode: Episode) -> None:
    """Prints an episode's opening or, once there is one, its last step; at the end the verdict."""
    Console(highlight=False, markup=False).print(Group(*_last(episode)))


def _last(episode: Episode) -> list[RenderableType]:
    if not episode.steps:
        return [summary(episode), *opening_view(episode, FULL)]
    number = len(episode.steps)
    parts = step_view(episode, number, FULL)
    parts += [step_line(episode, number, episode.total), score_view(episode.steps[-1])]
    return [*parts, summary(episode)] if episode.stop is not None else parts
