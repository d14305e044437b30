"""Grids of GRPO runs that answer one question, and a report that one can send to a colleague.

    python -m train.experiment ablation --dry-run
    python -m train.experiment ablation --policy 'runs/seed-{seed}/sft' --seeds 0 1 2
    python -m train.experiment transfer --elsewhere retail:2000:1 -- --generations 100 --lr 1e-4

`ablation` takes every reward component away, `sensitivity` changes every weight, `transfer` trains
on one domain and judges on all. What stands behind `--` goes to every `train.grpo`. Each cell has a
folder of its own; the same command does what is not done yet, and ends in the report.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from agents.console import console
from reasonact_env.episode import Mode
from tasks.load import load_tasks
from tools.types import Json
from train.power import Noise, note, observed
from train.runs.run import Run, begin, data_identity
from train.studies.cells import Cell, Experiment, cells_of, load_results, run_all, timetable
from train.studies.findings import find
from train.studies.grids import ELSEWHERE, FACTORS, Grid, ablation, sensitivity, transfer
from train.studies.report_table import main_table

DATA = "desk:20000:1"
"""The demo's dialogues."""
GRIDS = ("ablation", "sensitivity", "transfer")


def main(argv: Sequence[str] | None = None) -> Path:
    """Runs what is missing; returns the report's path, or the folder where nothing was run."""
    given = sys.argv[1:] if argv is None else argv
    args, options = _arguments(given)
    plan = Experiment(
        out=args.out or Path("runs") / args.grid,
        data=args.data,
        elsewhere=tuple(args.elsewhere),
        seeds=tuple(args.seeds),
        policy=args.policy,
        profile=args.profile,
        mode=args.mode,
        tasks=args.tasks,
        greedy=args.greedy,
        options=options,
    )
    grid = _grid(args.grid, plan, args.factors)
    cells = cells_of(grid, plan)
    if args.power:
        _show_power(grid, plan)
    if args.dry_run:
        console().print(timetable(grid, plan, cells, args.jobs))
    if args.power or args.dry_run:
        return plan.out
    begin(plan.out, _identity(grid, plan))
    run_all(grid, plan, cells, args.jobs)
    return _report(grid, plan, cells, shlex.join(["python", "-m", "train.experiment", *given]))


def _identity(grid: Grid, plan: Experiment) -> Run:
    """What the folder is for; seeds may be added later."""
    chosen = {key: value for key, value in asdict(plan).items() if key not in ("out", "seeds")}
    data = data_identity(load_tasks(plan.data))
    variants = [asdict(one) for one in grid.variants]
    model: dict[str, Json] = {"policy": plan.policy or plan.profile}
    return Run(f"experiment {grid.name}", {**chosen, "variants": variants}, data, model)


def _report(grid: Grid, plan: Experiment, cells: Sequence[Cell], command: str) -> Path:
    from train.studies.report_html import write_report  # matplotlib and transformers, slow to load

    results = load_results(plan, cells)
    found = find(grid, results, Mode(plan.mode))
    for data in found.data:
        console().print(main_table(found, data).table())
    path = write_report(found, plan, command)
    console().print(f"Report:  {path}\nNumbers: {plan.out / 'findings.json'}")
    return path


def _grid(name: str, plan: Experiment, factors: Sequence[float]) -> Grid:
    match name:
        case "ablation":
            return ablation()
        case "sensitivity":
            return sensitivity(factors)
        case _:
            return transfer(plan.data, plan.elsewhere or ELSEWHERE)


def _show_power(grid: Grid, plan: Experiment) -> None:
    """What these seeds and tasks can show, from the cells that are done, if there are any."""
    found = load_results(plan, cells_of(grid, plan))
    reference = {
        s: one for (v, s, d), one in found.items() if (v, d) == (grid.reference, plan.data)
    }
    for name in grid.compared:
        others = {s: one for (v, s, d), one in found.items() if (v, d) == (name, plan.data)}
        seeds = sorted(reference.keys() & others.keys())
        if seeds and plan.mode == Mode.DIALOGUE:
            noise = observed([reference[s] for s in seeds], [others[s] for s in seeds])
            console().print(f"\n{grid.words(name)} against {grid.words(grid.reference)}:")
            console().print(note(noise, plan.tasks).table())
    if not found:
        console().print("No cell is done yet; planned by the noise of the demo's GRPO.")
        console().print(note(Noise(), plan.tasks).table())


def _arguments(argv: Sequence[str]) -> tuple[argparse.Namespace, tuple[str, ...]]:
    """Our own arguments, and those behind `--`."""
    own = list(argv)
    place = own.index("--") if "--" in own else len(own)
    return _parser().parse_args(own[:place]), tuple(own[place + 1 :])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m train.experiment",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("grid", choices=GRIDS)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument(
        "--policy", help="where the runs begin, {seed} in it; default: SFT of its own for each seed"
    )
    parser.add_argument("--profile", default="demo", help="of that SFT")
    parser.add_argument("--data", default=DATA, help="what is trained on, and its held-out part")
    parser.add_argument("--elsewhere", nargs="+", default=[], help="more data to be judged on")
    parser.add_argument("--factors", type=float, nargs="+", default=FACTORS, help="of sensitivity")
    parser.add_argument("--mode", default="dialogue", choices=[mode.value for mode in Mode])
    parser.add_argument("--tasks", type=int, default=2_000, help="held-out tasks of each data set")
    parser.add_argument("--greedy", action="store_true", help="judge the likeliest messages")
    parser.add_argument("--jobs", type=int, default=1, help="cells at a time")
    parser.add_argument("--dry-run", action="store_true", help="list the cells, with their time")
    parser.add_argument("--power", action="store_true", help="what so many tasks and seeds show")
    parser.add_argument("--out", type=Path, help="default: runs/GRID")
    return parser


if __name__ == "__main__":
    main()
