"""Atomic writing of files, and safe names for them."""

from __future__ import annotations

import errno
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from tools.places import is_stream, pipe, require_regular
from tools.types import Json

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Errors of writing that Python reports without the file's name."""


@contextmanager
def replacing(path: Path, *, sync: bool = True) -> Iterator[IO[bytes]]:
    """A file to write, which takes the path's place when the block ends without an error.

    Until then, and after an error or a kill, readers see the older file, or no file. The new file
    is written next to the path, because a rename is atomic only within one file system. A kill
    leaves it there, under a name that begins with a dot and ends in `.partial`. What exists and is
    no regular file, as /dev/null or a pipe, is written to and never replaced; a pipe needs somebody
    who reads it.

    Args:
        path: Where to write; missing folders are created. The permissions of an older file stay.
        sync: Wait until the disk has the bytes, so that a power cut cannot leave an empty file.

    Raises:
        OSError: if it cannot be written; its file name is the path.
    """
    if path.exists() and (not path.is_file() or is_stream(path)):
        with pipe(path) if path.is_fifo() else path.open("wb") as file:
            yield file
        return
    path = path.resolve() if path.is_symlink() else path  # a link stays, and its file is replaced
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with partial.open("xb") as file:
            if path.exists():
                os.chmod(partial, path.stat().st_mode & 0o7777)
            yield file
            file.flush()
            if sync:
                os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        if str(error.filename) == str(partial) or (error.filename is None and error.errno in _FULL):
            error.filename, error.filename2 = str(path), None
        raise
    finally:
        with suppress(OSError):  # the first error tells more
            partial.unlink()


def write_text(path: Path, text: str, *, sync: bool = True) -> Path:
    """Writes a text file in UTF-8, whole or not at all; `sync` as for `replacing`."""
    with replacing(path, sync=sync) as file:
        file.write(text.encode())
    return path


def write_json(path: Path, value: Mapping[str, object], *, sync: bool = True) -> Path:
    """Writes an object as indented JSON, whole or not at all.

    Raises:
        ValueError: if it holds NaN or an infinity, which JSON does not have.
    """
    text = json.dumps(value, indent=2, ensure_ascii=True, allow_nan=False)
    return write_text(path, f"{text}\n", sync=sync)


def read_object(path: Path) -> dict[str, Any]:
    """Reads a file's JSON object.

    Raises:
        ValueError: if the file holds something else; the sentence names it.
    """
    return _object(require_regular(path).read_bytes(), str(path))


def read_value(path: Path) -> Json:
    """Reads a file's JSON value, whatever it is.

    Raises:
        ValueError: if the file holds no JSON, or nests too deep; the sentence names it.
    """
    value: Json = _value(require_regular(path).read_bytes(), str(path), "JSON")
    return value


def read_objects(path: Path, begins: Sequence[bytes] = (b"{",)) -> list[dict[str, Any]]:
    """Reads JSON lines: an object each.

    A last line without an end counts where it is whole, and is left out where it was cut short.

    Args:
        path: The file.
        begins: How the lines of its writer begin.

    Raises:
        ValueError: for a line that holds something else; the sentence names file and line.
    """
    *lines, tail = require_regular(path).read_bytes().split(b"\n")
    if tail and not _is_cut(tail, begins):
        lines.append(tail)
    return [_object(line, f"{path}:{n}") for n, line in enumerate(lines, 1) if line]


def append_object(path: Path, value: Mapping[str, object], begins: Sequence[bytes]) -> None:
    """Adds an object to JSON lines; when this returns, the file has it.

    Where an earlier process was killed while it wrote, the last line has no end: a whole one gets
    it, and one that was cut short is dropped. Nobody else's file is touched.

    Args:
        path: The file; it is made where there is none, with its folder.
        value: The object.
        begins: How the lines of its writer begin.

    Raises:
        OSError: if it cannot be written.
        ValueError: if the file ends in something else than such a line, or is no regular one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(value, ensure_ascii=True).encode() + b"\n"
    with require_regular(path).open("ab+") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        if file.read(1) not in (b"", b"\n"):
            file.seek(0)
            whole = file.read()
            start = whole.rfind(b"\n") + 1
            if _is_cut(whole[start:], begins):
                file.truncate(start)
            else:
                number = 1 + whole.count(b"\n")
                _object(whole[start:], f"{path}:{number}")
                line = b"\n" + line
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def _is_cut(tail: bytes, begins: Sequence[bytes]) -> bool:
    """Whether a line without an end is the beginning of one of ours: such a one is no JSON."""
    if not any(tail.startswith(one) or one.startswith(tail) for one in begins):
        return False
    try:
        json.loads(tail)
    except (ValueError, RecursionError):
        return True
    return False


def _object(text: bytes, where: str) -> dict[str, Any]:
    found = _value(text, where, "a JSON object")
    if not isinstance(found, dict):
        raise ValueError(f"expected a JSON object in {where}, got a {type(found).__name__}")
    return found


def _value(text: bytes, where: str, what: str) -> Any:
    try:
        return json.loads(text.decode("utf-8-sig"))  # some editors put a mark before a file
    except (ValueError, RecursionError) as error:  # of UTF-8, or of JSON
        raise ValueError(f"expected {what} in {where}, but {error}; mend it") from None


def slug(name: str) -> str:
    """A name as part of a file's or a folder's name.

    >>> slug("retail:2000:1"), slug("my/dialogues.json")
    ('retail-2000-1', 'my-dialogues-json')
    """
    return "".join(c if c.isalnum() else "-" for c in name).strip("-")
