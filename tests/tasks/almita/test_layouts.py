"""Layouts that ALMITA's tables may have: none is read wrongly without a word."""

from pathlib import Path

import pytest

from benchmarks.layouts import LAYOUTS, Layout, Outcome, main, outcome


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_layout_is_read_rightly_or_refused(layout: Layout, tmp_path: Path) -> None:
    came, why = outcome(layout, tmp_path)
    assert came is layout.ought
    assert came is not Outcome.REFUSED or "expected" in why


def test_the_command_counts_more_than_thirty(capsys: pytest.CaptureFixture[str]) -> None:
    counts = main()
    assert counts[Outcome.RIGHT] + counts[Outcome.REFUSED] >= 30
    assert counts[Outcome.WRONG] == 0
    assert f"{len(LAYOUTS)} layouts: {counts[Outcome.RIGHT]} right" in capsys.readouterr().out
