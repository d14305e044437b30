"""Attempts to call in other syntaxes: who knows the tools' names sees them, and all agree."""

from __future__ import annotations

from typing import Any

import pytest

from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from tools.types import MessageKind, Role
from train.scoring.metrics import measure


def played(config: EnvConfig, *, stumbling: bool) -> tuple[list[str], dict[str, Any], ReasonActEnv]:
    """The user's words and the last info; the agent is gold, perhaps with two attempts more."""
    env = ReasonActEnv.of(config)
    observation, info = env.reset(options={"task_id": env.task_ids[0]})
    messages = [env.task.messages[turn.index].content for turn in env.task.turns]
    if stumbling:
        name = env.task.tools[0].name
        messages[1:1] = [f'{name}(order_id="1")', f'I call `{{"{name}": {{"id": 1}}}}`']
    for message in messages:
        observation, _, ended, _, info = env.step(message)
        if ended:
            break
    words = [one["content"] for one in observation["messages"] if one["role"] == Role.USER]
    return words, info, env


@pytest.mark.parametrize(
    ("data", "user"),
    [("retail:3:4", "agenda"), ("airline:3:4", "agenda"), ("procedures:3:2", None)],
)
def test_a_customer_does_not_read_what_was_an_attempt_to_call(data: str, user: str | None) -> None:
    config = EnvConfig(data=data, user=user or "procedure", split="all")
    words, _, _ = played(config, stumbling=False)
    again, info, _ = played(config, stumbling=True)
    assert again == words
    assert info["outcome"]["success"]


def test_metrics_read_messages_as_the_environment_did() -> None:
    env = ReasonActEnv.of(EnvConfig(data="desk:20:1", mode="turn", split="all"))
    places = ((task, i) for task in env.tasks for i, _ in enumerate(task.decisions))
    task, place = next((t, i) for t, i in places if t.decisions[i].kind is MessageKind.REPLY)
    env.reset(options={"task_id": task.id, "decision": place})
    env.step(f"{task.tools[0].name}()")
    assert measure(task, env.episode)["decision_accuracy"] == (0, 1)
