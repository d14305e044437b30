"""Which of several training processes this is, as `accelerate launch` tells it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, TypeVar

T = TypeVar("T")


def count() -> int:
    """How many train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """This one's number, 0 for the one that writes files."""
    return int(os.environ.get("RANK", "0"))


def gathered(own: T) -> list[T]:
    """Every process's value, in the order of ranks; all of them have to ask for it."""
    if count() == 1:
        return [own]
    import torch.distributed  # several processes train, so it is there

    found: list[Any] = [None] * count()
    torch.distributed.all_gather_object(found, own)
    return found


def part_of(rows: Sequence[object]) -> slice:
    """This process's part of the rows of all."""
    size = len(rows) // count()
    return slice(rank() * size, (rank() + 1) * size)


def gpu() -> str:
    """The name of this process's own GPU."""
    return f"cuda:{os.environ.get('LOCAL_RANK', '0')}"


def is_main() -> bool:
    """Whether this process writes files and talks to people."""
    return rank() == 0
