"""An index beside a file of episodes: its rows, so that the file need not be read to list it.

The index of `runs/eval/episodes.jsonl` is `runs/eval/.episodes.jsonl.index`. It is made when a file
is opened for the first time, and anew when the file has changed; where it cannot be written, it is
kept in memory. Nothing is lost with it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from reasonact_env.episodes.storage import EpisodeFile
from reasonact_env.replay.columns import Columns
from reasonact_env.replay.rows import row_of

FORM = 3
"""The index's version. It rises with every change of what a row holds."""
_TOLD = 500
"""Rows between two reports of progress."""

Told = Callable[[int, int], None]
"""Is told how many episodes of how many have been read."""


def index_path(path: Path) -> Path:
    """Where the index of a file of episodes lies."""
    return path.with_name(f".{path.name}.index")


def indexed(path: Path, told: Told | None = None) -> tuple[EpisodeFile, Columns]:
    """Opens a file of episodes with its rows, from its index or, if that is stale, from the file.

    Args:
        path: The file of episodes.
        told: Is told of the progress where the index is made.

    Raises:
        OSError: if the file cannot be read.
        StorageError: if it is not a file of episodes.
    """
    stamp = _stamp(path)
    found = Columns.read(index_path(path), stamp)
    if found is not None:
        return EpisodeFile(path, found.starts.tolist()), found
    file = EpisodeFile(path)
    rows = []
    for number, line in enumerate(file.lines()):
        rows.append(row_of(line))
        if told is not None and number % _TOLD == 0:
            told(number, len(file))
    columns = Columns.of(rows, file.starts)
    with contextlib.suppress(OSError):  # another's folder, a full disk: the list needs no index
        columns.write(index_path(path), stamp)
    return file, columns


def _stamp(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return FORM, found.st_size, found.st_mtime_ns
