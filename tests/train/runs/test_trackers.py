"""Trackers besides the journal."""

from importlib.util import find_spec

import pytest

from train.runs.trackers import TRACKERS, require_trackers


def test_no_tracker_needs_nothing() -> None:
    require_trackers([])


@pytest.mark.parametrize("name", TRACKERS)
def test_a_tracker_is_there_or_missed_before_anything_is_trained(name: str) -> None:
    if any(find_spec(module) for module in TRACKERS[name]):
        require_trackers([name])
        return
    with pytest.raises(ModuleNotFoundError, match=f"pip install {name}"):
        require_trackers([name])
