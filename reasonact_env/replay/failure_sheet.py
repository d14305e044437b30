"""The sheet of failures: what fails most often, each line opening its episodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from reasonact_env.failures.overview import Group
from reasonact_env.replay.causes import Causes, named_groups
from reasonact_env.replay.cursor import Cursor, Sheet
from reasonact_env.replay.list_keys import asked
from reasonact_env.replay.shelf import Shelf
from reasonact_env.view.failures import share_words
from reasonact_env.view.text import name_lines
from tools.inert import inline, safe

_TITLES = {
    "cause": "what went wrong first",
    "about": "by tool",
    "kind": "by kind of task",
}

_LEAST = 3
"""The lines that the failures themselves get before all else; chosen by hand."""
_NAMES = 24
"""The columns from which on names stand beside their figures, and not below; chosen by hand."""
_INDENT = 4
"""Columns before names that stand below."""


def in_failures(cursor: Cursor, key: str, shelf: Shelf) -> Cursor:
    """The cursor after a key on the sheet of failures."""
    found = shelf.causes(cursor.row(shelf)).found
    groups = [] if found is None else list(named_groups(found))
    last = len(groups) - 1
    match key:
        case "down" | "j" | "n":
            return replace(cursor, pick=max(0, min(cursor.pick + 1, last)))
        case "up" | "k" | "p":
            return replace(cursor, pick=max(cursor.pick - 1, 0))
        case "home":
            return replace(cursor, pick=0)
        case "end":
            return replace(cursor, pick=max(0, last))
        case "enter" | " " | "right" if last >= 0:
            terms, _ = groups[min(cursor.pick, last)]
            query = replace(cursor.query, terms=_narrowed(cursor, terms, shelf))
            return asked(replace(cursor, sheet=Sheet.NONE, pick=0), query, shelf)
    return replace(cursor, sheet=Sheet.NONE, pick=0, scroll=0)


def _narrowed(cursor: Cursor, terms: tuple[str, ...], shelf: Shelf) -> tuple[str, ...]:
    """The query's terms and those of a group, which take the place of another group's."""
    if len(shelf.files) > 1:
        label = shelf.sources[shelf.file_of(cursor.row(shelf))].label
        terms = (f"run={label}", *terms)
    names = {f"{term.partition('=')[0]}=" for term in terms if "=" in term}
    names |= {f"{name}=" for name in _TITLES}
    kept = [one for one in cursor.query.terms if not one.startswith(tuple(names))]
    return tuple(dict.fromkeys((*kept, *terms)))


@dataclass(frozen=True, slots=True)
class FailureRows:
    """The failures of the chosen episode's run."""

    shelf: Shelf
    """The episodes."""
    cursor: Cursor
    """The position."""
    room: int
    """The number of lines."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        causes = self.shelf.causes(self.cursor.row(self.shelf))
        if causes.problem:
            yield Text(safe(causes.problem), style="red", overflow="fold")
            return
        if causes.found is None:
            yield Text("counting …")
            return
        found, width = causes.found, options.max_width
        head = [line for text in self._head(causes) for line in text.wrap(console, width)]
        head = head[: max(0, self.room - _LEAST)]
        yield from head
        lines: list[Text] = []
        chosen, before = 0, ""
        for place, (terms, group) in enumerate(named_groups(found)):
            section = terms[0].partition("=")[0]
            if section != before:
                lines += Text(_TITLES[section], style="underline").wrap(console, width)
                before = section
            if place == self.cursor.pick:
                chosen = len(lines)
            lines += group_lines(group, width, chosen=place == self.cursor.pick)
        room = max(1, self.room - len(head))
        first = max(0, min(chosen - room // 2, len(lines) - room))
        yield from lines[first : first + room]

    def _head(self, causes: Causes) -> Iterator[Text]:
        """How many failed, and why less may be known."""
        if causes.lacks:
            words = f"without its tasks less is known: {inline(causes.lacks)}"
            yield Text(words, style="yellow", overflow="fold")
        found = causes.found
        assert found is not None
        words = f"{found.words}: "
        words += share_words(found.share)
        if len(self.shelf.files) > 1:
            file = self.shelf.file_of(self.cursor.row(self.shelf))
            words += f" · of {inline(self.shelf.sources[file].label)}, the chosen episode's run"
        elif self.cursor.query.terms:
            words += " · of the whole run, whatever is listed"
        yield Text(words, style="bold", overflow="fold")


def group_lines(group: Group, width: int, *, chosen: bool = False) -> Iterator[Text]:
    """A group's figures, its name and what it is most often about; what is long hangs below."""
    most = ", ".join(f"{inline(name)} {count:,}" for name, count in group.most[:3] if name)
    names = " · ".join(filter(None, (inline(group.name), most)))
    head = f"{'▶' if chosen else ' '} {group.count:>6,}  {share_words(group.of_all):<22} "
    indent, style = cell_len(head), "reverse" if chosen else ""
    if width - indent < _NAMES:
        yield from (Text(line, style) for line in name_lines(head.rstrip(), width))
        indent = min(_INDENT, width // 2)
        head = " " * indent
    for line in name_lines(names, max(1, width - indent)):
        yield Text(head + line, style, no_wrap=True, overflow="crop")
        head = " " * indent
