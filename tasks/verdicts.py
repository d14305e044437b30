"""What benchmarks said of recorded agents: whose failures are no gold.

A sidecar's `success: false` says that the recorded agent failed. Its decisions are then doubtful
gold: nothing imitates them, no thought leads to them, and turn mode neither trains nor judges by
them. In dialogue mode such a task stays, since its goal is the benchmark's and not the agent's.
"""

from __future__ import annotations

from collections.abc import Iterable

from tasks.types import Task
from tools.counts import counted


def without_failures(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """The tasks but for those whose recorded agent failed, as far as it is known."""
    return tuple(task for task in tasks if task.succeeded is not False)


def failures(tasks: Iterable[Task]) -> int:
    """How many of the recorded agents failed, as far as it is known."""
    return sum(task.succeeded is False for task in tasks)


def failure_words(count: int) -> str:
    """What titles of tables say of dialogues that are left out; nothing where there are none."""
    if not count:
        return ""
    return f" · {counted(count, 'officially failed dialogue')} left out"
