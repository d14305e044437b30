"""The order in which the rows of a pass are imitated."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from transformers.trainer_pt_utils import LengthGroupedSampler

PASS_STRIDE = 100_003
"""Keeps the passes of one seed apart from those of the next: a prime above the seeds in use."""


class PassOrder(LengthGroupedSampler):
    """Rows of like length together, in an order that seed and pass determine.

    The library draws each pass's order from the global generator, whose state at the beginning of
    a later pass is nowhere saved: a run that is killed there would go on in another order.
    """

    seed, epoch = 0, 0

    def set_epoch(self, epoch: int) -> None:
        """The trainer says which pass comes next."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        """A pass's order; the first one's is the library's own."""
        if self.epoch:
            self.generator = torch.Generator().manual_seed(self.seed + PASS_STRIDE * self.epoch)
        order: Iterator[int] = super().__iter__()
        return order
