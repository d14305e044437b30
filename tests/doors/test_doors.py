"""Other people's agents through `Conversation`: a scripted model earns what `step` pays."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import gymnasium as gym
import pytest

from agents.doctor import examined
from agents.findings import Verdict
from benchmarks.doors import FRAMEWORKS, example, golden, lines_of, script_of
from benchmarks.scripted_model import serving
from reasonact_env import Conversation
from reasonact_env.episode import Episode

DOORS = {**FRAMEWORKS, "inspect_task": "inspect_ai"}


def door(name: str) -> ModuleType:
    pytest.importorskip(DOORS[name], reason=f"needs {DOORS[name]}: pip install -e '.[doors]'")
    return example(name)


@pytest.fixture(scope="module")
def env() -> Any:
    return gym.make("ReasonAct-APIGen-v0", data="desk:20", split="all")


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
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_an_agent_earns_what_step_pays(
    name: str, env: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = door(name).play
    for episode in golden(env, 3):
        talk = Conversation(env, task_id=episode.task_id)
        with serving(list(script_of(episode, finals=name == "smolagents_agent"))) as (url, asked):
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

    for episode in golden(env, 3):
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


def sdk(talk: Conversation) -> None:
    """The SDK's loop, as the doctor takes an agent that owns its loop."""
    door("openai_sdk").play(talk, "scripted")


def test_the_doctor_finds_nothing_wrong_with_the_sdks_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    door("openai_sdk")
    with serving([]) as (url, asked):
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        found = examined("tests.doors.test_doors:sdk")
    assert not [one for one in found if one.verdict is Verdict.NOT]
    assert len(asked) > len(found)


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_an_example_is_short(name: str) -> None:
    assert lines_of(name) <= 15
