"""The keys of a replay, for its help, its status lines and its command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from reasonact_env.replay.cursor import Sheet

_Rows: TypeAlias = Sequence[tuple[str, str]]

LIST_KEYS = (
    ("↓ ↑  j k", "next, previous episode"),
    ("page dn, up", "a page"),
    ("home  end", "first, last episode"),
    ("enter  →", "open the episode"),
    ("]  [", "next, previous run"),
    ("a  A", "what fails most; two runs"),
    ("f", "failed ones alone, or all"),
    ("m", "filters to choose from"),
    ("/", "filter by terms or text"),
    ("c", "take all filters away"),
    ("o  O", "sort otherwise, turn round"),
)
"""The keys of the list."""
EPISODE_KEYS = (
    ("→ n space", "one step forward"),
    ("←  p", "one step back"),
    ("home  end", "opening, last step"),
    ("↓ ↑  j k", "scroll by a line"),
    ("page dn, up", "scroll by a page"),
    ("]  [", "next, previous episode"),
    ("f  F", "next, previous failed one"),
    ("e l w", "next problem, loss, write"),
    ("d", "next difference from gold"),
    ("E L W D", "the same backwards"),
    ("/", "find text in a step"),
    ("g  r", "the goal; rules and tools"),
    ("b", "beside another run's"),
    ("i  a", "what if: type, let agent"),
    ("y  Y", "next branch, their tree"),
    ("t s x", "thoughts, scores, in full"),
    ("esc u", "up a branch, or the list"),
)
"""The keys of an episode."""
COMMON_KEYS = (
    (":", "go to number or task id"),
    ("?  q", "this help, quit"),
)
"""The keys that work in both."""
TERMS = (
    ("cause=", "wrong first; about= a tool"),
    ("stage=", "as GRPO; run= a file"),
    ("answer<0.5", "or return, steps; more: m"),
)
"""Some terms of the key `/`; the sheet of filters has all."""
SIGNS = (
    ("◆ ◇", "gold's score, met or not"),
    ("✓ ○ ✗ …", "done, later, never, not yet"),
    ("w ✗ !", "write, problem, rule broken"),
)
"""What the signs mean."""
NEITHER = (("·", "not ended; not required"),)
"""What the sign means that says least: of an episode, and of a wanted call."""
LIST_LINE = "↑↓ choose · enter open · a failures · f failed · m filters · / text · ? help"
"""The keys of the list, for its status line."""
EPISODE_LINES = (
    "→← step · ][ episode · e problem · g goal · ? help",
    "→← step · ][ episode · e problem · g goal · i what if · esc list · ? help",
    "→← step · ↑↓ scroll · ][ episode · f failed · e problem · l loss · w write · "
    "g goal · b beside · i what if · esc list · ? help",
)
"""The keys of an episode, for its status line: the longest that fits is shown."""
_READING = ("↑↓ line · esc back · q quit", "↑↓ line · page dn, up · any other key back · q quit")
SHEET_LINES = {
    Sheet.HELP: _READING,
    Sheet.RULES: _READING,
    Sheet.GOAL: _READING,
    Sheet.TREE: _READING,
    Sheet.AGAINST: (
        "A next run · esc back · q quit",
        "A next run · ↑↓ line · page dn, up · any other key back · q quit",
    ),
    Sheet.BESIDE: (
        "b next one · esc back · q quit",
        "b next one · ↑↓ line · page dn, up · any other key back · q quit",
    ),
    Sheet.FILTERS: (
        "↑↓ choose · enter with · - without · esc back",
        "↑↓ choose · enter only those with it, or no longer · - only those without · esc back",
    ),
    Sheet.FAILURES: (
        "↑↓ choose · enter list them · esc back",
        "↑↓ choose · enter list its episodes, your filters stay · any other key back · q quit",
    ),
}
"""The keys of a sheet, for its status line: the longest that fits is shown."""
_TWO = 76
"""Columns from which on both tables of keys stand side by side."""


class Help:
    """The keys and what they do."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        left = _table("in the list", (*LIST_KEYS, *COMMON_KEYS), ("terms of /", TERMS), ("", SIGNS))
        right = _table("in an episode", (*EPISODE_KEYS, *COMMON_KEYS), ("", NEITHER))
        if options.max_width < _TWO:
            yield left
            yield Text()
            yield right
            return
        both = Table.grid(padding=(0, 1))
        both.add_row(left, right)
        yield both


def keys_text() -> str:
    """The keys as plain text, for `--help`."""
    lines = []
    for title, keys in (("in the list", LIST_KEYS), ("in an episode", EPISODE_KEYS)):
        lines.append(f"    {title}:")
        lines += [f"    {key:<13}{what}" for key, what in (*keys, *COMMON_KEYS)]
    return "\n".join(lines)


def _table(title: str, keys: _Rows, *more: tuple[str, _Rows]) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column()
    grid.add_row(Text(title, style="underline"), "")
    for key, what in keys:
        grid.add_row(key, what)
    for name, rows in more:
        if name:
            grid.add_row(Text(name, style="underline"), "")
        for key, what in rows:
            grid.add_row(key, what)
    return grid
