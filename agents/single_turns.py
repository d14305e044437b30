"""Recorded decisions as prompts, and a function that pays an answer, for single-turn trainers.

A prompt is the conversation so far, in plain roles and texts: the tools stand in its first message,
and how they are called. An answer is one message of the assistant. It is paid what `step` pays in
turn mode, to the last bit; the function needs nothing but the answer and the row's `ground_truth`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

import gymnasium as gym

from reasonact_env.config import EnvConfig
from reasonact_env.conversation import Conversation
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Mode
from tools.chat_messages import in_text
from tools.jsontext import short

_playing = Lock()
"""Held while an answer is played: environments are shared by all that is paid in a process."""


@dataclass(frozen=True, slots=True)
class SingleTurn:
    """One recorded decision."""

    task_id: str
    """Its task."""
    decision: int
    """Its number."""
    prompt: list[dict[str, str]]
    """What was said before, tools and rules first."""
    ground_truth: str
    """What `pay` has to know, as JSON."""


def single_turns(id: str = "ReasonAct-APIGen-v0", **made: Any) -> Iterator[SingleTurn]:
    """The decisions of an environment's tasks, in order.

    Args:
        id: The environment.
        **made: What `gym.make` takes; the mode is turn mode.

    Raises:
        ValueError: for another mode.
    """
    if made.get("mode", Mode.TURN) != Mode.TURN:
        raise ValueError(f"expected single turns, got mode={made['mode']!r}; leave it out")
    env: Any = gym.make(id, **{**made, "mode": Mode.TURN.value}).unwrapped
    config = env.config.to_json()
    for task in env.tasks:
        for decision in range(len(task.decisions)):
            talk = Conversation(env, task_id=task.id, decision=decision)
            known = {"env": config, "task_id": task.id, "decision": decision}
            yield SingleTurn(
                task.id,
                decision,
                in_text(talk.messages, talk.tools) if talk.tools else talk.messages,
                json.dumps(known, sort_keys=True),
            )


def pay(ground_truth: str, answer: str) -> float:
    """The reward of an answer to a decision.

    Args:
        ground_truth: The row's.
        answer: The assistant's raw message.

    Raises:
        ValueError: if the first is not one that `single_turns` has written.
    """
    try:
        known = json.loads(ground_truth)
        config = json.dumps(known["env"], sort_keys=True)
        task_id, decision = known["task_id"], known["decision"]
    except (ValueError, KeyError, TypeError):
        raise ValueError(
            f"expected the ground_truth of a row of single turns, got {short(ground_truth)}"
        ) from None
    with _playing:
        talk = Conversation(_env(config), task_id=task_id, decision=decision)
        talk.play(answer)
        return talk.total


@lru_cache(maxsize=4)
def _env(config: str) -> ReasonActEnv:
    """An environment, made once in a process."""
    return ReasonActEnv.of(EnvConfig.from_json(json.loads(config)))
