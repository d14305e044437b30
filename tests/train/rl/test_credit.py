"""Advantages by where the episodes of a group part."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from benchmarks.reference import Row, opened_before, where_they_part
from train.rl.credit import branch_advantages

TAGS = (8, 9)

ROWS = st.lists(st.lists(st.integers(0, 2), max_size=6), min_size=4, max_size=4)
RETURNS = st.lists(st.floats(-1, 1), min_size=4, max_size=4)


def test_only_the_token_at_which_two_episodes_part_is_credited() -> None:
    right, wrong = [7, 1, 9, 5], [7, 2, 9, 5]
    assert branch_advantages([right, wrong], [1.0, 0.0], group=2) == [
        [0.0, 0.5, 0.0, 0.0],
        [0.0, -0.5, 0.0, 0.0],
    ]


def test_groups_are_compared_among_themselves_only() -> None:
    rows = [[1], [2], [1], [2]]
    assert branch_advantages(rows, [1.0, 0.0, 5.0, 5.0], group=2) == [[0.5], [-0.5], [0.0], [0.0]]


def test_a_row_that_ends_early_leaves_the_comparison() -> None:
    advantages = branch_advantages([[1], [1, 3], [1, 4]], [0.0, 1.0, 3.0], group=3)
    assert advantages[1][1] == -1.0
    assert advantages[2][1] == 1.0


def test_thoughts_part_no_ways_and_are_compared_as_long_as_they_are_alike() -> None:
    opening, closing = TAGS
    rows = [
        [opening, 1, 2, 2, closing, 7, 5],  # both thought their own, said the same,
        [opening, 1, 3, closing, 7, 6],  # and parted later
        [opening, 4, 4, closing, 8, 6],
        [opening, 4, closing, 8, 6],
    ]
    assert branch_advantages(rows, [3.0, 1.0, 5.0, 3.0], group=4, tags=TAGS) == [
        [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        [0.0, -2.0, -1.0, 0.0, -2.0, -1.0],
        [0.0, 2.0, 1.0, 0.0, 2.0, 0.0],
        [0.0, 0.0, -1.0, 0.0, 0.0],  # it parted from the third by ending its thought
    ]


def test_a_thought_that_was_cut_off_is_compared_with_those_that_came_to_an_end() -> None:
    opening, closing = TAGS
    rows = [[opening, 1, 2], [opening, 3, closing, 7]]
    assert branch_advantages(rows, [0.0, 1.0], group=2, tags=TAGS) == [
        [0.0, -0.5, 0.0],
        [0.0, 0.5, 0.5, 0.0],
    ]


def test_a_template_may_open_the_thoughts() -> None:
    """The same as above, where the prompt opens the first thought, and nothing the second."""
    closing = TAGS[1]
    rows = [
        [1, 2, closing, 7, 3, 4, closing, 5],
        [1, 1, closing, 7, 3, 2, closing, 6],
        [1, 2],  # cut off
    ]
    masks = [[1, 1, 1, 1, 0, 1, 1, 1]] * 2 + [[1, 1]]
    prompts = [[3, *TAGS, 7, TAGS[0]]] * 3
    found = branch_advantages(
        rows, [3.0, 1.0, 2.0], group=3, tags=TAGS, masks=masks, prompts=prompts
    )
    assert found == [
        [0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0],
        [0.0, -1.0, -1.0, 0.0, 0.0, -1.0, 0.0, -1.0],
        [0.0, 0.0],
    ]


@given(
    st.lists(st.lists(st.sampled_from([0, 1, *TAGS]), max_size=8), min_size=4, max_size=4), RETURNS
)
def test_the_words_of_thoughts_change_nothing_elsewhere(
    rows: list[list[int]], returns: list[float]
) -> None:
    """A thought's words against none at all; the tag after them is its end, and so one of them."""
    assume(all(not row or not _within(row, len(row) - 1) for row in rows))  # none is cut off
    bare = [[token for i, token in enumerate(row) if not _within(row, i)] for row in rows]
    found = branch_advantages(rows, returns, group=4, tags=TAGS)
    expected = branch_advantages(bare, returns, group=4)
    for row, words, with_words, without in zip(rows, bare, found, expected, strict=True):
        said = [a for i, a in enumerate(with_words) if not _within(row, i) and row[i] != TAGS[1]]
        assert said == [a for a, token in zip(without, words, strict=True) if token != TAGS[1]]


def _within(row: list[int], place: int) -> bool:
    """Whether a place is between a tag that opens, perhaps before the row, and one that closes."""
    opening, closing = TAGS
    before = row[:place]
    if all(tag not in TAGS for tag in before):  # perhaps a template has opened it
        first = next((token for token in row[place:] if token in TAGS), None)
        return first == closing and row[place] != closing
    last = len(before) - 1 - before[::-1].index(closing) if closing in before else -1
    return opening in before[last + 1 :] and row[place] != closing


@given(ROWS, RETURNS)
def test_it_is_the_return_above_the_mean_of_those_with_the_same_past(
    rows: list[list[int]], returns: list[float]
) -> None:
    advantages = branch_advantages(rows, returns, group=4)
    for row, expected in zip(advantages, where_they_part(rows, returns, 4), strict=True):
        assert row == pytest.approx(expected, abs=1e-12)


@given(
    st.lists(st.lists(st.sampled_from([0, 1, *TAGS]), max_size=8), min_size=4, max_size=4), RETURNS
)
def test_thoughts_are_compared_as_the_reference_does(
    rows: list[list[int]], returns: list[float]
) -> None:
    advantages = branch_advantages(rows, returns, group=4, tags=TAGS)
    made = [Row([], row, [1] * len(row), 0.0, {}) for row in rows]
    opened = [opened_before(row, TAGS) if row.said else [] for row in made]
    expected = where_they_part(rows, returns, 4, TAGS, opened)
    for row, wanted in zip(advantages, expected, strict=True):
        assert row == pytest.approx(wanted, abs=1e-12)


@given(ROWS, RETURNS)
def test_a_token_that_all_chose_moves_nothing(rows: list[list[int]], returns: list[float]) -> None:
    rows = [[9, 9, *row] for row in rows]
    advantages = branch_advantages(rows, returns, group=4)
    for place in (0, 1):
        assert all(row[place] == 0 for row in advantages)
