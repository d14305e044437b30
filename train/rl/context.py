"""Which recorded decisions a policy has room for: history and message have to fit its context."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import replace

from agents.chat import Chat
from agents.console import console
from tasks.types import Task
from train.models.limits import MessageLimits
from train.models.policies import TrainedPolicy


def within_context(
    tasks: Iterable[Task], policy: TrainedPolicy, limits: MessageLimits
) -> tuple[Task, ...]:
    """The tasks with the turns that fit; those before a turn fit if it does.

    A decision that does not fit is answered by an empty message, always: all of a group earn the
    same, and nothing is learned from it.

    Args:
        tasks: What is to be played decision by decision.
        policy: Who plays.
        limits: How long its messages may be.
    """
    room = policy.model.config.max_position_embeddings - policy.longest(limits)
    chat, every = Chat(policy.tokenizer), tuple(tasks)
    fitting = [replace(one, turns=one.turns[: _fit(one, chat, policy, room)]) for one in every]
    before, after = (sum(len(one.decisions) for one in some) for some in (every, fitting))
    if before > after:
        console().print(
            f"{before - after:,} of {before:,} decisions are not played: history and message do "
            f"not fit into {policy.model.config.max_position_embeddings:,} tokens."
        )
    return tuple(one for one in fitting if one.decisions)


def _fit(task: Task, chat: Chat, policy: TrainedPolicy, room: int) -> int:
    """How many of a task's turns have a history of at most so many tokens."""
    tools = [spec.as_dict() for spec in task.tools]
    said = [message.as_dict() for message in task.messages]

    def too_long(turn: int) -> bool:
        before = said[: task.turns[turn].index]
        return len(chat.opening(before, tools, thinking=policy.thinking)) > room

    return bisect_left(range(len(task.turns)), True, key=too_long)
