"""Which of several training processes this is, as `accelerate launch` tells it."""

from __future__ import annotations

import os


def count() -> int:
    """How many train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """This one's number, 0 for the one that writes files."""
    return int(os.environ.get("RANK", "0"))


def gpu() -> str:
    """The name of this process's own GPU."""
    return f"cuda:{os.environ.get('LOCAL_RANK', '0')}"


def is_main() -> bool:
    """Whether this process writes files and talks to people."""
    return rank() == 0
