"""The command line of failures: what fails most often, and what another run changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.text import Text

from reasonact_env.episodes.header import unlike
from reasonact_env.failures.flows import flows
from reasonact_env.failures.overview import overview
from reasonact_env.failures.paired import paired
from reasonact_env.failures.rows import Run, read_run
from reasonact_env.failures.table import columns
from reasonact_env.view.failures import flow_table, overview_view, paired_view
from reasonact_env.view.paged import print_paged
from tools.command import command, complain
from tools.command_line import read_options
from tools.counts import counted
from tools.inert import safe
from tools.jsontext import finite
from tools.option_types import Positional

_PROG = "python -m reasonact_env.failures"
_ABOUT = """\
Says what fails most often in saved episodes: failures grouped by what went wrong first, by tool and
by kind of task. With a second file over the same tasks: what it mends, and what it breaks.

    python -m reasonact_env.failures runs/eval/episodes.jsonl
    python -m reasonact_env.failures runs/sft/episodes.jsonl --compare runs/grpo/episodes.jsonl
"""


@dataclass(frozen=True, slots=True)
class FailureOptions:
    """Which runs are looked at."""

    file: Positional[Path]
    """A file of episodes (.jsonl)."""
    compare: Path | None = None
    """Another run over the same tasks: the later one."""
    data: str | None = None
    """Where the data lie now, if not where the file says."""
    database: str | None = None
    """Where the database lies now, if not where the file says."""
    json: bool = False
    """Print JSON: the rows of the episodes, and the counts."""


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the failures of one run or of two; returns the exit status."""
    args = read_options(FailureOptions, argv, prog=_PROG, about=_ABOUT)
    try:
        run = read_run(args.file, args.data, args.database)
        second = None
        if args.compare is not None:
            second = read_run(args.compare, args.data, args.database)
        if args.json:
            print(json.dumps(as_json(run, second), ensure_ascii=True))
        else:
            console = Console(highlight=False, markup=False)
            if second is None:
                view, hint = failures_told(run)
            else:
                view, hint = against_view(run, second), ""
            print_paged(console, view, hint)
    except (OSError, ValueError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        return complain(_PROG, error)
    return 0


def failures_view(run: Run) -> RenderableType:
    """What fails most often in a run; on procedures also where they were left."""
    return failures_told(run)[0]


def failures_told(run: Run) -> tuple[RenderableType, str]:
    """The same, and the command that shows such a failure; it is empty where nothing failed."""
    title = f"{run.path} · {run.header.agent} · {run.header.source}{run.where}"
    rows = run.rows
    found = overview(rows)
    parts: list[RenderableType] = [overview_view(found, title), *_lacks(run)]
    parts += broken_lines(run, len(rows))
    if run.tasks and (left := flows((one for _, one in run.readable), run.tasks)):
        parts += [Text(), flow_table(left)]
    numbers = [number for group in found.kinds for number in group.numbers]
    if not numbers:
        return Group(*parts), ""
    shows = command("reasonact_env.replay", run.path, episode=numbers[0], **run.places)
    return Group(*parts), f"Step by step: {shows}"


def against_view(before: Run, after: Run) -> RenderableType:
    """What a second run over the same tasks mends, and what it breaks.

    Raises:
        ValueError: if no task was played in both.
    """
    rows, later = before.rows, after.rows
    found = paired(rows, later)
    broken = [*broken_lines(before, len(rows)), *broken_lines(after, len(later))]
    names = [f"{run.path} ({run.header.agent}){run.where}" for run in (before, after)]
    shown = paired_view(found, *names)
    return Group(*unlike_line(before, after), shown, *_lacks(before), *_lacks(after), *broken)


def unlike_line(before: Run, after: Run) -> list[RenderableType]:
    """What is said of two runs that were not played alike; nothing of others."""
    words = unlike(before.header, after.header)
    return [Text(safe(words), style="bold yellow", overflow="fold")] if words else []


def as_json(run: Run, second: Run | None = None) -> object:
    """The rows and counts as plain JSON values; numbers that are none become null."""
    rows = run.rows
    broken = run.size - len(rows)
    found: dict[str, object] = {"file": str(run.path), "agent": run.header.agent, "broken": broken}
    if run.chosen is not None:
        found["where"] = run.chosen.words
    if second is None:
        return finite({**found, "overview": asdict(overview(rows)), "rows": columns(rows)})
    return finite(
        {
            **found,
            "against": str(second.path),
            "unlike": unlike(run.header, second.header),
            "paired": asdict(paired(rows, second.rows)),
        }
    )


def broken_lines(run: Run, read: int) -> list[RenderableType]:
    """What is said of lines that are no episodes, given the number of those that are."""
    broken = run.size - read
    if not broken:
        return []
    words = f"{counted(broken, 'broken line')} of {run.path} left out"
    return [Text(safe(words), style="red", overflow="fold")]


def _lacks(run: Run) -> list[RenderableType]:
    if not run.lacks:
        return []
    words = f"the tasks of {run.path} are not at hand, so that less is known: {run.lacks}"
    return [Text(safe(words), style="yellow", overflow="fold")]
