"""Whether a component tells success from failure: in a generation, a panel and a report."""

import io
import math
from dataclasses import replace
from statistics import fmean, pstdev

import pytest
from rich.console import Console

from reasonact_env.reward import COMPONENTS
from train.rl.observe import call_covariance, group_statistics, tells
from train.rl.rollouts import Sample
from train.runs.panel import Shown, panel
from train.studies import telling


def sample(success: bool, **scores: float | None) -> Sample:
    components = dict.fromkeys(COMPONENTS) | {"outcome": float(success)} | scores
    weighted = {name: score if name == "outcome" else None for name, score in components.items()}
    return Sample([1], [2], [1], [-0.5], components, weighted, "t", False, 1, 1)


def test_it_is_the_point_biserial_correlation_within_a_group() -> None:
    scores, won = [0.9, 0.4, 0.8, 0.1, 0.3], [True, False, True, False, True]
    rows = [sample(one, tool=score) for one, score in zip(won, scores, strict=True)]
    yes = [score for score, one in zip(scores, won, strict=True) if one]
    no = [score for score, one in zip(scores, won, strict=True) if not one]
    share = len(yes) / len(won)
    expected = (fmean(yes) - fmean(no)) / pstdev(scores) * math.sqrt(share * (1 - share))
    found = tells(rows, 5)
    assert found["tool/tells"] == pytest.approx(expected)
    assert found["outcome/tells"] == found["total/tells"] == 1


def test_groups_are_compared_within_themselves() -> None:
    """An easy task pays more than a hard one, which is no merit of the component."""
    easy = [sample(True, tool=0.9, format=0.0), sample(False, tool=1.0, format=-1.0)]
    hard = [sample(True, tool=0.0, format=1.0), sample(False, tool=0.1, format=0.0)]
    found = tells(easy + hard, 2)
    assert found["tool/tells"] == -1
    assert found["format/tells"] == 1


@pytest.mark.parametrize(
    "rows",
    [
        [sample(True, tool=0.5), sample(False, tool=0.5)],
        [sample(True, tool=0.1), sample(True, tool=0.9)],
        [sample(True), sample(False)],
    ],
    ids=["constant", "all succeed", "does not apply"],
)
def test_what_cannot_be_known_is_left_out(rows: list[Sample]) -> None:
    assert "tool/tells" not in tells(rows, 2)


def test_groups_to_which_a_component_does_not_apply_are_left_out() -> None:
    rows = [sample(True, tool=1.0), sample(False, tool=0.0), sample(True), sample(False)]
    found = group_statistics(rows, 2)
    assert found["tool/tells"] == 1
    assert {"tool/mean", "tool/dead"} <= found.keys()


LINES = [
    {"step": 1, "total/mean": 0.2, "total/dead": 0.0, "tool/tells": 0.5, "tool/advantage": 0.4},
    {"step": 2, "total/mean": 0.3, "total/dead": 0.0},
    {"step": 3, "total/mean": 0.3, "total/dead": 0.0, "tool/tells": 0.7, "tool/advantage": 0.5},
]


def test_a_run_has_the_mean_of_the_generations_that_know() -> None:
    found = telling.tellings(LINES)["tool"]
    assert (found.r, found.generations) == (pytest.approx(0.6), 2)
    assert found.error == pytest.approx(0.1)
    assert found.advantage == pytest.approx(0.3), "none of it where nothing is said"
    words = telling.words("", {"SFT": [{"step": 1, "loss": 2.0}], "GRPO": LINES})
    assert words.heads == ("component", "GRPO")
    assert words.rows == (("tool", "+0.60 ± 0.10, 30%"),)
    assert telling.as_dict({"GRPO": LINES})["GRPO"] == {
        "tool": {"r": 0.6, "error": pytest.approx(0.1), "generations": 2, "advantage": 0.3}
    }


def test_the_panel_shows_it() -> None:
    further = {"tool/mean": 0.3, "tool/std": 0.1, "tool/dead": 0.2}
    screen = Console(file=io.StringIO(), width=80, color_system=None)
    screen.print(panel(Shown("GRPO", [line | further for line in LINES])))
    assert isinstance(screen.file, io.StringIO)
    text = screen.file.getvalue()
    assert "tells" in text
    assert "+0.60" in text
    assert max(map(len, text.splitlines())) <= 80


def test_calls_covary_with_the_return_where_they_earn_more_than_their_group() -> None:
    def played(calls: bool, won: bool) -> Sample:
        return replace(sample(won), calling=int(calls))

    due = [played(True, True), played(True, True), played(False, False), played(False, False)]
    not_due = [played(not one.calling, one.success) for one in due]
    same = [played(True, True), played(True, False)] * 2
    assert call_covariance(due, 4) == pytest.approx(1 / 4)
    assert call_covariance(not_due, 4) == pytest.approx(-1 / 4)
    assert call_covariance(due + not_due, 4) == 0
    assert call_covariance(due + not_due + not_due + same, 4) == pytest.approx(-1 / 16)
    assert call_covariance(due + not_due, 8) == 0
    assert call_covariance([*due[:2], *not_due[:2]], 2) == 0, (
        "groups are compared within themselves"
    )
