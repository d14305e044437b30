"""`--compare` and `--failures` of the replay, as renderables.

The parts are pure and have names of their own: `reasonact_env.failures` counts and aligns,
`reasonact_env.view.compare` and `reasonact_env.view.failures` show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from rich.console import Group, RenderableType
from rich.text import Text

from reasonact_env.episode import Episode
from reasonact_env.episodes.header import unlike
from reasonact_env.failures.aligned import Group as Members
from reasonact_env.failures.aligned import Match, groups, matches
from reasonact_env.failures.command import (
    against_view,
    broken_lines,
    failures_view,
    unlike_line,
)
from reasonact_env.failures.first import first_wrong
from reasonact_env.failures.rows import Run, played_task, read_run
from reasonact_env.view.compare import SideBySide, group_view, groups_view, matches_view

__all__ = [
    "against_view",
    "beside",
    "compared",
    "failures_view",
    "grouped",
    "read_run",
]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two runs over the same tasks."""

    left: Run
    """The first run."""
    right: Run
    """The second run."""
    matches: tuple[Match, ...]
    """The tasks that both played, sorted by difference of return."""
    notes: tuple[RenderableType, ...]
    """What has to be known of the two: that they were not played alike, and broken lines."""

    def chosen(self, wanted: str | None = None) -> Match:
        """The match that is shown step by step.

        Args:
            wanted: The number of an episode of the first run, from 1, or a part of its task's id.
                Else the one in which the second run lost most or, if it lost nowhere, gained most.

        Raises:
            ValueError: if none is the wanted one.
        """
        found = self.matches
        if wanted is None:
            return found[0] if found[0].difference < 0 else found[-1]
        chosen = [match for match in found if _is_wanted(match.left, match.task_id, wanted)]
        if not chosen:
            raise ValueError(
                f"expected the number or a part of the task id of an episode in both runs, got "
                f"{wanted!r}"
            )
        return chosen[0]

    def view(self, wanted: str | None = None) -> RenderableType:
        """The tasks by difference of return, and one side by side; with `wanted` that one alone."""
        match = self.chosen(wanted)
        pair = beside(self.left, self.right, match.left, match.right)
        if wanted is not None:
            return Group(*self.notes, pair)
        names = [f"{run.path} ({run.header.agent})" for run in (self.left, self.right)]
        return Group(*self.notes, matches_view(self.matches, *names), Text(), pair)

    def plain(self, wanted: str | None = None) -> object:
        """The matches as plain values; with `wanted` that one alone."""
        found = self.matches if wanted is None else (self.chosen(wanted),)
        return {
            "left": str(self.left.path),
            "right": str(self.right.path),
            "unlike": unlike(self.left.header, self.right.header),
            "matches": [{**asdict(match), "difference": match.difference} for match in found],
        }


def compared(left: Run, right: Run) -> Compared:
    """Puts two runs over the same tasks together.

    Raises:
        ValueError: if no task was played in both.
    """
    read = _Read(left), _Read(right)
    found = matches(*read)
    if not found:
        raise ValueError(
            f"expected two runs over the same tasks, but {left.path} and {right.path} share none"
        )
    broken = [line for one in read for line in one.broken]
    return Compared(left, right, tuple(found), (*unlike_line(left, right), *broken))


@dataclass(slots=True)
class _Read:
    """A run's episodes, which are counted while they are read."""

    run: Run
    count: int = 0

    def __iter__(self) -> Iterator[tuple[int, Episode]]:
        self.count = 0
        for pair in self.run.readable:
            self.count += 1
            yield pair

    @property
    def broken(self) -> list[RenderableType]:
        """What is said of the lines that are no episodes."""
        return broken_lines(self.run, self.count)


def beside(left: Run, right: Run, one: int, two: int) -> SideBySide:
    """An episode of each run, side by side, with what went wrong first in each.

    Args:
        left: The first run.
        right: The second run; the same one for two members of a group.
        one: The first episode's number, from 1.
        two: The second episode's number, from 1.
    """
    a, b = left.episodes[one - 1], right.episodes[two - 1]
    return SideBySide(
        a,
        b,
        (f"A #{one} {left.header.agent}", f"B #{two} {right.header.agent}"),
        (
            first_wrong(played_task(left.tasks, a), a),
            first_wrong(played_task(right.tasks, b), b),
        ),
    )


@dataclass(frozen=True, slots=True)
class Grouped:
    """The groups of a generation of GRPO."""

    run: Run
    """The generation."""
    groups: tuple[Members, ...]
    """Its groups, the one with the largest spread of returns first."""
    notes: tuple[RenderableType, ...]
    """What is said of broken lines."""

    def chosen(self, wanted: str | None = None) -> Members:
        """The group that is shown member by member.

        Args:
            wanted: The number of one of its episodes, from 1, or a part of its task's id. Else the
                group whose returns differ most.

        Raises:
            ValueError: if none is the wanted one.
        """
        for group in self.groups:
            members = group.members
            if wanted is None or any(_is_wanted(m.number, group.task_id, wanted) for m in members):
                return group
        raise ValueError(f"expected an episode or a task of a group, got {wanted!r}")

    def view(self, wanted: str | None = None) -> RenderableType:
        """All groups, and one with its best beside its worst; with `wanted` that one alone."""
        group = self.chosen(wanted)
        best, worst = group.members[0].number, group.members[-1].number
        pair = beside(self.run, self.run, best, worst)
        every = [] if wanted is not None else [groups_view(self.groups), Text()]
        return Group(*self.notes, *every, group_view(group), Text(), pair)

    def plain(self, wanted: str | None = None) -> object:
        """The groups as plain values; with `wanted` that one alone."""
        found = self.groups if wanted is None else (self.chosen(wanted),)
        return {
            "file": str(self.run.path),
            "agent": self.run.header.agent,
            "groups": [{**asdict(group), "spread": group.spread} for group in found],
        }


def grouped(run: Run) -> Grouped:
    """Puts the episodes of each task together.

    Args:
        run: A file in which tasks were played several times.

    Raises:
        ValueError: if no task was played twice.
    """
    read = _Read(run)
    found = groups(read)
    if not found:
        raise ValueError(
            f"expected tasks that were played several times, but {run.path} has each once; give a "
            "second file to compare with, or the episodes of a generation of GRPO"
        )
    return Grouped(run, tuple(found), tuple(read.broken))


def _is_wanted(number: int, task_id: str, wanted: str) -> bool:
    return number == int(wanted[:9]) if wanted.isdecimal() else wanted in task_id
