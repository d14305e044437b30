"""Files of episodes: one JSON object per line; the first line describes the others.

    {"format": "reasonact-episodes", "version": 2, "reasonact": "0.2.0", "agent": "gold",
     "source": "embedded:desk(n=1000,seed=0)", "env": {"mode": "dialogue", "split": "test"},
     "shared": {"7c0f…": "# Rules of the desk …", "a41b…": [{"name": "get_order", …}]}}
    {"task_id": "desk-7", "rules": "7c0f…", "tools": "a41b…", "opening": […], "steps": […], …}

Rules and tools, which most episodes share, stand once in the first line; an episode names them by
their digest (`codec`). Files are written atomically (`tools.files`), except those that
grow (`growing`).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import IO, overload

from reasonact_env.episode import Episode
from reasonact_env.episodes.codec import Shared, from_line, to_line
from reasonact_env.episodes.header import (
    VERSION,
    Header,
    StorageError,
    excerpt,
    first_line,
    line_of,
    opened,
    read_first_line,
    read_shared_line,
)
from tools.files import replacing
from tools.jsontext import short

__all__ = ["EpisodeFile", "Header", "StorageError", "merge", "read_episodes", "write_episodes"]


def write_episodes(path: str | Path, header: Header, episodes: Iterable[Episode]) -> int:
    """Writes a file of episodes, whole or not at all.

    Args:
        path: Where to write; missing folders are created, an older file is replaced at the end.
        header: What all episodes share.
        episodes: The episodes; if iterating them raises an error, the older file stays as it was.

    Returns:
        The number of episodes.
    """
    shared = Shared()
    lines = (to_line(episode, shared) for episode in episodes)
    return _write(Path(path), header, shared, lines)


def read_episodes(path: str | Path) -> tuple[Header, EpisodeFile]:
    """Opens a file of episodes.

    Returns:
        The header, and the episodes as a sequence that reads each episode on access.

    Raises:
        OSError: if the file cannot be read.
        StorageError: if it is not a file of episodes, or its version is newer than this reader;
            on access, if an episode is broken.
    """
    episodes = EpisodeFile(path)
    return episodes.header, episodes


def merge(
    paths: Iterable[str | Path],
    out: str | Path,
    order: Sequence[tuple[int, int]] | None = None,
) -> int:
    """Writes the episodes of several files into one.

    Args:
        paths: The files.
        out: Where to write.
        order: The episodes in their new order, each as the numbers of its file and of its place
            there, from 0; None for all of them as they stand.

    Returns:
        The number of episodes.

    Raises:
        ValueError: if there are no files.
        StorageError: if one is not a file of episodes, or differs from the first in how it was
            played.
    """
    parts = [EpisodeFile(path) for path in paths]
    if not parts:
        raise ValueError("expected one file or more to merge, got none")
    shared = Shared()
    for part in parts:
        _require_same(parts[0], part)
        shared.values.update(part.shared.values)
    if order is None:
        lines = (line for part in parts for line in part.lines())
    else:
        lines = (line for part, number in order for line in parts[part].lines([number]))
    return _write(Path(out), parts[0].header, shared, lines, parts[0].version)


class EpisodeFile(Sequence[Episode]):
    """The episodes of a file, each read on access."""

    def __init__(self, path: str | Path, starts: Sequence[int] | None = None) -> None:
        """Reads the first line and locates the others.

        Args:
            path: The file.
            starts: Where each episode begins, in bytes, if that is known: then the other lines are
                not looked at before they are asked for.

        Raises:
            OSError: if the file cannot be read.
            StorageError: if it is not a file of episodes, or its version is newer than this reader.
        """
        self.path = Path(path)
        self.unfinished = False
        """Whether its last line, left out, has no end: it is being written, or was cut off."""
        with opened(self.path) as file:
            first = line_of(file)
            self.header, self.version, self.shared = read_first_line(self.path, first)
            grows = not self.shared.values
            if starts is None:
                self.starts: Sequence[int] = self._find(file, len(first), grows=grows)
                """Where each episode begins, in bytes."""
            else:
                self.starts = starts
                if grows:  # rules and tools stand between the episodes
                    self._find(file, len(first), grows=True)

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, index: int) -> Episode: ...
    @overload
    def __getitem__(self, index: slice) -> list[Episode]: ...
    def __getitem__(self, index: int | slice) -> Episode | list[Episode]:
        chosen = range(len(self))[index]
        if isinstance(chosen, range):
            return list(self._episodes(chosen))
        return next(self._episodes([chosen]))

    def __iter__(self) -> Iterator[Episode]:
        return self._episodes(range(len(self)))

    def lines(self, numbers: Iterable[int] | None = None) -> Iterator[bytes]:
        """The episodes' lines as they stand in the file, each with its line end.

        Args:
            numbers: Which episodes, counted from 0; None for all.
        """
        for line in self._lines(range(len(self)) if numbers is None else numbers):
            yield line.rstrip(b"\r\n") + b"\n"

    def _find(self, file: IO[bytes], start: int, *, grows: bool) -> list[int]:
        """Where each episode begins, in bytes; notes the rules and tools between them."""
        starts = []
        for line in file:
            if grows and not line.endswith(b"\n"):
                self.unfinished = True
            elif grows and (shared := read_shared_line(line)) is not None:
                self.shared.values.update(shared)
            elif line.strip():
                starts.append(start)
            start += len(line)
        return starts

    def _episodes(self, numbers: Iterable[int]) -> Iterator[Episode]:
        for number, line in zip(numbers, self._lines(numbers), strict=True):
            try:
                yield from_line(line, self.shared)
            except (KeyError, ValueError, RecursionError) as error:
                raise self._broken(number, line, error) from None

    def _lines(self, numbers: Iterable[int]) -> Iterator[bytes]:
        with opened(self.path) as file:
            for number in numbers:
                file.seek(self.starts[number])
                yield file.readline()

    def _broken(self, number: int, line: bytes, error: Exception) -> StorageError:
        with opened(self.path) as file:
            before = file.read(self.starts[number]).count(b"\n")
        reason = f"{error} is missing in the first line" if isinstance(error, KeyError) else error
        return StorageError(
            f"{self.path}, line {before + 1}: expected an episode, got {excerpt(line)} "
            f"({reason}); the file was cut off or changed: copy it again, remove the line, "
            "or play the episodes again"
        )


def _write(
    path: Path, header: Header, shared: Shared, lines: Iterable[bytes], version: int = VERSION
) -> int:
    """Writes a file; returns the number of lines after the first.

    The first line says what all episodes share, which is known only after the last episode. Until
    then the lines wait in a temporary file.
    """
    count = 0
    beside = None if path.exists() and not path.is_file() else path.parent  # none beside /dev/null
    with replacing(path) as file, tempfile.TemporaryFile(dir=beside) as body:
        for line in lines:
            body.write(line)
            count += 1
        file.write(first_line(header, shared, version))
        body.seek(0)
        shutil.copyfileobj(body, file, 1 << 20)
    return count


def _require_same(first: EpisodeFile, other: EpisodeFile) -> None:
    if first.version != other.version:
        raise StorageError(
            f"expected files of one version, but {first.path} is of version {first.version} and "
            f"{other.path} of version {other.version}; merge them apart"
        )
    for name in (item.name for item in fields(Header)):
        mine, theirs = getattr(first.header, name), getattr(other.header, name)
        if mine != theirs:
            raise StorageError(
                f"expected files that were played alike, but {name} is {short(mine)} in "
                f"{first.path} and {short(theirs)} in {other.path}; merge them apart"
            )
