"""Draws that are the same everywhere."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tools.dice import Dice


def test_draws_are_the_same_everywhere() -> None:
    dice = Dice("golden", 0)
    assert [dice.between(0, 999) for _ in range(5)] == [645, 650, 653, 597, 219]


def test_another_seed_draws_otherwise() -> None:
    assert Dice(1, 2).some(range(100), 9) != Dice(12).some(range(100), 9)


@given(st.integers(), st.integers(-9, 9), st.integers(0, 9))
def test_between_includes_both_ends(seed: int, low: int, width: int) -> None:
    dice = Dice(seed)
    seen = {dice.between(low, low + width) for _ in range(200)}
    assert seen <= set(range(low, low + width + 1))


@given(st.integers(), st.lists(st.integers(), unique=True, min_size=1), st.data())
def test_some_draws_without_repeating(seed: int, options: list[int], data: st.DataObject) -> None:
    count = data.draw(st.integers(0, len(options)))
    drawn = Dice(seed).some(options, count)
    assert len(set(drawn)) == count
    assert set(drawn) <= set(options)


def test_chance_holds_its_share() -> None:
    dice = Dice("chance")
    assert 2_800 < sum(dice.chance(0.3) for _ in range(10_000)) < 3_200
    assert not dice.chance(0.0)
    assert dice.chance(1.0)
