"""Episodes side by side: two runs on the same tasks, or the members of a GRPO group."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TypeAlias

from reasonact_env.episode import Episode, Step, message_of
from tools.jsontext import canonical
from tools.types import Json

Numbered: TypeAlias = Iterable[tuple[int, Episode]]
"""Episodes with their numbers in the file, from 1."""
SOFTENED = 1e-4
"""What is added to a standard deviation before it divides, as TRL does."""
SAME = 1e-6
"""Returns that are nearer to each other than this are equal."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """Two episodes, laid beside each other step by step."""

    rows: tuple[tuple[int | None, int | None], ...]
    """The steps of a row, left and right, from 1; None where a side has no counterpart."""
    first: int | None
    """The row, from 0, of the first difference; None if both are alike to the end."""

    @property
    def same(self) -> bool:
        """Whether the agents said and called the same throughout."""
        return self.first is None


@dataclass(frozen=True, slots=True)
class Match:
    """The same task in two runs."""

    task_id: str
    """The task."""
    left: int
    """The episode's number in the first run, from 1."""
    right: int
    """Its number in the second one."""
    returns: tuple[float, float]
    """Both returns."""
    won: tuple[bool | None, bool | None]
    """Whether they succeeded; None in turn mode."""

    @property
    def difference(self) -> float:
        """By how much the second run earned more."""
        return self.returns[1] - self.returns[0]


@dataclass(frozen=True, slots=True)
class Member:
    """An episode of a group."""

    number: int
    """Its number in the file, from 1."""
    total: float
    """Its return."""
    advantage: float
    """Its return above the group's mean, over the group's standard deviation: what GRPO weights its
    tokens with, unless the recipe divides otherwise. 0 in a group of equal returns."""
    differs: int | None
    """The first step, from 1, that differs from the group's best episode; None if none does."""


@dataclass(frozen=True, slots=True)
class Group:
    """The episodes of one task in one file."""

    task_id: str
    """The task."""
    decision: int | None
    """The single decision that was played in turn mode, or None."""
    members: tuple[Member, ...]
    """The best one first."""

    @property
    def spread(self) -> float:
        """The best return less the worst: nothing is learned where it is 0."""
        return self.members[0].total - self.members[-1].total


def align(left: Episode, right: Episode) -> Aligned:
    """Lays two episodes of a task beside each other.

    Two steps are alike if the agent made the same calls or said the same words, whatever it
    thought. What lies between alike steps is paired in order.
    """
    a, b = [step_key(step) for step in left.steps], [step_key(step) for step in right.steps]
    rows: list[tuple[int | None, int | None]] = []
    first: int | None = None
    for name, i, i_end, j, j_end in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if name != "equal" and first is None:
            first = len(rows)
        rows += _pairs(range(i + 1, i_end + 1), range(j + 1, j_end + 1))
    return Aligned(tuple(rows), first)


def matches(left: Numbered, right: Numbered) -> list[Match]:
    """The episodes of the same task and decision, the nth with the nth.

    Args:
        left: The first run (`Run.readable`).
        right: The second run.

    Returns:
        The matches, sorted by difference of return: what the second run lost most comes first.
    """
    partners = {place: (number, _short(one)) for place, number, one in _counted(right)}
    found: list[Match] = []
    for place, number, episode in _counted(left):
        if place in partners:
            other, (total, won) = partners[place]
            mine, wins = _short(episode)
            found.append(Match(episode.task_id, number, other, (mine, total), (wins, won)))
    return sorted(found, key=lambda match: (match.difference, match.left))


def groups(episodes: Numbered) -> list[Group]:
    """The groups of a file: all tasks that were played twice or more.

    Args:
        episodes: The file's (`Run.readable`).

    Returns:
        The groups with their advantages, the one with the largest spread of returns first.
    """
    found: dict[tuple[str, int | None], list[tuple[int, float, list[str]]]] = {}
    for number, episode in episodes:
        keys = [step_key(step) for step in episode.steps]
        place = (episode.task_id, episode.decision)
        found.setdefault(place, []).append((number, episode.total, keys))
    some = [_group(*place, played) for place, played in found.items() if len(played) > 1]
    return sorted(some, key=lambda group: (-group.spread, group.task_id))


def advantages(returns: Sequence[float]) -> list[float]:
    """Each return above the mean, over the sample's standard deviation (GRPO, arXiv 2402.03300).

    As TRL scales by group: `SOFTENED` is added to the deviation; equal returns have exactly 0.
    """
    if not returns or max(returns) - min(returns) < SAME:
        return [0.0] * len(returns)
    mean = sum(returns) / len(returns)
    squares = sum((one - mean) * (one - mean) for one in returns)  # of huge ones `**` is an error
    deviation = math.sqrt(squares / max(1, len(returns) - 1))
    return [(one - mean) / (deviation + SOFTENED) for one in returns]


def _group(task_id: str, decision: int | None, played: list[tuple[int, float, list[str]]]) -> Group:
    weights = advantages([total for _, total, _ in played])
    best = max(played, key=lambda one: one[1])[2]
    members = [
        Member(number, total, weight, _differs(best, keys))
        for (number, total, keys), weight in zip(played, weights, strict=True)
    ]
    return Group(
        task_id, decision, tuple(sorted(members, key=lambda one: (-one.total, one.number)))
    )


def _differs(one: Sequence[str], other: Sequence[str]) -> int | None:
    """The first step, from 1, at which two episodes differ; None if none does."""
    unequal = (i for i, (a, b) in enumerate(zip(one, other, strict=False), 1) if a != b)
    shorter = min(len(one), len(other)) + 1 if len(one) != len(other) else None
    return next(unequal, shorter)


def _pairs(left: range, right: range) -> Iterator[tuple[int | None, int | None]]:
    for place in range(max(len(left), len(right))):
        yield (
            left[place] if place < len(left) else None,
            right[place] if place < len(right) else None,
        )


def step_key(step: Step) -> str:
    """What a step does, for comparing: its calls or its words, without the thought."""
    parsed = message_of(step.action, step.calls)
    if parsed.calls:
        normals: list[Json] = [
            call.normal or [call.name, dict(call.arguments or {})] for call in step.calls
        ]
        return "call " + canonical(normals)
    return "say " + " ".join((parsed.text or step.action).split())


def _counted(
    episodes: Numbered,
) -> Iterator[tuple[tuple[str, int | None, int], int, Episode]]:
    seen = Counter[tuple[str, int | None]]()
    for number, episode in episodes:
        seen[episode.task_id, episode.decision] += 1
        nth = seen[episode.task_id, episode.decision]
        yield (episode.task_id, episode.decision, nth), number, episode


def _short(episode: Episode) -> tuple[float, bool | None]:
    return episode.total, episode.outcome.success if episode.outcome else None
