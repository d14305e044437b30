"""A file of judgements, to which several raters add.

    {"kind": "one", "rater": "ann", "card": "0f…", "task": "desk-7", "stages": ["SFT"],
     "scores": {"faithful": 4, "supports": 5, "clear": 5, "brief": 3}}
    {"kind": "pair", "rater": "ann", "card": "0f…-a1…", "task": "desk-7",
     "stages": ["GRPO", "SFT"], "scores": {"faithful": 1, "supports": 0, …}}

A pair's score is 1 where the first stage is better, -1 where the second is, 0 where neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from reasonact_env.rate.criteria import CRITERIA, HIGHEST, LOWEST
from tools.files import append_object, read_objects

ONE, PAIR = "one", "pair"
FILE = "ratings.jsonl"
"""The name of the file in a run's folder, where the report of `train.pipeline` finds it."""
_BEGINS = (b'{"kind": "',)
"""How each line begins: a last one that was cut short is known by it."""


@dataclass(frozen=True, slots=True)
class Rating:
    """One judgement of one rater."""

    kind: str
    """One, or a pair."""
    rater: str
    """Who judged."""
    card: str
    """What was judged (`items.Card.key`)."""
    task: str
    """The task's id."""
    stages: tuple[str, ...]
    """Whose it was: one stage or two, in alphabetical order."""
    scores: dict[str, int]
    """Criterion -> score."""


def read_ratings(path: Path) -> list[Rating]:
    """The judgements in a file, the last one of each rater on each card.

    Raises:
        ValueError: if a line is no judgement; the sentence names file and line.
        OSError: if the file cannot be read.
    """
    found: dict[tuple[str, str], Rating] = {}
    for number, line in enumerate(read_objects(path, _BEGINS), 1):
        rating = _rating(path, number, line)
        found[rating.rater, rating.card] = rating
    return list(found.values())


def _rating(path: Path, number: int, line: Mapping[str, object]) -> Rating:
    try:
        rating = msgspec.convert(line, Rating)
    except msgspec.ValidationError as error:
        raise ValueError(
            f"expected a judgement in {path}:{number}, but {error}; remove the line"
        ) from None
    low, high = (LOWEST, HIGHEST) if rating.kind == ONE else (-1, 1)
    stages = {ONE: 1, PAIR: 2}.get(rating.kind)
    good = all(low <= score <= high for score in rating.scores.values())
    if stages != len(rating.stages) or rating.scores.keys() != CRITERIA.keys() or not good:
        raise ValueError(
            f"expected a judgement of {', '.join(CRITERIA)} in {path}:{number}, each from {low} to "
            f"{high}, got {rating.scores}; remove the line"
        )
    return rating


def add(path: Path, rating: Rating) -> None:
    """Adds a judgement; when this returns, the file has it.

    Raises:
        OSError: if it cannot be written.
        ValueError: if the file ends in something else than judgements.
    """
    append_object(path, asdict(rating), _BEGINS)
