"""The text of `--help`: tyro's, set anew so that it can be read and pasted at 80 columns."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tools.help_groups import grouped
from tools.interrupts import DEBUG
from tools.option_types import UNSET

ABOUT = "ABOUT"
"""Stands in tyro's help where the command's own words go: tyro would join their lines."""
_WIDEST = 120
"""Columns of help at most; from 130 on tyro would set options in two columns."""
_PROSE = 100
"""Columns of paragraphs at most."""
_NARROW = 80
"""Columns of an option with all that may be chosen at most; more is said in its text."""
_CHOICE = re.compile(r"  (--[\w-]+) \{([^}]*)\}")


def width() -> int:
    """The columns of help."""
    return min(shutil.get_terminal_size().columns, _WIDEST)


def help_text(printed: str, about: str, titles: Mapping[str, str]) -> str:
    """Tyro's help with the command's own words, and without defaults that say nothing.

    Args:
        printed: What tyro prints, `ABOUT` in place of the command's words.
        about: These words.
        titles: Option -> the title under which it begins to stand, where it has one.
    """
    plain = re.sub(rf"\s+\(default:\s+(False|{UNSET}|)\)", "", printed)
    whole = "\n".join(_rewrapped(plain.splitlines(), titles)).rstrip()
    return whole.replace(ABOUT, _prose(about), 1)


def _rewrapped(lines: Sequence[str], titles: Mapping[str, str]) -> Iterator[str]:
    """Wraps the texts of options and groups anew: tyro keeps the line breaks of docstrings."""
    start = max(line.find("show this help") for line in lines)

    def margin(line: str) -> int:
        """Where the text of a line begins that may go on in the next one; 0 for all others."""
        if line[start - 2 : start] == "  " and line[start : start + 1].strip():
            return start
        return 2 if re.match("  [^ -]", line) else 0

    cells = [""]
    for line in map(str.rstrip, _with_debug(_with_choices(lines), start)):
        at = margin(line)
        if at and at == margin(cells[-1]) and not line[:at].strip():
            cells[-1] += f" {line.strip()}"
        else:
            cells.append(line)
    for cell in grouped(list(_with_names(cells[1:], start)), titles):
        if cell.startswith("usage: "):
            yield _usage(cell)
            continue
        option, text = cell[: margin(cell)], cell[margin(cell) :]
        if "(default: " in text:  # which some commands have where others have none
            text = re.sub(r"; [^;.]* unless given(?=\.)", "", text)
        later = " " * len(option)
        yield (
            textwrap.fill(
                text,
                width(),
                initial_indent=option,
                subsequent_indent=later,
                break_on_hyphens=False,
            )
            if option
            else cell
        )


def _with_choices(lines: Sequence[str]) -> Iterator[str]:
    """An option with all that may be chosen in one line, where tyro breaks it."""
    begun = ""
    for line in lines:
        whole = begun + (line.strip() if begun else line.rstrip())
        begun = whole if re.match(r"  --[\w-]+ \{[^}]*$", whole) else ""
        if not begun:
            yield whole


def _with_names(cells: Sequence[str], start: int) -> Iterator[str]:
    """Says in an option's text what may be chosen where that is too long for the option's line."""
    option, names = "", ""
    for cell in cells:
        found = _CHOICE.fullmatch(cell)
        if found and len(cell) > min(width(), _NARROW):
            option, names = f"  {found[1]} NAME", found[2].replace(",", ", ")
            continue
        if not names:
            yield cell
            continue
        text, mark, default = cell.strip().partition(" (default: ")
        if len(option) > start - 2:
            yield option
            option = ""
        yield f"{option:<{start}}{text} One of {names}.{mark}{default}"
        names = ""


def _with_debug(lines: Iterable[str], start: int) -> Iterator[str]:
    """The option of all commands stands behind `--help`."""
    for line in lines:
        yield line
        if line.find("show this help") == start:
            yield f"  {DEBUG:<{start - 3}} show the traceback of an error"


def _prose(text: str) -> str:
    """Paragraphs set to the terminal's width; of what is indented each line by itself."""
    return "\n\n".join(
        "\n".join(map(_line, part.splitlines()))
        if part.startswith(" ")
        else textwrap.fill(part, min(width(), _PROSE), break_on_hyphens=False)
        for part in textwrap.dedent(text).strip().split("\n\n")
    )


def _line(line: str) -> str:
    """A command or a line of a table, continued in a way that can be pasted and read."""
    if len(line) <= width():
        return line
    indent = line[: len(line) - len(line.lstrip())]
    command, remark, words = line.partition("  #")
    if remark:
        short = f"{command.rstrip()}  # {words.strip()}"
        if len(short) <= width():
            return short
        return f"{indent}# {words.strip()}\n{_line(command.rstrip())}"
    if "python" in line:
        parts = textwrap.wrap(line, width() - 2, break_long_words=False, break_on_hyphens=False)
        return f" \\\n{indent}    ".join([f"{indent}{parts[0].strip()}", *parts[1:]])
    gap = list(re.finditer(r"(?<=\S)  +", line))
    later = " " * (gap[-1].end() if gap else len(indent))
    return textwrap.fill(line, width(), subsequent_indent=later, break_on_hyphens=False)


def _usage(line: str) -> str:
    """The first line of help, broken between options."""
    kept = re.sub(r"\[[^]]*\]", lambda found: found[0].replace(" ", "\0"), line)
    kept = re.sub(r"(--[\w-]+) ([A-Z]+)", "\\1\0\\2", kept)
    wide = textwrap.fill(kept, width(), subsequent_indent=" " * 7, break_on_hyphens=False)
    return wide.replace("\0", " ")
