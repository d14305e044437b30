"""Tables whose entries are imported on first use."""

from __future__ import annotations

import importlib
import operator
from collections.abc import Iterator, Mapping
from typing import TypeVar, cast

T = TypeVar("T")


class LazyTable(Mapping[str, T]):
    """Name -> object; looking an object up imports its module, listing the names imports nothing.

    >>> table = LazyTable[object]({"pi": "math:pi", "tau": "math:tau"})
    >>> list(table), "e" in table, table["pi"]
    (['pi', 'tau'], False, 3.141592653589793)
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        """Notes where each object lives, as name -> `MODULE:NAME`; a name may have dots."""
        self._places = places

    def __getitem__(self, name: str) -> T:
        """Loads an entry.

        Raises:
            KeyError: if no entry has this name.
        """
        module, _, attribute = self._places[name].partition(":")
        return cast("T", operator.attrgetter(attribute)(importlib.import_module(module)))

    def __contains__(self, name: object) -> bool:
        """Whether an entry has this name; nothing is imported."""
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        """The names, in the table's order."""
        return iter(self._places)

    def __len__(self) -> int:
        """The number of entries."""
        return len(self._places)
