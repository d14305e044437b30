"""Places to write to: what is refused before there is work to lose, and what lies there."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_ROOM = 1 << 16
"""The bytes that there must be room for, or it is not worth while to begin."""
_pipes: dict[Path, int] = {}
"""Pipes that somebody reads and that will be written to, each open."""


RUN, CARD = "run.json", "policy.json"
"""What a folder is for, as each run writes it first; which policy it holds, written last."""
OF_RUNS = frozenset((RUN, CARD, "summary.json", "config.json", "episodes.jsonl", "metrics.jsonl"))
"""What runs write into their folders, and commands that write one file never replace."""


def require_place(
    path: Path, inputs: Iterable[str | Path] = (), *, is_runs_own: bool = False
) -> None:
    """Refuses a path to which no file can be written, before there is work to lose.

    Args:
        path: Where a command is to write.
        inputs: What it reads: files, and names that may be those of files. None of them is
            written over, by whatever link or name it is reached.
        is_runs_own: Whether a run asks for a file in its own folder.

    Raises:
        OSError: if it is a folder, its own folder can neither be written nor created, or the disk
            is full.
        ValueError: if it is one of the inputs, a file that a run has written, or a pipe that nobody
            reads.
    """
    beside_run = any((path.parent / one).is_file() for one in (RUN, CARD))
    if path.name in OF_RUNS and path.is_file() and beside_run and not is_runs_own:
        raise ValueError(
            f"expected another file to write to than a run's, got {path}; give another path"
        )
    if path.is_file() and (read := next((one for one in inputs if _is_same(path, one)), None)):
        also = "" if Path(read) == path else f", which is {read}"
        raise ValueError(
            f"expected another file to write to than those that are read, got {path}{also}; give "
            "another path"
        )
    if path.is_dir():
        raise IsADirectoryError(f"expected a file to write to, got the folder {path}")
    if path.exists() and not path.is_file() and os.access(path, os.W_OK):
        _require_device(path)
        if path.is_fifo() and path not in _pipes:
            _pipes[path] = _try_pipe(path)
        return  # nothing is made beside it
    above = next(one for one in path.absolute().parents if one.exists())
    if not above.is_dir():
        raise NotADirectoryError(f"expected a folder above {path}, got the file {above}")
    if not os.access(above, os.W_OK):
        raise PermissionError(f"expected a folder that can be written above {path}, got {above}")
    with _named(path), tempfile.TemporaryFile(dir=above) as file:
        _try(file)


def require_ending(path: Path, option: str, *endings: str) -> None:
    """Refuses a file's name that says another form, which other programs would believe.

    Pipes and devices have any name.

    Args:
        path: Where a command is to write.
        option: The option that names it.
        endings: What the name may end in, the usual one first.

    Raises:
        ValueError: for such a name.
    """
    is_file = path.is_file() or not path.exists()
    if is_file and path.suffix.lower() not in endings:
        raise ValueError(
            f"expected {option} with a name that ends in {endings[0]}, such as file{endings[0]}, "
            f"got {path}"
        )


def pipe(path: Path) -> IO[bytes]:
    """Opens a pipe to write to, if somebody reads it: else one would wait for ever.

    The one that `require_place` has opened is taken: its reader would not wait for a second one.
    """
    file = _pipes.pop(path, None) or _try_pipe(path)
    os.set_blocking(file, True)
    return open(file, "wb")


def _try_pipe(path: Path) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
    raise ValueError(
        f"expected somebody to read the pipe {path}, found nobody; begin to read it first, or give "
        "another path"
    )


def require_regular(path: Path) -> Path:
    """Returns a path to read, unless a pipe or a device lies there.

    Raises:
        ValueError: if it is one: a pipe may never answer, and a device never end.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise ValueError(f"expected a regular file, got the pipe or device {path}; move it away")
    return path


def is_stream(path: Path) -> bool:
    """Whether a path names an open stream, as /dev/stdout does, whatever file lies behind it."""
    place = path.absolute()
    return place.parts[1:2] == ("proc",) or (
        place.parts[1:2] == ("dev",) and "shm" not in place.parts
    )


def _require_device(path: Path) -> None:
    """Writes a line to a device that no one reads, such as /dev/full; pipes are left alone."""
    if not path.is_char_device():
        return
    with _named(path), path.open("wb", buffering=0) as device:
        if not device.isatty():
            device.write(b"\n")


def _try(file: IO[bytes]) -> None:
    """Finds out whether the disk has room for a small file."""
    file.write(bytes(_ROOM))
    file.flush()
    os.fsync(file.fileno())


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """An error of a full disk, or of a temporary file, names the path."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


def _is_same(path: Path, other: str | Path) -> bool:
    try:
        return path.samefile(other)
    except (OSError, ValueError):  # there is none of that name, or no file can have it
        return False
