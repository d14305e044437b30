"""Memory that one stage has freed, given back before the next one begins.

The C library keeps what is freed between blocks that are still used. After a pretrained model was
trained that is gigabytes, and the stages of a pipeline, which run in one process, would add theirs
to it.
"""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress


def give_back() -> None:
    """Collects what nothing refers to any more, and gives its memory back to the system.

    Where the C library is not glibc, only the former happens.
    """
    gc.collect()  # trainers refer to themselves
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
