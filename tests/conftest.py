"""Fixtures that all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

VARIABLE = "REASONACT_SHARED_DATA"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real dialogues, which are not part of the project."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f"needs real dialogues: set {VARIABLE} to their folder")
    path = Path(folder)
    if not path.is_dir():
        pytest.fail(f"expected {VARIABLE} to name a folder, got {folder!r}")
    return path
