"""TRL's `environment_factory`: the tools that it reads off our classes, and what they pay."""

from __future__ import annotations

import inspect
from typing import Any

import gymnasium as gym
import pytest

from agents.trl import environment_factory, paid, task_rows
from benchmarks.doors import golden
from tools.protocol import parse

MADE = {"data": "desk:20", "split": "all"}
ID = "ReasonAct-APIGen-v0"


def test_the_record_earns_what_step_pays() -> None:
    env = gym.make(ID, **MADE)
    (made,) = environment_factory(ID, **MADE).values()
    played: Any = made()
    for episode in golden(env, 5):
        assert played.reset(task_id=episode.task_id, prompt="") == episode.opening[-1].content
        for step in episode.steps:
            read = parse(step.action)
            for call in read.calls:
                getattr(played, call.name)(**call.arguments)
            if not read.calls:
                played.say(read.text)
        assert paid([played], prompts=[]) == [episode.total]


def test_trl_finds_the_tools_and_nothing_else() -> None:
    (made,) = environment_factory(ID, **MADE).values()
    env: Any = gym.make(ID, **MADE)
    members = inspect.getmembers(made, predicate=inspect.isfunction)
    found = {name for name, _ in members if not name.startswith("_")}
    tools = {spec.name for spec in env.unwrapped.tasks[0].tools}
    assert found == {*tools, "say", "reset"}


def test_transformers_reads_their_schemas() -> None:
    pytest.importorskip("torch", reason="needs transformers: pip install -e '.[train]'")
    from transformers.utils import get_json_schema

    retail: Any = {"id": "ReasonAct-Retail-v0", "data": "retail:5:1", "split": "all"}
    env: Any = gym.make(**retail)
    made = environment_factory(**retail)
    assert len(made) > 1
    for task, row in zip(env.unwrapped.tasks, task_rows(**retail), strict=True):
        played = made[row["environment"]]()
        for spec in task.tools:
            read = get_json_schema(getattr(played, spec.name))["function"]
            own: Any = spec.parameters
            assert read["name"] == spec.name
            assert read["parameters"]["properties"].keys() == own.get("properties", {}).keys()
            assert set(read["parameters"].get("required", ())) == set(own.get("required", ()))


def test_rows_have_the_rules_and_a_task() -> None:
    row = task_rows(ID, **MADE)[0]
    assert [message["role"] for message in row["prompt"]] == ["system", "user"]
    assert row["task_id"] in gym.make(ID, **MADE).unwrapped.task_ids  # type: ignore[attr-defined]
