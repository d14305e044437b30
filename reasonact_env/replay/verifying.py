"""`--verify`: episodes played again, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from reasonact_env.episodes.header import StorageError
from reasonact_env.episodes.verify import BROKEN_LINE, Difference, Report, verify
from reasonact_env.replay.sources import sources_of
from reasonact_env.view.text import Name
from tools.counts import counted
from tools.inert import inline, safe

SHOWN_DIFFERENCES = 20
"""The differences of a file that are shown."""


def verify_all(
    paths: Sequence[str], console: Console, data: str | None, database: str | None
) -> int:
    """Verifies files of episodes and says of each how it went.

    Returns:
        0 if all came back equal, else 1.

    Raises:
        OSError: if a file cannot be read.
        StorageError: if a named one is not a file of episodes; one of a folder has not passed.
        VerifyError: if an environment cannot be made here.
    """
    passed = True
    for source in sources_of(paths):
        try:
            report = _verified(str(source.path), data, database)
        except StorageError as error:
            if source.named:
                raise
            console.print(Text(safe(f"✗ {error}"), style="bold red"), soft_wrap=True)
            passed = False
            continue
        console.print(_report_view(str(source.path), report))
        passed &= report.passed
    return 0 if passed else 1


def _verified(path: str, data: str | None, database: str | None) -> Report:
    columns = (TextColumn("verifying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True, markup=False)
    shown = console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not shown) as bar:
        task = bar.add_task("", total=None)
        return verify(
            path, lambda done, of: bar.update(task, completed=done, total=of), data, database
        )


def share_of(report: Report) -> float:
    """The share that came back equal, in percent, rounded down: 100 is all of them."""
    return 1000 * report.equal // report.total / 10


def _report_view(path: str, report: Report) -> Group:
    style = "bold green" if report.passed else "bold red"
    verdict = Text(f"{'✓' if report.passed else '✗'} {inline(path)}: ", style=style)
    if report.total:
        verdict.append(
            f"{report.equal:,} of {counted(report.total, 'episode')} came back equal "
            f"({share_of(report):g} %)"
        )
    else:
        verdict.append("it holds no episodes")
    if report.unfinished:
        verdict.append(
            "\nIts last line has no end and is left out: it is being written, or was cut."
        )
    if report.passed:
        return Group(verdict)
    shown = report.differences[:SHOWN_DIFFERENCES]
    more = len(report.differences) - SHOWN_DIFFERENCES
    rest = Text(f"… and {more:,} more" if more > 0 else "")
    return Group(verdict, *_differences(shown), rest)


def _differences(found: Sequence[Difference]) -> Iterator[RenderableType]:
    """A table of values that differ; of broken lines the reasons, which need the whole width."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("#", "task", "step", "field", "saved", "played again"):
        table.add_column(name, overflow="fold")
    for one in found:
        if one.field == BROKEN_LINE:
            continue
        step = "" if one.step is None else str(one.step)
        field = f"{one.field}{one.place}"
        cells = (str(one.episode), one.task_id, step, field, one.expected, one.got)
        table.add_row(*map(Name, cells))
    if table.row_count:
        yield table
    for one in found:
        if one.field == BROKEN_LINE:
            yield Text(safe(f"episode {one.episode}: {one.got}"), overflow="fold")
