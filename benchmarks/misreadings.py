"""Why dialogues fail: how many of them call a tool with a number that nobody said before.

    python -m benchmarks.misreadings runs/seed-0/eval-*/episodes.jsonl

A tiny policy that copies an order's number wrong gets no second chance from a user who says the
recorded turns in order. All other failures are failures of decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from agents.console import console, plain_table
from reasonact_env.episode import Episode
from reasonact_env.episodes.storage import read_episodes
from tools.command import run
from tools.command_line import read_options
from tools.option_types import Positional, shown_as

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Tally:
    """What a file of dialogues holds."""

    episodes: int
    """How many there are."""
    won: int
    """How many succeeded."""
    misread: int
    """How many had a call with a number that nobody had said before."""
    won_clean: int
    """How many of the others succeeded."""

    @property
    def row(self) -> tuple[str, ...]:
        """Success, misreadings, success without them, failures that had one; in %."""
        lost, lost_clean = self.episodes - self.won, self.episodes - self.misread - self.won_clean
        shares = (
            (self.won, self.episodes),
            (self.misread, self.episodes),
            (self.won_clean, self.episodes - self.misread),
            (lost - lost_clean, lost),
        )
        return tuple(f"{100 * part / whole:.1f}" if whole else "-" for part, whole in shares)


def misreads(episode: Episode) -> bool:
    """Whether a call has a number that neither the user nor a tool had said before it."""
    said = {n for message in episode.opening for n in _NUMBER.findall(message.content)}
    for step in episode.steps:
        called = (call.arguments or {} for call in step.calls)
        values = (str(value) for arguments in called for value in arguments.values())
        if any(value.isdecimal() and value not in said for value in values):
            return True
        said |= {n for message in step.answers for n in _NUMBER.findall(message.content)}
    return False


def tally(episodes: Iterable[Episode]) -> Tally:
    """Counts."""
    seen = [(misreads(one), one.outcome is not None and one.outcome.success) for one in episodes]
    clean = [won for misread, won in seen if not misread]
    return Tally(len(seen), sum(won for _, won in seen), len(seen) - len(clean), sum(clean))


def rows(paths: Iterable[Path]) -> Iterator[tuple[str, ...]]:
    """A row a file."""
    for path in paths:
        _, episodes = read_episodes(path)
        yield str(path.parent), *tally(episodes).row


@dataclass(frozen=True, slots=True)
class Options:
    """What is read."""

    files: Positional[Annotated[tuple[Path, ...], shown_as("FILE …")]]
    """Episodes of train.evaluate."""


def main(argv: Sequence[str] | None = None) -> None:
    """Prints the table."""
    args = read_options(Options, argv, prog="python -m benchmarks.misreadings", about=__doc__)
    heads = ["dialogues", "success, %", "misread, %", "success else, %", "failures misread, %"]
    console().print(plain_table("", heads, list(rows(args.files))))


if __name__ == "__main__":
    run(main)
