"""Intervals against known values, identities, and coverage."""

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasonact_env.stats import (
    Interval,
    Ratios,
    between,
    difference,
    pooled,
    ratio,
    share,
    student,
    wilson,
)
from train.scoring.pass_k import pass_at_k, pass_hat_k

numbers = st.lists(st.floats(-100, 100), min_size=2, max_size=30)


@pytest.mark.parametrize(
    ("degrees", "quantile"),
    [(1, 12.706), (2, 4.3027), (3, 3.1824), (5, 2.5706), (10, 2.2281), (30, 2.0423), (999, 1.9623)],
)
def test_student_quantiles_match_the_tables(degrees: int, quantile: float) -> None:
    assert student(0.95, degrees) == pytest.approx(quantile, rel=0.015)


def test_mean_of_independent_values_is_the_textbook_t_interval() -> None:
    values = [1.0, 2.0, 3.0, 4.0, 5.0]
    found = ratio(Ratios.of(values))
    half = 2.7764 * np.std(values, ddof=1) / math.sqrt(5)
    assert found.value == 3
    assert found.half == pytest.approx(half, rel=0.005)
    assert (found.n, found.clusters) == (5, 5)


@given(numbers)
def test_repeating_every_observation_in_its_cluster_tells_nothing_new(values: list[float]) -> None:
    once = ratio(Ratios.of(values))
    tripled = ratio(Ratios.of(values * 3, None, list(range(len(values))) * 3))
    assert tripled.value == pytest.approx(once.value, abs=1e-9)
    assert tripled.half == pytest.approx(once.half, abs=1e-9)
    assert tripled.clusters == once.clusters


def test_one_cluster_has_no_bounds() -> None:
    found = ratio(Ratios.of([1.0, 2.0], None, ["a", "a"]))
    assert (found.low, found.high) == (-math.inf, math.inf)
    assert json.loads(json.dumps(found.as_dict()))["low"] is None


def test_ratio_leaves_out_what_does_not_apply() -> None:
    with_gap = ratio(Ratios.of([1, 0, 2], [2, 0, 2], ["a", "b", "c"]))
    without = ratio(Ratios.of([1, 2], [2, 2], ["a", "c"]))
    assert with_gap == without
    assert with_gap.value == 0.75


def test_nothing_to_measure_is_nan() -> None:
    assert math.isnan(ratio(Ratios.of([0.0], [0.0])).value)
    assert math.isnan(share(Ratios.of([], [])).value)


@pytest.mark.parametrize("bad", [[math.nan], [math.inf]])
def test_refuses_nan_and_infinity(bad: list[float]) -> None:
    with pytest.raises(ValueError, match="finite"):
        Ratios.of(bad)


def test_refuses_lists_of_different_lengths() -> None:
    with pytest.raises(ValueError, match="one length"):
        Ratios.of([1.0, 2.0], [1.0])


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662), (10, 10, 0.7225, 1)],
)
def test_wilson_matches_published_values(successes: int, n: int, low: float, high: float) -> None:
    ends = wilson(successes / n, n)
    assert ends == (pytest.approx(low, abs=2e-4), pytest.approx(high, abs=2e-4))


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_share_of_independent_trials_stays_near_wilson(outcomes: list[bool]) -> None:
    found = share(Ratios.of([float(o) for o in outcomes]))
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.half > 0
    if len(outcomes) > 1 and all(outcomes) == any(outcomes):
        low, high = wilson(found.value, len(outcomes))
        assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


def test_share_counts_clusters_not_trials_when_trials_agree() -> None:
    labels = list(range(10)) * 8
    clustered = share(Ratios.of([float(i % 10 < 5) for i in range(80)], None, labels))
    low, high = wilson(0.5, 10)
    assert clustered.half == pytest.approx((high - low) / 2, rel=0.1)


def test_a_share_on_which_all_tasks_agree_counts_each_once() -> None:
    found = share(Ratios.of([1.0, 0.0] * 5, None, [n // 2 for n in range(10)]))
    assert (found.low, found.high) == pytest.approx(wilson(0.5, 5))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5)), min_size=1, max_size=20))
def test_means_between_two_ends_have_intervals_between_them(marks: list[tuple[int, int]]) -> None:
    ratios = Ratios.of([mark for _, mark in marks], None, [task for task, _ in marks])
    found = between(ratios, 1, 5)
    assert 1 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 5
    assert found.half > 0
    assert found.value == pytest.approx(ratio(ratios).value)


def test_one_task_has_no_interval_in_any_table() -> None:
    found = ratio(Ratios.of([0.25, 0.75], None, ["one", "one"]))
    assert not found.is_known
    assert (found.ends(), found.ends("+.1f", 100)) == ("(one task)", "(one task)")
    assert Interval.from_dict(found.as_dict()) == found
    known = Interval(-0.00001, -0.3, 0.4, 4, 2)
    assert known.ends("+.1f", 100) == "[-30.0, +40.0]"
    assert Interval.from_dict(known.as_dict()) == known
    assert math.isnan(Interval.from_dict(ratio(Ratios.of([], [])).as_dict()).value)


@given(numbers)
def test_difference_of_a_run_with_itself_is_exactly_zero(values: list[float]) -> None:
    run = Ratios.of(values)
    found = difference(run, run)
    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_difference_is_the_paired_t_interval_whatever_the_order() -> None:
    rng = np.random.default_rng(0)
    before = rng.normal(size=50)
    after = before + rng.normal(0.3, 0.1, size=50)
    tasks = np.array([f"t{i}" for i in range(50)])
    shuffle = rng.permutation(50)
    found = difference(
        Ratios.of(after[shuffle], None, tasks[shuffle]), Ratios.of(before, None, tasks)
    )
    paired = ratio(Ratios.of(after - before))
    assert found.value == pytest.approx(paired.value)
    assert found.half == pytest.approx(paired.half)
    assert found.half < ratio(Ratios.of(after)).half


def test_difference_refuses_other_tasks() -> None:
    with pytest.raises(ValueError, match="same tasks"):
        difference(Ratios.of([1.0], None, ["a"]), Ratios.of([1.0], None, ["b"]))


def test_pooling_seeds_keeps_the_number_of_tasks() -> None:
    rng = np.random.default_rng(1)
    tasks = [f"t{i}" for i in range(200)]
    pairs = [(rng.random(200) < 0.6, rng.random(200) < 0.5) for _ in range(3)]
    after = pooled([Ratios.of(a, None, tasks) for a, _ in pairs])
    before = pooled([Ratios.of(b, None, tasks) for _, b in pairs])
    found = difference(after, before)
    assert (found.n, found.clusters) == (600, 200)
    by_task = np.mean([a.astype(float) - b for a, b in pairs], axis=0)
    assert found.half == pytest.approx(ratio(Ratios.of(by_task)).half)


def test_clustered_interval_covers_and_a_naive_one_does_not() -> None:
    rng = np.random.default_rng(2)
    hits = naive = 0
    labels = np.repeat(np.arange(40), 5)
    for _ in range(300):
        values = rng.normal(size=40).repeat(5) + 0.3 * rng.normal(size=200)
        found = ratio(Ratios.of(values, None, labels))
        hits += found.low <= 0 <= found.high
        flat = ratio(Ratios.of(values))
        naive += flat.low <= 0 <= flat.high
    assert hits / 300 > 0.9
    assert naive / 300 < 0.75


@given(st.integers(1, 5), st.data())
def test_pass_k_equals_enumeration(trials: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, trials))
    tasks = data.draw(st.lists(st.integers(0, trials), min_size=1, max_size=6))
    every, some = [], []
    for c in tasks:
        draws = list(itertools.combinations([True] * c + [False] * (trials - c), k))
        every.append(sum(map(all, draws)) / len(draws))
        some.append(sum(map(any, draws)) / len(draws))
    assert pass_hat_k(tasks, trials, k).value == pytest.approx(np.mean(every))
    assert pass_at_k(tasks, trials, k).value == pytest.approx(np.mean(some))


@pytest.mark.parametrize("estimate", [pass_hat_k, pass_at_k])
def test_pass_k_refuses_k_beyond_the_trials(estimate: object) -> None:
    assert callable(estimate)
    with pytest.raises(ValueError, match="k <= trials"):
        estimate([1], 2, 3)


def test_interval_says_whether_it_excludes_zero() -> None:
    assert Interval(0.2, 0.1, 0.3, 5, 5).excludes_zero
    assert not Interval(0.2, -0.1, 0.5, 5, 5).excludes_zero
