"""The values that a call changed, as rich renderables: one line per value, before and after."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from tools.counts import counted
from tools.inert import inline
from tools.types import FieldChange, Json


def change_view(changes: Sequence[FieldChange], limit: int | None) -> RenderableType:
    """The rows that a call changed, each with its values below.

    Args:
        changes: The changes, grouped by row.
        limit: The number of lines to show, each cut at the edge; None for all, in full.
    """
    lines = list(_lines(changes))
    if limit is None:
        return Group(*map(_whole, lines))
    more = len(lines) - limit
    if more <= 1:  # a note would take as much room
        return Group(*lines)
    return Group(*lines[:limit], Text(f"… {counted(more, 'more line')}", style="dim italic"))


def _lines(changes: Sequence[FieldChange]) -> Iterator[Text]:
    row: tuple[str, str] | None = None
    for change in changes:
        if (change.table, change.key) != row:
            row = (change.table, change.key)
            yield _line(f"{change.table} {change.key}", "yellow")
        yield _line(f"  {change.field}: ", "dim").append_text(_difference(change))


def _difference(change: FieldChange) -> Text:
    """The items that were added to a list, or both values."""
    before, after = change.before, change.after
    if isinstance(before, list) and isinstance(after, list) and after[: len(before)] == before:
        return Text(f"+ {_shown(after[len(before) :])}", style="green")
    old, new = Text(_shown(before), style="red"), Text(_shown(after), style="green")
    if before is None:
        return new
    return old.append(" → ", style="dim").append_text(new)


def _whole(line: Text) -> Text:
    """A line that goes on in the next one where it is too long."""
    line.no_wrap, line.overflow = False, "fold"
    return line


def _line(text: str, style: str) -> Text:
    return Text(inline(text), style=style, no_wrap=True, overflow="ellipsis")


def _shown(value: Json) -> str:
    return inline(json.dumps(value, ensure_ascii=False))
