"""The groups of options in a text of `--help`: their titles, and the order in which they stand."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

_FIELD = " options"
"""Ends the title that tyro gives a dataclass in a field; before it stands the field's name."""
_CHOICES = {
    "At most one argument can be overridden.": "At most one of these.",
    "Exactly one argument must be passed in. (required)": "One of these.",
}
"""What tyro says of options of which one is chosen -> our words."""
_POSITIONAL = "positional arguments"
_OPTION = re.compile(r"  (?:-h, )?(--[\w-]+)")
_RULE = re.compile(r" +[-─]+")


@dataclass(slots=True)
class Group:
    """Options with a title over them."""

    title: str
    """What stands over them."""
    words: str = ""
    """What is said of them all."""
    rows: list[str] = field(default_factory=list)
    """Options and their texts."""

    @property
    def rank(self) -> int:
        """What has to be given comes first, then what a command is told to do."""
        return (self.title != _POSITIONAL) + (self.words not in _CHOICES.values())

    def lines(self, rule: str) -> Iterator[str]:
        """The group as it is shown, with an empty line before it."""
        title = textwrap.fill(self.title, len(rule), initial_indent=" ", subsequent_indent=" ")
        yield from ("", title, f" {rule}")
        if self.words:
            yield from (f"  {self.words}", f"  {rule}")
        yield from self.rows


def grouped(cells: Sequence[str], titles: Mapping[str, str]) -> list[str]:
    """Help with groups that are named by what they are for, and not by fields.

    Args:
        cells: Tyro's help: titles, rules, options and texts.
        titles: Option -> the title under which it begins to stand, where it has one.
    """
    first = next(i for i, cell in enumerate(cells) if _RULE.fullmatch(cell))
    rule = cells[first].strip()
    while cells[first - 1]:  # a title may take more than one line
        first -= 1
    found = [part for group in _read(cells[first:]) for part in _parted(group, titles)]
    told = "\n".join(cells[:first]).rstrip().splitlines()
    return [
        *told,
        *(line for one in sorted(found, key=lambda one: one.rank) for line in one.lines(rule)),
    ]


def _read(cells: Sequence[str]) -> Iterator[Group]:
    """The groups as tyro prints them."""
    group, title = Group(""), ""
    for cell in cells:
        if _RULE.fullmatch(cell):
            if cell.startswith("  "):  # between what is said of all and the options
                words = " ".join(map(str.strip, group.rows))
                group.words, group.rows = _CHOICES.get(words, words), []
                continue
            yield _named(group)
            group, title = Group(title.strip()), ""
        elif re.match(r" [^ ]", cell):
            title += cell
        elif cell:
            group.rows.append(cell)
    yield _named(group)


def _named(group: Group) -> Group:
    """A field's group under the first sentence of what is said of it."""
    if not group.title.endswith(_FIELD) or not group.words:
        return group
    first, _, further = group.words.partition(". ")
    first = first.removesuffix(".")
    if first[1:2].islower():  # a word, and no GRPO
        first = first[:1].lower() + first[1:]
    return Group(first, further, group.rows)


def _parted(group: Group, titles: Mapping[str, str]) -> Iterator[Group]:
    """A group in parts, a new one at each title; nothing of what has no options."""
    part = Group(group.title, group.words)
    for row in group.rows:
        option = _OPTION.match(row)
        title = titles.get(option[1], part.title) if option else part.title
        if title != part.title:
            if part.rows:
                yield part
            part = Group(title)
        part.rows.append(row)
    if part.rows:
        yield part
