"""Plays gold and the baseline agents on tasks: gold has to win them all, a baseline none.

    # a file of tasks
    python -m agents.validate tasks.json
    # single decisions of generated tasks
    python -m agents.validate desk:500 --mode turn
    # with a user that has a goal, in place of the recorded words
    python -m agents.validate retail:500 --user agenda
    # recorded dialogues, with a database behind their tools
    python -m agents.validate FILE --database DATABASE --tasks 100

In dialogue mode a task is won where its outcome is a success, in turn mode where every decision
earns 1. Where gold does not earn all or a baseline wins, the command prints the tasks' ids. It also
says what the failing calls of gold answered, and where tools of a world crashed: a tool refuses by
`ApiError`, and any other error of it is its author's. With any of these the exit status is 1.
"""

from __future__ import annotations

import tools.interrupts  # noqa: F401 (first: Ctrl-C during the others)

# isort: split

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from agents.baselines import BASELINES
from agents.console import console, plain_table
from agents.contest import contest
from agents.gold import Gold, gold_words
from reasonact_env.agent import Agent
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode, Mode
from reasonact_env.playable import database_words, left_out_words, playable, without_goal
from tasks.databases import AUTO
from tasks.load import load_tasks
from tasks.types import SPLITS, Task
from tools.command import run
from tools.command_line import read_options
from tools.counts import counted
from tools.jsontext import short
from tools.option_types import Positional, one_of, shown_as
from tools.ranges import require_at_least
from tools.worlds.crashes import Crashes, crashes_noted

TOLERANCE = 1e-9
"""Weights are scaled in floating point, so gold may earn a little less than 1."""
SHOWN = 20
"""At most this many ids are printed."""
EXPLAINED = 5
"""At most this many failing calls, and as many crashes of tools, are printed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one agent fared."""

    agent: str
    """Its name."""
    mean: float
    """Mean return of an episode, as a share of what gold should earn."""
    best: float
    """The best return of an episode, likewise."""
    won: tuple[str, ...]
    """The ids of the tasks that it won."""
    short: tuple[str, ...]
    """The ids of the tasks in which it earned less than gold should."""
    failing: Mapping[str, str] = field(default_factory=dict)
    """Task id -> the first recorded call that failed there, with its answer, where gold fell
    short."""

    @property
    def wrong(self) -> tuple[str, ...]:
        """The ids of the tasks that should be mended: gold falls short, or a baseline wins."""
        return self.short if self.agent == "gold" else self.won


def verify(
    data: str | None = None,
    mode: str = "dialogue",
    split: str = "all",
    limit: int | None = None,
    database: str | None = AUTO,
    user: str = "scripted",
) -> list[Verdict]:
    """Lets gold and all baselines play.

    Args:
        data: What `tasks.load.load_tasks` takes.
        mode: "dialogue" or "turn".
        split: "train", "validation", "test", or "all".
        limit: At most this many tasks, the first ones; None for all.
        database: What stands behind recorded dialogues, as `EnvConfig` takes it.
        user: "scripted", or "agenda" for tasks that have one.

    Returns:
        A verdict an agent, gold's first.

    Raises:
        FileNotFoundError: if there are no such data.
        ValueError: if there is nothing to play.
    """
    config = EnvConfig(mode=mode, split=split, data=data, user=user, database=database)
    tasks = [task for task in ReasonActEnv.of(config).tasks if task.turns][:limit]
    if not tasks:
        raise ValueError(f"expected tasks to play in {data!r}, found none; ask for more --tasks")
    agents: dict[str, Agent] = {"gold": Gold(tasks, mode), **BASELINES}
    return [judged(name, episodes) for name, episodes in contest(config, tasks, agents)]


def judged(agent: str, episodes: Iterable[Episode]) -> Verdict:
    """Sums up an agent's episodes."""
    shares: list[float] = []
    won, fell_short = [], []
    failing: dict[str, str] = {}
    for episode in episodes:
        shares.append(_share(episode))
        if _is_won(episode):
            won.append(episode.task_id)
        if shares[-1] < 1 - TOLERANCE:
            fell_short.append(episode.task_id)
            if failed := _first_failure(episode):
                failing[episode.task_id] = failed
    mean = sum(shares) / len(shares)
    return Verdict(agent, mean, max(shares), tuple(won), tuple(fell_short), failing)


def _first_failure(episode: Episode) -> str:
    """The first call of an episode that failed, with its answer; empty if none did."""
    records = (record for step in episode.steps for record in step.calls)
    return next((f"{one.name} answered {short(one.content)}" for one in records if not one.ok), "")


def refused(task: Task) -> str:
    """The first call of the goal that the task's own API refuses, with its answer; else empty."""
    executor = task.setup.start(task)
    for call in task.goal.writes:
        executor, result = executor.run(call)
        if not result.ok:
            arguments = ", ".join(f"{name}={value!r}" for name, value in call.arguments.items())
            return f"{call.name}({arguments}) answered {short(result.content)}"
    return ""


def _share(episode: Episode) -> float:
    """The return as a share of what gold should earn: 1 a dialogue, or 1 a decision."""
    return episode.total / (len(episode.steps) if episode.mode is Mode.TURN else 1)


def _is_won(episode: Episode) -> bool:
    if episode.mode is Mode.TURN:
        return _share(episode) >= 1 - TOLERANCE
    return episode.outcome is not None and episode.outcome.success


@dataclass(frozen=True, slots=True)
class ValidateOptions:
    """What is played."""

    data: Positional[Annotated[str | None, shown_as("[DATA]")]] = None
    """As for `python -m tasks.load`; the embedded set unless given."""
    mode: Literal["dialogue", "turn"] = "dialogue"
    """Whether whole dialogues are played, or single decisions."""
    split: Annotated[str, one_of(SPLITS)] = "all"
    """Which part is played: train, validation, test or all."""
    tasks: int | None = None
    """At most this many tasks; all unless given."""
    user: Literal["scripted", "agenda"] = "scripted"
    """Who talks to the agent in dialogues; agenda: for tasks that have one."""
    database: Annotated[str, shown_as("DATABASE")] = AUTO
    """What stands behind recorded dialogues: auto, recorded, rebuilt, the place of tau-bench's
    database, or MODULE:NAME."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "tasks")


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; returns the exit status."""
    args = read_options(ValidateOptions, argv, prog="python -m agents.validate", about=__doc__)
    with crashes_noted() as crashes:
        verdicts = verify(args.data, args.mode, args.split, args.tasks, args.database, args.user)
        gold = _explained(args, verdicts[0])
    screen = console()
    tasks, mode = load_tasks(args.data).split(args.split), Mode(args.mode)
    on = database_words(load_tasks(args.data), args.split, mode, args.database)
    left_out = f"{on}{left_out_words(without_goal(tasks, mode))}"
    title = f"{load_tasks(args.data).source} · {args.split} · {mode} mode{left_out}"
    heads = ["agent", "mean", "best", "won"]
    screen.print(plain_table(title, heads, [_cells(one) for one in verdicts]))
    played = playable(load_tasks(args.data), args.split, mode, args.database).tasks
    if words := gold_words(played[: args.tasks], mode):
        screen.print(words)
    for line in [
        *(_complaint(one) for one in verdicts if one.wrong),
        *gold,
        *_crashed(crashes),
    ]:
        screen.print(line)
    wrong = bool(crashes) or any(one.wrong for one in verdicts)
    if not wrong:
        screen.print("gold earns all of every task, and no baseline wins one")
    return int(wrong)


def _crashed(crashes: Crashes) -> list[str]:
    """The most frequent crashes of tools, which their author has to mend."""
    lines = [
        f"{crash} ({counted(count, 'time')})" for crash, count in crashes.most_common(EXPLAINED)
    ]
    more = len(crashes) - len(lines)
    return [*lines, f"… and {counted(more, 'other crash', 'other crashes')}"] if more else lines


def _explained(args: ValidateOptions, gold: Verdict) -> list[str]:
    """Why gold falls short in the first tasks: calls of the goal, or of the record, that fail."""
    if not gold.short:
        return []
    config = EnvConfig(mode=args.mode, split=args.split, data=args.data, database=args.database)
    by_id = {task.id: task for task in ReasonActEnv.of(config).tasks}
    lines = []
    for task_id in gold.short[:EXPLAINED]:
        if answer := refused(by_id[task_id]):
            lines.append(f"{task_id}: the gold call {answer}")
        elif task_id in gold.failing:
            lines.append(f"{task_id}: the recorded call {gold.failing[task_id]}")
    return lines


def _cells(one: Verdict) -> list[str]:
    return [one.agent, f"{one.mean:.3f}", f"{one.best:.3f}", str(len(one.won))]


def _complaint(one: Verdict) -> str:
    shown = ", ".join(one.wrong[:SHOWN])
    more = f", … ({len(one.wrong)} in all)" if len(one.wrong) > SHOWN else ""
    what = "gold does not earn all of" if one.agent == "gold" else f"{one.agent} wins"
    return f"{what}: {shown}{more}"


if __name__ == "__main__":
    run(main)
