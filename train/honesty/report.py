"""What the search and the noise say, as tables of at most 80 columns."""

from __future__ import annotations

import math
import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from agents.console import console, plain_table, progress
from agents.gold import Gold
from train.honesty.noise import SLIPS, Floor, Slipping, floor, label_noise
from train.honesty.search import Find, save, search
from train.runs.evaluation import EvaluationSettings

WIDTH = 80
"""Columns of a table."""
SLIP = 0.1
"""The chance of a slip of the agent that is played several times."""


def narrow(table: Table) -> Table:
    """The table in at most 80 columns."""
    table.show_lines = False
    table.padding = (0, 1)
    if table.__rich_measure__(console(), console().options).maximum > WIDTH:
        table.width = WIDTH
    return table


def searched(
    plan: EvaluationSettings, budget: int, seed: int, out: Path, *, quiet: bool = False
) -> list[dict[str, object]]:
    """Searches, prints what was found, and keeps the finds as episodes beside `out`.

    Returns:
        The finds, the best paid first.
    """
    kept = out.with_name(f"{out.stem}-search.jsonl")
    with progress("episodes tried", budget) as advance:
        finds = search(plan, budget, seed, kept, advance)
    finds.sort(key=lambda one: -one.total)
    episodes = out.with_name(f"{out.stem}-finds.jsonl")
    if finds:
        save(plan, finds, episodes)
    if not quiet:
        _show(finds, budget, episodes)
    return [asdict(one) for one in finds]


def _show(finds: Sequence[Find], budget: int, episodes: Path) -> None:
    screen = console()
    if not finds:
        screen.print(f"search: nothing earns more than honesty in {budget:,} episodes")
        return
    count = Counter(one.fault for one in finds)
    rows = []
    for fault, times in count.most_common():
        best = next(one for one in finds if one.fault == fault)
        rows.append([fault, str(times), f"{best.total:.3f}", f"{best.gold:.3f}", best.task_id])
    heads = ["find", "starts", "earns", "gold", "the best one"]
    screen.print(narrow(plain_table(f"finds in {budget:,} episodes", heads, rows)))
    replay = shlex.join(["python", "-m", "reasonact_env.replay", str(episodes)])
    screen.print(f"Replay:  {replay}", soft_wrap=True)


def noise(plan: EvaluationSettings, draws: int, seed: int) -> dict[str, object]:
    """Prints how far results move by chance and by wrong goals, and returns all figures."""
    gold = Gold(plan.chosen(), plan.mode)
    here = floor(plan, lambda one: Slipping(gold, SLIP, seed + one), draws)
    rows = label_noise(plan, seed)
    names = [f"{chance:.0%}" for chance in SLIPS]
    screen = console()
    cells = [
        [
            f"{row.rate:.0%}",
            *(f"{100 * row.levels[name]:.1f}" for name in names),
            f"{row.order:.2f}",
        ]
        for row in rows
    ]
    title = f"success in %, of gold that slips, by goals that are wrong: {here.tasks:,} tasks"
    heads = ["wrong goals", *(f"slips {name}" for name in names), "order"]
    screen.print(narrow(plain_table(title, heads, cells)))
    screen.print(
        f"order: Kendall's tau with the true order of the {len(names)} agents. The same agent "
        f"({SLIP:.0%} slips) with {draws} seeds: {100 * here.mean:.1f} %, two runs differ by "
        f"{100 * here.spread:.1f} points (root mean square), at most {100 * here.largest:.1f}; "
        f"they disagree on {here.discordant:.1%} of the tasks. So many tasks show {_points(here)} "
        "(train.power: power .8, level .05).",
        width=WIDTH,
    )
    shows = None if math.isnan(here.detectable) else here.detectable
    plain = {**asdict(here), "detectable": shows}
    return {"floor": plain, "labels": [asdict(row) for row in rows]}


def _points(here: Floor) -> str:
    if math.isnan(here.detectable):
        return "no difference of such agents"
    return f"a difference from {100 * here.detectable:.1f} points on"
