"""Files of episodes: one JSON object a line, the first of which says what the others are.

    {"format": "reasonact-episodes", "version": 2, "reasonact": "0.1.0", "agent": "gold",
     "source": "embedded:desk(n=1000,seed=0)", "env": {"mode": "dialogue", "split": "test"},
     "shared": {"7c0f…": "# Rules of the desk …", "a41b…": [{"name": "get_order", …}]}}
    {"task_id": "desk-7", "rules": "7c0f…", "tools": "a41b…", "opening": […], "steps": […], …}

Rules and tools, which most episodes have in common, stand once in the first line; an episode
names them by their digest. Otherwise it is what `to_json` says. A file appears whole or not at
all: it is written under another name and then renamed.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast, overload

import reasonact_env
from reasonact_env.episode import Episode
from reasonact_env.episodes.codec import from_json, to_json
from reasonact_env.episodes.json_values import JsonObject
from reasonact_env.episodes.lines import from_line, to_line, with_shared, without_shared
from tools.jsontext import short
from tools.types import Json

__all__ = [
    "EpisodeFile",
    "Header",
    "StorageError",
    "from_json",
    "merge",
    "read_episodes",
    "to_json",
    "write_episodes",
]

FORMAT = "reasonact-episodes"
VERSION = 2
"""Rises when older readers could no longer understand the file, or lack what it tells: since 2,
calls tell their changes, and verdicts what is reported beside them."""


class StorageError(ValueError):
    """A file that is not what it should be: which, where, and what to do."""


def _installed() -> str:
    return reasonact_env.__version__


@dataclass(frozen=True, slots=True)
class Header:
    """What the episodes of a file have in common."""

    env: Mapping[str, Json]
    """The keyword arguments of `gym.make`; enough to play the episodes again."""
    source: str
    """The data set."""
    agent: str
    """Who played."""
    reasonact: str = field(default_factory=_installed)
    """The version of this package that wrote the file."""


class EpisodeFile(Sequence[Episode]):
    """The episodes of a file, read from it one at a time when asked for."""

    def __init__(self, path: str | Path) -> None:
        """Reads the first line and finds the others.

        Raises:
            OSError: if the file cannot be read.
            StorageError: if it is no file of episodes, or one of a newer version.
        """
        self.path = Path(path)
        with self.path.open("rb") as file:
            first = file.readline()
            self._starts = _line_starts(file, len(first))
        self.header, self.version, self._shared = _read_header(self.path, first)

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> Episode: ...
    @overload
    def __getitem__(self, index: slice) -> list[Episode]: ...
    def __getitem__(self, index: int | slice) -> Episode | list[Episode]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        number = range(len(self))[index]
        with self.path.open("rb") as file:
            return self._read(file, number)

    def __iter__(self) -> Iterator[Episode]:
        with self.path.open("rb") as file:
            for number in range(len(self)):
                yield self._read(file, number)

    def _read(self, file: IO[bytes], number: int) -> Episode:
        file.seek(self._starts[number])
        line = file.readline()
        try:
            return from_json(with_shared(from_line(line), self._shared))
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            file.seek(0)
            before = file.read(self._starts[number]).count(b"\n")
            reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise StorageError(
                f"{self.path}, line {before + 1}: expected an episode, got {_excerpt(line)} "
                f"({reason}); the file was cut off or changed: copy it again, remove the line, "
                "or play the episodes again"
            ) from None


def read_episodes(path: str | Path) -> tuple[Header, EpisodeFile]:
    """Opens a file of episodes.

    Returns:
        Its header, and its episodes as a sequence that reads each one when it is asked for.

    Raises:
        OSError: if the file cannot be read.
        StorageError: if it is no file of episodes, or one of a newer version; later, if an episode
            turns out to be broken.
    """
    episodes = EpisodeFile(path)
    return episodes.header, episodes


def write_episodes(path: str | Path, header: Header, episodes: Iterable[Episode]) -> int:
    """Writes a file of episodes, whole or not at all.

    Args:
        path: Where; folders are made as needed, an older file is replaced at the end.
        header: What the episodes have in common.
        episodes: The episodes; whatever they raise leaves the older file as it was.

    Returns:
        The number of episodes.
    """
    shared: JsonObject = {}
    count = 0
    with _replacing(Path(path)) as (file, body):
        for count, episode in enumerate(episodes, 1):  # noqa: B007 (the last one is returned)
            body.write(to_line(without_shared(to_json(episode), shared)))
        _write_whole(file, header, shared, body)
    return count


def merge(paths: Iterable[str | Path], out: str | Path) -> int:
    """Writes the episodes of several files, in order, into one.

    Returns:
        The number of episodes.

    Raises:
        ValueError: if there are no files.
        StorageError: if one is no file of episodes, or was played in another way than the first.
    """
    parts = [EpisodeFile(path) for path in paths]
    if not parts:
        raise ValueError("expected one file or more to merge, got none")
    shared: JsonObject = {}
    with _replacing(Path(out)) as (file, body):
        for part in parts:
            _require_same(parts[0], part)
            shared |= part._shared
            with part.path.open("rb") as source:
                source.readline()
                body.writelines(line.rstrip(b"\r\n") + b"\n" for line in source if line.strip())
        _write_whole(file, parts[0].header, shared, body, parts[0].version)
    return sum(map(len, parts))


def _require_same(first: EpisodeFile, other: EpisodeFile) -> None:
    if first.version != other.version:
        raise StorageError(
            f"expected files of one version, but {first.path} is of version {first.version} and "
            f"{other.path} of version {other.version}; merge them apart"
        )
    for name in ("env", "source", "agent", "reasonact"):
        mine, theirs = getattr(first.header, name), getattr(other.header, name)
        if mine != theirs:
            raise StorageError(
                f"expected files that were played alike, but {name} is {short(mine)} in "
                f"{first.path} and {short(theirs)} in {other.path}; merge them apart"
            )


def _line_starts(file: IO[bytes], start: int) -> list[int]:
    """Where each line that is not blank begins, in bytes."""
    starts = []
    for line in file:
        if line.strip():
            starts.append(start)
        start += len(line)
    return starts


def _read_header(path: Path, line: bytes) -> tuple[Header, int, JsonObject]:
    try:
        value = from_line(line)
    except ValueError:
        value = {}
    if value.get("format") != FORMAT:
        raise StorageError(
            f'{path}: expected a file of episodes, whose first line has "format": "{FORMAT}", got '
            f"{_excerpt(line)}; `python -m train.evaluate` writes such files"
        )
    version = value.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise StorageError(
            f"{path}: expected a file of version {VERSION} or older, got {version}, written by "
            f"reasonact {value.get('reasonact')}; update reasonact (this is {_installed()})"
        )
    try:
        env, shared = cast(JsonObject, value["env"]), cast(JsonObject, value["shared"])
        about = [str(value[name]) for name in ("source", "agent", "reasonact")]
    except KeyError as error:
        raise StorageError(
            f"{path}: expected {error} in the first line, which has {', '.join(value)}; "
            "the line was changed: write the file again"
        ) from None
    return Header(env, *about), version, shared


def _header_json(header: Header, shared: JsonObject) -> JsonObject:
    return {
        "format": FORMAT,
        "version": VERSION,
        "reasonact": header.reasonact,
        "agent": header.agent,
        "source": header.source,
        "env": dict(header.env),
        "shared": shared,
    }


def _excerpt(line: bytes) -> str:
    return short(line[:60].decode("utf-8", "replace")) if line else "an empty file"


def _write_whole(
    file: IO[bytes],
    header: Header,
    shared: JsonObject,
    body: IO[bytes],
    version: int = VERSION,
) -> None:
    file.write(to_line(_header_json(header, shared) | {"version": version}))
    body.seek(0)
    shutil.copyfileobj(body, file, 1 << 20)


@contextmanager
def _replacing(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """A file that takes the path's place when all went well, and a body to fill before it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with tempfile.TemporaryFile(dir=path.parent) as body, partial.open("xb") as file:
            yield file, body
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
