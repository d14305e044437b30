"""Other people's agents through `Conversation`: a scripted model earns what `step` pays."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import gymnasium as gym
import pytest

from agents.gold import Gold
from reasonact_env import Conversation
from reasonact_env.agent import Session
from reasonact_env.episode import Episode
from tools.openai_form import to_openai

ROOT = Path(__file__).parents[2]


def loaded(path: Path) -> ModuleType:
    """A module by its file: neither folder is a package."""
    spec = importlib.util.spec_from_file_location(f"door_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


serving = loaded(Path(__file__).with_name("scripted_model.py")).serving

DOORS = {
    "openai_sdk": "openai",
    "openai_agents": "agents.run",
    "langchain_agent": "langchain_openai",
    "smolagents_agent": "smolagents",
    "inspect_task": "inspect_ai",
}
"""An example -> what it needs."""


def door(name: str) -> ModuleType:
    pytest.importorskip(DOORS[name], reason=f"needs {DOORS[name]}: pip install -e '.[doors]'")
    return loaded(ROOT / "examples" / "doors" / f"{name}.py")


@pytest.fixture(scope="module")
def env() -> Any:
    return gym.make("ReasonAct-APIGen-v0", data="desk:20", split="all")


def golden(env: Any) -> list[Episode]:
    """Episodes of the record, one call a message: a loop that runs tools one by one plays the same."""
    gold, found = Gold(env.unwrapped.tasks), []
    for task_id in env.unwrapped.task_ids:
        observation, info = env.reset(options={"task_id": task_id})
        while "stop" not in info:
            (action,) = gold.act([Session(observation, info)])
            observation, *_, info = env.step(action)
        episode = env.unwrapped.episode
        if all(len(step.calls) < 2 for step in episode.steps):
            found.append(episode)
    return sorted(found, key=lambda one: -len(one.steps))[:3]


def script_of(episode: Episode, finals: bool = False) -> Iterator[dict[str, Any]]:
    """The episode's messages in OpenAI's form; `finals` makes replies calls of `final_answer`."""
    for number, step in enumerate(episode.steps):
        (message,) = to_openai([{"role": "assistant", "content": step.action}])
        if finals and "tool_calls" not in message:
            call = {"name": "final_answer", "arguments": json.dumps({"answer": message["content"]})}
            message["tool_calls"] = [{"type": "function", "function": call}]
        for call in message.get("tool_calls", ()):
            call["id"] = f"call_{number}"
        yield message


def same(talk: Conversation, episode: Episode) -> None:
    assert talk.done
    assert talk.rewards == tuple(step.reward for step in episode.steps)
    assert (talk.total, talk.stop) == (episode.total, episode.stop)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody calls home, and logs go where they are deleted."""
    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
        monkeypatch.setenv(name, "false")
    monkeypatch.setenv("OPENAI_AGENTS_DISABLE_TRACING", "1")
    monkeypatch.setenv("INSPECT_LOG_DIR", str(tmp_path))
    monkeypatch.setenv("OPENAI_API_KEY", "none")


@pytest.mark.filterwarnings("default")  # theirs are their own
@pytest.mark.parametrize("name", [name for name in DOORS if name != "inspect_task"])
def test_an_agent_earns_what_step_pays(
    name: str, env: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = door(name).play
    for episode in golden(env):
        talk = Conversation(env, task_id=episode.task_id)
        with serving(list(script_of(episode, name == "smolagents_agent"))) as (url, asked):
            monkeypatch.setenv("OPENAI_BASE_URL", url)
            play(talk, "scripted")
        same(talk, episode)
        assert {tool["function"]["name"] for tool in asked[0]["tools"]} >= {
            tool.name for tool in episode.tools
        }


@pytest.mark.filterwarnings("default")
def test_inspect_scores_what_step_pays(env: Any) -> None:
    module = door("inspect_task")
    from inspect_ai import eval as evaluate
    from inspect_ai.model import get_model

    for episode in golden(env):
        made = module.reasonact("ReasonAct-APIGen-v0", 1000, data="desk:20", split="all")
        with serving(list(script_of(episode))) as (url, _):
            model = get_model("openai-api/local/scripted", base_url=url, api_key="none")
            (log,) = evaluate(
                made, model=model, sample_id=[episode.task_id], display="none", log_samples=True
            )
        assert log.status == "success", log.error
        (score,) = log.samples[0].scores.values()
        assert score.value == episode.total


def test_a_malformed_call_is_graded_as_it_came(env: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    play = door("openai_sdk").play
    bad = {"id": "c1", "type": "function", "function": {"name": "get_order", "arguments": "{oops"}}
    talk = Conversation(env, seed=1)
    with serving([{"role": "assistant", "content": None, "tool_calls": [bad]}] * 3) as (url, _):
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        play(talk, "scripted")
    assert talk.stop == "bad_format"
    assert all("{oops}" in step.action for step in talk.episode.steps)
