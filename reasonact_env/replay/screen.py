"""The replay's screen: title, conversation, scores, keys."""

from __future__ import annotations

from typing import TypeAlias

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.rule import Rule
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from reasonact_env.replay.cursor import KEYS, Cursor
from reasonact_env.view.episode import Look, opening_view, step_view
from reasonact_env.view.scores import score_view, step_line, summary
from reasonact_env.view.text import safe

Line: TypeAlias = "list[Segment]"

LOW = 16
"""The height in lines below which the screen hides the scores; chosen by hand."""
_SHORT_KEYS = "→ next · ← back · ↑↓ scroll · ] [ episode · f failed · / jump · ? help · q quit"
_LONG_KEYS = (
    "→ next · ← back · ↑↓ scroll · ] [ episode · f failed · / jump · "
    "t thoughts · r rules · s scores · x full · ? help · q quit"
)


class Screen:
    """Shows a cursor as a full screen, with the current step in view."""

    def __init__(self, cursor: Cursor) -> None:
        """Keeps the cursor; the screen limits its `page` and `scroll`."""
        self._cursor = cursor
        self._rendered: tuple[tuple[int, int, Look], list[list[Line]]] | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        options = options.update(height=None)
        height = console.height
        top = self._lines(console, options, [self._title(), *self._summary()])
        bottom = self._lines(console, options, self._bottom(height))
        room = max(1, height - len(top) - len(bottom) - 1)
        body, place = self._body(console, options, room)
        rule = self._lines(console, options, [Rule(Text(place, style="dim"), style="dim")])
        lines = [*top, *body, *[[] for _ in range(room - len(body))], *rule, *bottom]
        for number, line in enumerate(lines[:height]):
            if number:
                yield Segment.line()
            yield from line

    def _body(self, console: Console, options: ConsoleOptions, room: int) -> tuple[list[Line], str]:
        """The visible part of the conversation, and a note on its position."""
        cursor = self._cursor
        if cursor.helping:
            return self._lines(console, options, [help_view()])[:room], " any key goes back "
        blocks = self._blocks(console, options)
        before = sum(map(len, blocks[: cursor.position]))
        lines = [line for block in blocks[: cursor.position + 1] for line in block]
        last = max(0, len(lines) - room)
        start = min(before, last)
        first = min(max(0, start + cursor.scroll), last)
        cursor.scroll, cursor.page = first - start, max(1, room - 1)
        if not last:
            return lines, ""
        arrows = ("↑" if first else " ") + ("↓" if first < last else " ")
        place = f" lines {first + 1}-{first + room} of {len(lines)} {arrows} "
        return lines[first : first + room], place

    def _blocks(self, console: Console, options: ConsoleOptions) -> list[list[Line]]:
        """The lines of the opening and of every step, rendered again after a change."""
        cursor = self._cursor
        key = (cursor.index, options.max_width, cursor.look)
        if self._rendered is None or self._rendered[0] != key:
            episode, look = cursor.episode, cursor.look
            parts = [opening_view(episode, look)]
            parts += [step_view(episode, i, look) for i in range(1, len(episode.steps) + 1)]
            self._rendered = (key, [self._lines(console, options, part) for part in parts])
        return self._rendered[1]

    def _title(self) -> RenderableType:
        cursor = self._cursor
        grid = Table.grid(expand=True, padding=(0, 1))
        grid.add_column(no_wrap=True, ratio=1, overflow="ellipsis")
        grid.add_column(no_wrap=True, justify="right")
        left = Text(f" replay · {safe(cursor.name)}", style="reverse bold")
        steps = f"step {cursor.position}/{len(cursor.episode.steps)}"
        right = f"episode {cursor.index + 1:,}/{len(cursor.episodes):,} · {steps} "
        grid.add_row(left, Text(right, style="reverse bold"), style="reverse")
        return grid

    def _summary(self) -> list[RenderableType]:
        return [summary(self._cursor.episode, self._cursor.agent), Rule(style="dim")]

    def _bottom(self, height: int) -> list[RenderableType]:
        cursor = self._cursor
        parts: list[RenderableType] = [progress_line(cursor)]
        if cursor.position and height >= LOW and not cursor.helping:
            step = cursor.episode.steps[cursor.position - 1]
            parts.append(score_view(step, every=cursor.look.scores))
        return [*parts, Status(cursor)]

    @staticmethod
    def _lines(
        console: Console, options: ConsoleOptions, parts: list[RenderableType]
    ) -> list[Line]:
        lines = []
        for part in parts:
            lines += console.render_lines(part, options, pad=False)
        return lines


class Status:
    """The last line: the text being typed, a note, or the keys."""

    def __init__(self, cursor: Cursor) -> None:
        """Takes the cursor."""
        self._cursor = cursor

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        keys = _LONG_KEYS if options.max_width > len(_LONG_KEYS) else _SHORT_KEYS
        text, style = keys, "reverse"
        if self._cursor.entry is not None:
            text = f"jump to number or task id: {safe(self._cursor.entry)}▏"
        elif self._cursor.note:
            text, style = safe(self._cursor.note).replace("\n", " "), "reverse bold"
        line = Text(f" {text}", style=style, no_wrap=True, overflow="ellipsis")
        line.truncate(options.max_width, overflow="ellipsis", pad=True)
        yield line


def progress_line(cursor: Cursor) -> Text:
    """The position in the episode, the step's reward, and the return so far."""
    steps = cursor.episode.steps
    if not cursor.position:
        return Text(f"the opening · {len(steps)} steps follow", style="bold", no_wrap=True)
    total = sum(step.reward for step in steps[: cursor.position])
    return step_line(cursor.episode, cursor.position, total)


def help_view() -> RenderableType:
    """The keys and what they do."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="bold")
    for keys, what in KEYS:
        grid.add_row(f" {keys}", what)
    return grid
