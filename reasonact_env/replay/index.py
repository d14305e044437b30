"""An index beside a file of episodes: its rows, so that the file need not be read to list it.

The index of `runs/eval/episodes.jsonl` is `runs/eval/.episodes.jsonl.index`. It is made when a file
is opened for the first time: each episode is looked at beside its task, which says what went wrong
in it. It is made anew when the file or its data have changed; where it cannot be written, it is
kept in memory. Nothing is lost with it. Of a large file the part that is done is kept every few
seconds, and at an interrupt, so that an index goes on where it was stopped.
"""

from __future__ import annotations

import contextlib
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from reasonact_env.episodes.codec import from_line
from reasonact_env.episodes.header import Header, line_of, opened, read_first_line
from reasonact_env.episodes.storage import EpisodeFile
from reasonact_env.failures.rows import EpisodeRow, played_task
from reasonact_env.failures.rows import row_of as looked_at
from reasonact_env.inputs import data_files
from reasonact_env.replay.causes import fits, joined, packed, tags_of, words_of
from reasonact_env.replay.columns import Columns
from reasonact_env.replay.rows import BROKEN, BROKEN_ROW, Row, row_of
from tasks.types import Task

FORM = 6
"""The index's version. It rises with every change of what a row holds. Since 4, causes; since 5,
the causes of turn mode that were `other`; since 6, amounts that an agent worked out are not told
wrongly."""
KEPT_EVERY = 5.0
"""Seconds after which the part that is done is kept."""
_WORTH = 20
"""How many times as long as keeping it takes one goes on before it is kept again."""
_TOLD = 100
"""Rows between two reports of progress."""

Told = Callable[[int, int], None]
"""Is told how many episodes of how many have been read."""
TaskOf = Callable[[Header, str], Task | None]
"""The task of that id that the episodes of a file were played on; None without its data."""


class Stopped(Exception):
    """The list was closed before its index was made."""


def index_path(path: Path) -> Path:
    """Where the index of a file of episodes lies."""
    return path.with_name(f".{path.name}.index")


def indexed(
    path: Path,
    told: Told | None = None,
    *,
    task_of: TaskOf = lambda header, name: None,
    lacks: Callable[[Header], str] = lambda header: "",
    places: tuple[str | None, str | None] = (None, None),
    each: Callable[[Row], None] = lambda row: None,
) -> tuple[EpisodeFile, Columns]:
    """Opens a file of episodes with its rows, from its index or, if that is stale, from the file.

    Args:
        path: The file of episodes.
        told: Is told of the progress where the index is made.
        task_of: Finds tasks; without them less is known of what went wrong.
        lacks: Says why there are none; is asked after them.
        places: Where data and database lie now, if the file names others.
        each: Is told every row that is made; what it raises ends the work.

    Raises:
        OSError: if the file cannot be read.
        StorageError: if it is not a file of episodes.
    """
    stamp = _stamp(path, places)
    file, found, whole = _opened(path, stamp)
    if found is not None and whole:
        return file, found
    made = _Making(file, found, lacks)
    if told is not None:
        told(made.done, len(file))  # making the tasks may take longer than all the rest
    try:
        for row in _read(file, task_of, made.done):
            made.add(row)
            each(row[0])
            if told is not None and (made.done % _TOLD == 0 or made.done == len(file)):
                told(made.done, len(file))
            if made.is_due:
                made.keep(_unfinished(stamp))
    except (KeyboardInterrupt, SystemExit, Stopped):
        made.keep(_unfinished(stamp))
        raise
    return file, made.keep(stamp)


def begun(
    path: Path, places: tuple[str | None, str | None] = (None, None)
) -> tuple[EpisodeFile, Columns | None, bool]:
    """Opens a file of episodes with the rows of its index, as far as that is made.

    Args:
        path: The file of episodes.
        places: Where data and database lie now, if the file names others.

    Returns:
        The file, its first rows, and whether these are all.

    Raises:
        OSError: if the file cannot be read.
        StorageError: if it is not a file of episodes.
    """
    return _opened(path, _stamp(path, places))


def _opened(path: Path, stamp: Sequence[int]) -> tuple[EpisodeFile, Columns | None, bool]:
    """What `begun` returns, given the state in which the file is."""
    found = _kept(path, stamp)
    if found is not None:
        return EpisodeFile(path, found.starts.tolist()), found, True
    file = EpisodeFile(path)
    return file, _begun(file, stamp), False


def _kept(path: Path, stamp: Sequence[int]) -> Columns | None:
    """The rows of an index, if it is of this state of the file, and whole."""
    found = Columns.read(index_path(path), stamp)
    return found if found is not None and fits(found.causes, found) else None


def _begun(file: EpisodeFile, stamp: Sequence[int]) -> Columns | None:
    """The first rows of a file, from an index that was left unfinished."""
    found = _kept(file.path, _unfinished(stamp))
    if found is None or found.starts.tolist() != list(file.starts[: len(found)]):
        return None
    return found if fits(found.causes, found, deep=True) else None


class _Making:
    """An index that is being made: the rows that were done before, and those of this process."""

    def __init__(
        self, file: EpisodeFile, before: Columns | None, lacks: Callable[[Header], str]
    ) -> None:
        self._file, self._lacks = file, lacks
        self._parts = [] if before is None else [before]
        self._before = 0 if before is None else len(before)
        self._rows: list[tuple[Row, EpisodeRow | None]] = []
        self._due = time.monotonic() + KEPT_EVERY

    @property
    def done(self) -> int:
        """The number of rows."""
        return self._before + len(self._rows)

    @property
    def is_due(self) -> bool:
        """Whether it is time to keep what is done."""
        return time.monotonic() > self._due

    def add(self, row: tuple[Row, EpisodeRow | None]) -> None:
        self._rows.append(row)

    def _columns(self) -> Columns:
        lacks = self._lacks(self._file.header) if self.done else ""
        starts = self._file.starts[self._before : self.done]
        rows, seen = [row for row, _ in self._rows], [look for _, look in self._rows]
        here = Columns.of(rows, starts, packed(seen, lacks))
        if not self._parts:
            return here
        parts = [*self._parts, here]
        return replace(Columns.joined(parts), causes=joined([one.causes for one in parts], lacks))

    def keep(self, stamp: Sequence[int]) -> Columns:
        """Writes what is done, whole or not at all, and returns it."""
        begun, columns = time.monotonic(), self._columns()
        with contextlib.suppress(OSError, ValueError):  # another's folder, a full disk, a pipe
            columns.write(index_path(self._file.path), stamp)
        took = time.monotonic() - begun
        self._due = time.monotonic() + max(KEPT_EVERY, _WORTH * took)
        return columns


def _read(file: EpisodeFile, task_of: TaskOf, done: int) -> Iterator[tuple[Row, EpisodeRow | None]]:
    """Each line that is not done as a row, and what went wrong in it; None for a broken line."""
    for number, line in enumerate(file.lines(range(done, len(file))), done + 1):
        row = row_of(line)
        try:
            episode = None if row.stop == BROKEN else from_line(line, file.shared)
        except (KeyError, ValueError, RecursionError):
            episode = None
        if episode is None:
            yield BROKEN_ROW, None
            continue
        task = task_of(file.header, episode.task_id)
        found = {} if task is None else {task.id: task}
        look = looked_at(number, episode, played_task(found, episode))
        yield _with_cause(row, look), look


def _with_cause(row: Row, look: EpisodeRow) -> Row:
    """A row that says what a look at the episode beside its task has found.

    Where nobody can tell how it ended (single decisions without their tasks), the verdict's words
    stay.
    """
    tags = tuple(dict.fromkeys((*row.tags, *tags_of(look))))
    if look.won is None:
        return msgspec.structs.replace(row, wrong=words_of(look) or row.wrong, tags=tags)
    return msgspec.structs.replace(row, won=look.won, wrong=words_of(look), tags=tags)


def _unfinished(stamp: Sequence[int]) -> tuple[int, ...]:
    """The stamp of an index of which a part is done."""
    return (*stamp, -1)


def _stamp(path: Path, places: tuple[str | None, str | None]) -> tuple[int, ...]:
    """Tells a file and its data from other states of them."""
    found = path.stat()
    return FORM, found.st_size, found.st_mtime_ns, _data_stamp(path, places)


def _data_stamp(path: Path, places: tuple[str | None, str | None]) -> int:
    """Changes with the files that the data are in, wherever they lie; generated data have none."""
    with opened(path) as file:
        header, *_ = read_first_line(path, line_of(file))
    saved = header.env.get("data"), header.env.get("database")
    states = []
    for one in data_files(*(place or name for place, name in zip(places, saved, strict=True))):
        with contextlib.suppress(OSError, ValueError):  # a generator's name, or a file that is gone
            state = one.stat()
            states.append((state.st_size, state.st_mtime_ns))
    return zlib.crc32(repr(states).encode())
