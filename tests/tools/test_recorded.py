"""The recorded mock API."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.effects import ToolEffect
from tools.recorded import RecordedExecutor, looks_like_error
from tools.schema.toolbox import Toolbox
from tools.types import Effect, ProblemKind, ToolCall, ToolSpec

SPECS = (
    ToolSpec("get", "", {"type": "object", "properties": {"id": {"type": "integer"}}}),
    ToolSpec("put", "", {"type": "object", "properties": {"id": {"type": "integer"}}}),
)
EFFECTS = {
    "get": ToolEffect(Effect.READ, inferred=False),
    "put": ToolEffect(Effect.WRITE, inferred=False),
}


def get(number: int) -> ToolCall:
    return ToolCall("get", {"id": number})


def put(number: int) -> ToolCall:
    return ToolCall("put", {"id": number})


def recorded(*entries: tuple[ToolCall, str]) -> RecordedExecutor:
    return RecordedExecutor.of(entries, EFFECTS, Toolbox.of(SPECS))


def play(executor, *calls):
    """The answers to calls in a row, and the executor at the end."""
    answers = []
    for call in calls:
        executor, result = executor.run(call)
        answers.append(result.problem.kind if result.problem else result.content)
    return answers, executor


def test_an_answer_is_given_in_its_own_state():
    start = recorded((get(1), "old"), (put(1), "done"), (get(1), "new"))
    assert play(start, get(1), get(1), put(1), get(1))[0] == ["old", "old", "done", "new"]


def test_asking_twice_does_not_reveal_the_future():
    start = recorded((get(1), "old"), (put(1), "done"), (get(1), "new"), (get(2), "later"))
    unrecorded = ProblemKind.UNRECORDED
    assert play(start, *[get(1)] * 5, get(2))[0] == ["old"] * 5 + [unrecorded]


def test_an_earlier_answer_serves_where_this_state_has_none():
    start = recorded((get(1), "a"), (put(1), "x"), (get(1), "b"), (put(2), "y"), (get(3), "c"))
    assert play(start, put(1), put(2), get(1))[0] == ["x", "y", "b"]


def test_a_write_out_of_order_is_unrecorded_and_changes_nothing():
    start = recorded((put(1), "x"), (put(2), "y"))
    executor, result = start.run(put(2))
    assert result.problem is not None
    assert result.problem.kind is ProblemKind.UNRECORDED
    assert result.content.startswith("Error: ")
    assert executor is start


def test_several_answers_in_one_state_come_in_order_and_the_last_repeats():
    start = recorded((get(1), "Error: 503"), (get(1), "a"), (get(1), "b"))
    rejected = ProblemKind.REJECTED
    assert play(start, *[get(1)] * 4)[0] == [rejected, "a", "b", "b"]


def test_counting_answers_leaves_the_digest():
    start = recorded((get(1), "a"), (get(1), "b"))
    after, _ = start.run(get(1))
    assert after.digest == start.digest
    assert start.run(get(1))[1].content == "a"


def test_a_rejected_write_changes_nothing():
    start = recorded((put(1), "Error: no such thing"), (put(1), "done"))
    executor, result = start.run(put(1))
    assert (result.content, result.ok) == ("Error: no such thing", False)
    assert executor.digest == start.digest
    executor, result = executor.run(put(1))
    assert (result.content, result.ok) == ("done", True)
    assert executor.digest != start.digest


def test_equal_writes_count():
    start = recorded((put(1), "first"), (put(1), "second"), (get(1), "both"))
    answers, end = play(start, put(1), put(1), get(1))
    assert answers == ["first", "second", "both"]
    once = play(start, put(1))[1]
    assert len({start.digest, once.digest, end.digest}) == 3
    assert play(once, get(1))[0] == [ProblemKind.UNRECORDED]


def test_normal_form_decides_what_is_the_same_call():
    start = recorded((get(1), "a"))
    assert start.run(ToolCall("get", {"id": 1.0}))[1].content == "a"


def test_effect_of_an_undeclared_tool_is_told_from_its_name():
    start = RecordedExecutor.of([(put(1), "x")], {}, Toolbox.of(SPECS))
    assert start.run(put(1))[0].digest != start.digest


@pytest.mark.parametrize(
    "text",
    [
        "Error: user not found",
        "error executing tool",
        "Error: 503 Service Unavailable",
        "HTTP 503 Service Unavailable",
        "404 Not Found",
        "ValueError: no",
        "Traceback (most recent call last):\n",
        '{"error": "no such order"}',
        '\n{"success": false, "reason": "closed"}',
        '{"status": "error"}',
    ],
)
def test_errors(text):
    assert looks_like_error(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "503 Main Street",
        "Transfer successful",
        '{"error": null, "order": 1}',
        '{"status": "failed", "order_id": "#W1"}',
        '{"note": "error: see below"}',
        "No errors found",
        "Errors in Judgment, a novel",
        "{" * 500,
        '{"error": ' + '"x"' * 5_000,
    ],
)
def test_answers_that_are_no_errors(text):
    assert not looks_like_error(text)


CALLS = st.builds(
    ToolCall, st.sampled_from(["get", "put"]), st.builds(lambda n: {"id": n}, st.integers(0, 2))
)
ENTRIES = st.lists(
    st.tuples(CALLS, st.sampled_from(["a", "b", "Error: c", '{"error": 1}'])), max_size=12
)


@given(ENTRIES)
def test_a_recording_replays_itself(entries):
    executor = recorded(*entries)
    for call, observation in entries:
        before = executor.digest
        executor, result = executor.run(call)
        assert result.content == observation
        assert result.ok is not looks_like_error(observation)
        assert (executor.digest != before) is (call.name == "put" and result.ok)


@given(ENTRIES, st.lists(CALLS, max_size=12))
def test_no_answer_comes_before_the_writes_that_led_to_it(entries, calls):
    executor = recorded(*[(call, f"{i}") for i, (call, _) in enumerate(entries)])
    made: Counter[str] = Counter()
    for call in calls:
        again, same = executor.run(call)
        executor, result = executor.run(call)
        assert (again, same) == (executor, result)
        if result.ok:
            before = entries[: int(result.content)]
            assert Counter(str(c) for c, _ in before if c.name == "put") <= made
            made[str(call)] += call.name == "put"


def read(shared_data: Path, name: str):
    records = json.loads((shared_data / "dialogues" / name).read_text("utf-8"))
    return records if isinstance(records, list) else [records]


def entries_of(record) -> list[tuple[ToolCall, str]]:
    turns = record["conversations"]
    calls = [json.loads(t["value"]) for t in turns if t["from"] == "function_call"]
    texts = [t["value"] for t in turns if t["from"] == "observation"]
    return [
        (ToolCall(call["name"], call["arguments"]), text)
        for call, text in zip(calls, texts, strict=True)
    ]


@pytest.mark.parametrize(
    "name",
    [
        "apigen_mt_like_real.json",
        "star_apigen_like.json",
        "nemo_ctus_apigen_like.json",
        "apigen_mt_5k_real_sample.json",
    ],
)
def test_real_dialogues_replay_themselves(shared_data: Path, name):
    for record in read(shared_data, name):
        tools = [tool.get("function", tool) for tool in json.loads(record["tools"])]
        specs = [ToolSpec(t["name"], t["description"], t["parameters"]) for t in tools]
        entries = entries_of(record)
        executor = RecordedExecutor.of(entries, {}, Toolbox.of(specs))
        for call, observation in entries:
            executor, result = executor.run(call)
            assert result.content == observation


def test_share_of_errors_in_real_dialogues(shared_data: Path):
    texts = [
        text
        for record in read(shared_data, "apigen_mt_like_real.json")
        for _, text in entries_of(record)
    ]
    errors = [text for text in texts if looks_like_error(text)]
    assert (len(errors), len(texts)) == (303, 4582)
    assert all(text.startswith("Error: ") for text in errors)
    star = [text for r in read(shared_data, "star_apigen_like.json") for _, text in entries_of(r)]
    assert not any(map(looks_like_error, star))


def test_a_write_that_is_repeated_for_ever_costs_the_same_each_time() -> None:
    put = ToolCall("put", {"id": 1})
    executor = RecordedExecutor.of([(put, "ok")], EFFECTS, Toolbox.of(SPECS))
    seen = {executor.digest}
    start = time.thread_time()
    for _ in range(2_000):
        executor, result = executor.run(put)
        assert result.content == "ok"
        seen.add(executor.digest)
    assert len(seen) == 2_001  # each number of writes is a state of its own
    assert time.thread_time() - start < 5
    other = RecordedExecutor.of([(put, "ok")], EFFECTS, Toolbox.of(SPECS))
    for _ in range(2_000):
        other, _ = other.run(put)
    assert other.digest == executor.digest
