"""Failures of runs, as rich renderables: overviews, two runs paired, procedures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.console import Group as Lines
from rich.table import Table
from rich.text import Text

from reasonact_env.failures.cause import Cause
from reasonact_env.failures.flows import Flow
from reasonact_env.failures.overview import Group, Overview
from reasonact_env.failures.paired import Change, Paired
from reasonact_env.stats import Interval
from reasonact_env.view.tables import WholeNames, settle
from reasonact_env.view.text import Name
from tools.counts import counted
from tools.inert import inline

SHOWN = 12
"""The most rows of a table."""
NARROW = 76
"""The width below which tables leave out what can be spared; chosen by hand."""
_BAR_CELLS = 8
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_MOST = 2


def overview_view(found: Overview, title: str = "") -> RenderableType:
    """What fails most often, by what went wrong first, by tool, and by kind of task."""
    parts: list[RenderableType] = []
    if title:
        parts.append(Text(inline(title), style="bold", overflow="fold"))
    line = Text(f"{found.words}: {share_words(found.share)}")
    if found.running:
        running = "has not ended, or nothing is known of it", "have not ended, or nothing is known"
        line.append(f" · {counted(found.running, *running)}", "dim")
    parts.append(line)
    if found.failed:
        share = f"% of {found.unit}"
        parts += [Text(), Groups(("what went wrong first", share, "most often"), found.kinds)]
        if found.tools:
            parts += [Text(), Groups(("by tool", share, "how"), found.tools)]
        if len(found.task_kinds) > 1:
            parts += [Text(), Groups(("by kind of task", "% of its own", "how"), found.task_kinds)]
    return Lines(*parts)


def paired_view(found: Paired, before: str, after: str) -> RenderableType:
    """What one run mended of another, and what it broke.

    Args:
        found: The difference.
        before: The first run's name.
        after: The second run's name.
    """
    head = Text(f"{inline(before)} → {inline(after)}", style="bold", overflow="fold")
    words = (
        f"{counted(found.pairs, 'pair')} of episodes on the same tasks · success "
        f"{points(found.success)} points\n"
        f"{len(found.mended):,} mended · {len(found.broken):,} broken · {found.both_won:,} won in "
        f"both · {found.both_failed:,} failed in both"
    )
    if any(found.alone):
        words += f"\nwithout a partner: {found.alone[0]:,} before, {found.alone[1]:,} after"
    parts: list[RenderableType] = [head, Text(words)]
    if found.kinds:
        parts += [Text(), Changes(found.kinds)]
    if found.moved:
        parts += [Text(), _moves(found.moved)]
    return Lines(*parts)


def cause_line(cause: Cause | None) -> Text:
    """One line: what went wrong first, and at which step."""
    if cause is None:
        return Text("nothing went wrong", style="green")
    line = Text(f"✗ {cause.kind.value}", style="bold red", overflow="fold")
    return line.append(f" at step {cause.step}: {inline(cause.text)}", "not bold default")


def flow_table(found: Mapping[str, Flow]) -> RenderableType:
    """One line for each procedure; those that were left most often come first."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("procedure", overflow="fold")
    for name in ("episodes", "kept to"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("left most often at", overflow="fold")
    for name, flow in sorted(found.items(), key=lambda item: item[1].ended / item[1].episodes):
        places = ", ".join(f"{step} ({count:,})" for step, count in flow.left.most_common(2))
        share = f"{flow.ended / flow.episodes:.0%}"
        table.add_row(Name(name), f"{flow.episodes:,}", share, Name(places))
    return WholeNames(table)


def share_words(found: Interval) -> str:
    """A share with its interval, in %."""
    if math.isnan(found.value):
        return "–"
    return f"{100 * found.value:.1f} % {found.ends('.1f', 100)}"


def points(found: Interval) -> str:
    """A difference of shares with its interval, in points of %."""
    if math.isnan(found.value):
        return "–"
    return f"{100 * found.value + 0.0:+.1f} {found.ends('+.1f', 100)}"  # -0.0 + 0.0 is 0.0


def bar(share: float, cells: int = _BAR_CELLS) -> str:
    """A share as a bar, in eighths of a cell; a share above 0 is never blank.

    >>> bar(0.5, 4), bar(0.001, 2)
    ('██', '▏')
    """
    if not share > 0:
        return ""
    eighths = max(1, round(share * cells * 8))
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


@dataclass(frozen=True, slots=True)
class Groups:
    """A table of groups of failures, a row each; without bars where names need their room."""

    names: tuple[str, str, str]
    """What the groups are, what their share is of, and what is told of them at the end."""
    groups: Sequence[Group]
    """The groups, most frequent first."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width >= NARROW
        table = self._table(wide=wide)
        if not settle(table, console, options) and wide:
            table = self._table(wide=False)
            settle(table, console, options)
        yield table

    def _table(self, *, wide: bool) -> Table:
        title, share, last = self.names
        table = Table(box=None, header_style="bold", pad_edge=False)
        table.add_column(title, overflow="fold", min_width=min(22 if wide else 17, len(title)))
        if wide:
            table.add_column("", width=_BAR_CELLS)
        for name in ("n", share, "e.g."):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column(last, overflow="fold")
        for group in self.groups[:SHOWN]:
            table.add_row(*_cells(group, wide=wide))
        if len(self.groups) > SHOWN:
            table.add_row(Text(f"… {len(self.groups) - SHOWN:,} more", style="dim"))
        return table


def _cells(group: Group, *, wide: bool) -> list[RenderableType]:
    name: list[RenderableType] = [Name(group.name)]
    bars: list[RenderableType] = [Text(bar(group.of_failures), style="red")] if wide else []
    example = f"#{group.numbers[0]}" if group.numbers else ""
    share = share_words(group.of_all).replace(" %", "")
    return [*name, *bars, f"{group.count:,}", share, example, Name(_most(group))]


def _most(group: Group) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in group.most[:_MOST])


@dataclass(frozen=True, slots=True)
class Changes:
    """A table of changes, a row each; with the changes alone where the terminal is narrow."""

    changes: Sequence[Change]
    """The changes, the largest first."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width >= NARROW
        table = Table(box=None, header_style="bold", pad_edge=False)
        table.add_column("what went wrong first", overflow="fold")
        more = ("mended", "broken", "e.g.") if wide else ()
        for name in ("before", "after", "points [95 %]", *more):
            table.add_column(name, justify="right", no_wrap=True)
        for change in self.changes:
            example = (change.broken or change.mended)[:1]
            counts = [f"{len(change.mended):,}", f"{len(change.broken):,}"]
            rest = [*counts, f"#{example[0][1]}" if example else ""] if wide else []
            both = f"{change.before:,}", f"{change.after:,}"
            table.add_row(Name(change.name), *both, points(change.share), *rest)
        yield WholeNames(table)


def _moves(moved: Sequence[tuple[str, str, int]]) -> RenderableType:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("before", overflow="fold")
    table.add_column("after", overflow="fold")
    table.add_column("pairs", justify="right", no_wrap=True)
    for old, new, count in moved[:SHOWN]:
        table.add_row(Name(old), Name(new), f"{count:,}")
    if len(moved) > SHOWN:
        table.add_row(Text(f"… {len(moved) - SHOWN:,} more", style="dim"), "", "")
    return WholeNames(table)
