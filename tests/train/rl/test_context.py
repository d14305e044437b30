"""Decisions that a policy has no room for are neither trained on nor judged."""

from __future__ import annotations

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from agents.play import play  # noqa: E402
from agents.policy import Policy  # noqa: E402
from agents.sampling import Sampling  # noqa: E402
from reasonact_env.config import EnvConfig  # noqa: E402
from tasks.load import load_tasks  # noqa: E402
from train.models.limits import MessageLimits  # noqa: E402
from train.models.model import tiny_model  # noqa: E402
from train.models.policies import TrainedPolicy  # noqa: E402
from train.models.profiles import DEMO, TinyModel  # noqa: E402
from train.models.tokenizer import train_tokenizer  # noqa: E402
from train.rl.context import within_context  # noqa: E402
from train.scoring.metrics import measure  # noqa: E402

LIMITS = MessageLimits(max_new_tokens=8)


@pytest.fixture(scope="module")
def policy() -> TrainedPolicy:
    tokenizer = train_tokenizer(load_tasks("desk:40").tasks, 600)
    shape = TinyModel(layers=1, hidden=32, heads=1, vocabulary=600)
    return TrainedPolicy(tiny_model(shape, tokenizer, 0), tokenizer, DEMO, "tiny")


def test_what_does_not_fit_is_left_out_of_both(policy: TrainedPolicy) -> None:
    tasks = load_tasks("desk:40").split("train")[:6]
    assert within_context(tasks, policy, LIMITS) == tasks
    task = max(tasks, key=lambda one: len(one.decisions))
    chat = Policy(policy.model, policy.tokenizer, Sampling(max_new_tokens=8)).chat
    before = [message.as_dict() for message in task.messages[: task.decisions[2].index]]
    room = len(chat.opening(before, [spec.as_dict() for spec in task.tools], thinking=False))

    usual = policy.model.config.max_position_embeddings
    policy.model.config.max_position_embeddings = room + 8  # the third decision just fits
    try:
        (short,) = within_context([task], policy, LIMITS)
        assert [turn.index for turn in short.decisions] == [t.index for t in task.decisions[:3]]
        agent = policy.maker(1.0, LIMITS)(0)
        env = EnvConfig(mode="turn", data="desk:40", split="train")
        (played,) = play(env, agent, [(task.id, None)], batch_size=1, seed=0)
    finally:
        policy.model.config.max_position_embeddings = usual
    found = measure(task, played.episode)
    assert found["out_of_context"] == (len(task.decisions) - 3, len(task.decisions))
    assert found["decision_accuracy"][1] == 3
    assert found["messages"] == (3, 1.0)
    whole = measure(task, replace(played.episode, cut=None))
    assert whole["decision_accuracy"][1] == len(task.decisions)
