"""Whole episodes on paper: for pipes, files and terminals without a screen."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.text import Text

from reasonact_env.replay.panels import gold_step, step_words
from reasonact_env.replay.shelf import Shelf
from reasonact_env.view.episode import FULL, opening_view, step_view
from reasonact_env.view.goal import goal_view
from reasonact_env.view.scores import score_view, summary
from reasonact_env.view.strip import Strip


def print_episodes(shelf: Shelf, rows: Iterable[int], console: Console) -> None:
    """Prints episodes from top to bottom, each with its goal before its dialogue.

    Raises:
        StorageError: if a line in a file is broken.
    """
    for row in rows:
        for part in episode_parts(shelf, row):
            console.print(part)


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
    for number, step in enumerate(episode.steps, 1):
        gold = gold_step(episode, why.gold, number)
        parts += step_view(episode, number, FULL)
        parts += [step_words(episode, number), score_view(step, gold=gold), Text()]
    return parts
