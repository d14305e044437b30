"""What another of the open runs mends of the chosen episode's run, and what it breaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rich.console import Group, RenderableType
from rich.text import Text

from reasonact_env.episodes.header import unlike
from reasonact_env.failures.paired import paired
from reasonact_env.replay.beside import beside_view, two_runs
from reasonact_env.replay.cursor import Cursor, Sheet
from reasonact_env.replay.shelf import Shelf
from reasonact_env.view.failures import paired_view
from tools.counts import counted
from tools.inert import safe


def against_sheet(shelf: Shelf, cursor: Cursor) -> RenderableType:
    """The run of the chosen episode beside one of the others, paired by task."""
    here = shelf.file_of(cursor.row(shelf))
    others = [file for file in range(len(shelf.files)) if file != here]
    if not others:
        words = "Only one run is open. Open another one over the same tasks, too:"
        command = two_runs(shelf, cursor.row(shelf))
        return Group(Text(words, overflow="fold"), Text(command, overflow="fold"))
    place = cursor.pick % len(others)
    other = others[place]
    head = Text(f"{place + 1} of {counted(len(others), 'other run')} · A the next", style="dim")
    words = unlike(shelf.files[here].header, shelf.files[other].header)
    notes = [Text(safe(words), style="bold yellow", overflow="fold")] if words else []
    return Group(head, *notes, _paired(shelf, here, other))


def _paired(shelf: Shelf, here: int, other: int) -> RenderableType:
    names = [f"{shelf.sources[file].label} ({shelf.abouts[file].short})" for file in (here, other)]
    try:
        found = paired(shelf.rows_of(here), shelf.rows_of(other))
    except ValueError as error:  # they share no task
        return Text(safe(f"{' → '.join(names)}: {error}"), style="red", overflow="fold")
    return paired_view(found, names[0], names[1])


PARTNERS: Mapping[Sheet, Callable[[Shelf, Cursor], RenderableType]] = {
    Sheet.BESIDE: beside_view,
    Sheet.AGAINST: against_sheet,
}
"""The sheets that show the chosen episode, or its run, beside another one."""
