"""Advantages by where the episodes of a group part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.credit import branch_advantages

ROWS = st.lists(st.lists(st.integers(0, 2), max_size=6), min_size=4, max_size=4)
RETURNS = st.lists(st.floats(-1, 1), min_size=4, max_size=4)


def test_only_the_token_at_which_two_episodes_part_is_credited() -> None:
    right, wrong = [7, 1, 9, 5], [7, 2, 9, 5]
    assert branch_advantages([right, wrong], [1.0, 0.0], group=2) == [
        [0.5, 0.5, 0.0, 0.0],
        [-0.5, -0.5, 0.0, 0.0],
    ]  # the first token is shared: its two advantages cancel each other


def test_groups_are_compared_among_themselves_only() -> None:
    rows = [[1], [2], [1], [2]]
    assert branch_advantages(rows, [1.0, 0.0, 5.0, 5.0], group=2) == [[0.5], [-0.5], [0.0], [0.0]]


def test_a_row_that_ends_early_leaves_the_comparison() -> None:
    advantages = branch_advantages([[1], [1, 3], [1, 4]], [0.0, 1.0, 3.0], group=3)
    assert advantages[1][1] == -1.0
    assert advantages[2][1] == 1.0


@given(ROWS, RETURNS)
def test_it_is_the_return_above_the_mean_of_those_with_the_same_past(
    rows: list[list[int]], returns: list[float]
) -> None:
    advantages = branch_advantages(rows, returns, group=4)
    assert [len(row) for row in advantages] == [len(row) for row in rows]
    for i, row in enumerate(rows):
        for place in range(len(row)):
            same = [
                returns[j]
                for j, other in enumerate(rows)
                if len(other) > place and other[:place] == row[:place]
            ]
            expected = returns[i] - sum(same) / len(same)
            assert advantages[i][place] == pytest.approx(expected, abs=1e-12)


@given(ROWS, RETURNS)
def test_a_token_that_all_chose_moves_nothing(rows: list[list[int]], returns: list[float]) -> None:
    rows = [[9, 9, *row] for row in rows]
    advantages = branch_advantages(rows, returns, group=4)
    for place in (0, 1):
        assert sum(row[place] for row in advantages) == pytest.approx(0, abs=1e-9)
