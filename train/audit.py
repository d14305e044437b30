"""What a reward gives away: agents that understand nothing, against the recorded dialogues.

    # whole dialogues of the embedded set
    python -m train.audit
    # single decisions of recorded dialogues
    python -m train.audit --mode turn --data dialogues.json
    # the search for more that is paid for nothing
    python -m train.audit --data retail:100 --search 10000
    # how far results move by chance
    python -m train.audit --tasks 200 --noise 8
    # all environments that need no files
    python -m train.audit --everywhere --search 2000

A reward that can be had for nothing is learned for nothing. So no baseline agent may earn more than
35 % of gold's mean return over all, nor more than 50 % in any stratum, and gold earns 1. Strata are
the tasks that write and those that do not, in turn mode the calls and the replies. Hacks are agents
that go for a reward's weak spots. --search changes the messages of all of them, at random and
greedily, and looks for episodes that are paid for what they did not do; the same command goes on
where it was stopped, and so does one with a greater budget. --noise says how far results move by
chance, and by wrong goals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal, cast

import numpy as np

from agents.baselines import BASELINES
from agents.console import console, show_table
from agents.contest import contest
from agents.gold import gold_words
from agents.hacks import HACKS
from reasonact_env.agent import Agent
from reasonact_env.episode import Episode, Mode, Step
from reasonact_env.reward import COMPONENTS
from reasonact_env.users.make import OWN
from tasks.databases import AUTO
from tasks.types import SPLITS, Task
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.option_types import Headed, one_of, shown_as
from tools.places import require_place
from tools.ranges import require_at_least, require_seeds
from train.honesty.report import WIDTH, noise, searched
from train.runs.evaluation import JUDGE, EvaluationSettings
from train.runs.played import BATCH, agent_named

TOLERANCE = 1e-6
"""Weights are scaled in floating point, so gold may earn a little less than 1."""
OVERALL, STRATUM = 0.35, 0.5
"""The most that a baseline may earn, as a share of gold: over all, and in each stratum.

Chosen by hand, somewhat above the best baseline (20 % of decisions in real dialogues, 44 % of
replies in made-up domains), so that the audit notices a reward that gives more away. No reward
depends on them.
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

    out: Path = Path("runs/audit.json")
    """Where the table is written as JSON; finds lie beside it."""
    data: Annotated[str | None, Headed("what is played")] = None
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
    everywhere: bool = False
    """All environments that need no files, in both modes; a row for each."""
    search: Annotated[int, Headed("search and noise")] = 0
    """Episodes that the search tries; 0 for none."""
    noise: int = 0
    """Seeds with which the same agent is played, to tell how far results move by chance; 0 for
    none."""
    seed: int = 0
    """Fixes everything random in search and noise."""

    def __post_init__(self) -> None:
        """Refuses what is out of range, and what would do nothing."""
        require_at_least(self, 1, "tasks")
        require_at_least(self, 0, "search", "noise")
        require_seeds(self, "seed")
        if self.noise and (self.mode != "dialogue" or self.noise < 2):
            raise ValueError("expected --noise 2 or more, in dialogue mode; got another")
        if self.everywhere and (self.data or self.noise or self.mode != "dialogue"):
            raise ValueError("expected --everywhere without --data, --mode and --noise; got them")

    @property
    def plan(self) -> EvaluationSettings:
        """What is played."""
        return EvaluationSettings(
            data=self.data,
            split=self.split,
            mode=self.mode,
            tasks=self.tasks,
            user=self.user,
            database=self.database,
            failed=JUDGE,  # baselines are to earn little by all decisions
        )


PLACES = ("desk:200", "retail:100", "airline:100", "kaleidoscope:100", "procedures:100")
"""The environments that need no files."""


def everywhere(
    plan: EvaluationSettings, budget: int, seed: int, out: Path
) -> list[dict[str, object]]:
    """Audits all of them in both modes; prints a row for each, and returns the rows."""
    rows: list[dict[str, object]] = []
    for data in PLACES:
        for mode in Mode:
            here = replace(plan, data=data, mode=mode.value)
            gold, *others = audit(here, {**BASELINES, **HACKS})
            best = max(others, key=lambda one: one.overall)
            beyond = [one.agent for one in others if one.breaches(gold)]
            place = out.with_name(f"{out.stem}-{data.partition(':')[0]}-{mode}.json")
            finds = searched(here, budget, seed, place, quiet=True) if budget else None
            told = {"data": data, "mode": mode.value, "gold": gold.overall, "best": best.agent}
            rows.append({**told, "return": best.overall, "beyond": beyond, "finds": finds})
    heads = ["environment", "mode", "gold", "best of the others", "return", "beyond", "finds"]
    cells = [
        [
            str(one["data"]),
            str(one["mode"]),
            f"{one['gold']:.3f}",
            str(one["best"]),
            f"{one['return']:.3f}",
            str(len(cast("list[str]", one["beyond"]))),
            "-" if one["finds"] is None else str(len(cast("list[object]", one["finds"]))),
        ]
        for one in rows
    ]
    show_table("audit of all environments", heads, cells)
    return rows


def main(argv: Sequence[str] | None = None) -> Path:
    """Prints the table, writes it as JSON, and returns the file."""
    args = read_options(AuditOptions, argv, prog="python -m train.audit", about=__doc__)
    require_place(args.out)
    if args.everywhere:
        rows = everywhere(args.plan, args.search, args.seed, args.out)
        return write_json(args.out, {"rows": rows})
    plan = args.plan
    lines = audit(plan, {**BASELINES, **HACKS})
    subject = plan.subject("baselines", "scripted")
    where = f"{subject.source} · {plan.split} · {plan.mode} mode{subject.further}"
    title = f"audit · {where} · {len(plan.chosen()):,} tasks"
    _show(title, lines, [subject.caution, gold_line(lines[0], plan)])
    found: dict[str, object] = {"title": title, "rows": [_plain(one, lines[0]) for one in lines]}
    if args.search:
        found["finds"] = searched(plan, args.search, args.seed, args.out)
    if args.noise:
        found["noise"] = noise(plan, args.noise, args.seed)
    return write_json(args.out, found)


def _show(title: str, rows: Sequence[AuditLine], notes: Sequence[str]) -> None:
    screen = console()
    show_table(title, _heads(rows), [_cells(one, rows[0]) for one in rows])
    worst = [one for one in rows[1:] if one.breaches(rows[0])]
    bounds = (
        f"{len(rows[1:]) - len(worst)} of {len(rows[1:])} baselines and hacks within the bounds\n"
        f"({OVERALL:.0%} of gold overall, {STRATUM:.0%} in each stratum); ! = beyond"
    )
    for words in filter(None, [*notes, bounds]):
        screen.print(words, width=WIDTH)


def gold_line(gold: AuditLine, plan: EvaluationSettings) -> str:
    """What has to be said where gold does not earn all; empty where it does."""
    if gold.overall > 1 - TOLERANCE:
        return ""
    why = gold_words(plan.chosen(), plan.mode) or "`python -m agents.validate` says where"
    return f"gold itself earns {gold.overall:.3f}: {why}"


def _heads(rows: Sequence[AuditLine]) -> list[str]:
    return ["agent", "return", *rows[0].strata, *_shown(rows[0])]


def _shown(gold: AuditLine) -> list[str]:
    """The components that fit into the table; the file has all."""
    hidden = {"format", "thinking"} | ({"decision"} if "outcome" in gold.components else set())
    return [one for one in COMPONENTS if one in gold.components and one not in hidden]


def _cells(one: AuditLine, gold: AuditLine) -> list[str]:
    broken = set() if one is gold else set(one.breaches(gold))

    def cell(name: str, value: float) -> str:
        return f"{value:.3f}{' !' if name in broken else ''}"

    strata = [cell(name, one.strata[name]) for name in gold.strata]
    scores = [f"{one.components[name]:.3f}" for name in _shown(gold)]
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
    run(main, goes_on=True)
