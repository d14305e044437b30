"""Decisions as prompts and a function of rewards, in plain form and in verl's."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gymnasium as gym
import pytest

from agents.gold import Gold
from agents.single_turns import pay, single_turns
from agents.verl_form import SAY, compute_score, verl_dialogues, verl_tools, verl_turns
from reasonact_env.agent import Session
from tools.protocol import CALL

MADE = {"data": "desk:6", "split": "all"}
RETAIL = {"id": "ReasonAct-Retail-v0", "data": "retail:9:1", "split": "all"}


def answers(task_id: str, decision: int, env: Any) -> tuple[str, list[Any]]:
    """What the record says, and what `step` pays for that, for nonsense, and for silence."""
    options = {"task_id": task_id, "decision": decision}
    observation, info = env.reset(options=options)
    (gold,) = Gold(env.unwrapped.tasks, "turn").act([Session(observation, info)])
    found = []
    for text in (gold, "One moment, please.", "", f"{CALL}{{oops"):
        env.reset(options=options)
        found.append((text, env.step(text)[1]))
    return gold, found


def test_an_answer_is_paid_as_step_pays_it() -> None:
    env: Any = gym.make("ReasonAct-APIGen-v0", mode="turn", **MADE)
    rows = list(single_turns(**MADE))
    assert len(rows) > 20
    for row in rows:
        gold, found = answers(row.task_id, row.decision, env)
        assert [pay(row.ground_truth, text) for text, _ in found] == [paid for _, paid in found]
        assert pay(row.ground_truth, gold) == pytest.approx(1)


def test_a_prompt_has_rules_tools_and_all_that_was_said() -> None:
    env: Any = gym.make("ReasonAct-APIGen-v0", mode="turn", **MADE)
    for row in single_turns(**MADE):
        options = {"task_id": row.task_id, "decision": row.decision}
        observation, _ = env.reset(options=options)
        rules, *said = row.prompt
        assert observation["messages"][0]["content"] in rules["content"]
        assert all(tool["function"]["name"] in rules["content"] for tool in observation["tools"])
        assert {one["role"] for one in said} <= {"user", "assistant"}
        whole = "\n".join(one["content"] for one in said)
        assert all(one["content"] in whole for one in observation["messages"][1:])


def test_wrong_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="expected single turns"):
        next(single_turns(mode="dialogue"))
    for wrong in ("", "5", "{}", '{"env": {}}'):
        with pytest.raises(ValueError, match="expected the ground_truth of a row"):
            pay(wrong, "Hi")


def test_verls_rows_have_what_verl_reads() -> None:
    rows = list(verl_turns(**MADE))
    assert [row["extra_info"]["index"] for row in rows] == list(range(len(rows)))
    row = rows[0]
    assert row.keys() == {
        *("data_source", "agent_name", "prompt", "ability", "reward_model", "extra_info")
    }
    truth = row["reward_model"]["ground_truth"]
    assert compute_score(row["data_source"], "Hm.", truth, row["extra_info"]) == pay(truth, "Hm.")
    json.dumps(rows)


def test_verls_tools_are_those_of_its_rows() -> None:
    tools = [one["tool_schema"]["function"] for one in verl_tools(**RETAIL)["tools"]]
    names = {tool["name"] for tool in tools}
    assert len(names) == len(tools)
    rows = list(verl_dialogues(**RETAIL))
    env: Any = gym.make(**RETAIL)
    assert 0 < len(rows) < len(env.unwrapped.tasks)  # one tool has versions here
    for row in rows:
        told = row["extra_info"]
        assert set(told["tool_selection"]) == {*told["tools_kwargs"]} <= names
        assert SAY in told["tool_selection"]
        assert [one["role"] for one in row["prompt"]] == ["system", "user"]
    assert all("type" in one for tool in tools for one in tool["parameters"]["properties"].values())
    paid = {"tool_rewards": [0.0, 0.25, 0.5]}
    assert compute_score("", "", row["reward_model"]["ground_truth"], paid) == 0.75
    assert compute_score("", "", row["reward_model"]["ground_truth"], {}) == 0.0


def test_verls_tools_play_and_are_paid() -> None:
    """With verl installed; the trainer itself needs GPUs."""
    pytest.importorskip("verl.tools.base_tool", reason="needs verl, in an environment of its own")
    import asyncio

    from verl.tools.schemas import OpenAIFunctionToolSchema

    from agents.verl_tool import VerlTool
    from benchmarks.doors import golden
    from tools.protocol import parse

    made = {"data": "desk:12", "split": "all"}
    told = verl_tools(**made)["tools"]
    schemas = [OpenAIFunctionToolSchema.model_validate(one["tool_schema"]) for one in told]
    tools = {one.function.name: VerlTool({"type": "native"}, one) for one in schemas}
    rows = {row["extra_info"]["task_id"]: row for row in verl_dialogues(**made)}

    async def call(name: str, arguments: dict[str, Any], begin: Any, trajectory: Any) -> float:
        instance, _ = await tools[name].create(create_kwargs=begin)
        _, paid, _ = await tools[name].execute(instance, arguments, agent_data=trajectory)
        await tools[name].release(instance)
        return paid

    for episode in golden(gym.make("ReasonAct-APIGen-v0", **made), 4):
        row, trajectory, paid = rows[episode.task_id], SimpleNamespace(), []
        for step in episode.steps:
            read = parse(step.action)
            calls = read.calls or [SimpleNamespace(name=SAY, arguments={"text": read.text})]
            for one in calls:
                begin = row["extra_info"]["tools_kwargs"][one.name]["create_kwargs"]
                paid.append(asyncio.run(call(one.name, dict(one.arguments), begin, trajectory)))
        truth = row["reward_model"]["ground_truth"]
        assert compute_score("", "", truth, {"tool_rewards": paid}) == episode.total


def test_verls_data_set_reads_the_rows(tmp_path: Path) -> None:
    pytest.importorskip("verl.utils.dataset.rl_dataset", reason="needs verl")
    from datasets import Dataset
    from omegaconf import OmegaConf
    from transformers import AutoTokenizer
    from verl.utils.dataset.rl_dataset import RLHFDataset

    tiny = Path(__file__).parents[2] / "train" / "weights" / "reasonact-tiny"
    config = OmegaConf.create({"cache_dir": str(tmp_path), "filter_overlong_prompts": False})
    for rows in (list(verl_turns(**MADE)), list(verl_dialogues(**RETAIL))):
        path = tmp_path / f"{len(rows)}.parquet"
        Dataset.from_list(rows).to_parquet(path)
        read = RLHFDataset([str(path)], AutoTokenizer.from_pretrained(tiny), config)
        assert len(read) == len(rows)
        for one, row in zip(read, rows, strict=True):
            assert list(one["raw_prompt"]) == row["prompt"]
            assert one["reward_model"] == row["reward_model"]
            kept = {name: given for name, given in one["tools_kwargs"].items() if given}
            assert kept == row["extra_info"].get("tools_kwargs", {})
