"""Memory that was freed is not kept."""

import platform
import resource
import sys
from pathlib import Path

import numpy as np
import pytest

from train.runs.freed import give_back

MEGABYTE = 2**20


def resident() -> int:
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * resource.getpagesize()


@pytest.mark.skipif(
    sys.platform != "linux" or platform.libc_ver()[0] != "glibc",
    reason="glibc's allocator is tested, which Linux has",
)
def test_what_lies_between_used_blocks_goes_back_to_the_system() -> None:
    first = np.ones(30 * MEGABYTE, np.uint8)  # once freed, glibc keeps blocks up to this size
    del first
    before = resident()
    blocks, pins = [], []
    for _ in range(400):
        blocks.append(np.ones(MEGABYTE, np.uint8))
        pins.append(np.ones(1000, np.uint8))
    del blocks
    kept = resident() - before
    give_back()
    left = resident() - before
    if kept < 300 * MEGABYTE:
        pytest.skip("this C library keeps nothing")
    assert left < 100 * MEGABYTE
    assert len(pins) == 400
