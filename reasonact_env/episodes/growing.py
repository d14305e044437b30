"""A file of episodes that grows while they are played, and is whole after each of them.

Its first line is written before anybody knows which rules and tools the episodes will share. So
these stand in lines of their own, before the first episode that has them:

    {"format": "reasonact-episodes", "version": 2, …, "shared": {}}
    {"shared": {"7c0f…": "# Rules of the desk …", "a41b…": [{"name": "get_order", …}]}}
    {"task_id": "desk-7", "rules": "7c0f…", "tools": "a41b…", "opening": […], "steps": […], …}

Several environments, also in several processes, may write one file at the same time, if they are
made alike: each of their lines is appended in one piece.
"""

from __future__ import annotations

import os
from pathlib import Path

from reasonact_env.episode import Episode
from reasonact_env.episodes.codec import Shared, to_line
from reasonact_env.episodes.header import (
    Header,
    StorageError,
    first_line,
    line_of,
    opened,
    read_first_line,
    shared_line,
)
from tools.files import replacing

try:
    import fcntl
except ImportError:  # not on Windows: there each environment needs a file of its own
    fcntl = None  # type: ignore[assignment]


class GrowingFile:
    """A file to which episodes are added one by one.

    It comes to be with the first of them, and takes the place of an older file, unless another
    `GrowingFile` is writing that one now: then the episodes are added to it.
    """

    def __init__(self, path: str | Path, header: Header) -> None:
        """Notes where, and what the episodes have in common; nothing is written yet.

        Raises:
            OSError: if there can be no such file.
        """
        self.path = Path(path).absolute()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.is_dir() or self.path.is_fifo():
            what = "folder" if self.path.is_dir() else "pipe"
            raise FileExistsError(f"expected a file for episodes, got the {what} {self.path}")
        self.header = header
        self._shared = Shared()
        self._written: set[str] = set()
        self._joins = False
        self._file: int | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """A copy in another process adds to the same file."""
        return _joining, (self.path, self.header, self._joins or self._file is not None)

    def __deepcopy__(self, memo: dict[int, object]) -> GrowingFile:
        """Itself: copies of an environment write one file."""
        return self

    def add(self, episode: Episode) -> None:
        """Adds an episode; when this returns, the file has it.

        Raises:
            OSError: if it cannot be written.
            StorageError: if environments that are made otherwise write the file now.
        """
        line = to_line(episode, self._shared)
        fresh = {k: v for k, v in self._shared.values.items() if k not in self._written}
        data = shared_line(fresh) + line if fresh else line
        if self._file is None:
            self._file = self._begin(data)
        else:
            _append(self._file, data)
        self._written.update(fresh)

    def close(self) -> None:
        """Lets go of the file; another episode would open it again."""
        if self._file is not None:
            os.close(self._file)
            self._file, self._joins = None, True

    def _begin(self, data: bytes) -> int:
        """The file, with the first lines of ours in it."""
        while True:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
            alone = _lock(file)
            if not _is_at(file, self.path):  # another one has just taken its place
                os.close(file)
            elif alone and not (self._joins and os.fstat(file).st_size):
                return self._replace(file, data)
            else:
                return self._join(file, data)

    def _replace(self, old: int, data: bytes) -> int:
        """A new file in the place of an older one, which is locked meanwhile."""
        first = first_line(self.header, Shared())
        try:
            with replacing(self.path) as partial:
                partial.write(first + data)
                partial.flush()
                file = os.open(partial.name, os.O_RDWR | os.O_APPEND)
                _lock(file, shared=True)
        finally:
            os.close(old)
        return file

    def _join(self, file: int, data: bytes) -> int:
        """The file, to which others have written."""
        _lock(file, shared=True)
        with opened(self.path) as lines:
            header, *_ = read_first_line(self.path, line_of(lines))
        if header != self.header:
            os.close(file)
            raise StorageError(
                f"{self.path}: expected to add episodes that were played as those in it, but they "
                "come from environments that are made otherwise; give each its own file"
            )
        _append(file, data)
        return file


def _joining(path: Path, header: Header, joins: bool) -> GrowingFile:
    file = GrowingFile(path, header)
    file._joins = joins
    return file


def _append(file: int, data: bytes) -> None:
    """Writes in one piece, so that neither a kill nor a neighbour can come between.

    A line that a full disk has cut short stays by itself: the next one begins a line of its own.
    """
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        data = b"\n" + data
    if os.write(file, data) != len(data):
        raise OSError("the disk is full")


def _lock(file: int, *, shared: bool = False) -> bool:
    """Locks a file; returns whether nobody else writes it. One's own lock ends with the file."""
    if fcntl is None:
        return True
    try:
        if not shared:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    except BlockingIOError:
        pass
    except OSError:  # the disk knows no locks
        return True
    fcntl.flock(file, fcntl.LOCK_SH)
    return False


def _is_at(file: int, path: Path) -> bool:
    """Whether a path still leads to an open file."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False
