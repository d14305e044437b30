"""p-values against tables and against the intervals they belong to."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from train.scoring.metrics import Scale
from train.scoring.paired import beyond, holm, p_value
from train.scoring.report import show, show_difference
from train.scoring.stats import Ratios, difference, ratio, student


@pytest.mark.parametrize(
    ("t", "degrees", "p"),
    [
        (12.7062, 1, 0.05),
        (4.3027, 2, 0.05),
        (3.1824, 3, 0.05),
        (2.7764, 4, 0.05),
        (2.2281, 10, 0.05),
        (2.0395, 31, 0.05),
        (2.8453, 20, 0.01),
        (1.9604, 9_999, 0.05),
        (0.0, 7, 1.0),
    ],
)
def test_tails_match_the_tables(t: float, degrees: int, p: float) -> None:
    assert beyond(t, degrees) == pytest.approx(p, rel=2e-3)


@settings(deadline=None)
@given(st.integers(4, 5_000), st.floats(0.5, 0.999))
def test_tails_invert_the_quantiles(degrees: int, confidence: float) -> None:
    assert beyond(student(confidence, degrees), degrees) == pytest.approx(1 - confidence, abs=2e-3)


@settings(deadline=None)
@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=12, max_size=60))
def test_p_is_below_the_level_where_the_interval_excludes_zero(moves: list[float]) -> None:
    found = ratio(Ratios.of(moves))
    p = p_value(found)
    if abs(p - 0.05) > 1e-3:
        assert (p < 0.05) == found.excludes_zero


def test_a_single_task_has_no_p() -> None:
    one = difference(Ratios.of([1.0], None, ["a"]), Ratios.of([0.0], None, ["a"]))
    assert math.isnan(p_value(one))


def test_no_difference_at_all_has_p_one() -> None:
    ones = Ratios.of(np.ones(5))
    assert p_value(difference(ones, ones)) == 1


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_keeps_the_order_and_never_helps(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(a >= p for a, p in zip(adjusted, p_values, strict=True))
    assert max(adjusted) <= 1
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    assert [adjusted[i] for i in order] == sorted(adjusted)
    assert adjusted[order[0]] == pytest.approx(min(1, len(p_values) * p_values[order[0]]))


def test_what_is_unknown_is_no_test() -> None:
    adjusted = holm([0.02, math.nan])
    assert adjusted[0] == 0.02
    assert math.isnan(adjusted[1])


def test_one_task_has_no_interval_in_tables_of_metrics() -> None:
    alone = ratio(Ratios.of([0.25, 0.75], None, ["one", "one"]))
    assert show(alone, Scale.NUMBER) == "0.500 (one task)"
    assert show(alone, Scale.SHARE) == "50.0 (one task)"
    assert show_difference(alone, Scale.NUMBER) == "+0.500 (one task)"
    assert show_difference(alone, Scale.SHARE) == "+50.0 (one task)"
