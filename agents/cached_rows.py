"""Which rows a key-value cache holds, how many tokens of each, and what they begin with.

Rows differ in length: each has holes, masked columns, where it heard less than others. What several
rows begin with may be kept once for them, apart from what a row has of its own.
Shapes: B rows, R some of them, K cached columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import torch
from torch import Tensor
from transformers import PreTrainedModel

from agents.beginning import can_share
from agents.cache import append, begin, begin_in_groups, chosen, growing_cache, rearrange
from agents.groups import Groups

SLACK = 1.2
"""The cache may be this many times as wide as its longest row before the holes are squeezed out.

Holes cost attention and memory, squeezing copies the cache. Chosen by hand; only speed and memory
depend on it.
"""


class CachedRows:
    """The rows of a cache; `agents.generation` reads into them."""

    def __init__(self, model: PreTrainedModel, rows: int) -> None:
        """Begins with empty conversations."""
        self._model = model
        self._cache = growing_cache(model.config)
        self._mask = torch.zeros((rows, 0), dtype=torch.long, device=model.device)
        self._lengths = torch.zeros(rows, dtype=torch.long, device=model.device)
        self.kept_once = torch.zeros_like(self._lengths)
        """(B,) how many tokens each row begins with that are kept once for several rows; `width`
        and a row's length do not count them."""
        self._groups: Groups | None = None

    @property
    def width(self) -> int:
        """K, the columns of the cache, holes included."""
        return int(self._mask.shape[1])

    def keep(self, rows: Sequence[int]) -> None:
        """Forgets all other rows and, where there are many, the holes.

        The order of a row's tokens stays, and their rotary positions lie in the keys already, so
        what is kept can move to the right end.
        """
        lengths = self._lengths[list(rows)]
        longest = int(lengths.max())
        if self.width <= SLACK * longest and list(rows) == list(range(len(self._lengths))):
            return
        kept = torch.tensor(rows, device=self._mask.device)
        columns = self._columns(kept)
        rearrange(self._cache, kept, columns)
        self._mask, self._lengths = self._mask[kept].gather(1, columns), lengths
        self._begin_like(self, kept)

    def forget(self, row: int, count: int) -> None:
        """Forgets a row's last tokens; they become holes."""
        if not count:
            return
        from_the_end = self._mask[row].flip(0).cumsum(0).flip(0)
        self._mask[row] &= from_the_end > count
        self._lengths[row] -= count

    def _divide(self, places: Sequence[int]) -> None:
        """Makes what each row has read the beginning of a group of rows to come.

        Args:
            places: Of each of these, the row that it begins like.
        """
        numbers = torch.tensor(places, device=self._mask.device)
        lengths = self.kept_once + self._lengths
        shared = self._mask.new_ones((len(lengths), int(self.kept_once.max())))
        seen = torch.cat([shared, self._mask], dim=1).bool()
        begin_in_groups(self._cache, len(numbers))
        self._groups, self.kept_once = Groups.of(numbers, seen), lengths[numbers]
        self._mask = self._mask.new_zeros((len(numbers), 0))
        self._lengths = torch.zeros_like(self.kept_once)

    def _begin_like(self, other: CachedRows, rows: Tensor) -> None:
        """Lets rows begin with what some rows, (B,), of a wave begin with."""
        self.kept_once = other.kept_once[rows]
        self._groups = other._groups and other._groups.chosen(rows)

    def _hand_on(self, shared: int, rows: int) -> None:
        """Lets some rows begin with what the only one has read."""
        if not can_share(self._model):
            return self._become([0] * rows)
        begin(self._cache)
        self._mask = self._mask.new_zeros((rows, 0))
        self._lengths = self._lengths.new_zeros(rows)
        self.kept_once = self._lengths + shared
        return None

    def _become(self, places: Sequence[int]) -> None:
        """Takes rows anew, some of them perhaps more than once."""
        rows = torch.tensor(places, device=self._mask.device)
        columns = torch.arange(self.width, device=rows.device).expand(len(rows), -1)
        rearrange(self._cache, rows, columns)
        self._mask, self._lengths = self._mask[rows], self._lengths[rows]
        self._begin_like(self, rows)

    def _apart(self, few: Tensor) -> Self:
        """Some rows, (R,), in a wave of their own."""
        part = type(self)(self._model, len(few))
        part._begin_like(self, few)
        columns, part._lengths = self._columns(few), self._lengths[few]
        part._cache = chosen(self._cache, few, columns)
        part._mask = self._mask[few].gather(1, columns)
        return part

    def _take_over(self, few: Tensor, part: CachedRows, count: int) -> None:
        """Adds to some rows, (R,), what they read in the last columns of a wave of their own."""
        append(self._cache, few, part._cache, count)
        read = self._mask.new_zeros((len(self._mask), count))
        read[few] = part._mask[:, -count:]
        self._mask = torch.cat([self._mask, read], dim=1)
        self._lengths[few] = part._lengths

    def _columns(self, rows: Tensor) -> Tensor:
        """(R, C) the columns that rows fill, in order; C is the longest row's length."""
        order = self._mask[rows].argsort(dim=1, stable=True)
        return order[:, self.width - int(self._lengths[rows].max()) :]
