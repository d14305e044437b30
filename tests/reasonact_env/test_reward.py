"""The reward's formulas, each against its definition."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasonact_env.episode import Thinking
from reasonact_env.reward import COMPONENTS, resolve, scale, score_decision, weighted_sum
from reasonact_env.reward.matching import (
    _best_pairing,
    _greedy_pairing,
    match_score,
    pair_score,
)
from reasonact_env.reward.message import LONGEST, SHORTEST, format_score, thinking_score
from reasonact_env.reward.text import POLITE_REPLY, set_f1, similarity
from reasonact_env.reward.turn import Decision
from tasks.types import Turn
from tasks.words import token_f1
from tools.protocol import Parsed, parse, render
from tools.schema.toolbox import Toolbox
from tools.types import Message, MessageKind, Role, ToolCall, ToolSpec


class Said(NamedTuple):
    """All that the score of a message's form looks at."""

    parsed: Parsed
    thinking: Thinking


CALLS = st.builds(
    ToolCall,
    st.sampled_from(["a", "b"]),
    st.dictionaries(st.sampled_from("xyz"), st.integers(0, 2), max_size=3),
)


SCORES = st.tuples(st.integers(1, 4), st.integers(4, 5)).flatmap(
    lambda size: st.lists(
        st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), min_size=size[1], max_size=size[1]),
        min_size=size[0],
        max_size=size[0],
    )
)


def optimum(scores: list[list[float]], free: frozenset[int]) -> float:
    """The largest sum by recursion over the rows; a row may also go without a column."""
    if not scores:
        return 0.0
    rest = scores[1:]
    taken = (scores[0][column] + optimum(rest, free - {column}) for column in free)
    return max([optimum(rest, free), *taken])


@given(SCORES)
def test_few_calls_get_the_best_pairing_and_greedy_never_more(scores: list[list[float]]) -> None:
    best = optimum(scores, frozenset(range(len(scores[0]))))
    assert _best_pairing(scores) == best
    assert best / 2 <= _greedy_pairing(scores) <= best


@given(st.lists(CALLS, max_size=5), st.lists(CALLS, min_size=1, max_size=5))
def test_the_best_pairing_whichever_side_is_longer(
    made: list[ToolCall], wanted: list[ToolCall]
) -> None:
    scores = [[pair_score(call, gold) for call in made] for gold in wanted]
    expected = optimum(scores, frozenset(range(len(made)))) / max(len(made), len(wanted))
    assert match_score(made, wanted, len(made)) == pytest.approx(expected)


def test_few_calls_are_paired_at_best_and_many_greedily() -> None:
    wanted = [ToolCall("a", {"x": 1, "y": 2}), ToolCall("a", {"x": 1})]
    made = [ToolCall("a", {"x": 1, "y": 3}), ToolCall("a", {"x": 2})]
    scores = [[pair_score(call, gold) for call in made] for gold in wanted]
    assert scores == [[0.75, 0.375], [pytest.approx(5 / 6), pytest.approx(2 / 3)]]
    assert match_score(made, wanted, 2) == pytest.approx((0.75 + 2 / 3) / 2)
    others = [ToolCall(name, {}) for name in "bcdefg"]
    greedy = match_score([*made, *others], [*wanted, *others], 8)
    assert greedy == pytest.approx((5 / 6 + 0.375 + 6) / 8)


@given(st.lists(CALLS, min_size=1, max_size=12))
def test_the_wanted_calls_in_any_order_score_one(calls: list[ToolCall]) -> None:
    assert match_score(calls[::-1], calls, len(calls)) == 1.0


@given(st.lists(CALLS, min_size=1, max_size=4), st.lists(CALLS, max_size=8))
def test_spraying_calls_does_not_pay(wanted: list[ToolCall], more: list[ToolCall]) -> None:
    size = len(wanted)
    sprayed = match_score([*wanted, *more], wanted, size + len(more))
    assert sprayed == pytest.approx(size / (size + len(more)))
    assert match_score(wanted, wanted, 2 * size) == 1 / 2, "unreadable blocks count"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (ToolCall("f", {"x": 1, "y": 2}), 1.0),
        (ToolCall("f", {"x": 1, "y": 3}), 3 / 4),  # name, both parameter names, one value
        (ToolCall("f", {"x": 1}), (1 + 1 / 2 + 1) / 4),
        (ToolCall("f", {}), 1 / 4),
        (ToolCall("f", {"x": 1, "y": 2, "z": 3}), (1 + 2 / 3 + 2) / 4),
        (ToolCall("g", {"x": 1, "y": 2}), 0.0),
        (ToolCall("f", {"x": True, "y": "2"}), 2 / 4),  # equal only in Python's eyes
    ],
)
def test_pair_scores_by_hand(made: ToolCall, expected: float) -> None:
    assert pair_score(made, ToolCall("f", {"x": 1, "y": 2})) == pytest.approx(expected)


@given(st.text(), st.text())
def test_similarity_lies_between_zero_and_one(reply: str, gold: str) -> None:
    assert 0 <= similarity(reply, gold) <= 1
    assert similarity(gold, gold) == 1


def test_the_polite_reply_earns_nothing_unless_it_was_wanted() -> None:
    gold = "Your order is cancelled and the refund is on its way."
    assert similarity(POLITE_REPLY, gold) == 0
    assert similarity(POLITE_REPLY, POLITE_REPLY) == 1
    assert 0 < similarity("Your order is cancelled.", gold) < 1


def test_the_same_words_in_another_order_earn_less() -> None:
    gold = "You are welcome. Goodbye!"
    assert token_f1("are You Goodbye! welcome.", gold) == 1
    assert similarity("are You Goodbye! welcome.", gold) < 0.5
    assert similarity("You are welcome, goodbye!", gold) == 1


def test_token_f1_by_hand() -> None:
    assert token_f1("the cat", "the cat sat") == pytest.approx(2 * 2 / (2 + 3))
    assert token_f1("", "a") == 0


def test_set_f1_does_not_reward_echoing_everything() -> None:
    assert set_f1(frozenset("ab"), frozenset("a")) == pytest.approx(2 / 3)
    assert set_f1(frozenset(), frozenset()) == 1
    assert set_f1(frozenset("a"), frozenset()) == set_f1(frozenset(), frozenset("a")) == 0


@pytest.mark.parametrize(
    ("words", "required", "expected"),
    [
        (0, False, 1.0),
        (LONGEST, False, 1.0),
        (LONGEST * 3 // 2, False, 0.5),
        (LONGEST * 2, True, 0.0),
        (LONGEST * 9, True, 0.0),
        (0, True, 0.0),
        (1, True, 1 / SHORTEST),
        (SHORTEST, True, 1.0),
    ],
)
def test_thoughts_pay_inside_a_band_of_lengths(words: int, required: bool, expected: float) -> None:
    thinking = Thinking.REQUIRED if required else Thinking.OPTIONAL
    parsed = parse(render(text="Hi", thought=" ".join(["word"] * words)))
    assert thinking_score(Said(parsed, thinking)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("message", "optional", "required"),
    [
        ("Hi", 1, 0),
        ("<think>a</think>Hi", 1, 1),
        ("<think>a</think>", 0, 0),
        ("<think>aHi", 0, 0),
        ("Hi <think>a</think>", 0, 0),
        ("", 0, 0),
        ("Hi <tool_call>{</tool_call>", 0, 0),
        (render([ToolCall("f", {})], thought="a"), 1, 1),
    ],
)
def test_format(message: str, optional: float, required: float) -> None:
    parsed = parse(message)
    assert format_score(Said(parsed, Thinking.OPTIONAL)) == optional
    assert format_score(Said(parsed, Thinking.REQUIRED)) == required


SPEC = ToolSpec(
    "look",
    "",
    {"type": "object", "properties": {"id": {"type": "string"}, "all": {"default": False}}},
)
BOX = Toolbox.of((SPEC,))
GOLD_CALL = Turn(1, MessageKind.CALL, (ToolCall("look", {"id": "7"}),), "")
GOLD_REPLY = Turn(1, MessageKind.REPLY, (), "It costs $12.50 and arrives on day 9.")
BEFORE = (
    Message(Role.USER, "What does 4711 cost?"),
    Message(Role.TOOL, '{"price": 12.5, "day": 9, "weight": 33}'),
)


def score(turn: Turn, message: str) -> dict[str, float | None]:
    said = Decision.of(turn, BEFORE, parse(message), BOX, Thinking.OPTIONAL)
    return score_decision(said)


def test_a_default_written_out_is_the_same_call() -> None:
    message = render([ToolCall("look", {"all": False, "id": "7"})])
    assert score(GOLD_CALL, message)["tool"] == 1


def test_a_spurious_call_costs() -> None:
    scores = score(GOLD_REPLY, render([ToolCall("look", {"id": "7"})]))
    weights = scale(resolve(None), scores)
    assert scores["decision"] == -1
    assert weighted_sum(weights, scores) < 0


def test_answers_are_scored_by_facts_and_words() -> None:
    assert score(GOLD_REPLY, GOLD_REPLY.text)["answer"] == 1
    right = score(GOLD_REPLY, "The price is 12.5, day 9.")["answer"]
    vague = score(GOLD_REPLY, "It costs money and arrives on some day.")["answer"]
    echo = score(GOLD_REPLY, BEFORE[1].content)["answer"]
    assert (right or 0) > 0.5 > (vague or 0)
    assert (right or 0) > (echo or 0)


def test_having_no_facts_is_right_only_where_about_the_same_is_said() -> None:
    gold = Turn(1, MessageKind.REPLY, (), "What is the number of your order, please?")
    said = {
        words: score(gold, words)["answer"]
        for words in ("One moment, please.", "What is your order number, please?", gold.text)
    }
    low, near, same = said.values()
    assert (low or 0) < 0.25  # half of `answer`, when any reply without facts was right
    assert same == 1
    assert 0.5 < (near or 0) < 1


def test_a_fact_among_many_guesses_is_worth_little() -> None:
    count = score(GOLD_REPLY, " ".join(map(str, range(1_000))))["answer"]
    few = score(GOLD_REPLY, "12.5 9 " + " ".join(map(str, range(100, 110))))["answer"]
    assert (count or 0) < 0.01
    assert (few or 0) >= 0.5


def test_a_thought_pays_only_with_a_right_action() -> None:
    assert score(GOLD_CALL, render(GOLD_CALL.calls, thought="so"))["thinking"] == 1
    assert score(GOLD_CALL, render([ToolCall("look", {"id": "8"})], thought="so"))["thinking"] == 0
    assert score(GOLD_REPLY, POLITE_REPLY)["thinking"] == 0


@given(
    st.dictionaries(st.sampled_from(COMPONENTS), st.floats(0, 10)),
    st.fixed_dictionaries({name: st.none() | st.floats(-1, 1) for name in COMPONENTS}),
)
def test_weights_of_what_applies_sum_to_one(
    weights: dict[str, float], scores: dict[str, float | None]
) -> None:
    scaled = scale(resolve(weights), scores)
    assert all(scaled[name] == 0 for name in COMPONENTS if scores[name] is None)
    assert sum(scaled.values()) in (0, pytest.approx(1))
    assert -1 - 1e-9 <= weighted_sum(scaled, scores) <= 1 + 1e-9
