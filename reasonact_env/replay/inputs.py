"""The files that the replay reads, none of which it may write over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from reasonact_env.episodes.header import StorageError, line_of, opened, read_first_line
from reasonact_env.inputs import data_files
from reasonact_env.replay.branches import branches_path
from reasonact_env.replay.index import index_path
from reasonact_env.replay.sources import sources_of
from tools.places import RUN


def inputs_of(paths: Sequence[str | Path], *names: object) -> Iterator[Path]:
    """All files behind paths: episodes, their index, branches and run, and the data they name.

    Args:
        paths: Files of episodes, and folders with such files.
        names: Data and databases that are given besides.

    Raises:
        OSError: if there is no such path.
        StorageError: if a folder holds no file of episodes.
    """
    yield from data_files(*names)
    for source in sources_of(paths):
        path = source.path
        yield from (path, index_path(path), branches_path(path), path.with_name(RUN))
        yield from data_files(*_data_of(path))


def _data_of(path: Path) -> list[object]:
    """What the first line of a file of episodes says of data and database."""
    try:
        with opened(path) as file:
            header, *_ = read_first_line(path, line_of(file))
    except StorageError:  # whoever reads it says so
        return []
    return [header.env.get("data"), header.env.get("database")]
