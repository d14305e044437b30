"""An index beside a file of episodes: its rows, so that the file need not be read to list it.

The index of `runs/eval/episodes.jsonl` is `runs/eval/.episodes.jsonl.index`. It is made when a file
is opened for the first time: each episode is looked at beside its task, which says what went wrong
in it. It is made anew when the file or its data have changed; where it cannot be written, it is
kept in memory. Nothing is lost with it.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from reasonact_env.episodes.codec import from_line
from reasonact_env.episodes.header import Header, read_first_line
from reasonact_env.episodes.storage import EpisodeFile
from reasonact_env.failures.rows import EpisodeRow, played_task
from reasonact_env.failures.rows import row_of as looked_at
from reasonact_env.inputs import data_files
from reasonact_env.replay.causes import packed, tags_of, words_of
from reasonact_env.replay.columns import Columns
from reasonact_env.replay.rows import BROKEN, BROKEN_ROW, Row, row_of
from tasks.types import Task

FORM = 5
"""The index's version. It rises with every change of what a row holds. Since 4, causes; since 5,
the causes of turn mode that were `other`."""
_TOLD = 100
"""Rows between two reports of progress."""

Told = Callable[[int, int], None]
"""Is told how many episodes of how many have been read."""
TaskOf = Callable[[Header, str], Task | None]
"""The task of that id that the episodes of a file were played on; None without its data."""


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
) -> tuple[EpisodeFile, Columns]:
    """Opens a file of episodes with its rows, from its index or, if that is stale, from the file.

    Args:
        path: The file of episodes.
        told: Is told of the progress where the index is made.
        task_of: Finds tasks; without them less is known of what went wrong.
        lacks: Says why there are none; is asked after them.
        places: Where data and database lie now, if the file names others.

    Raises:
        OSError: if the file cannot be read.
        StorageError: if it is not a file of episodes.
    """
    stamp = _stamp(path, places)
    found = Columns.read(index_path(path), stamp)
    if found is not None:
        return EpisodeFile(path, found.starts.tolist()), found
    file = EpisodeFile(path)
    rows: list[Row] = []
    seen: list[EpisodeRow | None] = []
    if told is not None:
        told(0, len(file))  # making the tasks may take longer than all the rest
    for number, (row, look) in enumerate(_read(file, task_of), 1):
        rows.append(row)
        seen.append(look)
        if told is not None and (number % _TOLD == 0 or number == len(file)):
            told(number, len(file))
    columns = Columns.of(rows, file.starts, packed(seen, lacks(file.header) if rows else ""))
    with contextlib.suppress(OSError):  # another's folder, a full disk: the list needs no index
        columns.write(index_path(path), stamp)
    return file, columns


def _read(file: EpisodeFile, task_of: TaskOf) -> Iterator[tuple[Row, EpisodeRow | None]]:
    """Each line as a row, and what went wrong in it; None for a broken line."""
    for number, line in enumerate(file.lines(), 1):
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


def _stamp(path: Path, places: tuple[str | None, str | None]) -> tuple[int, ...]:
    """Tells a file and its data from other states of them."""
    found = path.stat()
    return FORM, found.st_size, found.st_mtime_ns, _data_stamp(path, places)


def _data_stamp(path: Path, places: tuple[str | None, str | None]) -> int:
    """Changes with the files that the data are in, wherever they lie; generated data have none."""
    with path.open("rb") as file:
        header, *_ = read_first_line(path, file.readline())
    saved = header.env.get("data"), header.env.get("database")
    states = []
    for one in data_files(*(place or name for place, name in zip(places, saved, strict=True))):
        with contextlib.suppress(OSError, ValueError):  # a generator's name, or a file that is gone
            state = one.stat()
            states.append((state.st_size, state.st_mtime_ns))
    return zlib.crc32(repr(states).encode())
