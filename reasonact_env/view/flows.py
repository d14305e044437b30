"""Shows, on a procedure's flowgraph, the paths of a run's agents and where they left it.

    python -m reasonact_env.view.flows runs/eval/episodes.jsonl
    python -m reasonact_env.view.flows runs/eval/episodes.jsonl --draw double_charge --out flow.svg

Dialogues count by what their agents did, single decisions by the message that was due.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, cast

from reasonact_env.episode import Episode, Mode, message_of
from reasonact_env.episodes.storage import read_episodes
from tasks.load import load_tasks
from tasks.procedures.case import Case
from tasks.procedures.customer import walked
from tasks.procedures.draw import show
from tasks.procedures.flowgraph import flowgraph
from tasks.procedures.graph import Edge
from tasks.procedures.setup import OnProcedure
from tasks.procedures.taken import Taken
from tasks.procedures.types import Procedure
from tasks.types import Task
from tools.command import run
from tools.command_line import read_options
from tools.option_types import Positional, shown_as
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


_PROG = "python -m reasonact_env.view.flows"


@dataclass(frozen=True, slots=True)
class FlowsOptions:
    """Which run is shown."""

    episodes: Positional[Annotated[Path, shown_as("EPISODES")]]
    """A run's episodes.jsonl."""
    data: str | None = None
    """Where the data lie now, if not where the file says."""
    draw: Annotated[str | None, shown_as("NAME")] = None
    """Draw one procedure."""
    out: Annotated[Path | None, shown_as("FILE")] = None
    """Draw into a file: .svg, .png or .dot."""


def main(argv: Sequence[str] | None = None) -> int:
    """Lists the procedures of a run, or draws one as a picture; returns the exit status."""
    args = read_options(FlowsOptions, argv, prog=_PROG, about=__doc__)
    try:
        header, episodes = read_episodes(args.episodes)
        data = args.data or header.env.get("data")
        tasks = load_tasks(cast("str | None", data)).tasks
        found = flows(episodes, {task.id: task for task in tasks})
        if not found:
            raise ValueError(
                f"expected episodes of procedures in {args.episodes.name}, got none; play with "
                "data='procedures:N'"
            )
        if args.draw:
            _draw(_chosen(found, args.draw), args.out)
        else:
            _list(found)
    except (ImportError, OSError, ValueError) as error:
        print(f"{_PROG}: error: {error}", file=sys.stderr)
        return 1
    return 0


def _chosen(found: Mapping[str, Flow], name: str) -> Flow:
    if name not in found:
        raise ValueError(f"expected one of {', '.join(sorted(found))} to draw, got {name!r}")
    return found[name]


def _draw(flow: Flow, out: Path | None) -> None:
    taken = Taken(flow.visits, flow.left)
    show(flow.procedure, flowgraph(flow.procedure), taken, out)


def _list(found: Mapping[str, Flow]) -> None:
    """Prints one line per procedure; those that were left most often come first."""
    print(f"{'procedure':26} {'episodes':>8} {'kept to':>8}  left most often at")
    for name, flow in sorted(found.items(), key=lambda item: item[1].ended / item[1].episodes):
        places = ", ".join(f"{step} ({count:,})" for step, count in flow.left.most_common(2))
        share = flow.ended / flow.episodes
        print(f"{name:26} {flow.episodes:8,} {share:8.0%}  {places}".rstrip())


if __name__ == "__main__":
    run(main)
