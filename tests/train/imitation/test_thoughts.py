"""Where thoughts come from, what of them is refused, and which are learned."""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.chat import Chat
from tasks.apigen.reader import read_records
from tasks.load import load_tasks
from tasks.types import Task
from tools.protocol import parse
from tools.types import Role
from train.imitation.lessons import DECISION, DIALOGUE, LEAST, chosen, kind_of, lessons, merged
from train.imitation.samples import rows_of
from train.imitation.thoughts import Thought, from_think_calls, from_traces, read_thoughts
from train.models.tokenizer import train_tokenizer

TASKS = load_tasks("desk:60").tasks


def with_think_calls() -> Task:
    """An airline-like dialogue whose agent thinks by calling a tool, twice before one call."""

    def tool(name: str, argument: str) -> dict:
        properties = {argument: {"type": "string"}}
        parameters = {"type": "object", "properties": properties, "required": [argument]}
        return {"name": name, "description": name, "parameters": parameters}

    def call(name: str, **arguments: str) -> dict:
        value = json.dumps({"name": name, "arguments": arguments})
        return {"from": "function_call", "value": value}

    turns = [
        {"from": "human", "value": "Cancel EHGLP3."},
        call("think", thought="Which reservation?"),
        {"from": "observation", "value": ""},
        call("think", thought="EHGLP3: look it up."),
        {"from": "observation", "value": ""},
        call("get_reservation", number="EHGLP3"),
        {"from": "observation", "value": '{"cabin": "business"}'},
        {"from": "gpt", "value": "Shall I?"},
        {"from": "human", "value": "Yes."},
        call("think", thought="Agreed."),
        {"from": "observation", "value": ""},
        {"from": "gpt", "value": "Done."},
    ]
    tools = [tool("think", "thought"), tool("get_reservation", "number")]
    record = {"conversations": turns, "tools": json.dumps(tools), "system": "Rules."}
    (task,) = read_records([record], None, source="test", stem="test").tasks
    return task


def test_traces_belong_to_the_decisions_they_were_written_for() -> None:
    for task in TASKS:
        found = from_traces(task)
        assert [one.decision for one in found] == list(range(len(task.decisions)))
        for one in found:
            for call in task.decisions[one.decision].calls:
                assert str(call.arguments.get("order_id", "")) in one.text


def test_traces_that_do_not_fit_are_left_out() -> None:
    task = TASKS[0]
    assert from_traces(replace(task, traces=())) == []
    assert from_traces(replace(task, traces=("one too few",))) == []
    odd = ["</think>" for _ in task.turns]
    assert from_traces(replace(task, traces=tuple(odd))) == []


def test_think_calls_become_the_thought_of_what_follows() -> None:
    task = with_think_calls()
    first, second = from_think_calls(task)
    assert first.text == "Which reservation?\nEHGLP3: look it up."
    assert task.decisions[first.decision].calls[0].name == "get_reservation"
    assert second.text == "Agreed."
    assert task.decisions[second.decision].text == "Done."


def test_a_thought_stands_in_its_message_and_the_think_call_is_gone() -> None:
    task = with_think_calls()
    (whole,) = lessons([task], from_think_calls(task), DIALOGUE)
    example = whole.example
    assert not any('"think"' in message.content for message in example.messages)
    roles = [message.role for message in example.messages[1:]]
    assert roles == [*map(Role, ("user", "assistant", "tool", "assistant", "user", "assistant"))]
    assert [parse(example.messages[i].content).thought for i in example.learned or ()] == [
        "Which reservation?\nEHGLP3: look it up.",
        "Agreed.",
    ]


def test_a_think_call_stays_where_its_thought_is_not_used() -> None:
    task = with_think_calls()
    (single, _) = lessons([task], from_think_calls(task), DECISION)
    assert len(single.example.messages) == 3
    only_last = [from_think_calls(task)[1]]
    (late,) = lessons([task], only_last, DECISION)
    assert sum('"think"' in message.content for message in late.example.messages) == 2


def test_a_single_decision_is_learned_after_the_recorded_history() -> None:
    task = max(TASKS, key=lambda task: len(task.decisions))
    for number, lesson in enumerate(lessons([task], from_traces(task), DECISION)):
        example, place = lesson.example, task.decisions[number].index
        assert example.learned == (place,)
        assert example.messages[:-1] == task.messages[:place]
        assert parse(example.messages[-1].content).thought == task.traces[number]


@pytest.mark.parametrize("unit", [DECISION, DIALOGUE])
def test_a_history_is_what_play_shows(unit: str) -> None:
    """Turn mode puts empty thoughts before recorded messages; a dialogue keeps those it had."""
    chat = Chat(train_tokenizer(TASKS[:20], 600))
    for task in TASKS[:12]:
        tools = [tool.as_dict() for tool in task.tools]
        for lesson in lessons([task], from_traces(task), unit):
            example = lesson.example
            rows = rows_of([example], chat.tokenizer, 10_000)
            (ids,), (mask,) = rows.token_ids, rows.masks
            starts = [i for i in range(1, len(mask)) if mask[i] and not mask[i - 1]]
            for place, start in zip(example.learned or (), starts, strict=True):
                shown = task.messages if unit == DECISION else example.messages
                history = [message.as_dict() for message in shown[:place]]
                assert chat.opening(history, tools, thinking=True) == ids[:start]
                # As GRPO appends it: what others said since the assistant's own last words.
                spoken = [i for i in range(place) if shown[i].role is Role.ASSISTANT]
                if spoken and unit == DIALOGUE:
                    news = history[spoken[-1] + 1 :]
                    added = chat.news(news, thinking=True, ended=True)
                    assert ids[start - len(added) : start] == added


def test_choice_has_every_kind_of_decision_and_common_ones_more_often() -> None:
    everything = lessons(TASKS, [t for task in TASKS for t in from_traces(task)], DECISION)
    there = Counter(kind for lesson in everything for kind in lesson.kinds)
    picked = chosen(everything, 80, seed=0)
    assert len(picked) == 80
    counts = Counter(kind for lesson in picked for kind in lesson.kinds)
    assert all(counts[kind] >= min(LEAST, there[kind]) for kind in there)
    drawn = (80 - LEAST * len(there)) / there.total()
    for kind, number in there.items():
        expected = LEAST + drawn * number
        assert abs(counts[kind] - expected) < 4 * math.sqrt(expected)
    few = Counter(kind for one in chosen(everything, len(there), seed=0) for kind in one.kinds)
    assert few == Counter({*there}), "each once before any of them twice"
    assert picked == chosen(everything, 80, seed=0)
    assert picked != chosen(everything, 80, seed=1)


FEW = {
    unit: lessons(TASKS[:12], [t for task in TASKS[:12] for t in from_traces(task)], unit)
    for unit in (DECISION, DIALOGUE)
}


@given(st.integers(0, 500), st.sampled_from([DECISION, DIALOGUE]))
def test_nothing_is_chosen_twice_and_never_more_than_there_is(count: int, unit: str) -> None:
    everything = FEW[unit]
    picked = chosen(everything, count, seed=count)
    assert len(picked) == min(count, len(everything))
    assert len({(one.task.id, one.learned) for one in picked}) == len(picked)


def test_kinds_tell_calls_from_replies_that_tell_or_ask() -> None:
    kinds = Counter(kind_of(task, n) for task in TASKS for n in range(len(task.decisions)))
    assert {"call get_order", "call cancel_order", "reply: tells", "reply: asks"} <= set(kinds)


def write(path: Path, thoughts: Sequence[Thought]) -> Path:
    path.write_text("".join(json.dumps(one.as_dict()) + "\n" for one in thoughts))
    return path


def test_what_was_learned_can_be_learned_again(tmp_path: Path) -> None:
    everything = lessons(TASKS, [t for task in TASKS for t in from_traces(task)], DECISION)
    picked = chosen(everything, 30, seed=0)
    lines = merged(thought for lesson in picked for thought in lesson.thoughts)
    again = lessons(TASKS, read_thoughts(write(tmp_path / "x.jsonl", lines), TASKS), DECISION)
    key = [(one.task.id, one.learned) for one in again]
    assert key == sorted((one.task.id, one.learned) for one in picked)
    ordered = sorted(picked, key=lambda one: (one.task.id, one.learned))
    assert [one.example for one in again] == [one.example for one in ordered]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "expected a JSON object"),
        ("[]", '"task"'),
        ('{"task": "desk-00000", "decision": "0", "thought": "x"}', '"decision": 0'),
        ('{"task": "other", "decision": 0, "thought": "x"}', "expected a task of the training"),
        ('{"task": "desk-00000", "decision": 99, "thought": "x"}', "expected a decision from 0"),
        ('{"task": "desk-00000", "decision": 0, "thought": "a</think>b"}', "without <think>"),
        ('{"task": "desk-00000", "decision": 0, "thought": " "}', "expected a thought"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "mine.jsonl"
    good = '{"task": "desk-00000", "decision": 0, "thought": "Fine."}'
    path.write_text(f"{good}\n\n{line}\n")
    with pytest.raises(ValueError, match=f"mine.jsonl:3: .*{message}"):
        read_thoughts(path, TASKS)


def test_a_missing_file_says_what_else_there_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="traces, calls, endpoint"):
        read_thoughts(tmp_path / "nothing", TASKS)
