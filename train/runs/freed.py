"""Memory that was freed is given back to the system.

The C library keeps what is freed between blocks that are still used. With a pretrained model that
is gigabytes: after a stage, whose followers in a pipeline run in the same process, and after each
pass and step, since rows of other lengths do not fit in the gaps that the last ones have left.
"""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedModel

LARGE = 50_000_000
"""Weights of a model whose steps free so much that giving it back, a fraction of a second, pays.
Chosen by hand."""


def give_back() -> None:
    """Collects what nothing refers to any more, and gives its memory back to the system.

    Where the C library is not glibc, only the former happens.
    """
    gc.collect()  # trainers refer to themselves
    _trim()


def give_back_of(model: PreTrainedModel) -> None:
    """Gives back what a large model's pass has freed."""
    if model.num_parameters() >= LARGE and model.device.type == "cpu":
        _trim()


def _trim() -> None:
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
