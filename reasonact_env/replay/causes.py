"""What went wrong in a file's episodes: looked at once, kept in the index, counted on demand."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from reasonact_env.episode import Mode
from reasonact_env.episodes.lines import from_line, to_line
from reasonact_env.failures.cause import Cause, Kind
from reasonact_env.failures.overview import Group, Overview, overview
from reasonact_env.failures.rows import EpisodeRow
from reasonact_env.replay.columns import Columns


class _Slip(msgspec.Struct, array_like=True):
    kind: Kind
    step: int
    tool: str | None
    rule: str | None


class _Seen(msgspec.Struct, array_like=True):
    task_kind: str
    mode: Mode
    won: bool | None
    slips: list[_Slip]


class _Kept(msgspec.Struct, array_like=True):
    lacks: str
    rows: list[_Seen | None]


class _Sized(msgspec.Struct, array_like=True):
    """The same with rows that are not read."""

    lacks: str
    rows: list[msgspec.Raw]


def packed(rows: Sequence[EpisodeRow | None], lacks: str) -> bytes:
    """What an index keeps of the failures of a file.

    Args:
        rows: A row for each line, None for a broken one.
        lacks: Why the tasks are not at hand; empty where they are.
    """
    kept = _Kept(lacks, [None if row is None else _seen(row) for row in rows])
    return to_line(msgspec.to_builtins(kept))


def joined(parts: Iterable[bytes], lacks: str) -> bytes:
    """What an index keeps of the failures of a file whose parts were looked at one by one."""
    rows = [row for part in parts for row in from_line(part, _Kept).rows]
    return to_line(msgspec.to_builtins(_Kept(lacks, rows)))


def fits(kept: bytes, columns: Columns, *, deep: bool = False) -> bool:
    """Whether what an index keeps of the failures has a row for each episode.

    Args:
        kept: What it keeps.
        columns: Its rows.
        deep: Whether to read each row too, which takes twenty times as long.
    """
    form: type[_Kept | _Sized] = _Kept if deep else _Sized
    try:
        return len(from_line(kept, form).rows) == len(columns)
    except (ValueError, RecursionError):
        return False


def _seen(row: EpisodeRow) -> _Seen:
    slips = [_Slip(one.kind, one.step, one.tool, one.rule) for one in row.causes]
    return _Seen(row.task_kind, row.mode, row.won, slips)


def words_of(row: EpisodeRow) -> str:
    """What went wrong first in an episode, in a few words; empty where nothing did."""
    cause = row.cause
    if cause is None:
        return ""
    return f"{cause.kind.value}: {cause.about}" if cause.about else cause.kind.value


def tags_of(row: EpisodeRow) -> Iterator[str]:
    """What filters can ask for: `cause=…`, `about=…` and `kind=…`."""
    yield from (f"cause={cause.kind.value}" for cause in row.causes)
    yield from (f"about={cause.tool}" for cause in row.causes if cause.tool)
    yield f"kind={row.task_kind}"


@dataclass(slots=True)
class Causes:
    """The failures of one file, counted in the background."""

    kept: bytes
    """What its index keeps of them (`packed`)."""
    columns: Columns
    """Its rows."""
    lacks: str = ""
    """Why its tasks are not at hand, so that less is known; empty where they are."""
    found: Overview | None = None
    """The overview, once it is counted."""
    problem: str = ""
    """Why there will never be one; empty if nothing is wrong."""
    ready: threading.Event = field(default_factory=threading.Event)
    """Is set at the end."""

    def find(self) -> None:
        """Counts; meant for a thread of its own."""
        try:
            self.lacks, rows = self.rows()
            self.found = overview(rows)
        except Exception as error:  # the screen says so and goes on
            self.problem = " ".join(str(error).split()) or type(error).__name__
        finally:
            self.ready.set()

    def rows(self) -> tuple[str, Iterator[EpisodeRow]]:
        """Why the tasks are not at hand, and a row for each line that is not broken."""
        kept = from_line(self.kept, _Kept)
        return kept.lacks, self._rows(kept.rows)

    def first(self, place: int) -> Cause | None:
        """What went wrong first in the line at a place, from 0; its sentence is not kept."""
        seen = self._seen(place)
        if seen is None or not seen.slips:
            return None
        one = seen.slips[0]
        text = " · ".join(filter(None, (one.tool or one.rule, "more is known with its data")))
        return Cause(one.kind, one.step, text, tool=one.tool, rule=one.rule)

    def _seen(self, place: int) -> _Seen | None:
        """A row alone: reading all of 100,000 takes a second."""
        try:
            row = msgspec.json.decode(self.kept, type=_Sized).rows[place]
            return msgspec.json.decode(row, type=_Seen | None)
        except (msgspec.DecodeError, UnicodeDecodeError):  # a lone surrogate in some name
            return from_line(self.kept, _Kept).rows[place]

    def _rows(self, rows: Sequence[_Seen | None]) -> Iterator[EpisodeRow]:
        totals, steps = self.columns.total.tolist(), self.columns.steps.tolist()
        for place, seen in enumerate(rows):
            if seen is None:
                continue
            yield EpisodeRow(
                number=place + 1,
                task_id=self.columns.tasks[place],
                decision=None,
                task_kind=seen.task_kind,
                mode=seen.mode,
                won=seen.won,
                total=totals[place],
                steps=steps[place],
                stop=self.columns.words[self.columns.stop[place]],
                causes=tuple(
                    Cause(one.kind, one.step, "", tool=one.tool, rule=one.rule)
                    for one in seen.slips
                ),
            )


def named_groups(found: Overview) -> Iterator[tuple[tuple[str, ...], Group]]:
    """The groups of failures, each with the terms that list its episodes."""
    yield from (((f"cause={group.name}",), group) for group in found.kinds)
    yield from (((f"about={group.name}",), group) for group in found.tools)
    if len(found.task_kinds) > 1:
        kinds = (group for group in found.task_kinds if group.count)
        yield from (((f"kind={group.name}", "failed"), group) for group in kinds)
