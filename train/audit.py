"""What a reward gives away: agents that understand nothing, against the recorded dialogues.

    python -m train.audit
    python -m train.audit --mode turn --data dialogues.json

A reward that can be had for nothing is learned for nothing. So no baseline agent may earn more than
35 % of gold's mean return over all, nor more than 50 % in any stratum, and gold earns 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np

from agents.baselines import BASELINES
from agents.console import console, show_table
from agents.contest import contest
from agents.gold import gold_words
from reasonact_env.agent import Agent
from reasonact_env.episode import Episode, Mode, Step
from reasonact_env.reward import COMPONENTS
from reasonact_env.users.make import OWN
from tasks.databases import AUTO
from tasks.types import SPLITS, Task
from tools.command import run
from tools.command_line import read_options
from tools.files import require_place, write_json
from tools.option_types import one_of, shown_as
from tools.ranges import require_at_least
from train.evaluate import JUDGE, EvaluationSettings, agent_named
from train.runs.played import BATCH

OVERALL, STRATUM = 0.35, 0.5
"""The most that a baseline may earn, as a share of gold: over all, and in each stratum.

Chosen by hand, somewhat above the best baseline (27 % of decisions in real dialogues, 46 % of
replies), so that the audit notices a reward that gives more away. No reward depends on them.
"""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """What one agent earns."""

    agent: str
    """Its name."""
    overall: float
    """Mean return over decisions (turn mode) or episodes (dialogue mode)."""
    strata: Mapping[str, float]
    """The same within call and reply decisions, or tasks with and without writes."""
    components: Mapping[str, float]
    """Component -> mean score where it applies."""

    def breaches(self, gold: AuditLine) -> list[str]:
        """The names of overall and strata in which it earns more than a baseline may."""
        found = ["overall"] if self.overall > OVERALL * gold.overall else []
        return found + [
            name for name, earned in self.strata.items() if earned > STRATUM * gold.strata[name]
        ]


def audit(plan: EvaluationSettings, agents: Mapping[str, Agent]) -> list[AuditLine]:
    """Lets each agent play the plan.

    Returns:
        A row an agent, gold's first.
    """
    tasks = plan.chosen()
    by_id = {task.id: task for task in tasks}
    everyone = {"gold": agent_named("gold", plan)(0), **agents}
    played = contest(plan.env, tasks, everyone, batch_size=plan.batch or BATCH)
    return [row(name, by_id, episodes) for name, episodes in played]


def row(name: str, tasks: Mapping[str, Task], episodes: Iterable[Episode]) -> AuditLine:
    """Averages what an agent earned, by stratum and by component."""
    earned: dict[str, list[float]] = {}
    scores: dict[str, list[float]] = {}
    for episode in episodes:
        for stratum, value in _earnings(tasks[episode.task_id], episode):
            earned.setdefault(stratum, []).append(value)
        for step in episode.steps:
            for component, score in step.components.items():
                if score is not None:
                    scores.setdefault(component, []).append(score)
    strata = {stratum: float(np.mean(values)) for stratum, values in sorted(earned.items())}
    overall = float(np.mean([value for values in earned.values() for value in values]))
    means = {key: float(np.mean(scores[key])) for key in COMPONENTS if key in scores}
    return AuditLine(name, overall, strata, means)


def _earnings(task: Task, episode: Episode) -> list[tuple[str, float]]:
    """(stratum, return) of each decision, or of the whole dialogue."""
    if episode.mode is Mode.TURN:
        return [(_kind(task, step), step.reward) for step in episode.steps]
    return [("write" if task.goal.writes else "no-write", episode.total)]


def _kind(task: Task, step: Step) -> str:
    return task.decisions[step.turn].kind.value


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """What the baselines play."""

    data: str | None = None
    """As for `python -m tasks.load`; the embedded set unless given."""
    split: Annotated[str, one_of(SPLITS)] = "all"
    """Which part is played: train, validation, test or all."""
    mode: Literal["dialogue", "turn"] = "dialogue"
    """Whether whole dialogues are played, or single decisions."""
    user: str = OWN
    """Who talks to the agent in dialogues: own (the one that a task was generated for), scripted,
    agenda, procedure, llm, llm:MODEL@URL or MODULE:NAME."""
    database: Annotated[str, shown_as("DATABASE")] = AUTO
    """What stands behind recorded dialogues: auto, recorded, rebuilt, the place of tau-bench's
    database, or MODULE:NAME."""
    tasks: int | None = None
    """At most this many tasks; all unless given."""
    out: Path = Path("runs/audit.json")
    """Where the table is written as JSON."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "tasks")


def main(argv: Sequence[str] | None = None) -> Path:
    """Prints the table, writes it as JSON, and returns the file."""
    args = read_options(AuditOptions, argv, prog="python -m train.audit", about=__doc__)
    plan = EvaluationSettings(
        data=args.data,
        split=args.split,
        mode=args.mode,
        tasks=args.tasks,
        user=args.user,
        database=args.database,
        failed=JUDGE,  # baselines are to earn little by all decisions
    )
    require_place(args.out)
    rows = audit(plan, BASELINES)
    screen = console()
    subject = plan.subject("baselines", "scripted")
    where = f"{subject.source} · {plan.split} · {plan.mode} mode{subject.further}"
    title = f"baselines · {where} · {len(plan.chosen()):,} tasks"
    show_table(title, _heads(rows), [_cells(one, rows[0]) for one in rows])
    if subject.caution:
        screen.print(subject.caution)
    if words := gold_words(plan.chosen(), plan.mode):
        screen.print(words)
    worst = [one for one in rows[1:] if one.breaches(rows[0])]
    screen.print(
        f"{len(rows[1:]) - len(worst)} of {len(rows[1:])} baselines within the bounds "
        f"({OVERALL:.0%} of gold overall, {STRATUM:.0%} in each stratum); ! = beyond"
    )
    return write_json(args.out, {"title": title, "rows": [_plain(one, rows[0]) for one in rows]})


def _heads(rows: Sequence[AuditLine]) -> list[str]:
    return ["agent", "return", *rows[0].strata, *(c for c in COMPONENTS if c in rows[0].components)]


def _cells(one: AuditLine, gold: AuditLine) -> list[str]:
    broken = set() if one is gold else set(one.breaches(gold))

    def cell(name: str, value: float) -> str:
        return f"{value:.3f}{' !' if name in broken else ''}"

    strata = [cell(name, one.strata[name]) for name in gold.strata]
    scores = [f"{one.components[name]:.3f}" for name in gold.components]
    return [one.agent, cell("overall", one.overall), *strata, *scores]


def _plain(one: AuditLine, gold: AuditLine) -> dict[str, object]:
    return {
        "agent": one.agent,
        "return": one.overall,
        "strata": dict(one.strata),
        "components": dict(one.components),
        "breaches": [] if one is gold else one.breaches(gold),
    }


if __name__ == "__main__":
    run(main)
