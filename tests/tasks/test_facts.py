from __future__ import annotations

import json
import string
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.facts import MAX_LENGTH, fact_tokens, facts, user_tokens


@pytest.mark.parametrize(
    "text",
    [
        "$1,234.50",
        "1234.5",
        "1,234.50 dollars",
        "1234.500.",
        json.dumps({"refund": 1234.50}),
        "-1234.5",
    ],
)
def test_one_number_has_one_form(text: str) -> None:
    assert fact_tokens(text) == {"1234.5"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", set()),
        ("All is well, thank you.", set()),
        ("12.00", {"12"}),
        ("$2,000,000", {"2000000"}),
        ("1,234,567.80", {"1234567.8"}),
        ("rooms 3,4 and 5", {"3", "4", "5"}),
        ("2024,100", {"2024", "100"}),
        ("12,3456", {"12", "3456"}),
        ("order #W2466703.", {"w2466703"}),
        ("gift_card_12, **HAT076** (JFK)", {"gift_card_12", "hat076", "jfk"}),
        ("on 2024-05-09 at 10:30", {"2024-05-09", "10:30"}),
        ("Ok, I SAY: US or USA", {"usa", "say"}),
        ("mail raj_1@x.com now", {"raj_1@x.com"}),
        ('{"id":7,"ids":["8","9"]}', {"7", "8", "9"}),
        ("007", {"007"}),
    ],
)
def test_facts_of_a_text(text: str, expected: set[str]) -> None:
    assert fact_tokens(text) == expected


@pytest.mark.parametrize("marker", ["1. ", "2) ", "  10. ", "- 3. ", "**4.** "])
def test_the_number_of_a_list_item_is_no_fact(marker: str) -> None:
    assert fact_tokens(f"Your orders:\n{marker}the lamp\n{marker}the desk for 20 dollars") == {"20"}


def test_a_number_at_the_start_of_a_line_is_one() -> None:
    assert fact_tokens("12.5 dollars\n12 days\n3.") == {"12.5", "12", "3"}


def test_only_what_comes_from_tools_and_not_from_the_user_counts() -> None:
    reply = "Order 77 costs $19.50, customer 48151. It takes 5 days from JFK."
    tools = ['{"total": 19.5, "order": "77"}', '{"airport": "JFK"}']
    assert facts(reply, tools, ["I am 48151, order 77"]) == {"19.5", "jfk"}


@pytest.mark.parametrize("said", ["from jfk please", "From Jfk", "JFK"])
def test_a_code_comes_from_the_user_however_it_was_written(said: str) -> None:
    assert facts("Your flight leaves JFK.", ['["JFK"]'], [said]) == frozenset()
    assert "jfk" in user_tokens(said)


def test_without_tools_there_are_no_facts() -> None:
    assert facts("It costs $5.", [], []) == frozenset()


def test_a_gold_reply_agrees_with_itself() -> None:
    tool = '{"refund": 54.04, "days": 7}'
    reply = "You get $54.04 back in 7 days."
    assert facts(reply, [tool], ["hi"]) == facts(reply + " Bye!", [tool], ["hi"]) == {"54.04", "7"}


def test_endless_tokens_are_no_facts() -> None:
    assert fact_tokens("1" * (MAX_LENGTH + 1)) == frozenset()
    assert fact_tokens("1" * MAX_LENGTH) == {"1" * MAX_LENGTH}


@pytest.mark.parametrize(
    "unit",
    ["1", "a", ".", " ", "\n", "1,", "1,000,", ",", "-", "A", "1. ", "\n ", "\n1", "#", "*", "é1"],
)
def test_endless_text_of_anything_is_read_in_linear_time(
    unit: str, growth: Callable[..., float]
) -> None:
    text = (unit * 200_000)[:200_000]
    assert growth(lambda t: (fact_tokens(t), user_tokens(t)), text) < 24


@settings(deadline=None)
@given(st.text(), st.lists(st.text(), max_size=3), st.lists(st.text(), max_size=3))
def test_wild_text(reply: str, tools: list[str], users: list[str]) -> None:
    found = facts(reply, tools, users)
    assert found <= fact_tokens(reply)
    assert all(0 < len(token) <= MAX_LENGTH for token in found)
    assert not found & frozenset[str]().union(*map(fact_tokens, users))


@settings(deadline=None)
@given(st.floats(0, 1e9).map(lambda value: round(value, 2)))
def test_amounts_agree_with_json(value: float) -> None:
    assert fact_tokens(f"${value:,.2f}") == fact_tokens(json.dumps({"a": f"{value:.2f}"}))


@settings(deadline=None)
@given(st.text(string.ascii_letters + string.digits + "_#$., \n", max_size=60))
def test_tokens_are_their_own_normal_form(text: str) -> None:
    for token in fact_tokens(text):
        if not token.isalpha():  # a code is one in capitals only
            assert token in fact_tokens(token)
