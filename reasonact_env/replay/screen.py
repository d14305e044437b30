"""The replay's screens: the list, an episode, and the sheets over them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TypeAlias

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.rule import Rule
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from reasonact_env.episodes.storage import StorageError
from reasonact_env.replay.against import PARTNERS
from reasonact_env.replay.branches import branch_tree
from reasonact_env.replay.cursor import Cursor, Sheet, View
from reasonact_env.replay.failure_sheet import FailureRows
from reasonact_env.replay.help import EPISODE_LINES, LIST_LINE, SHEET_LINES, Help
from reasonact_env.replay.listing import FilterRows, ListHead, ListRows, last, run_words
from reasonact_env.replay.panels import rules_view, scores_beside_gold, step_words
from reasonact_env.replay.shelf import Shelf
from reasonact_env.replay.why import Why
from reasonact_env.view.episode import Look, opening_view, step_view
from reasonact_env.view.goal import goal_line, goal_view
from reasonact_env.view.scores import summary
from reasonact_env.view.strip import Strip
from tools.counts import counted
from tools.inert import inline, safe

Line: TypeAlias = "list[Segment]"

LOW = 18
"""The height in lines below which the screen hides scores, goal and strip; chosen by hand."""
WIDE = 110
"""The width in columns from which on the goal stands beside the dialogue; chosen by hand."""
_BODY = 3
"""The least lines of a view beside which all else is shown; chosen by hand."""
_NOTE = 4
"""The most lines of a note."""
_BLOCKS = 512
"""Rendered steps that stay in memory."""


class Screen:
    """Shows a cursor as a full screen, with the current step in view."""

    def __init__(self, shelf: Shelf, cursor: Cursor) -> None:
        """Takes the episodes and the position."""
        self.shelf, self.cursor = shelf, cursor
        self._blocks: OrderedDict[tuple[int, int, int, int, Look], list[Line]] = OrderedDict()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        height, options = console.height, options.update(height=None)
        try:
            lines = self._screen(console, options, height)
        except StorageError as error:
            told = [self._title(), Text(safe(str(error)), style="red", overflow="fold")]
            lines = _rendered(console, options, told)
        for number, line in enumerate(lines[:height]):
            if number:
                yield Segment.line()
            yield from line

    def _screen(self, console: Console, options: ConsoleOptions, height: int) -> list[Line]:
        top = _rendered(console, options, [self._title(), *self._top(height)])
        bottom = _rendered(console, options, self._bottom(height))
        room = height - len(top) - len(bottom) - 1
        if small := room < _BODY:
            top, bottom = self._small(console, options, height)
            room = height - len(top) - len(bottom)
        body, place = self._body(console, options, room)
        line: list[RenderableType] = [Rule(Text(place, style="dim"), style="dim")]
        rule = _rendered(console, options, [] if small else line)
        empty: list[Line] = [[] for _ in range(room - len(body))]
        return [*top, *body[:room], *empty, *rule, *bottom]

    def _small(
        self, console: Console, options: ConsoleOptions, height: int
    ) -> tuple[list[Line], list[Line]]:
        """The title and the status line, as far as they leave a line for the view itself."""
        top = _rendered(console, options, [self._title()])[: max(0, height - 2)]
        bottom = _rendered(console, options, [Status(self.cursor)])
        return top, bottom[: min(height - 1, max(1, height - len(top) - _BODY))]

    def _title(self) -> RenderableType:
        cursor, shelf = self.cursor, self.shelf
        row, shown = cursor.row(shelf), len(shelf.select(cursor.query))
        grid = Table.grid(expand=True, padding=(0, 1))
        grid.add_column(no_wrap=True, ratio=1, overflow="ellipsis")
        grid.add_column(no_wrap=True, justify="right")
        of = counted(len(shelf), "episode" if shelf.episodes == len(shelf) else "line")
        labels = dict.fromkeys(source.label for source in shelf.sources)
        name = shelf.sources[shelf.file_of(row)].label if row >= 0 else ", ".join(labels)
        left, right = f" replay · {inline(name)}", f"{shown:,} of {of} "
        if cursor.view is View.EPISODE and row >= 0:
            about = shelf.abouts[shelf.file_of(row)]
            what = " · ".join(inline(part) for part in (about.stage, about.sampling) if part)
            left = f" {what} · {inline(name)}"
            steps = len(cursor.episode(shelf).steps)
            branch = f" · branch {cursor.branch}" if cursor.branch else ""
            right = f"episode {cursor.at + 1:,}/{shown:,}{branch} · step {cursor.step}/{steps} "
        style = "reverse bold"
        grid.add_row(Text(left, style=style), Text(right, style=style), style="reverse")
        return grid

    def _top(self, height: int) -> list[RenderableType]:
        cursor, shelf = self.cursor, self.shelf
        if cursor.view is View.LIST:
            return (
                [] if cursor.sheet is Sheet.HELP else [ListHead(shelf, cursor), Rule(style="dim")]
            )
        if cursor.sheet:
            return []
        episode = cursor.episode(shelf)
        parts: list[RenderableType] = [summary(episode, notes=False)]
        if height >= LOW:
            why = shelf.why(cursor.row(shelf), cursor.branch)
            parts += [goal_line(why.goal, cursor.step), Strip(episode, cursor.step)]
        return [*parts, Rule(style="dim")]

    def _bottom(self, height: int) -> list[RenderableType]:
        cursor, shelf = self.cursor, self.shelf
        if cursor.view is View.LIST or cursor.sheet:
            return [Status(cursor)]
        episode = cursor.episode(shelf)
        parts: list[RenderableType] = [step_words(episode, cursor.step)]
        if cursor.step and height >= LOW:
            gold, every = shelf.why(cursor.row(shelf), cursor.branch).gold, cursor.look.scores
            parts.append(scores_beside_gold(episode, gold, cursor.step, every=every))
        return [*parts, Status(cursor)]

    def _body(self, console: Console, options: ConsoleOptions, room: int) -> tuple[list[Line], str]:
        """The visible part of the view, and a note on what is above and below."""
        cursor, shelf = self.cursor, self.shelf
        if cursor.sheet is Sheet.FILTERS:
            return self._fitted(console, options, FilterRows(shelf, cursor, room), room)
        if cursor.sheet is Sheet.FAILURES:
            return self._fitted(console, options, FailureRows(shelf, cursor, room), room)
        if cursor.sheet:
            return self._sheet(console, options, room)
        if cursor.view is View.LIST:
            return self._fitted(console, options, ListRows(shelf, cursor, room), room)
        if options.max_width < WIDE:
            return self._dialogue(console, options, room)
        side = min(60, options.max_width * 2 // 5)
        left = options.update(width=options.max_width - side - 3)
        lines, place = self._dialogue(console, left, room)
        return _beside(
            lines, self._side(console, options.update(width=side), room), left.max_width
        ), place

    def _fitted(
        self, console: Console, options: ConsoleOptions, view: RenderableType, room: int
    ) -> tuple[list[Line], str]:
        """A view that takes as many lines as there are."""
        self.cursor = self.cursor.settled(0, max(1, room - 2))
        return _rendered(console, options, [view]), ""

    def _sheet(
        self, console: Console, options: ConsoleOptions, room: int
    ) -> tuple[list[Line], str]:
        lines = _rendered(console, options, [self._sheet_view()])
        first = min(max(0, self.cursor.scroll), max(0, len(lines) - room))
        self.cursor = self.cursor.settled(first, max(1, room - 1))
        words = ""
        if len(lines) > room:
            words = f" lines {first + 1}-{min(first + room, len(lines))} of {len(lines)} "
        return lines[first : first + room], words

    def _sheet_view(self) -> RenderableType:
        cursor, shelf = self.cursor, self.shelf
        if cursor.sheet is Sheet.HELP:
            return Help()
        row = cursor.row(shelf)
        if cursor.sheet is Sheet.RULES:
            return rules_view(shelf.episode(row), cursor.look)
        if cursor.sheet in PARTNERS:
            return PARTNERS[cursor.sheet](shelf, cursor)
        if cursor.sheet is Sheet.TREE:
            return branch_tree(shelf.episode(row), shelf.branches(row), cursor.branch)
        why, run = shelf.why(row, cursor.branch), run_words(shelf, row)
        run.no_wrap, run.overflow = False, "fold"  # over the list it is cut at the edge
        return Group(run, _why_view(why, cursor.step))

    def _side(self, console: Console, options: ConsoleOptions, room: int) -> list[Line]:
        """The goal beside the dialogue."""
        why = self.shelf.why(self.cursor.row(self.shelf), self.cursor.branch)
        lines = _rendered(console, options, [_why_view(why, self.cursor.step)])
        if len(lines) <= room:
            return lines
        more = Text(f"… {len(lines) - room + 1} more lines: g", style="dim italic")
        return [*lines[: room - 1], *_rendered(console, options, [more])]

    def _dialogue(
        self, console: Console, options: ConsoleOptions, room: int
    ) -> tuple[list[Line], str]:
        """The current step and as much before it as there is room for, or is scrolled to.

        Steps are rendered when they come into view: a long dialogue opens as fast as a short one.
        """
        step = self.cursor.step
        here = self._block(console, options, step)
        above: list[Line] = []
        usual = min(0, len(here) - room)
        wanted = min(usual + self.cursor.scroll, max(usual, len(here) - room))
        before = step
        while before > 0 and len(above) < -min(usual, wanted):
            before -= 1
            above = self._block(console, options, before) + above
        usual, start = max(usual, -len(above)), max(wanted, -len(above))
        self.cursor = self.cursor.settled(start - usual, max(1, room - 1))
        first = start + len(above)
        lines = [*above, *here]
        higher, lower = before > 0 or first > 0, first + room < len(lines)
        arrows = " · ".join(["↑ more above"] * higher + ["↓ more below"] * lower)
        return lines[first : first + room], f" {arrows} " if arrows else ""

    def _block(self, console: Console, options: ConsoleOptions, number: int) -> list[Line]:
        """The lines of a step, or of the opening."""
        row, look = self.cursor.row(self.shelf), self.cursor.look
        key = (row, self.cursor.branch, number, options.max_width, look)
        if key not in self._blocks:
            episode = self.cursor.episode(self.shelf)
            parts = step_view(episode, number, look) if number else opening_view(episode, look)
            self._blocks[key] = _rendered(console, options, parts)
            if len(self._blocks) > _BLOCKS:
                self._blocks.popitem(last=False)
        return self._blocks[key]


def _why_view(why: Why, step: int) -> RenderableType:
    return goal_view(why.goal, why.cause, step, why.missing, looking=why.looking)


class Status:
    """The last line: the text being typed, a note, or the keys; a long note takes several."""

    def __init__(self, cursor: Cursor) -> None:
        """Takes the cursor."""
        self._cursor = cursor

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        cursor, style = self._cursor, "reverse"
        usual = (LIST_LINE,) if cursor.view is View.LIST else EPISODE_LINES
        lines = SHEET_LINES.get(cursor.sheet, usual)
        fitting = [one for one in lines if len(one) + 2 <= options.max_width]
        text = Text((fitting or lines[:1])[-1])
        if cursor.entry:
            text = Text(_typing(cursor, options.max_width - 2))
        elif cursor.note:
            text, style = Text(inline(cursor.note)), "reverse bold"
        width = max(1, options.max_width - 1)
        told = text.wrap(console, width)[:_NOTE] if cursor.note and not cursor.entry else [text]
        for line in told:
            shown = Text(f" {line.plain.rstrip()}", style=style, no_wrap=True)
            shown.truncate(options.max_width, overflow="ellipsis", pad=True)
            yield shown


def _typing(cursor: Cursor, width: int) -> str:
    """What is being typed and what it is for; of a long text its end, where the typing is."""
    name, typed = f"{cursor.entry.value}: ", f"{inline(cursor.typed)}▏"
    room = max(width // 2, width - cell_len(typed))
    if cell_len(name) > room:
        name = f"{set_cell_size(name, max(0, room - 2))}… "
    room = width - cell_len(name)
    if cell_len(typed) > room:
        typed = f"…{last(typed, max(1, room - 1))}"
    return name + typed


def _rendered(
    console: Console, options: ConsoleOptions, parts: Sequence[RenderableType]
) -> list[Line]:
    lines: list[Line] = []
    for part in parts:
        lines += console.render_lines(part, options, pad=False)
    return lines


def _beside(left: Sequence[Line], right: Sequence[Line], width: int) -> list[Line]:
    """Two columns with a line between them."""
    rows = []
    for number in range(max(len(left), len(right))):
        line = left[number] if number < len(left) else []
        line = Segment.adjust_line_length(line, width)
        rows.append([*line, Segment(" │ "), *(right[number] if number < len(right) else [])])
    return rows
