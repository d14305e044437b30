"""Foreign text on a terminal: safe, folded and readable.

Text of an agent, a user or a tool is never read as rich markup, and never reaches the terminal as a
control sequence (`tools.inert`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.highlighter import JSONHighlighter
from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from tools.counts import counted
from tools.inert import inline, safe
from tools.jsontext import JsonProblem, read_json
from tools.types import Json

BAR = "▌ "
_INDENT = 2
_LARGE = 200_000
"""Characters from which on a text is not wrapped between words."""
_PART = 1000
"""Lines that are cut together."""
_HIGHLIGHT = JSONHighlighter()
NAME_ENDS = r"(?<=\w[_/-])(?=\w)|(?<=[\w\]]\.)(?=[^\W\d])"
"""Where a name may be broken: behind `_`, `/` and `-`, and a dot that no number has."""
_ENDS = re.compile(rf"{NAME_ENDS}|(?<=[^ ])(?=\[)|(?<= )(?=[^ ])")
"""The same, and where a cell of several may."""
_BETWEEN = re.compile(r"(?<=[^ ])(?=\[)|(?<= )(?=[^ \d])")
"""Where one name ends and the next begins; a count stays beside its name."""


def json_or_none(text: str) -> Json:
    """The object or list in a JSON text, or None if it contains neither or is very large."""
    if len(text) > _LARGE:
        return None
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return read_json(text)
    except JsonProblem:
        return None


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of foreign text, cut after a number of lines."""

    text: str
    """The text."""
    style: str = ""
    """The rich style."""
    limit: int | None = None
    """The number of lines to show; None for all."""
    value: Json = None
    """The JSON value to show in place of the text, or None."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        plain = self.text if self.value is None else _laid_out(self.value, width)
        if self.limit is None:
            if len(plain) > _LARGE:
                yield from _unwrapped(safe(plain), width, console.get_style(self.style))
            else:
                yield from self._styled(plain).wrap(console, width)
            return
        seen = plain[: (self.limit + 1) * width].split("\n")[: self.limit + 1]
        end = sum(map(len, seen)) + len(seen)  # what is not seen is neither made safe nor wrapped
        lines = self._styled("\n".join(seen)).wrap(console, width)
        more = len(lines) - self.limit + _lines_in(plain[end:], width)
        if more <= 1:  # a note would take as much room
            yield from lines
            return
        yield from lines[: self.limit]
        yield Text(f"… {counted(more, 'more line')}", style="dim italic")

    def _styled(self, plain: str) -> Text:
        text = Text(safe(plain), style=self.style, overflow="fold")
        if self.value is not None:
            _HIGHLIGHT.highlight(text)
        return text


@dataclass(frozen=True, slots=True)
class Card:
    """A label and its content, with a coloured bar at the left."""

    label: Text
    """The speaker."""
    style: str
    """The bar's colour."""
    body: Sequence[RenderableType]
    """The content."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        inner = options.update(width=max(8, options.max_width - len(BAR)), height=None)
        bar = Segment(BAR, console.get_style(self.style))
        for line in _lines_of(console, inner, Group(self.label, *self.body)):
            yield bar
            yield from line
            yield Segment.line()


@dataclass(frozen=True, slots=True)
class Indented:
    """A renderable with an indent."""

    content: RenderableType
    """The renderable."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        inner = options.update(width=max(8, options.max_width - _INDENT), height=None)
        for line in _lines_of(console, inner, self.content):
            yield Segment(" " * _INDENT, Style.null())
            yield from line
            yield Segment.line()


def _lines_of(
    console: Console, options: ConsoleOptions, shown: RenderableType
) -> Iterator[list[Segment]]:
    """The lines of a renderable, each made when it is asked for: they may be millions."""
    found = console.render(shown, options)
    yield from Segment.split_and_crop_lines(
        found, options.max_width, include_new_lines=False, pad=False
    )


@dataclass(frozen=True, slots=True)
class Name:
    """Names in a cell, broken between them, and inside one only where a line has no room for it."""

    text: str
    """The names; a number stays beside the one before it."""
    style: str = ""
    """The rich style."""

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        parts = _BETWEEN.split(inline(self.text))
        least = max((cell_len(part.rstrip(" ")) for part in parts), default=0)
        most = cell_len(inline(self.text))
        return Measurement(least, most).with_maximum(options.max_width)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in name_lines(inline(self.text), max(1, options.max_width)):
            yield Text(line, style=self.style, overflow="fold")


def name_lines(text: str, width: int) -> Iterator[str]:
    """The lines of a text of names; a name is broken only where it is longer than a line.

    Then its parts end the lines, and one that is longer still is cut at the edge.

    >>> list(name_lines("get_order 3, find_order 1", 22))
    ['get_order 3,', 'find_order 1']
    >>> list(name_lines("transfer_to_human 3, x", 12))
    ['transfer_to_', 'human 3, x']
    """
    line = ""
    for name in _BETWEEN.split(text):
        fits = cell_len(name.rstrip(" ")) <= width
        for part in [name] if fits else _ENDS.split(name):
            if line and cell_len(line) + cell_len(part.rstrip(" ")) > width:
                yield line.rstrip(" ")
                line = ""
            line += part
    yield line.rstrip(" ")


def _unwrapped(text: str, width: int, style: Style) -> Iterator[Segment]:
    """A large text cut at the edge and not between words: rich would need minutes."""
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        for at in range(start, max(end, start + 1), _PART * width):
            part = text[at : min(end, at + _PART * width)]
            for line in _cut(part, width):
                yield Segment(line, style)
                yield Segment.line()
        start = end + 1


def _cut(text: str, width: int) -> list[str]:
    """A part of a line cut at the edge."""
    if text.isascii():
        return [text[at : at + width] for at in range(0, len(text), width)] or [""]
    return chop_cells(text, width) or [""]


def _lines_in(text: str, width: int) -> int:
    """The approximate number of lines of a text."""
    return sum(max(1, -(-len(line) // width)) for line in text.splitlines())


def _laid_out(value: Json, width: int, indent: int = 0, tail: int = 0) -> str:
    """JSON that breaks only lines that would be too long."""
    flat = json.dumps(value, ensure_ascii=False)
    if indent + len(flat) + tail <= width or not value or not isinstance(value, dict | list):
        return flat
    inner = indent + _INDENT
    pad, end = "\n" + " " * inner, "\n" + " " * indent
    if isinstance(value, list):
        items = [_laid_out(item, width, inner, 1) for item in value]
        return f"[{pad}{f',{pad}'.join(items)}{end}]"
    keys = [f"{json.dumps(key, ensure_ascii=False)}: " for key in value]
    pairs = [
        key + _laid_out(item, width, inner, len(key) + 1)
        for key, item in zip(keys, value.values(), strict=True)
    ]
    return f"{{{pad}{f',{pad}'.join(pairs)}{end}}}"
