"""The list of episodes, as rich renderables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from reasonact_env.replay.columns import Ints
from reasonact_env.replay.cursor import Cursor
from reasonact_env.replay.filters import Choice, choices
from reasonact_env.replay.query import line_of
from reasonact_env.replay.rows import BROKEN
from reasonact_env.replay.shelf import Shelf
from tools.counts import counted
from tools.inert import inline

_NARROW = 76
"""Columns below which the list does without the reason to stop; 20 more where runs are named."""


@dataclass(frozen=True, slots=True)
class ListHead:
    """Two lines over the list: what is listed, and what the chosen episode's run is."""

    shelf: Shelf
    """The episodes."""
    cursor: Cursor
    """The position."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield cut(list_words(self.shelf, self.cursor), options.max_width)
        row = self.cursor.row(self.shelf)
        if row >= 0:
            words = run_words(self.shelf, row)
            if len(self.shelf.files) > 1:  # of which the chosen episode's is one
                words = Text(f"{len(self.shelf.files):,} runs, ▶ ", no_wrap=True).append(words)
            yield cut(words, options.max_width)


@dataclass(frozen=True, slots=True)
class ListRows:
    """The names of the columns, and as many rows around the chosen one as there is room for."""

    shelf: Shelf
    """The episodes."""
    cursor: Cursor
    """The position."""
    room: int
    """The number of lines."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        form = _Form.of(self.shelf, options.max_width)
        if self.room > 1:
            yield form.head()
        rows = self.shelf.select(self.cursor.query)
        room = max(1, self.room - 1)
        first = max(0, min(self.cursor.at - room // 2, len(rows) - room))
        for place, row in enumerate(rows[first : first + room].tolist(), first):
            yield form.line(row, chosen=place == self.cursor.at)


@dataclass(frozen=True, slots=True)
class FilterRows:
    """The sheet of filters."""

    shelf: Shelf
    """The episodes."""
    cursor: Cursor
    """The position."""
    room: int
    """The number of lines."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        found = choices(self.shelf, self.cursor)
        room = max(1, self.room)
        first = max(0, min(self.cursor.pick - room // 2, len(found) - room))
        for place, one in enumerate(found[first : first + room], first):
            yield self._line(one, place == self.cursor.pick, options.max_width)

    def _line(self, one: Choice, chosen: bool, width: int) -> Text:
        on = one.term in self.cursor.query.terms
        text = (
            f"{'▶' if chosen else ' '} {'[x]' if on else '[ ]'} {one.count:>7,}  {inline(one.term)}"
        )
        return cut(Text(text, style="reverse" if chosen else ""), width)


def list_words(shelf: Shelf, cursor: Cursor) -> Text:
    """How many episodes are listed, how they ended, by which filters and in which order."""
    rows = shelf.select(cursor.query)
    won = shelf.columns.won[rows]
    broken = int(shelf.columns.broken[rows].sum())
    line = Text(f"{len(rows) - broken:,}", style="bold", no_wrap=True)
    if cursor.query.terms:
        line.append(f" of {shelf.episodes:,}", style="not bold")
    line.append(f" · ✓ {int((won == 1).sum()):,} ✗ {int((won == 0).sum()):,}", style="not bold")
    if broken:
        line.append(f" · {counted(broken, 'broken line')}", style="bold red")
    if odd := int(shelf.columns.odd[rows].sum()):
        line.append(f" · {counted(odd, 'return')} no number", style="bold red")
    line.append("".join(f" · {words}" for words in _means(shelf, rows)), style="not bold")
    if shelf.unknown:
        line.append(f" · {inline(shelf.unknown)}", style="not bold yellow")
    if cursor.query.terms:
        line.append(f" · {inline(line_of(cursor.query.terms))}", style="bold yellow")
    if cursor.query.order != "file" or cursor.query.reverse:
        way = "↓" if cursor.query.reverse else "↑"
        line.append(f" · by {cursor.query.order} {way}", style="not bold")
    return line


def _means(shelf: Shelf, rows: Ints) -> Iterator[str]:
    """The mean return, apart for dialogues and single decisions: these are not one measure."""
    rows = rows[shelf.columns.judged[rows]]
    modes = np.array([str(file.header.env.get("mode", "dialogue")) for file in shelf.files])
    found = modes[np.searchsorted(shelf.first, rows, "right") - 1] if len(rows) else modes[:0]
    names = list(dict.fromkeys(found.tolist()))
    for name in names:
        mean = shelf.columns.total[rows[found == name]].mean()
        yield f"return {mean:+.3f}" + f" of {name}s" * (len(names) > 1)


def run_words(shelf: Shelf, row: int) -> Text:
    """What the run of an episode is: stage and sampling first, then data and model."""
    about = shelf.abouts[shelf.file_of(row)]
    line = Text(inline(about.stage), style="bold cyan", no_wrap=True, overflow="ellipsis")
    for part in (about.sampling, about.data):
        line.append(f" · {inline(part)}" if part else "", style="not bold")
    if about.model not in (about.stage, f"agent {about.stage}"):
        line.append(f" · {inline(about.model)}", style="not bold dim")
    return line


def cut(text: Text, width: int) -> Text:
    """A line cut to the width, with an ellipsis."""
    text.no_wrap = True
    text.truncate(width, overflow="ellipsis")
    return text


def won_sign(won: int) -> str:
    """✓ for success, ✗ for failure, · for neither."""
    return {1: "✓", 0: "✗"}.get(won, "·")


@dataclass(frozen=True, slots=True)
class _Form:
    """The widths of a list's columns; 0 for those that are left out."""

    shelf: Shelf
    width: int
    number: int
    run: int
    task: int
    stop: int

    @classmethod
    def of(cls, shelf: Shelf, width: int) -> _Form:
        columns = shelf.columns
        number = max(3, len(f"{max(np.diff(shelf.first).tolist(), default=0):,}"))
        several = len(shelf.files) > 1
        run = min(24, max(5, width // 5)) if several else 0
        longest = max((cell_len(inline(task[:width])) for task in columns.tasks[:2000]), default=4)
        return cls(
            shelf=shelf,
            width=width,
            number=number,
            run=min(run, max(cell_len(source.label) for source in shelf.sources)) if several else 0,
            task=min(max(4, longest), max(8, width // 4)),
            stop=10 if width >= (_NARROW + 20 if several else _NARROW) else 0,
        )

    def head(self) -> Text:
        names = self._cells("#", "run", " ", "task", "return", "steps", "stop", "what was wrong")
        return cut(Text(names, style="bold underline"), self.width)

    def line(self, row: int, *, chosen: bool) -> Text:
        columns, file = self.shelf.columns, self.shelf.file_of(row)
        won = int(columns.won[row])
        text = self._cells(
            f"{self.shelf.number_of(row):,}",
            self.shelf.sources[file].label.removeprefix("eval-"),
            won_sign(won),
            columns.tasks[row],
            "–" if (total := columns.return_of(row)) is None else f"{total:+.2f}",
            "–" if columns.words[columns.stop[row]] == BROKEN else str(columns.steps[row]),
            columns.words[columns.stop[row]],
            self.shelf.wrong(row),
            "▶" if chosen else " ",
        )
        style = "reverse" if chosen else "red" if won == 0 else ""
        return cut(Text(text, style=style), self.width)

    def _cells(
        self,
        number: str,
        run: str,
        won: str,
        task: str,
        total: str,
        steps: str,
        stop: str,
        wrong: str,
        mark: str = " ",
    ) -> str:
        parts = [f"{mark}{number:>{self.number}}"]
        parts += [_fit(run, self.run)] if self.run else []
        parts += [won, _fit(task, self.task), f"{total:>6}", f"{steps:>5}"]
        parts += [_fit(stop, self.stop)] if self.stop else []
        return " ".join([*parts, inline(wrong[: self.width])])


def _fit(text: str, width: int) -> str:
    """A text as wide as its column; one that is too long loses its middle."""
    shown = inline(text[: 4 * width] + text[-4 * width :] if len(text) > 8 * width else text)
    shown = shown.replace("\n", " ")
    if cell_len(shown) <= width:
        return set_cell_size(shown, width)
    end = width // 2
    return set_cell_size(shown, width - 1 - end) + "…" + set_cell_size(last(shown, end), end)


def last(text: str, width: int) -> str:
    """The end of a text that fits; of a long one only its last characters are measured."""
    text = text[-4 * width :]
    while cell_len(text) > width:
        text = text[1:]
    return text


def plain_rows(shelf: Shelf, cursor: Cursor) -> Iterator[dict[str, object]]:
    """The listed episodes as plain values, for scripts."""
    columns = shelf.columns
    tags: dict[int, list[str]] = {}
    for row, tag in zip(columns.tag_rows.tolist(), columns.tags.tolist(), strict=True):
        tags.setdefault(row, []).append(columns.words[tag])
    for row in shelf.select(cursor.query).tolist():
        file = shelf.file_of(row)
        about, won = shelf.abouts[file], int(columns.won[row])
        scores = zip(columns.names, columns.components[row].tolist(), strict=True)
        yield {
            "file": str(shelf.sources[file].path),
            "episode": shelf.number_of(row),
            "stage": about.stage,
            "sampling": about.sampling,
            "agent": about.model,
            "task": columns.tasks[row],
            "success": None if won < 0 else bool(won),
            "return": columns.return_of(row),
            "steps": int(columns.steps[row]),
            "stop": columns.words[columns.stop[row]],
            "wrong": columns.words[columns.wrong[row]],
            "components": {name: score for name, score in scores if score == score},
            "tags": tags.get(row, []),
        }
