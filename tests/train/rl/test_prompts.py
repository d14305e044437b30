"""What GRPO plays: each once a pass, strata of decisions as the data have them."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.load import load_tasks
from tools.types import MessageKind
from train.rl.prompts import Prompt, TaskSampler, Unit, prompts, strata_of

TASKS = load_tasks("desk:40").split("train")
STRATA = strata_of(TASKS, by_turn=True)
CALL, REPLY = MessageKind.CALL.value, MessageKind.REPLY.value
"""What decisions are, first of all."""


def units(rows: list[Prompt]) -> list[Unit]:
    return [(row.task_id, row.decision) for row in rows]


def test_a_prompt_survives_as_text() -> None:
    prompt = Prompt('odd "id" ä', 3, 7)
    assert Prompt.read(prompt.text()) == prompt


@pytest.mark.parametrize("by_turn", [False, True])
def test_nothing_is_repeated_before_everything_was_played_once(by_turn: bool) -> None:
    there = set(strata_of(TASKS, by_turn=by_turn))
    drawn = prompts(TASKS, 2 * len(there), by_turn=by_turn, seed=0)
    assert len({one.seed for one in drawn}) == len(drawn)
    rows = units(drawn)
    first, second = rows[: len(there)], rows[len(there) :]
    assert set(first) == set(second) == there
    assert first != second, "each pass has an order of its own"


def test_without_tasks_there_is_nothing_to_play() -> None:
    with pytest.raises(ValueError, match="at least one training task"):
        prompts([], 1, by_turn=False, seed=0)


@given(st.integers(0, 10_000), st.integers(1, 24), st.data())
def test_any_decisions_in_a_row_are_as_often_calls_as_all_are(
    seed: int, size: int, data: st.DataObject
) -> None:
    """Within a pass and across its border."""
    order = units(prompts(TASKS, 3 * len(STRATA), by_turn=True, seed=seed))
    calls = [STRATA[unit][0] == CALL for unit in order]
    start = data.draw(st.integers(0, len(calls) - size))
    expected = size * sum(calls) / len(calls)
    assert abs(sum(calls[start : start + size]) - expected) < 1


@given(st.integers(0, 10_000))
def test_half_a_pass_has_half_of_each_tool(seed: int) -> None:
    order = units(prompts(TASKS, len(STRATA), by_turn=True, seed=seed))
    every = Counter(STRATA.values())
    half = Counter(STRATA[unit] for unit in order[: len(order) // 2])
    for stratum, count in every.items():
        assert abs(half[stratum] - count / 2) < 2


def test_strata_tell_tools_apart() -> None:
    strata = set(STRATA.values())
    assert (REPLY,) in strata
    assert {(CALL, "find_orders"), (CALL, "return_order")} <= strata
    assert set(strata_of(TASKS, by_turn=False).values()) == {()}


@pytest.mark.parametrize("by_turn", [False, True])
def test_draws_are_the_same_for_the_same_place_and_others_elsewhere(by_turn: bool) -> None:
    sampler = TaskSampler(TASKS, by_turn=by_turn, seed=0)
    five = list(strata_of(TASKS, by_turn=by_turn))[:5]
    first = sampler.draw(3, 1, five)
    assert first == TaskSampler(TASKS, by_turn=by_turn, seed=0).draw(3, 1, five)
    assert len(set(units(first))) == 5
    others = (sampler.draw(4, 1, five), sampler.draw(3, 2, five))
    assert all(first != other for other in others)
    assert len(sampler.draw(0, 0, 500 * five)) == 2500, "more than there are: some come twice"
    again = [set(units(sampler.draw(step, 1, five))) & set(five) for step in range(40)]
    assert not any(again), "what all earned the same for does not come again at once"


@given(st.lists(st.sampled_from(list(STRATA)), max_size=12), st.integers(0, 50))
def test_a_call_is_drawn_for_a_call_and_a_reply_for_a_reply(dead: list[Unit], step: int) -> None:
    drawn = TaskSampler(TASKS, by_turn=True, seed=0).draw(step, 1, dead)
    assert [STRATA[unit][0] for unit in units(drawn)] == [STRATA[unit][0] for unit in dead]


def test_processes_draw_different_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    sampler = TaskSampler(TASKS, by_turn=True, seed=0)
    first = sampler.draw(0, 1, list(STRATA)[:5])
    monkeypatch.setenv("RANK", "1")
    assert sampler.draw(0, 1, list(STRATA)[:5]) != first
