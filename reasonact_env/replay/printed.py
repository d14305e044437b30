"""Whole episodes on paper: for pipes, files and terminals without a screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.segment import Segment, SegmentLines
from rich.text import Text

from reasonact_env.episodes.storage import StorageError
from reasonact_env.replay.panels import scores_beside_gold, step_words
from reasonact_env.replay.shelf import Shelf
from reasonact_env.view.episode import FULL, opening_view, step_view
from reasonact_env.view.goal import goal_view
from reasonact_env.view.scores import summary
from reasonact_env.view.strip import Strip
from tools.inert import safe

_TOGETHER = 1000
"""Lines that are printed together."""


def print_episodes(shelf: Shelf, rows: Iterable[int], console: Console) -> int:
    """Prints episodes from top to bottom, each with its goal before its dialogue.

    A broken line of a file is told in its place.

    Returns:
        The number of broken lines.
    """
    broken = 0
    for row in rows:
        try:
            parts = episode_parts(shelf, row)
        except StorageError as error:
            parts = [Text(safe(f"✗ {error}"), style="red", overflow="fold"), Text()]
            broken += 1
        for part in parts:
            for piece in _pieces(console, part):
                console.print(piece, end="")
    return broken


def _pieces(console: Console, part: RenderableType) -> Iterator[SegmentLines]:
    """A part of an episode in pieces, since a message of megabytes has millions of lines."""
    lines = Segment.split_lines(console.render(part))
    while piece := [*islice(lines, _TOGETHER)]:
        yield SegmentLines(piece, new_lines=True)


def episode_parts(shelf: Shelf, row: int) -> list[RenderableType]:
    """A whole episode: verdict, goal, messages, scores beside gold's."""
    episode, why = shelf.episode(row), shelf.why(row, wait=True)
    about = shelf.abouts[shelf.file_of(row)]
    parts: list[RenderableType] = [
        summary(episode, about.model),
        Strip(episode, 0),
        Rule(style="dim"),
        goal_view(why.goal, why.cause, missing=why.missing),
        Rule(style="dim"),
        *opening_view(episode, FULL),
    ]
    for number in range(1, len(episode.steps) + 1):
        scores = scores_beside_gold(episode, why.gold, number)
        parts += [*step_view(episode, number, FULL), step_words(episode, number), scores, Text()]
    return parts
