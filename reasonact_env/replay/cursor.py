"""The position in a replay, and what a key does to it: pure state, `move(cursor, key, shelf)`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from reasonact_env.replay.query import Query
from reasonact_env.view.episode import Look

if TYPE_CHECKING:
    from reasonact_env.episode import Episode
    from reasonact_env.replay.shelf import Shelf


class View(StrEnum):
    """What the screen is about."""

    LIST = "list"
    EPISODE = "episode"


class Sheet(StrEnum):
    """What lies over a view until a key takes it away."""

    NONE = ""
    HELP = "help"
    RULES = "rules"
    GOAL = "goal"
    FILTERS = "filters"
    FAILURES = "failures"
    AGAINST = "against"
    BESIDE = "beside"
    TREE = "branches"


class Entry(StrEnum):
    """What is being typed."""

    NONE = ""
    QUERY = "filter"
    FIND = "find in this episode"
    JUMP = "go to number or task id"
    SAY = "what if the agent said, or /call NAME key=value"
    LET = "what if it went on: gold, a baseline, MODULE:NAME, a policy's folder"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The state of a replay; it changes by keys alone."""

    view: View = View.LIST
    """The list, or an episode."""
    query: Query = field(default_factory=Query)
    """Which episodes are listed, and in which order."""
    at: int = 0
    """The chosen episode's place in the list."""
    step: int = 0
    """The number of its steps that are shown."""
    branch: int = 0
    """The branch that is shown; 0 for the episode itself."""
    scroll: int = 0
    """The offset in lines from the default place of the view."""
    page: int = 10
    """The lines of a page, as the screen has told."""
    look: Look = field(default_factory=Look)
    """What is shown of an episode."""
    sheet: Sheet = Sheet.NONE
    """What lies over the view."""
    pick: int = 0
    """The chosen line of a sheet, or the chosen partner."""
    entry: Entry = Entry.NONE
    """What is being typed."""
    typed: str = ""
    """The text so far."""
    found: str = ""
    """The text that was looked for last in an episode."""
    note: str = ""
    """A sentence for the status line."""
    done: bool = False
    """Whether the user has quit."""

    def row(self, shelf: Shelf) -> int:
        """The chosen episode's row; -1 if no episode is listed."""
        rows = shelf.select(self.query)
        return int(rows[self.at]) if self.at < len(rows) else -1

    def kept_at(self, row: int, shelf: Shelf) -> Cursor:
        """The cursor on the same episode, where what is listed has changed."""
        rows = shelf.select(self.query)
        place = (rows == row).nonzero()[0]
        last = max(0, len(rows) - 1)
        return replace(self, at=int(place[0]) if len(place) else min(self.at, last))

    def episode(self, shelf: Shelf) -> Episode:
        """The chosen episode, or its branch.

        Raises:
            StorageError: if its line in the file is broken.
        """
        return shelf.episode(self.row(shelf), self.branch)

    def told(self, note: str) -> Cursor:
        """The same place, with a sentence for the status line."""
        return replace(self, note=note)

    def settled(self, scroll: int, page: int) -> Cursor:
        """The same place after a screen has told how far one can scroll, and what a page is."""
        if (scroll, page) == (self.scroll, self.page):
            return self
        return replace(self, scroll=scroll, page=page)


def start(shelf: Shelf, query: Query | None = None) -> Cursor:
    """Where a replay begins: with the list or, of a single episode, with that."""
    view = View.EPISODE if len(shelf) == 1 else View.LIST
    return Cursor(view=view, query=query or Query())
