"""What one episode may say, call and write."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import StopReason
from reasonact_env.episodes.storage import Header, read_episodes, write_episodes
from reasonact_env.episodes.verify import verify
from reasonact_env.limits import MAX_CALLS, MAX_CHARACTERS, MAX_STEP, MAX_WRITTEN
from reasonact_env.view.episode import episode_view
from tasks.load import load_tasks
from tools.protocol import MAX_CALLS as PER_MESSAGE
from tools.protocol import render
from tools.types import Json, ProblemKind, ToolCall

AIRLINE = "airline:20"


def env_of(mode: str = "dialogue", data: str = AIRLINE, turns: int | None = 1000) -> ReasonActEnv:
    return ReasonActEnv.of(
        EnvConfig(mode=mode, data=data, split="all", user="own", max_turns=turns)
    )


def cancelling(env: ReasonActEnv) -> ToolCall:
    base = env.task.setup.base
    assert base is not None
    return ToolCall(
        "cancel_reservation", {"reservation_id": next(iter(base.tables["reservations"]))}
    )


def played_out(env: ReasonActEnv, message: str) -> list[dict[str, object]]:
    """The infos of an episode in which one thing is said again and again."""
    infos = []
    while True:
        *_, terminated, truncated, info = env.step(message)
        infos.append(info)
        if terminated or truncated:
            assert terminated is not truncated
            return infos


@pytest.mark.parametrize("count", [1, PER_MESSAGE])
def test_a_write_that_doubles_a_row_ends_the_episode(count: int) -> None:
    env = env_of()
    env.reset(seed=0)
    start = time.thread_time()
    infos = played_out(env, render([cancelling(env)] * count))
    assert time.thread_time() - start < 5  # it was 12 s and 1.6 GB for 22 calls
    assert env.episode.stop is StopReason.OVER_LIMIT
    assert infos[-1]["stop"] == "over_limit"
    assert infos[-1]["outcome"] is not None
    kinds = {call.problem.kind for step in env.episode.steps for call in step.calls if call.problem}
    assert kinds == {ProblemKind.TOO_LARGE}
    answers = [message for step in env.episode.steps for message in step.answers]
    assert (
        sum(len(message.content) for message in (*env.episode.opening, *answers))
        < MAX_CHARACTERS + 3 * MAX_STEP
    )


def test_the_calls_of_one_message_have_a_bound_in_both_modes() -> None:
    for mode in ("dialogue", "turn"):
        env = env_of(mode, turns=None)
        env.reset(seed=0)
        env.step(render([cancelling(env)] * PER_MESSAGE))
        (step,) = env.episode.steps
        assert len(step.calls) == PER_MESSAGE
        assert sum(len(call.content) for call in step.calls) < 2 * MAX_STEP
        last = step.calls[-1]
        assert last.problem is not None
        assert last.problem.kind is ProblemKind.TOO_LARGE
        assert last.state_after == last.state_before


def test_such_an_episode_can_be_shown_saved_and_played_again(tmp_path: Path) -> None:
    env = env_of()
    env.reset(seed=0)
    played_out(env, render([cancelling(env)] * 4))
    path = tmp_path / "episodes.jsonl"
    write_episodes(path, Header(env.config.to_json(), env.source, "wild"), [env.episode])
    assert path.stat().st_size < 10 * MAX_CHARACTERS
    assert list(read_episodes(path)[1]) == [env.episode]
    assert verify(path).passed
    assert episode_view(env.episode)


def test_calls_are_counted() -> None:
    env = env_of(data="desk:20")
    env.reset(seed=0)
    played_out(env, render([ToolCall("get_order", {"order_id": "1"})] * PER_MESSAGE))
    assert env.episode.stop is StopReason.OVER_LIMIT
    assert sum(len(step.calls) for step in env.episode.steps) in range(MAX_CALLS, MAX_CALLS + 32)


def test_long_messages_are_counted() -> None:
    env = env_of(data="desk:20")
    env.reset(seed=0)
    thoughts = f"<think>{'x' * 90_000}</think>" + render([ToolCall("get_order", {"order_id": "1"})])
    played_out(env, thoughts)
    assert env.episode.stop is StopReason.OVER_LIMIT
    assert len(env.episode.steps) == MAX_CHARACTERS // 90_000 + 1


def long_record() -> Iterator[tuple[dict[str, Json], dict[str, Json]]]:
    """A dialogue that is longer than the limits for others."""
    tool: Json = {"name": "read_page", "parameters": {"properties": {"number": {"type": "number"}}}}
    talk: list[Json] = [{"from": "human", "value": "Read the book."}]
    for number in range(8):
        call: Json = {"name": "read_page", "arguments": {"number": number}}
        talk.append({"from": "function_call", "value": call})
        talk.append({"from": "observation", "value": f"page {number} " * 15_000})
    talk.append({"from": "gpt", "value": "I have read it."})
    yield {"system": "Read.", "tools": [tool], "conversations": talk}, {}


def test_a_long_record_is_played_to_its_end() -> None:
    env = ReasonActEnv(data=long_record, split="all")
    env.reset(seed=0)
    for turn in env.task.turns:
        *_, terminated, _, _ = env.step(env.task.messages[turn.index].content)
    assert terminated
    assert env.episode.stop is StopReason.FINISHED
    assert env.episode.outcome is not None
    assert env.episode.outcome.success


@pytest.mark.parametrize("data", ["retail:60", "airline:60", "procedures:60", "desk:60"])
def test_the_limits_are_far_above_what_generated_tasks_reach(data: str) -> None:
    for task in load_tasks(data).tasks:
        assert sum(len(message.content) for message in task.messages) < MAX_CHARACTERS / 10
        assert sum(len(turn.calls) for turn in task.turns) < MAX_CALLS / 10
    assert MAX_WRITTEN > MAX_STEP


def test_only_so_many_values_of_a_message_are_looked_at_to_name_mistakes() -> None:
    env = env_of(data="retail:1")
    env.reset(seed=0)
    ids: list[Json] = ["1"] * 1_200
    long: dict[str, Json] = {"order_id": "#W1", "item_ids": ids, "new_item_ids": []}
    bad = ToolCall("exchange_delivered_order_items", {**long, "payment_method_id": 3})
    short = ToolCall("get_order_details", {"order_id": 3})
    good = ToolCall("exchange_delivered_order_items", {**long, "payment_method_id": "3"})
    *_, info = env.step(render([bad, bad, short, good]))
    kinds = [problem["kind"] for problem in info["call_problems"]]
    wrong, large = ProblemKind.WRONG_TYPE, ProblemKind.TOO_LARGE
    assert kinds == [wrong, large, wrong, ProblemKind.REJECTED], "a valid call is never too much"
    *_, info = env.step(render([bad]))
    assert [problem["kind"] for problem in info["call_problems"]] == [wrong]
