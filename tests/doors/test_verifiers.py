"""Our task set in the installed verifiers: its own loader, tasks and scoring."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest

pytest.importorskip("verifiers.v1", reason="needs verifiers, in an environment of its own")
import verifiers.v1 as vf
from verifiers.v1.utils.loaders import load_taskset, taskset_config_type

from agents.gold import Gold
from reasonact_env.agent import Session

pytestmark = pytest.mark.filterwarnings("default")
FOLDER = Path(__file__).parents[2] / "examples" / "doors"


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.setattr(sys, "path", [str(FOLDER), *sys.path])
    kind = taskset_config_type("reasonact_taskset")
    return list(load_taskset(kind(id="reasonact_taskset", data="desk:4", split="all")))


def test_verifiers_loads_and_pays_as_step_does(tasks: list[Any]) -> None:
    env: Any = gym.make("ReasonAct-APIGen-v0", mode="turn", data="desk:4", split="all")
    gold = Gold(env.unwrapped.tasks, "turn")
    assert len(tasks) > 10
    for task in tasks:
        task_id, _, decision = task.data.name.rpartition("#")
        options = {"task_id": task_id, "decision": int(decision)}
        observation, info = env.reset(options=options)
        assert observation["messages"][0]["content"] in task.data.system_prompt
        (right,) = gold.act([Session(observation, info)])
        for text in (right, "One moment, please."):
            env.reset(options=options)
            paid = env.step(text)[1]
            trace = trace_of(task, text)
            asyncio.run(task.score(trace))
            assert trace.reward == paid


def trace_of(task: Any, text: str) -> Any:
    """A trace with one answer."""
    from verifiers.v1.graph import MessageNode

    agent: Any = vf.AgentInfo.model_construct()
    trace = vf.Trace.model_construct(task=task.data, agent=agent)
    message = vf.AssistantMessage(content=text)
    trace.nodes = [MessageNode.model_construct(message=message, sampled=True)]
    trace.rewards, trace.metrics = {}, {}
    return trace
