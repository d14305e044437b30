"""Where a user who listens did not understand."""

from __future__ import annotations

from collections.abc import Sequence

from reasonact_env.episode import Episode
from reasonact_env.failures.played import Move
from tasks.types import Task
from tools.types import Message, Role


def lost_at(task: Task, episode: Episode, moves: Sequence[Move]) -> int | None:
    """The first step that the task's own user did not understand; None if it understood all.

    Args:
        task: The task.
        episode: The dialogue. If somebody else was its user (one who reads from the record, a
            model), the task's own one would have answered in other words, and the result is None.
        moves: The agent's messages.
    """
    user = task.setup.user
    if user is None:
        return None
    messages = list(episode.opening)
    ends: list[int] = []
    for move in moves:
        messages.append(Message(Role.ASSISTANT, move.action))
        messages += move.answers
        ends.append(len(messages))
    if not user.report(messages).misunderstood or not _is_own(task, episode, moves):
        return None
    low, high = 0, len(ends) - 1
    while low < high:  # the count never falls
        middle = (low + high) // 2
        if user.report(messages[: ends[middle]]).misunderstood:
            high = middle
        else:
            low = middle + 1
    return moves[low].number


def _is_own(task: Task, episode: Episode, moves: Sequence[Move]) -> bool:
    """Whether the task's own user said what the user of the episode said."""
    user = task.setup.user
    assert user is not None
    messages = list(episode.opening)
    for move in moves:
        messages.append(Message(Role.ASSISTANT, move.action))
        said = next((m.content for m in move.answers if m.role is Role.USER), None)
        if said is not None and user.answer(messages) != said:
            return False
        messages += move.answers
    return True
