"""Episodes side by side, as rich renderables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.console import Group as Lines
from rich.table import Table
from rich.text import Text

from reasonact_env.episode import CallRecord, Episode, Step, message_of
from reasonact_env.failures.aligned import Aligned, Group, Match, align, step_key
from reasonact_env.failures.cause import Cause
from reasonact_env.view.failures import cause_line
from reasonact_env.view.scores import clipped
from reasonact_env.view.tables import WholeNames
from reasonact_env.view.text import Block, Name
from tools.counts import counted
from tools.inert import inline
from tools.types import Role

NARROW = 70
"""The width below which the two sides stand one under the other; chosen by hand."""
SHOWN = 10
"""The most matches at either end of a list, and members of a group."""


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two episodes of one task, step by step; what both did alike takes one line."""

    left: Episode
    """The first episode."""
    right: Episode
    """The second episode."""
    names: tuple[str, str] = ("left", "right")
    """What the two are called."""
    causes: tuple[Cause | None, Cause | None] = (None, None)
    """What went wrong first in each; None where nothing did."""
    folded: bool = True
    """Whether long texts are shortened."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        aligned = align(self.left, self.right)
        yield Text(inline(self.left.task_id), style="bold", overflow="fold")
        wide = options.max_width >= NARROW
        yield (
            self._two(self._head(0), self._head(1), "")
            if wide
            else self._under(self._head(0), self._head(1))
        )
        yield Text(_first_words(aligned), style="bold yellow")
        yield from self._steps(aligned, wide=wide)

    def _steps(self, aligned: Aligned, *, wide: bool) -> RenderResult:
        for place, (one, two) in enumerate(aligned.rows):
            first = place == aligned.first
            if one and two and self._alike(one, two):
                yield self._both(one, two)
                continue
            cells = self._cell(self.left, one), self._cell(self.right, two)
            mark = "▶" if first else "≠"
            yield self._two(*cells, mark) if wide else self._under(*cells, mark)

    def _head(self, side: int) -> RenderableType:
        episode, cause = (self.left, self.right)[side], self.causes[side]
        won = episode.outcome and episode.outcome.success
        mark = "" if episode.outcome is None else " ✓" if won else " ✗"
        line = Text(inline(self.names[side]), style="bold underline", overflow="fold")
        line.append(f" {episode.total:+.2f}{mark} {episode.stop or 'running'}", "not underline")
        return Lines(line, cause_line(cause)) if cause else line

    def _alike(self, one: int, two: int) -> bool:
        left, right = self.left.steps[one - 1], self.right.steps[two - 1]
        return step_key(left) == step_key(right)

    def _both(self, one: int, two: int) -> Text:
        """A step that both have: one line, and a note if the world answered otherwise."""
        left, right = self.left.steps[one - 1], self.right.steps[two - 1]
        number = str(one) if one == two else f"{one}/{two}"
        line = Text(f"= {number:>3} ", style="dim", no_wrap=True, overflow="ellipsis")
        if left.answers != right.answers:  # before the words, which may be cut at the edge
            line.append("(answered otherwise) ", "yellow")
        return line.append(_one_line(left), "dim")

    def _cell(self, episode: Episode, number: int | None) -> RenderableType:
        if number is None:
            return Text("·", style="dim")
        limit = 6 if self.folded else None
        return Lines(*_step_lines(episode.steps[number - 1], number, limit))

    @staticmethod
    def _two(left: RenderableType, right: RenderableType, mark: str) -> Table:
        grid = Table.grid(expand=True, padding=(0, 1, 0, 0))
        grid.add_column(width=1, style="bold yellow")
        grid.add_column(ratio=1, overflow="fold")
        grid.add_column(width=1, style="dim")
        grid.add_column(ratio=1, overflow="fold")
        grid.add_row(mark, left, "│", right)
        return grid

    def _under(self, left: RenderableType, right: RenderableType, mark: str = "") -> RenderableType:
        signs = [Text(f"{mark} {name}:".strip(), style="bold yellow") for name in "AB"]
        return Lines(signs[0], left, signs[1], right)


def matches_view(found: Sequence[Match], before: str, after: str) -> RenderableType:
    """The matches of two runs: those at both ends of the difference of return."""
    head = Text(f"{inline(before)} ↔ {inline(after)}", style="bold", overflow="fold")
    lost = sum(match.difference < 0 for match in found)
    more = sum(match.difference > 0 for match in found)
    words = counted(len(found), "match", "matches")
    words += f": the second earns less in {lost:,}, more in {more:,}, as much in "
    words += f"{len(found) - lost - more:,}"
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("left", "right", "return", "→", "differ"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("won", no_wrap=True)
    table.add_column("task", overflow="fold")
    if len(found) <= 2 * SHOWN + 1:
        ends = [(match, True) for match in found]
    else:
        ends = [*((m, True) for m in found[:SHOWN]), *((m, True) for m in found[-SHOWN:])]
    for place, (match, _) in enumerate(ends):
        if place == SHOWN and len(ends) < len(found):
            table.add_row("", "", "", "", "…", "", Text(f"{len(found) - len(ends):,} between"))
        style = "red" if match.difference < 0 else "green" if match.difference > 0 else ""
        table.add_row(
            f"#{match.left}",
            f"#{match.right}",
            f"{match.returns[0]:+.2f}",
            f"{match.returns[1]:+.2f}",
            Text(f"{match.difference:+.2f}", style=style),
            f"{_won(match.won[0])} → {_won(match.won[1])}",
            Name(match.task_id),
        )
    return Lines(head, Text(words), Text(), WholeNames(table))


def groups_view(found: Sequence[Group]) -> RenderableType:
    """The groups of a file, a row each; what nobody learns from stands last."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("task", overflow="fold")
    for name in ("G", "best", "worst", "differ at step"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("episodes, best first", overflow="fold")
    for group in found:
        places = [one.differs for one in group.members if one.differs is not None]
        where = "" if group.decision is None else f" · decision {group.decision}"
        table.add_row(
            Name(f"{group.task_id}{where}"),
            str(len(group.members)),
            f"{group.members[0].total:+.2f}",
            f"{group.members[-1].total:+.2f}",
            str(min(places)) if places else "–",
            " ".join(f"#{one.number}" for one in group.members),
        )
    return WholeNames(table)


def group_view(group: Group) -> RenderableType:
    """The members of a group with their advantages, the best one first."""
    head = Text(inline(group.task_id), style="bold", overflow="fold")
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("episode", "return", "advantage"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("first unlike the best one at", overflow="fold")
    for one in group.members:
        size = round(8 * (clipped(one.advantage / 2) or 0.0))
        cells = "+" * size or "-" * -size
        style = "green" if one.advantage > 0 else "red"
        where = "–" if one.differs is None else f"step {one.differs}"
        bar = Text(f"{cells:<8}", style=style)
        table.add_row(f"#{one.number}", f"{one.total:+.2f}", f"{one.advantage:+.2f}", bar, where)
    return Lines(head, table)


def advantages_line(group: Group, marked: Mapping[int, str]) -> Text:
    """The members of a group with their advantages in a line, the best one first.

    Args:
        group: The group.
        marked: Number -> what stands before the members that are looked at, such as A.
    """
    line = Text("advantages in its group: ", style="dim", overflow="fold")
    for place, one in enumerate(group.members):
        mark = marked.get(one.number, "")
        style = "green" if one.advantage > 0 else "red" if one.advantage < 0 else ""
        line.append(" · " if place else "", "dim")
        name = f"{mark} #{one.number}".strip()
        line.append(f"{name} {one.advantage:+.2f}", f"bold {style}" if mark else f"not dim {style}")
    return line


def _step_lines(step: Step, number: int, limit: int | None) -> list[RenderableType]:
    parsed = message_of(step.action, step.calls)
    lines: list[RenderableType] = [Text(f"step {number}", style="dim")]
    for record in step.calls:
        lines.append(_call_line(record))
        if record.content:
            lines.append(Block(record.content, "dim", limit and min(limit, 3)))
    if parsed.reply is not None:
        lines.append(Block(parsed.reply.text, "", limit))
    elif not step.calls:
        lines.append(Block(step.action or "(empty)", "red", limit))
    for message in step.answers:
        if message.role is Role.USER:
            lines.append(Block(f"user: {message.content}", "green", limit))
    if step.reward:
        lines.append(Text(f"reward {step.reward:+.2f}", style="bold"))
    return lines


def _call_line(record: CallRecord) -> Text:
    name = record.name or "unreadable call"
    line = Text(f"→ {inline(name)}", style="blue", overflow="fold")
    line.append(f" {'✓' if record.ok else '✗'}", "green" if record.ok else "bold red")
    if record.arguments:
        line.append(f" {inline(json.dumps(dict(record.arguments), ensure_ascii=False))}", "default")
    return line


def _one_line(step: Step) -> str:
    parsed = message_of(step.action, step.calls)
    if step.calls:
        return inline("; ".join(_call_line(record).plain for record in step.calls))
    return inline(" ".join((parsed.text or step.action).split()))


def _first_words(aligned: Aligned) -> str:
    if aligned.first is None:
        return "the same to the end"
    one, two = aligned.rows[aligned.first]
    if one is None or two is None:
        side, number = ("left", one) if two is None else ("right", two)
        return f"first difference: step {number} of the {side} one, which the other has not"
    return f"first difference: step {one}" + (f" / {two}" if one != two else "")


def _won(won: bool | None) -> str:
    return "–" if won is None else "✓" if won else "✗"
