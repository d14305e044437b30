"""Where agents left support procedures: the steps they took, and those that were due instead.

`python -m reasonact_env.view.flows` lists and draws them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from reasonact_env.episode import Episode, Mode, message_of
from tasks.procedures.case import Case
from tasks.procedures.customer import walked
from tasks.procedures.graph import Edge
from tasks.procedures.setup import OnProcedure
from tasks.procedures.types import Procedure
from tasks.types import Task
from tools.types import Message, MessageKind, Role


@dataclass(slots=True)
class Flow:
    """The counts over the episodes of one procedure."""

    procedure: Procedure
    """The procedure."""
    episodes: int = 0
    """The number of episodes."""
    ended: int = 0
    """The number of episodes that followed the procedure to its end."""
    visits: Counter[Edge] = field(default_factory=Counter)
    """Edge -> number of times it was taken."""
    left: Counter[str] = field(default_factory=Counter)
    """Step that was due -> number of times an agent did something else."""


def flows(episodes: Iterable[Episode], tasks: Mapping[str, Task]) -> dict[str, Flow]:
    """Counts episodes by procedure.

    Args:
        episodes: Episodes of either mode. In dialogue mode an agent leaves a procedure with a stray
            (`tasks.procedures.stray`); in turn mode with a message that is not due after the
            recorded ones.
        tasks: All tasks by id; tasks without a procedure are skipped.
    """
    found: dict[str, Flow] = {}
    for episode in episodes:
        task = tasks.get(episode.task_id)
        if task is not None and isinstance(task.setup, OnProcedure):
            case = task.setup.case
            flow = found.setdefault(case.procedure.name, Flow(case.procedure))
            _add(flow, episode, task, case)
    return found


def _add(flow: Flow, episode: Episode, task: Task, case: Case) -> None:
    dialogue = episode.mode is Mode.DIALOGUE
    messages = _played(episode) if dialogue else list(task.messages)
    walk = walked(case, messages)
    if dialogue:
        walk.over()
    left = [stray.step for stray in walk.strays] if dialogue else list(_wrong(episode, task, case))
    flow.episodes += 1
    flow.ended += not left
    flow.visits.update(walk.path)
    flow.left.update(left)


def _played(episode: Episode) -> list[Message]:
    """The messages of a dialogue."""
    messages = list(episode.opening)
    for step in episode.steps:
        messages += [Message(Role.ASSISTANT, step.action), *step.answers]
    return messages


def _wrong(episode: Episode, task: Task, case: Case) -> Iterator[str]:
    """The steps that were due where the agent said or called something else."""
    for step in episode.steps:
        before = task.messages[: task.decisions[step.turn].index]
        # Only whether the calls were due matters here, not their answers.
        answers = [Message(Role.TOOL, "") for _ in step.calls]
        after = walked(case, [*before, Message(Role.ASSISTANT, step.action), *answers])
        readable = message_of(step.action, step.calls).kind is not MessageKind.NONE
        if after.strays or after.misunderstood or not readable:
            yield walked(case, before).here
