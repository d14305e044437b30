"""Generated data sets whose tasks are made one by one, each when it is asked for.

A replay of 500 episodes of `desk:20000:1` needs 500 tasks, and all of them take 25 seconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from tasks.given import of_rows
from tasks.types import Task
from tools.lazy_table import LazyTable
from tools.types import Json

Record: TypeAlias = dict[str, Json]
"""A record, or a sidecar."""
Maker: TypeAlias = Callable[[int, int], tuple[Record, Record]]
"""From the seed and a number to the record and the sidecar with this number."""
_MAKERS: Mapping[str, Maker] = LazyTable(
    {
        "desk": "tasks.desk.generator:dialogue",
        "kaleidoscope": "tasks.kaleidoscope.generator:dialogue",
    }
)
"""The generators that make a record from its number alone."""
_NAME = re.compile(r"(\w+):(\d+)(?::(\d+))?")


@dataclass(frozen=True, slots=True)
class Numbered(Mapping[str, Task]):
    """Id -> task of a generated set; a task's split is not known here, and is that of training."""

    name: str
    """The generator's."""
    size: int
    """How many tasks there are."""
    seed: int
    """Of all of them."""
    _made: dict[str, Task] = field(default_factory=dict)

    @classmethod
    def of(cls, data: str) -> Numbered | None:
        """The set of this name, as `tasks.load` knows it; None if it is made as a whole only."""
        found = _NAME.fullmatch(data)
        if found is None or found[1] not in _MAKERS:
            return None
        return cls(found[1], int(found[2]), int(found[3] or 0))

    @property
    def source(self) -> str:
        """The data set's name, as results show it (`TaskSet.source`)."""
        return f"embedded:{self.name}(n={self.size},seed={self.seed})"

    def __getitem__(self, key: str) -> Task:
        """Makes the task, once."""
        if key not in self._made:
            name, _, number = key.rpartition("-")
            if name != self.name or not number.isdecimal() or self._id(int(number)) != key:
                raise KeyError(key)
            self._made[key] = self._make(int(number))
        return self._made[key]

    def _make(self, number: int) -> Task:
        if number >= self.size:
            raise KeyError(self._id(number))
        rows = [_MAKERS[self.name](self.seed, number)]
        (task,) = of_rows(rows, self.source, self.name, embedded=True).tasks
        return replace(task, id=self._id(number))

    def _id(self, number: int) -> str:
        return f"{self.name}-{number:05d}"

    def __iter__(self) -> Iterator[str]:
        """All ids, in order; makes no task."""
        return map(self._id, range(self.size))

    def __len__(self) -> int:
        """How many tasks there are."""
        return self.size
