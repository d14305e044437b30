"""Two runs over the same tasks: what the one mended of the other, and what it broke."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from reasonact_env.failures.cause import Cause, Kind
from reasonact_env.failures.overview import parts_of
from reasonact_env.failures.rows import EpisodeRow
from reasonact_env.paired_shares import share_difference
from reasonact_env.stats import Interval

Pair: TypeAlias = "tuple[EpisodeRow, EpisodeRow]"
"""The same task in both runs: before, after."""
NO_FAILURE = "success"
"""What stands for an episode that was won."""


@dataclass(frozen=True, slots=True)
class Change:
    """One kind of failure in both runs."""

    name: str
    """The kind."""
    before: int
    """How often it came before."""
    after: int
    """How often it comes after."""
    share: Interval
    """after - before as shares of all episodes (in turn mode: decisions), paired by task."""
    mended: tuple[tuple[int, int], ...]
    """The pairs that failed so and are won now: their numbers before and after, from 1."""
    broken: tuple[tuple[int, int], ...]
    """The pairs that were won and fail so now."""


@dataclass(frozen=True, slots=True)
class Paired:
    """The difference between two runs."""

    pairs: int
    """The number of pairs of episodes."""
    alone: tuple[int, int]
    """How many ended episodes have no partner: before, after."""
    success: Interval
    """The success after - before, paired by task; in turn mode, of decisions."""
    both_won: int
    """Pairs won in both."""
    both_failed: int
    """Pairs failed in both."""
    mended: tuple[tuple[int, int], ...]
    """The pairs that failed and are won now: their numbers, from 1."""
    broken: tuple[tuple[int, int], ...]
    """The pairs that were won and fail now."""
    kinds: tuple[Change, ...]
    """By what went wrong first, the largest change first."""
    moved: tuple[tuple[str, str, int], ...]
    """From what to what, with counts, for pairs that differ; most frequent first."""


def paired(before: Iterable[EpisodeRow], after: Iterable[EpisodeRow]) -> Paired:
    """Compares two runs; the nth episode of a task is the partner of the nth.

    Raises:
        ValueError: if no task was played in both.
    """
    first, second = _ended(before), _ended(after)
    pairs = pairs_of(first, second)
    if not pairs:
        raise ValueError(
            "expected two runs over the same tasks, got no task that was played in both; compare "
            "runs over one data set and split"
        )
    changed = Counter((_name(one), _name(two)) for one, two in pairs if _name(one) != _name(two))
    changes = [_change(kind, pairs) for kind in Kind]
    found = [change for change in changes if change.before or change.after]
    lost = _difference(pairs, lambda cause: True)
    return Paired(
        pairs=len(pairs),
        alone=(len(first) - len(pairs), len(second) - len(pairs)),
        success=Interval(-lost.value, -lost.high, -lost.low, lost.n, lost.clusters),
        both_won=sum(bool(one.won and two.won) for one, two in pairs),
        both_failed=sum(not (one.won or two.won) for one, two in pairs),
        mended=_numbers(pair for pair in pairs if pair[1].won and not pair[0].won),
        broken=_numbers(pair for pair in pairs if pair[0].won and not pair[1].won),
        kinds=tuple(sorted(found, key=lambda one: (-abs(one.after - one.before), one.name))),
        moved=tuple((old, new, count) for (old, new), count in changed.most_common()),
    )


def pairs_of(before: Sequence[EpisodeRow], after: Sequence[EpisodeRow]) -> list[Pair]:
    """The episodes of the same task and decision, the nth with the nth, in the order before."""
    partners = {_place(row, nth): row for row, nth in _counted(after)}
    return [
        (row, partners[place])
        for row, nth in _counted(before)
        if (place := _place(row, nth)) in partners
    ]


def _counted(rows: Iterable[EpisodeRow]) -> Iterable[tuple[EpisodeRow, int]]:
    seen = Counter[tuple[str, int | None]]()
    for row in rows:
        seen[row.task_id, row.decision] += 1
        yield row, seen[row.task_id, row.decision]


def _place(row: EpisodeRow, nth: int) -> tuple[str, int | None, int]:
    return row.task_id, row.decision, nth


def _change(kind: Kind, pairs: Sequence[Pair]) -> Change:
    def counts(cause: Cause) -> bool:
        return cause.kind is kind

    return Change(
        name=kind.value,
        before=sum(counts(cause) for one, _ in pairs for cause in one.causes),
        after=sum(counts(cause) for _, two in pairs for cause in two.causes),
        share=_difference(pairs, counts),
        mended=_numbers(p for p in pairs if any(map(counts, p[0].causes)) and p[1].won),
        broken=_numbers(p for p in pairs if any(map(counts, p[1].causes)) and p[0].won),
    )


def _difference(pairs: Sequence[Pair], counts: Callable[[Cause], bool]) -> Interval:
    after, before = [two for _, two in pairs], [one for one, _ in pairs]
    return share_difference(parts_of(after, counts), parts_of(before, counts))


def _ended(rows: Iterable[EpisodeRow]) -> list[EpisodeRow]:
    return [row for row in rows if row.won is not None]


def _numbers(pairs: Iterable[Pair]) -> tuple[tuple[int, int], ...]:
    return tuple((one.number, two.number) for one, two in pairs)


def _name(row: EpisodeRow) -> str:
    return row.cause.kind.value if row.cause else NO_FAILURE
