"""The first line of a file of episodes, which describes the other lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

import reasonact_env
from reasonact_env.episodes.codec import Shared
from reasonact_env.episodes.lines import from_line, to_line
from tasks.foreign.strangers import wrapped
from tools.jsontext import short
from tools.types import Json

FORMAT = "reasonact-episodes"
RECORDED = "recorded"
"""The source of episodes that were heard between an agent and its model: no environment has played
or judged them."""
VERSION = 2
"""The format's version. It rises when older readers can no longer read a file fully. Since 2,
calls have changes, and verdicts have goals, harm and violations."""
_PLACES = ("data", "columns")
"""What a header says of where the data lie; `source` names the data themselves."""
_BOM = b"\xef\xbb\xbf"
"""What some editors put before a file in UTF-8."""
_BEGINNING = 64
"""The bytes of a file that tell what it is, even if the rest of its first line is broken."""
_LARGE = 1 << 20
"""The bytes of a first line in which its format is named."""
_SHARED = b'{"shared":'
"""The beginning of a line of rules and tools, in a file that grows (`growing`)."""


class StorageError(ValueError):
    """A file that is not a valid file of episodes; the text says which, where, and what to do."""


def _installed() -> str:
    return reasonact_env.__version__


@dataclass(frozen=True, slots=True)
class Header:
    """What all episodes of a file share."""

    env: Mapping[str, Json]
    """The keyword arguments of `gym.make`; enough to play the episodes again."""
    source: str
    """The data set."""
    agent: str
    """The agent who played."""
    reasonact: str = field(default_factory=_installed)
    """The version of this package that wrote the file."""


class _FirstLine(msgspec.Struct):
    """The fields of the first line, in its order."""

    format: str
    version: int
    reasonact: str
    agent: str
    source: str
    env: dict[str, Any]
    shared: dict[str, Any]


def first_line(header: Header, shared: Shared, version: int = VERSION) -> bytes:
    """The first line of a file.

    Args:
        header: What all episodes share.
        shared: Their rules and tools.
        version: The format's version; merging files of an older version keeps it.
    """
    first = _FirstLine(
        FORMAT,
        version,
        header.reasonact,
        header.agent,
        header.source,
        dict(header.env),
        shared.values,
    )
    return to_line(msgspec.structs.asdict(first))


def read_first_line(path: Path, line: bytes) -> tuple[Header, int, Shared]:
    """Reads what `first_line` wrote.

    Args:
        path: The file, for errors.
        line: Its first line.

    Returns:
        The header, the version, and what the episodes share.

    Raises:
        StorageError: if it is not the first line of a file of episodes, or the file's version is
            newer than this reader.
    """
    value = _object(path, line)
    _require_version(path, value)
    try:
        first = msgspec.convert(value, _FirstLine)
    except msgspec.ValidationError as error:
        raise StorageError(
            f"{path}, line 1: expected what all episodes share ({error}); the line was "
            "changed: write the file again"
        ) from None
    header = Header(first.env, first.source, first.agent, first.reasonact)
    return header, first.version, Shared(first.shared)


def line_of(file: BinaryIO) -> bytes:
    """The first line of a file that may be one of episodes; of any other only its beginning.

    A file without line ends may be larger than the memory.
    """
    begins = file.readline(_LARGE)
    goes_on = len(begins) == _LARGE and not begins.endswith(b"\n")
    return begins + file.readline() if goes_on and FORMAT.encode() in begins else begins


def opened(path: Path) -> BinaryIO:
    """Opens a file of episodes for reading; every reader opens it here.

    Raises:
        OSError: if it cannot be read.
        StorageError: if it is no regular file: a pipe may never answer, a device never end, and
            both can be read only once.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise StorageError(
            f"{path}: expected a regular file of episodes, got a pipe or a device; write it to a "
            "file first"
        )
    return path.open("rb")


def unlike(first: Header, second: Header) -> str:
    """How two files were played otherwise, in words; empty if alike.

    Args:
        first: The one file's header.
        second: The other's. Where their data lie is no difference, as long as they are the same.
    """
    told = []
    if first.source != second.source:
        told.append(f"data {first.source} ↔ {second.source}")
    for name in dict.fromkeys((*first.env, *second.env)):
        mine, theirs = first.env.get(name), second.env.get(name)
        if name in _PLACES or mine == theirs:
            continue
        plain = all(one is None or isinstance(one, str | int) for one in (mine, theirs))
        both = (str(one or "as usual") for one in (mine, theirs))
        told.append(f"{name} {' ↔ '.join(both)}" if plain else f"other {name}")
    return f"not played alike: {', '.join(told)}" if told else ""


def shared_line(values: Mapping[str, Json]) -> bytes:
    """A line of rules and tools, in a file that grows."""
    return to_line({"shared": dict(values)})


def read_shared_line(line: bytes) -> Mapping[str, Json] | None:
    """Reads what `shared_line` wrote; None for any other line, and for one that is broken."""
    if not line.startswith(_SHARED):
        return None
    try:
        return from_line(line, dict[str, dict[str, Any]])["shared"]
    except (ValueError, RecursionError):
        return None


def excerpt(line: bytes) -> str:
    """The beginning of a line, for errors."""
    return short(line[:60].decode("utf-8", "replace")) if line else "an empty file"


def _object(path: Path, line: bytes) -> dict[str, Any]:
    try:
        value = from_line(line.removeprefix(_BOM), dict[str, Any])
    except (ValueError, RecursionError) as error:
        if FORMAT.encode() in line[:_BEGINNING]:
            raise StorageError(
                f"{path}, line 1: expected what all episodes share, got a line that cannot be read "
                f"({error}); the file was cut off or changed: copy it again"
            ) from None
        value = {}
    if words := wrapped(line[:_BEGINNING], path):
        raise StorageError(f"{path}: expected a file of episodes, got {words}")
    if value.get("format") != FORMAT:
        raise StorageError(
            f'{path}: expected a file of episodes, whose first line has "format": "{FORMAT}", got '
            f"{excerpt(line)}; `python -m train.evaluate` writes such files"
        )
    return value


def _require_version(path: Path, value: Mapping[str, Any]) -> None:
    version = value.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise StorageError(
            f"{path}: expected a file of version {VERSION} or older, got {version}, written by "
            f"reasonact {value.get('reasonact')}; update reasonact (this is {_installed()})"
        )
