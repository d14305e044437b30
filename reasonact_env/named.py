"""Agents by name, also those that live in the layers above."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from reasonact_env.agent import Agent, load_agent
from reasonact_env.guard import require_agents
from tasks.types import Task
from tools.load_object import is_object_name, load_object


def agent_by_name(name: str, tasks: Sequence[Task], mode: str, thinking: str) -> Agent:
    """An agent as commands name it.

    Args:
        name: gold, a baseline, MODULE:NAME, the folder of a policy, or endpoint.
        tasks: All tasks that it may meet.
        mode: The environment's mode.
        thinking: The environment's `thinking`.

    Raises:
        ValueError: if there is no such agent.
        ImportError: if it needs a package that is not installed.
    """
    if is_object_name(name):
        return load_agent(name)
    require_agents()
    # Gold, baselines and policies lie above this layer: they are loaded like anybody's own.
    above = load_object("agents.named:agent_of", "a function from a name to an agent")
    make = cast("Callable[[str, Sequence[Task], str, str], Agent]", above)
    return make(name, tasks, mode, thinking)
