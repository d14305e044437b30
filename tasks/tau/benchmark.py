"""What a benchmark's task is played on, with the benchmark's own verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tasks.goals import untold
from tasks.setups import InWorld
from tasks.types import Act, Task
from tools.types import Violation

UNTOLD = "output_not_told"
"""The name of what an agent misses that does not tell what it has to."""


@dataclass(frozen=True, slots=True)
class OnBenchmark(InWorld):
    """A world in which the verdict is the benchmark's: the end state, and the outputs told.

    So a task without writes is won by changing nothing, as it is there.
    """

    __hash__ = InWorld.__hash__

    @property
    def strict(self) -> bool:
        """True: an output that was not told makes the episode a failure."""
        return True

    def violations(self, task: Task, acts: Iterable[Act]) -> tuple[Violation, ...]:
        """The outputs that no reply has; case and commas do not matter."""
        said = [parsed for parsed, _ in acts]
        replies = [one.reply.text for one in said if one.reply]
        return tuple(
            Violation(UNTOLD, len(said), f"no reply tells the user {output}")
            for output in untold(task.goal.outputs, replies)
        )
