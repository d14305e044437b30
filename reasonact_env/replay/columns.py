"""The rows of many episodes as columns of numbers, so that a hundred thousand filter at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from reasonact_env.episode import StopReason
from reasonact_env.episodes.lines import from_line, to_line
from reasonact_env.replay.rows import BROKEN, NOT_READ, Row
from tools.files import replacing
from tools.places import require_regular

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]


class _Texts(msgspec.Struct, array_like=True):
    """The texts on disk."""

    tasks: list[str]
    words: list[str]
    names: list[str]


_UNJUDGED = (BROKEN, NOT_READ, StopReason.RECORDED.value)
"""What stands in the place of a reason to stop where there is no return."""
_LEAST, _TIMES = 1 << 24, 100
"""The most bytes of an index: so many, and so many times those of the file of episodes."""
_ARRAYS = ("starts", "total", "steps", "won", "stop", "wrong", "tag_rows", "tags", "components")


@dataclass(frozen=True, slots=True)
class Columns:
    """`N` rows, with `K` tags and `C` components; texts stand once and are named by number."""

    tasks: list[str]
    """(N) the tasks' ids."""
    starts: Ints
    """(N,) where the episode's line begins in its file, in bytes."""
    total: Floats
    """(N,) the return."""
    steps: Ints
    """(N,) the number of steps."""
    won: Ints
    """(N,) 1 for success, 0 for failure, -1 for neither."""
    stop: Ints
    """(N,) the reason to stop, a place in `words`."""
    wrong: Ints
    """(N,) what was wrong, a place in `words`."""
    tag_rows: Ints
    """(K,) the row that has a tag."""
    tags: Ints
    """(K,) the tag, a place in `words`."""
    components: Floats
    """(N, C) the mean of a component; nan where it does not apply."""
    words: list[str]
    """Reasons, troubles and tags, each once."""
    names: list[str]
    """(C) the components' names."""
    causes: bytes = b""
    """What went wrong, of one file alone (`causes.packed`)."""

    def __len__(self) -> int:
        return len(self.tasks)

    @property
    def broken(self) -> Mask:
        """(N,) which rows are of broken lines."""
        place = self.words.index(BROKEN) if BROKEN in self.words else -1
        return np.asarray(self.stop == place)

    @property
    def returns(self) -> Floats:
        """(N,) the return; nan of a broken or unread line, and where nobody has judged it."""
        places = [self.words.index(word) for word in _UNJUDGED if word in self.words]
        return np.where(np.isin(self.stop, places), np.nan, self.total)

    @property
    def judged(self) -> Mask:
        """(N,) which rows have a return that is a number."""
        return np.isfinite(self.returns)

    @property
    def odd(self) -> Mask:
        """(N,) which rows have a return that is no number."""
        return ~np.isfinite(self.total)

    def return_of(self, row: int) -> float | None:
        """A row's return; None where it has none (`judged`)."""
        judged = self.words[self.stop[row]] not in _UNJUDGED
        total = float(self.total[row])
        return total if judged and np.isfinite(total) else None

    @classmethod
    def of(cls, rows: Sequence[Row], starts: Sequence[int], causes: bytes = b"") -> Columns:
        """Takes rows, where their lines begin, and what went wrong in them."""
        words: dict[str, int] = {}

        def place(word: str) -> int:
            return words.setdefault(word, len(words))

        tags = [(number, place(tag)) for number, row in enumerate(rows) for tag in row.tags]
        names = list(dict.fromkeys(name for row in rows for name in row.components))
        return cls(
            tasks=[row.task for row in rows],
            starts=np.array(starts, np.int64),
            total=np.array([row.total for row in rows], np.float64),
            steps=_ints(row.steps for row in rows),
            won=_ints(-1 if row.won is None else int(row.won) for row in rows),
            stop=_ints(place(row.stop) for row in rows),
            wrong=_ints(place(row.wrong) for row in rows),
            tag_rows=_ints(number for number, _ in tags),
            tags=_ints(tag for _, tag in tags),
            components=_table([row.components for row in rows], names),
            words=list(words),
            names=names,
            causes=causes,
        )

    @classmethod
    def joined(cls, parts: Sequence[Columns]) -> Columns:
        """The rows of several files, one after the other."""
        if len(parts) == 1:
            return parts[0]
        words: dict[str, int] = {}
        names = list(dict.fromkeys(name for part in parts for name in part.names))
        maps = [
            np.array([words.setdefault(word, len(words)) for word in part.words] or [0], np.int64)
            for part in parts
        ]
        before = np.cumsum([0, *(len(part) for part in parts)])
        pairs = list(zip(parts, maps, strict=True))

        def all_of(name: str) -> Ints:
            return np.concatenate([_empty, *(getattr(part, name) for part in parts)])

        def mapped(name: str) -> Ints:
            return np.concatenate([_empty, *(to[getattr(part, name)] for part, to in pairs)])

        return cls(
            tasks=[task for part in parts for task in part.tasks],
            starts=all_of("starts"),
            total=np.concatenate([np.zeros(0), *(part.total for part in parts)]),
            steps=all_of("steps"),
            won=all_of("won"),
            stop=mapped("stop"),
            wrong=mapped("wrong"),
            tag_rows=np.concatenate(
                [_empty, *(p.tag_rows + n for p, n in zip(parts, before[:-1], strict=True))]
            ),
            tags=mapped("tags"),
            components=np.concatenate(
                [np.zeros((0, len(names))), *(_wide(p, names) for p in parts)]
            ),
            words=list(words),
            names=names,
        )

    def write(self, path: Path, stamp: Sequence[int]) -> None:
        """Writes the columns to a file.

        Args:
            path: The file.
            stamp: Tells the file of episodes from a later state of it.

        Raises:
            OSError: if the file cannot be written.
            ValueError: if it is a pipe or a device.
        """
        require_regular(path)
        texts = to_line([self.tasks, self.words, self.names])
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        with replacing(path, sync=False) as file:
            np.savez(
                file,
                allow_pickle=False,
                stamp=np.array(stamp, np.int64),
                texts=np.frombuffer(texts, np.uint8),
                causes=np.frombuffer(self.causes, np.uint8),
                **arrays,
            )

    @classmethod
    def read(cls, path: Path, stamp: Sequence[int]) -> Columns | None:
        """Reads what `write` wrote; None if there is nothing, or it is of another state.

        Whatever the file says is looked at before it is used: somebody else may have made it.

        Args:
            path: The file.
            stamp: As for `write`; its second number is the size of the file of episodes, in bytes.
        """
        size = stamp[1]
        try:
            with (
                require_regular(path).open("rb") as file,
                np.load(file, allow_pickle=False) as found,
            ):
                if sum(part.file_size for part in found.zip.infolist()) > _LEAST + _TIMES * size:
                    return None
                if found["stamp"].tolist() != list(stamp):
                    return None
                texts = from_line(found["texts"].tobytes(), _Texts)
                causes = found["causes"].tobytes()
                arrays = {name: found[name] for name in _ARRAYS}
                columns = cls(
                    tasks=texts.tasks,
                    words=texts.words,
                    names=texts.names,
                    causes=causes,
                    **arrays,
                )
            return columns if columns._fits(size) else None
        except Exception:  # whatever is in that file: it is made anew
            return None

    def _fits(self, size: int) -> bool:
        """Whether all sizes and places are such as `of` makes them of a file of that many bytes."""
        rows, words, tags = len(self), len(self.words), len(self.tags)
        ints = {
            "starts": (rows, 1, size),
            "steps": (rows, 0, size),
            "won": (rows, -1, 2),
            "stop": (rows, 0, words),
            "wrong": (rows, 0, words),
            "tag_rows": (tags, 0, rows),
            "tags": (tags, 0, words),
        }
        arrays = {name: getattr(self, name) for name in ints}
        return (
            all(array.dtype == np.int64 for array in arrays.values())
            and all(arrays[name].shape == (count,) for name, (count, _, _) in ints.items())
            and all(
                bool(np.all((arrays[name] >= low) & (arrays[name] < high)))
                for name, (_, low, high) in ints.items()
            )
            and bool(np.all(np.diff(self.starts) > 0))
            and self.total.dtype == self.components.dtype == np.float64
            and self.total.shape == (rows,)
            and self.components.shape == (rows, len(self.names))
        )


_empty: Ints = np.zeros(0, np.int64)


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), np.int64)


def _table(rows: Sequence[Mapping[str, float]], names: Sequence[str]) -> Floats:
    table = np.full((len(rows), len(names)), np.nan)
    for number, row in enumerate(rows):
        for column, name in enumerate(names):
            table[number, column] = row.get(name, np.nan)
    return table


def _wide(part: Columns, names: Sequence[str]) -> Floats:
    """A part's components under the names of all parts."""
    table = np.full((len(part), len(names)), np.nan)
    for column, name in enumerate(part.names):
        table[:, names.index(name)] = part.components[:, column]
    return table
