"""Four episodes, and a file that holds them."""

from __future__ import annotations

from pathlib import Path

import pytest

from reasonact_env.episode import Episode
from tests.reasonact_env.replay.replayed import four, saved


@pytest.fixture(scope="module")
def episodes() -> list[Episode]:
    return four()


@pytest.fixture
def path(tmp_path: Path, episodes: list[Episode]) -> Path:
    return saved(tmp_path / "run.jsonl", episodes)
