"""Templates that rewrite what was said before: the model reads what the template has each time."""

from __future__ import annotations

from typing import cast

import pytest

torch = pytest.importorskip("torch")

from transformers import PreTrainedTokenizerBase  # noqa: E402
from trl.chat_template_utils import (  # noqa: E402
    qwen3_chat_template,
    qwen3_training_chat_template,
)

from agents.chat import Chat  # noqa: E402
from agents.policy import Policy, Trajectory  # noqa: E402
from agents.sampling import Sampling  # noqa: E402
from reasonact_env.agent import Session  # noqa: E402
from reasonact_env.env import ReasonActEnv  # noqa: E402
from tasks.load import load_tasks  # noqa: E402
from train.models.model import tiny_model  # noqa: E402
from train.models.profiles import TinyModel  # noqa: E402
from train.models.tokenizer import train_tokenizer  # noqa: E402

DATA = "desk:20"
SHAPE = TinyModel(layers=1, hidden=32, heads=2, vocabulary=600, initial_std=0.2)


def tokenizer_with(template: str) -> PreTrainedTokenizerBase:
    found = train_tokenizer(load_tasks(DATA).split("train"), 600)
    found.chat_template = template
    return found


@pytest.mark.parametrize(
    ("template", "kept"), [(qwen3_chat_template, False), (qwen3_training_chat_template, True)]
)
def test_the_stock_template_rewrites_what_was_said(template: str, kept: bool) -> None:
    assert Chat(tokenizer_with(template)).appends(thinking=False) is kept


def test_before_each_message_the_model_reads_what_its_template_renders() -> None:
    tokenizer = tokenizer_with(qwen3_chat_template)
    model = tiny_model(SHAPE, tokenizer, seed=0).eval()
    agent = Policy(model, tokenizer, Sampling(temperature=1.0, max_new_tokens=8), seed=3)
    env = ReasonActEnv(split="all", data=DATA)
    observation, info = env.reset(seed=0)
    session = Session(observation, info)
    for _ in range(3):
        rendered = tokenizer.apply_chat_template(
            session.observation["messages"],
            tools=session.observation["tools"],
            add_generation_prompt=True,
            enable_thinking=False,
            tokenize=False,
        )
        agent.act([session])
        prompt = cast("Trajectory", session.memory["trajectory"]).prompt_ids
        assert tokenizer.decode(prompt) == rendered
        session.observation, _, ended, *_ = env.step("What is your customer number?")
        if ended:
            break
