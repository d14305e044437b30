"""What the procedures and the tables of ALMITA's kind are worth, in numbers.

    python -m benchmarks.procedures gold        gold and baselines, both modes
    python -m benchmarks.procedures coverage    weighted against uniform sampling of paths
    python -m benchmarks.procedures star DIR    STAR's procedures and dialogues (../shared/data)
    python -m benchmarks.procedures space       how many paths and conversations; near copies

Each prints a table.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import numpy as np

from agents.baselines import BASELINES
from agents.console import console, plain_table
from agents.contest import contest
from reasonact_env.episode import Mode
from tasks.load import load_tasks
from tasks.procedures.conversation import converse
from tasks.procedures.graph import Edge
from tasks.procedures.library import ALL, SEEN, UNSEEN, library, procedures
from tasks.procedures.lint import lint
from tasks.procedures.paths import count_paths, count_visits, coverage, sample_path
from tasks.procedures.records import Prepared, prepare
from tasks.procedures.setup import OnProcedure
from tasks.procedures.star import import_star, read_star
from tasks.splits import near_copy_groups
from tasks.types import Task
from tools.command import run
from tools.command_line import read_options
from tools.dice import Dice
from tools.option_types import Positional, shown_as
from tools.ranges import require_at_least
from tools.types import Role
from train.audit import audit
from train.evaluate import EvaluationSettings, agent_named
from train.runs.played import BATCH
from train.scoring.metrics import Scale, estimates, measure, metrics_of, table_of

FEW = 176
"""The baselines play this many conversations."""


def gold(conversations: int) -> None:
    """Gold's and the baselines' mean returns over all parts of the library."""
    data = f"procedures:{conversations}:0:{ALL}"
    tasks = load_tasks(data).tasks
    tests = sum(len(task.decisions) for task in tasks)
    console().print(f"{data}: {len(tasks):,} conversations, {tests:,} tests")
    for mode in ("turn", "dialogue"):
        plan = EvaluationSettings(data=data, split="all", mode=mode, user="own")
        console().print(f"{mode}: gold " + ", ".join(_shares(plan)))
        few = audit(replace(plan, tasks=FEW), BASELINES)
        breaches = sum(bool(row.breaches(few[0])) for row in few[1:])
        top = max(few[1:], key=lambda row: row.overall)
        console().print(
            f"{mode}: best of {len(few) - 1} baselines on {FEW} conversations: {top.agent} "
            f"{top.overall:.3f}; breaches of the bounds: {breaches}"
        )


def _shares(plan: EvaluationSettings) -> Iterator[str]:
    """Gold's metrics that are shares, in words, and its mean return."""
    tasks = {task.id: task for task in plan.chosen()}
    agent = {"gold": agent_named("gold", plan)(0)}
    ((_, episodes),) = contest(plan.env, [*tasks.values()], agent, batch_size=plan.batch or BATCH)
    played = list(episodes)
    parts = [measure(tasks[one.task_id], one) for one in played]
    mode = Mode(plan.mode)
    found = estimates(table_of(parts, [one.task_id for one in played], mode), mode)
    yield f"return {found['return'].value:.4f}"
    for metric in metrics_of(mode):
        if metric.scale is Scale.SHARE and metric.name in found:
            yield f"{metric.label} {found[metric.name].value:.2%}"


def covered(ready: Prepared, size: int, seed: int, *, weighted: bool) -> float:
    """The share of a procedure's edges that a number of paths take."""
    visits: Mapping[Edge, int] = {}
    for number in range(size):
        dice = Dice("coverage", ready.procedure.name, seed, number)
        path = sample_path(ready.graph, visits, dice, weighted=weighted)
        visits = count_visits(visits, path)
    return coverage(ready.graph, visits)


def compare_coverage(seeds: int) -> None:
    """Mean share of edges that were taken, over all procedures and seeds."""
    ready = [prepare(procedure) for procedure in library()]
    rows = []
    for size in (5, 10, 20, 40, 80):
        means = [
            [np.mean([covered(r, size, seed, weighted=w) for r in ready]) for seed in range(seeds)]
            for w in (True, False)
        ]
        gain = np.array(means[0]) - np.array(means[1])
        half = 1.96 * gain.std(ddof=1) / seeds**0.5
        shares = [f"{np.mean(mean):.1%}" for mean in means]
        rows.append((f"{size}", *shares, f"{gain.mean():+.1%} ± {half:.1%}"))
    heads = ("paths a procedure", "weighted", "uniform", "difference")
    console().print(plain_table(f"Edges taken, {seeds} seeds", heads, rows))


def star(folder: Path, seeds: int) -> None:
    """How many of STAR's procedures can be imported and played, and its dialogues read."""
    file = folder / "star_procedures.json"
    imported = import_star(read_star(file.read_text("utf-8"), file.name))
    clean = [one for one in imported if not lint(one.procedure)]
    ends = Counter[str]()
    for one in clean:
        ready = prepare(one.procedure)
        reached = set()
        for seed in range(seeds):
            path = sample_path(ready.graph, {}, Dice("star", seed))
            reached.add(converse(one.procedure, ready.graph, path, f"star-{seed}").end)
        ends["played to an end"] += bool(reached)
        ends["ends reached"] += len(reached)
        ends["ends"] += len({step.end for step in one.procedure.steps if step.end})
    left = Counter(len(one.left_out) for one in imported)
    console().print(f"procedures: {len(imported)} imported, {len(clean)} clean, {dict(ends)}")
    console().print(f"steps left out per procedure: {dict(sorted(left.items()))}")
    console().print(f"questions put in: {sum(len(one.added) for one in imported)}")
    read = load_tasks(str(folder / "dialogues" / "star_apigen_like.json"))
    decisions = sum(len(task.decisions) for task in read.tasks)
    console().print(
        f"dialogues: {len(read.tasks)} of {len(read.tasks) + len(read.errors)} read, "
        f"{decisions:,} decisions; errors {dict(Counter(e.kind for e in read.errors))}; "
        f"mended {json.dumps(dict(read.mended))}"
    )


def space(conversations: int) -> None:
    """How large the library's space is, and what its parts share."""
    ready = [prepare(procedure) for procedure in procedures(ALL)]
    areas = {one.procedure.area for one in ready}
    plain = [count_paths(one.flow) for one in ready]
    console().print(
        f"{len(ready)} procedures in {len(areas)} areas; paths of the flowgraphs without repeated "
        f"edges: {sum(plain):,} (median {np.median(plain):.0f}, least {min(plain)})"
    )
    parts = {
        part: load_tasks(f"procedures:{conversations}:0:{part}").tasks for part in (SEEN, UNSEEN)
    }
    for part, tasks in parts.items():
        texts = {said(task) for task in tasks}
        cases = [t.setup.case for t in tasks if isinstance(t.setup, OnProcedure)]
        noise = Counter(one.kind.value for case in cases for one in case.noise.values())
        made = ", ".join(f"{kind} {count:,}" for kind, count in noise.most_common())
        console().print(f"{part}: {len(texts):,} of {len(tasks):,} conversations distinct")
        console().print(f"{part}: noise: {made}")
    both = [*parts[SEEN], *parts[UNSEEN]]
    groups = near_copy_groups([("", said(task)) for task in both], [None] * len(both))
    here = set(groups[: len(parts[SEEN])])
    shared = sum(group in here for group in groups[len(parts[SEEN]) :])
    console().print(f"held-out areas: {shared} of {len(parts[UNSEEN]):,} near copies of seen ones")
    train = [task for task in parts[SEEN] if task.split == "train"]
    test = [task for task in parts[SEEN] if task.split == "test"]
    texts = {said(task) for task in train}
    same = sum(said(task) in texts for task in test)
    console().print(f"held-out dialogues: {same} of {len(test):,} said word for word in training")


def said(task: Task) -> str:
    """All that the customer says."""
    return "\n".join(m.content for m in task.messages if m.role is Role.USER)


@dataclass(frozen=True, slots=True)
class Options:
    """What is measured."""

    what: Positional[Literal["gold", "coverage", "star", "space"]]
    """Which of the measurements."""
    folder: Positional[Annotated[Path | None, shown_as("[FOLDER]")]] = None
    """Where STAR's files lie."""
    tasks: int = 1_000
    """Conversations."""
    rounds: int = 5
    """How often, each time with another seed."""

    def __post_init__(self) -> None:
        """Refuses to measure STAR without its files."""
        require_at_least(self, 1, "tasks", "rounds")
        if self.what == "star" and self.folder is None:
            raise ValueError("expected the folder with STAR's files after `star`, got none")


def main(argv: Sequence[str] | None = None) -> None:
    """Prints one of the measurements."""
    args = read_options(Options, argv, prog="python -m benchmarks.procedures", about=__doc__)
    match args.what:
        case "gold":
            gold(args.tasks)
        case "coverage":
            compare_coverage(args.rounds)
        case "space":
            space(args.tasks)
        case _ if args.folder is not None:
            star(args.folder, args.rounds)


if __name__ == "__main__":
    run(main)
