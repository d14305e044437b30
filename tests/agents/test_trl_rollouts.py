"""TRL's `rollout_func`, and both ways into TRL's trainer as its users take them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gymnasium as gym
import pytest

pytest.importorskip("trl", reason="needs TRL: pip install -e '.[train]'")
from accelerate import Accelerator
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import chat_template_utils

from agents.trl import paid, prompt_rows, rollout_func
from benchmarks.doors import example
from reasonact_env import Conversation

TINY = Path(__file__).parents[2] / "train" / "weights" / "reasonact-tiny"
MADE = {"data": "kaleidoscope:40:3", "split": "all"}
pytestmark = pytest.mark.filterwarnings("default")  # TRL's and those of what it loads


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are written where they are deleted, and TRL keeps quiet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRL_EXPERIMENTAL_SILENCE", "1")


def trainer(**changed: Any) -> Any:
    """What the rollouts read of TRL's trainer."""
    options = {"temperature": 1.0, "top_p": 1.0, "top_k": 0, "use_vllm": False, "seed": 0}
    args = options | {"max_completion_length": 4096} | changed
    return SimpleNamespace(
        model=AutoModelForCausalLM.from_pretrained(TINY),
        processing_class=AutoTokenizer.from_pretrained(TINY),
        accelerator=Accelerator(cpu=True),
        state=SimpleNamespace(global_step=0),
        args=SimpleNamespace(**args),
    )


def messages(row: dict[str, Any], tokenizer: Any) -> Iterator[str]:
    """What the policy said, decoded from the tokens that are trained on."""
    place = 0
    for own, run in groupby(row["env_mask"]):
        count = len(list(run))
        ids = row["completion_ids"][place : place + count]
        place += count
        if own:
            yield tokenizer.decode(ids, skip_special_tokens=True).strip()


def test_the_trained_tokens_are_what_was_played_and_paid() -> None:
    prompts = [one["prompt"] for one in prompt_rows(**MADE)[:3] for _ in range(2)]
    used = trainer()
    rows = rollout_func(message_tokens=48, **MADE)(prompts, used)
    assert rows["task_id"] == prompts
    assert paid(**rows) == rows["total"]
    assert any(rows["total"])
    env = gym.make("ReasonAct-APIGen-v0", **MADE)
    for number, task_id in enumerate(prompts):
        row = {name: values[number] for name, values in rows.items()}
        lengths = {len(row[name]) for name in ("completion_ids", "env_mask", "logprobs")}
        assert len(lengths) == 1
        assert row["env_mask"][-1] == 1
        talk = Conversation(env, task_id=task_id, seed=0)
        for raw in messages(row, used.processing_class):
            talk.play(raw)
        assert talk.done
        assert talk.total == row["total"]
    heard = [len([*groupby(mask)]) for mask in rows["env_mask"]]
    assert max(heard) > 1  # users and tools have turns of their own, outside of the loss


def test_what_is_too_long_is_cut_and_paid_all_the_same() -> None:
    prompts = [one["prompt"] for one in prompt_rows(**MADE)[:2]]
    make = rollout_func(message_tokens=48, **MADE)
    whole, cut = make(prompts, trainer()), make(prompts, trainer(max_completion_length=5))
    assert cut["total"] == whole["total"]
    for short, long in zip(cut["completion_ids"], whole["completion_ids"], strict=True):
        assert short == long[: len(short)]
        assert len(short) <= 5


def test_what_cannot_work_is_refused() -> None:
    with pytest.raises(ValueError, match="expected an environment in dialogue mode"):
        rollout_func(mode="turn", **MADE)
    with pytest.raises(ValueError, match="expected message_tokens of 1 or more, got 0"):
        rollout_func(message_tokens=0, **MADE)
    with pytest.raises(ValueError, match="expected use_vllm=False"):
        rollout_func(**MADE)([], trainer(use_vllm=True))
    stock = trainer()
    stock.processing_class.chat_template = chat_template_utils.qwen3_chat_template
    with pytest.raises(ValueError, match="qwen3_training_chat_template"):
        rollout_func(**MADE)([], stock)
    with pytest.raises(ValueError, match="got neither"):
        paid(prompts=[])


@pytest.mark.parametrize("name", ["trl_rollouts", "trl_environments"])
def test_a_users_script_trains(name: str, tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(TINY, model)
    if name == "trl_environments":  # TRL knows how to read calls by the stock template
        tokenizer = AutoTokenizer.from_pretrained(TINY)
        tokenizer.chat_template = chat_template_utils.qwen3_chat_template
        tokenizer.save_pretrained(model)
    trained = example(name).train(str(model), steps=1, **MADE)
    (log,) = [one for one in trained.state.log_history if "reward" in one]
    assert -1 <= log["reward"] <= 1
    text = (Path(__file__).parents[2] / "examples" / "doors" / f"{name}.py").read_text()
    assert len([line for line in text.splitlines() if line.strip()]) <= 35
