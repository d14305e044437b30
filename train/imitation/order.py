"""The order in which the rows of a pass are imitated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import torch
from transformers.trainer_pt_utils import LengthGroupedSampler

PASS_STRIDE = 100_003
"""Keeps the passes of one seed apart from those of the next: a prime above the seeds in use."""


class PassOrder(LengthGroupedSampler):
    """Rows of like length and beginning together, in an order that seed and pass determine.

    The library draws each pass's order from the global generator, whose state at the beginning of
    a later pass is nowhere saved: a run that is killed there would go on in another order.
    """

    seed, epoch = 0, 0
    beginnings: Sequence[int] = ()
    """Each row's rules and tools as a number; empty where it does not matter how rows begin."""

    def set_epoch(self, epoch: int) -> None:
        """The trainer says which pass comes next."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        """A pass's order; the first one's is the library's own."""
        if self.epoch:
            self.generator = torch.Generator().manual_seed(self.seed + PASS_STRIDE * self.epoch)
        order: Iterator[int] = super().__iter__()
        if not self.beginnings:
            return order
        return together(order, self.beginnings, self.batch_size)


def together(order: Iterable[int], beginnings: Sequence[int], size: int) -> Iterator[int]:
    """Rows in the given order, but a step's begin alike, so that its beginning is read once.

    A step's rows come when the last of them would have come. What is left over of all beginnings
    comes last.

    >>> list(together([0, 1, 2, 3, 4, 5], [7, 8, 7, 8, 7, 7], 2))
    [0, 2, 1, 3, 4, 5]
    """
    waiting: dict[int, list[int]] = {}
    for row in order:
        alike = waiting.setdefault(beginnings[row], [])
        alike.append(row)
        if len(alike) == size:
            yield from alike
            alike.clear()
    for alike in waiting.values():
        yield from alike
