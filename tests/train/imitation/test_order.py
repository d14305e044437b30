"""Which rows share an optimiser step."""

from __future__ import annotations

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from train.imitation.order import PassOrder, together

LENGTHS = [40, 10, 35, 20, 30, 15, 25, 45, 12, 33]
SIZE = 3


def passes(beginnings: list[int]) -> list[list[int]]:
    """The orders of two passes."""
    order = PassOrder(SIZE, lengths=LENGTHS)
    order.seed, order.beginnings = 5, beginnings
    found = []
    for number in (1, 2):
        order.set_epoch(number)
        found.append(list(order))
    return found


@given(st.data())
def test_rows_come_once_and_whole_steps_begin_alike(data: st.DataObject) -> None:
    beginnings = data.draw(st.lists(st.integers(0, 4), max_size=40))
    order = data.draw(st.permutations(range(len(beginnings))))
    size = data.draw(st.integers(1, 6))
    found = list(together(order, beginnings, size))
    assert sorted(found) == sorted(order)
    whole = sum(beginnings.count(one) // size for one in set(beginnings))
    rows = iter(found)
    for _ in range(whole):
        assert len({beginnings[row] for row in islice(rows, size)}) == 1


@given(st.permutations(range(12)), st.integers(1, 6))
def test_rows_that_all_begin_alike_stay_in_order(order: list[int], size: int) -> None:
    assert list(together(order, [3] * 12, size)) == order


def test_passes_differ_and_are_the_same_again() -> None:
    beginnings = [0, 1, 0, 1, 0, 1, 0, 1, 0, 0]
    first, second = passes(beginnings)
    assert first != second
    assert sorted(first) == sorted(second) == list(range(len(LENGTHS)))
    assert passes(beginnings) == [first, second]
    assert passes([0] * len(LENGTHS)) == passes([])
