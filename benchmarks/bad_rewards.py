"""Rewards that go wrong on purpose, for `benchmarks.failures`."""

from __future__ import annotations

from reasonact_env.episode import Episode
from tasks.types import Task

LONG = 1_000
"""From this many characters on, a reply earns all that length can earn."""
MANY = 10
"""From this many calls on, an episode earns all that calls can earn."""


def pays_length(task: Task, episode: Episode) -> float:
    """The longer, the better."""
    return min(1.0, sum(len(step.action) for step in episode.steps) / LONG)


def pays_calls(task: Task, episode: Episode) -> float:
    """Whoever calls, whatever it calls, is right."""
    return min(1.0, sum(len(step.calls) for step in episode.steps) / MANY)
