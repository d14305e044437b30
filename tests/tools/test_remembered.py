"""Functions of texts that remember, within a bound."""

from __future__ import annotations

from tools.remembered import remembered


def test_what_was_found_is_found_again_until_there_is_too_much() -> None:
    asked: list[str] = []

    @remembered(0.4)
    def length(text: str) -> int:
        asked.append(text)
        return len(text)

    assert [length("one"), length("one"), length("three")] == [3, 3, 5]
    assert asked == ["one", "three"]
    for number in range(50):
        length(f"{number:>10000}")
        assert length("one") == 3  # what is asked for stays
    assert asked.count("one") == 1
    assert length(f"{0:>10000}") == 10_000
    assert asked.count(f"{0:>10000}") == 2  # what is not, goes


def test_nothing_is_a_result_as_well() -> None:
    asked: list[str] = []

    @remembered(1)
    def nothing(text: str) -> None:
        asked.append(text)

    nothing("a")
    nothing("a")
    assert asked == ["a"]
