"""Whether figures on some dialogues are contaminated: by tau-bench's public tasks and rules.

Its tasks, tools and rules have been public for years: a model may
have read them, and one that was trained on them is no longer fit to be judged by the benchmark.
Generated dialogues are on its tools, too, but on tasks, users and databases of their own.
"""

from __future__ import annotations

from collections.abc import Iterable

from tasks.part import label_of
from tasks.setups import Recorded
from tasks.types import Task
from tools.worlds import world_with

TASKS = (
    "Contaminated: these dialogues are of tau-bench's public tasks, which the weights may have "
    "seen before; what trains on them cannot be judged by tau-bench any more."
)
"""Said where sidecars name the benchmark."""
RULES = (
    "Perhaps contaminated: these dialogues have tau-bench's public tools, and perhaps its tasks, "
    "which the weights may have seen before."
)
"""Said where tools alone tell."""
_KEYS = ("benchmark", "source")
"""The keys of sidecars that name the benchmark."""


def contamination(tasks: Iterable[Task]) -> str:
    """One sentence for whoever reads a figure on these tasks, or a policy's card; "" if clean."""
    every = tuple(tasks)
    if any((label_of(task, key) or "").startswith("tau") for task in every for key in _KEYS):
        return TASKS
    recorded = [task for task in every if isinstance(task.setup, Recorded)]
    offers = {id(task.tools): task.tools for task in recorded if task.setup.user is None}
    known = any(tools and world_with(spec.name for spec in tools) for tools in offers.values())
    return RULES if known else ""
