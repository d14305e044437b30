"""Tango's interval against closed forms, a search for the likeliest table, and its bounds."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasonact_env.paired_shares import share_difference, tango
from reasonact_env.stats import Ratios

Z = 1.959963984540054


def searched(won: int, lost: int, n: int) -> tuple[float, float]:
    """The interval by trying: for each difference the likeliest share of lost pairs."""
    inside = []
    for delta in np.linspace(-0.999, 0.999, 1999):
        q = np.linspace(max(0.0, -delta), (1 - delta) / 2, 4001)[1:-1]
        same = 1 - 2 * q - delta
        like = (n - won - lost) * np.log(same)
        like += won * np.log(q + delta) + lost * np.log(q)
        best = q[np.argmax(like)]
        error = math.sqrt(n * (2 * best + delta - delta**2))
        if abs(won - lost - n * delta) <= Z * error:
            inside.append(delta)
    return float(inside[0]), float(inside[-1])


@pytest.mark.parametrize(("won", "lost", "n"), [(9, 2, 40), (1, 0, 44), (3, 3, 20), (0, 17, 20)])
def test_tango_is_the_score_interval_of_the_likeliest_table(won: int, lost: int, n: int) -> None:
    found = tango((won - lost) / n, (won + lost) / n, n)
    assert found == pytest.approx(searched(won, lost, n), abs=0.002)


@pytest.mark.parametrize("n", [2, 20, 500])
def test_tango_has_a_width_where_all_pairs_agree(n: int) -> None:
    edge = Z**2 / (n + Z**2)
    assert tango(0.0, 0.0, n) == pytest.approx((-edge, edge))
    low, high = tango(1.0, 1.0, n)
    assert high == pytest.approx(1.0)
    assert 0 < high - low < 2
    assert low == pytest.approx((n - Z**2) / (n + Z**2), abs=1e-6)


def test_independent_pairs_are_tangos_and_copies_of_episodes_tell_nothing_more() -> None:
    after, before = [1.0] * 9 + [0.0] * 11, [0.0] * 5 + [1.0] * 6 + [0.0] * 9
    one = share_difference(Ratios.of(after), Ratios.of(before))
    assert (one.low, one.high) == pytest.approx(tango(0.15, 0.35, 20))
    thrice = np.repeat(np.arange(20), 3)
    many = share_difference(
        Ratios.of(np.repeat(after, 3), None, thrice), Ratios.of(np.repeat(before, 3), None, thrice)
    )
    assert (many.low, many.high) == pytest.approx((one.low, one.high))


@pytest.mark.parametrize(
    ("after", "size"),
    [
        # ten tasks that are won, ten that are lost: .25 / (.25 / 20)
        ([1.0, 1.0] * 10 + [0.0, 0.0] * 10, 20),
        # half of them won once in two: (.75 - .75^2) / (.0625 / 20)
        ([1.0, 1.0] * 10 + [1.0, 0.0] * 10, 60),
        # all of them once in two: no spread between tasks tells what one is worth
        ([1.0, 0.0] * 20, 20),
    ],
)
def test_two_episodes_of_a_task_tell_as_much_as_they_differ(
    after: list[float], size: float
) -> None:
    tasks = np.repeat(np.arange(20), 2)
    found = share_difference(Ratios.of(after, None, tasks), Ratios.of([0.0] * 40, None, tasks))
    moved = sum(after) / 40
    assert (found.low, found.high) == pytest.approx(tango(moved, moved, size))


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 5)), min_size=1))
def test_the_interval_stays_within_and_holds_the_difference(
    pairs: list[tuple[bool, bool, int]],
) -> None:
    after, before, tasks = (list(map(int, column)) for column in zip(*pairs, strict=True))
    found = share_difference(Ratios.of(after, None, tasks), Ratios.of(before, None, tasks))
    if found.clusters < 2:
        assert not found.is_known
        return
    assert -1 <= found.low <= found.value <= found.high <= 1
    assert found.high - found.low > 0.01
    other = share_difference(Ratios.of(before, None, tasks), Ratios.of(after, None, tasks))
    assert (other.low, other.high) == pytest.approx((-found.high, -found.low), abs=1e-9)
