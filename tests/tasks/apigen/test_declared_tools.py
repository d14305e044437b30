"""What is known of a record's tools: free text, hand-overs, effects; declared or inferred."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from benchmarks.reworded import RECORDS, compare, in_other_words, on_tau, records
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from tasks.apigen.reader import read_records
from tasks.databases import REBUILT
from tasks.types import Task, TaskSet
from tools.protocol import change_calls, render
from tools.types import Effect, Json, ToolCall

TEXT: Json = {"type": "string"}


def tool(name: str, **arguments: Json) -> Json:
    parameters: Json = {
        "type": "object",
        "properties": arguments,
        "required": list(arguments),
    }
    return {"name": name, "description": "", "parameters": parameters}


TOOLS: list[Json] = [
    tool("get_order", order_id=TEXT),
    tool("cancel_order", order_id=TEXT, reason=TEXT),
    tool("transfer_to_human", summary=TEXT),
]


def record(order: str, reason: str, *, transfer: bool = False) -> dict[str, Json]:
    """A dialogue in which an order is cancelled."""
    last: list[tuple[str, Json]] = [("gpt", f"Order {order} is cancelled.")]
    if transfer:
        summary: Json = {"name": "transfer_to_human", "arguments": {"summary": f"about {order}"}}
        last = [("function_call", summary), ("observation", "done")]
    cancel: Json = {"name": "cancel_order", "arguments": {"order_id": order, "reason": reason}}
    said: list[tuple[str, Json]] = [
        ("human", f"Please cancel order {order}."),
        ("function_call", cancel),
        ("observation", '{"status": "cancelled"}'),
        *last,
    ]
    turns: list[Json] = [{"from": who, "value": what} for who, what in said]
    return {"system": "Cancel orders.", "tools": TOOLS, "conversations": turns}


def task_of(rows: list[Json], sidecars: list[Json] | None = None) -> Task:
    return read_records(rows, sidecars, source="own", stem="own").tasks[0]


def test_free_text_is_inferred_for_recorded_tools() -> None:
    known = task_of([record("A1", "the customer has moved away")]).effects
    assert known["cancel_order"].free_text == {"reason"}
    assert known["cancel_order"].free_text_inferred
    assert known["transfer_to_human"].free_text == {"summary"}
    assert known["get_order"].free_text == set()


def test_what_all_dialogues_say_alike_is_a_choice() -> None:
    rows: list[Json] = [record(f"A{number}", "no longer needed") for number in range(4)]
    for task in read_records(rows, None, source="own", stem="own").tasks:
        assert task.effects["cancel_order"].free_text == set()
        assert task.effects["transfer_to_human"].free_text == {"summary"}


@pytest.mark.parametrize("mode", ["dialogue", "turn"])
def test_a_reason_in_words_is_never_compared(mode: str) -> None:
    rows = read_records([record("A1", "she moves abroad")], None, source="own", stem="own")
    assert compare(EnvConfig(mode=mode, split="all", data=lambda: rows)).gold == 1
    env = ReasonActEnv(mode=mode, split="all", data=lambda: rows)
    env.reset(options={"task_id": rows.tasks[0].id})
    right = {"order_id": "A1", "reason": "The customer is about to leave the country."}
    *_, info = env.step(render([ToolCall("cancel_order", right)]))
    assert info["step_scores"]["tool"] == 1
    env.reset(options={"task_id": rows.tasks[0].id})
    *_, info = env.step(render([ToolCall("cancel_order", {**right, "order_id": "A2"})]))
    assert info["step_scores"]["tool"] < 1


def test_a_sidecar_declares_what_tools_do() -> None:
    said: Json = {
        "effects": {
            "get_order": "handover",
            "cancel_order": {"effect": "read", "free_text": []},
            "transfer_to_human": {"handover": False},
        }
    }
    known = task_of([record("A1", "she has moved away")], [said]).effects
    assert known["get_order"].hands_over
    assert not known["get_order"].hands_over_inferred
    assert (known["get_order"].effect, known["get_order"].inferred) == (Effect.READ, False)
    assert known["cancel_order"].effect is Effect.READ
    assert not known["cancel_order"].free_text
    assert not known["cancel_order"].free_text_inferred
    assert not known["transfer_to_human"].hands_over
    assert known["transfer_to_human"].inferred  # nobody has declared its effect


@pytest.mark.parametrize(
    "said",
    ["delete", 7, {}, {"effect": "delete"}, {"handover": 1}, {"free_text": "reason"}, {"free": []}],
)
def test_other_declarations_are_refused_by_name(said: Json) -> None:
    read = read_records([record("A1", "x")], [{"effects": {"get_order": said}}], source="", stem="")
    assert [error.kind for error in read.errors] == ["bad_sidecar"]
    assert "`effects` as" in read.errors[0].text


@pytest.mark.parametrize("database", [None, REBUILT, "tau"])
@pytest.mark.parametrize("mode", ["dialogue", "turn"])
def test_gold_earns_the_same_in_other_words(
    shared_data: Path, mode: str, database: str | None
) -> None:
    where = partial(on_tau, shared_data / "tau" / "tau1") if database == "tau" else database
    data = partial(records, shared_data / RECORDS, with_sidecar=False)
    config = EnvConfig(mode=mode, split="all", data=data, database=where)
    chosen = {task.id for task in _with_words(data())[:: 1 if mode == "dialogue" else 9]}
    row = compare(config, of=lambda task: task.id in chosen)
    assert len(row.changed) == row.tasks == len(chosen) > 10
    assert row.unlike == ()


def _with_words(tasks: TaskSet) -> list[Task]:
    """The tasks with a hand-over; a thought is free text, too."""
    found = []
    for task in tasks.tasks:
        turns = [task.messages[turn.index].content for turn in task.turns]
        if any(change_calls(said, partial(in_other_words, task)) != said for said in turns):
            found.append(task)
    return found


def test_real_dialogues_have_the_free_text_of_the_benchmark_alone(shared_data: Path) -> None:
    names = json.dumps(
        sorted(
            {
                (name, path, known.free_text_inferred)
                for task in records(shared_data / RECORDS, True).tasks
                for name, known in task.effects.items()
                for path in known.free_text
            }
        )
    )
    assert names == json.dumps(
        [("think", "thought", False), ("transfer_to_human_agents", "summary", False)]
    )
