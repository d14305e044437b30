"""What fails most often: failures grouped by what went wrong first, with shares and intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reasonact_env.failures.cause import Cause, Kind
from reasonact_env.failures.rows import EpisodeRow
from reasonact_env.stats import Interval, Ratios, share
from tools.counts import counted


@dataclass(frozen=True, slots=True)
class Group:
    """The failures of one kind, or all of one tool or kind of task."""

    name: str
    """What they have in common."""
    count: int
    """How often it went wrong."""
    of_failures: float
    """That as a share of all failures; nan where there are none."""
    of_all: Interval
    """That as a share of all episodes (in turn mode: decisions) or, for a kind of task, of its
    own; clustered by task."""
    most: tuple[tuple[str, int], ...]
    """What it was most often about (tools, rules), or what went wrong there; most frequent
    first."""
    numbers: tuple[int, ...]
    """The numbers of its episodes, from 1, each once."""


@dataclass(frozen=True, slots=True)
class Overview:
    """The failures of a run."""

    episodes: int
    """The number of ended episodes."""
    units: int
    """What could fail: episodes or, in turn mode, decisions."""
    failed: int
    """How many did."""
    share: Interval
    """That as a share of the units, clustered by task."""
    kinds: tuple[Group, ...]
    """By what went wrong first, most frequent first."""
    tools: tuple[Group, ...]
    """By the tool that it was about, most frequent first."""
    task_kinds: tuple[Group, ...]
    """By kind of task, the one with most failures first; those without failures, too."""
    running: int = 0
    """The number of episodes that have not ended, or of which nothing is known."""

    @property
    def words(self) -> str:
        """How many failed, in words."""
        return f"{self.failed:,} of {counted(self.units, self.unit[:-1])} failed"

    @property
    def unit(self) -> str:
        """What is counted, in words."""
        return "episodes" if self.units == self.episodes else "decisions"


def overview(rows: Iterable[EpisodeRow]) -> Overview:
    """Groups a run's failures."""
    every = list(rows)
    ended = [row for row in every if row.won is not None]
    failed = sum(len(row.causes) for row in ended)
    kinds = [_group(ended, failed, kind.value, _is_kind(kind), _about) for kind in Kind]
    named = dict.fromkeys(c.tool for row in ended for c in row.causes if c.tool)
    tools = [_group(ended, failed, name, _is_tool(name), _kind) for name in named]
    return Overview(
        episodes=len(ended),
        units=sum(row.units for row in ended),
        failed=failed,
        share=share_of(ended, lambda cause: True),
        kinds=_sorted(group for group in kinds if group.count),
        tools=_sorted(tools),
        task_kinds=_sorted(_task_kinds(ended, failed)),
        running=len(every) - len(ended),
    )


def share_of(rows: Sequence[EpisodeRow], counts: Callable[[Cause], bool]) -> Interval:
    """The share of what could fail that failed in such a way, clustered by task."""
    return share(parts_of(rows, counts))


def parts_of(rows: Sequence[EpisodeRow], counts: Callable[[Cause], bool]) -> Ratios:
    """Each episode's failures of such a kind, over what could fail in it.

    Args:
        rows: N episodes.
        counts: Which causes count.

    Returns:
        Numerators, denominators and tasks, (N,) each.
    """
    return Ratios.of(
        [float(sum(map(counts, row.causes))) for row in rows],
        [float(row.units) for row in rows],
        [row.task_id for row in rows],
    )


def _group(
    rows: Sequence[EpisodeRow],
    failed: int,
    name: str,
    counts: Callable[[Cause], bool],
    about: Callable[[Cause], str],
) -> Group:
    causes = [cause for row in rows for cause in row.causes if counts(cause)]
    most = Counter(word for cause in causes if (word := about(cause)))
    numbers = tuple(row.number for row in rows if any(map(counts, row.causes)))
    return Group(
        name,
        len(causes),
        len(causes) / failed if failed else float("nan"),
        share_of(rows, counts),
        tuple(most.most_common()),
        numbers,
    )


def _task_kinds(rows: Sequence[EpisodeRow], failed: int) -> Iterable[Group]:
    own: dict[str, list[EpisodeRow]] = {}
    for row in rows:
        own.setdefault(row.task_kind, []).append(row)
    for name, some in own.items():
        yield _group(some, failed, name, lambda cause: True, _kind_and_tool)


def _sorted(groups: Iterable[Group]) -> tuple[Group, ...]:
    return tuple(sorted(groups, key=lambda group: (-group.count, group.name)))


def _is_kind(kind: Kind) -> Callable[[Cause], bool]:
    return lambda cause: cause.kind is kind


def _is_tool(name: str) -> Callable[[Cause], bool]:
    return lambda cause: cause.tool == name


def _about(cause: Cause) -> str:
    return cause.about


def _kind(cause: Cause) -> str:
    return cause.kind.value


def _kind_and_tool(cause: Cause) -> str:
    return f"{cause.kind.value}: {cause.about}" if cause.about else cause.kind.value
