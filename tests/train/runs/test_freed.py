"""Memory that was freed is not kept."""

import json
import platform
import subprocess
import sys

import pytest

FREES = """
import json, resource
from pathlib import Path
import numpy as np
from train.runs.freed import give_back

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20

first = np.ones(30 * 2**20, np.uint8)  # once freed, glibc keeps blocks up to this size
del first
before, blocks, pins = resident(), [], []
for _ in range(400):
    blocks.append(np.ones(2**20, np.uint8))
    pins.append(np.ones(1000, np.uint8))
del blocks
kept = resident() - before
give_back()
print(json.dumps([kept, resident() - before]))
"""
"""A process of its own: one that has freed much before has room for these blocks already."""


@pytest.mark.skipif(
    sys.platform != "linux" or platform.libc_ver()[0] != "glibc",
    reason="glibc's allocator is tested, which Linux has",
)
def test_what_lies_between_used_blocks_goes_back_to_the_system() -> None:
    told = subprocess.run([sys.executable, "-c", FREES], capture_output=True, text=True, check=True)
    kept, left = json.loads(told.stdout)
    assert kept > 300, "megabytes; otherwise nothing is tested"
    assert left < 100
