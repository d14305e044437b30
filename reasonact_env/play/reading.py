"""Lines from a person: edited and completed on a terminal, read as they are elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import TextIO, TypeAlias

from rich.console import Console
from rich.text import Text

from tools.inert import safe

Complete: TypeAlias = Callable[[str], Sequence[str]]
"""From a line up to the cursor to the words that can stand in the place of its last one."""

_SHOW = "/show  "
"""What F2 puts before a line: two blanks, so that it is told from what somebody types."""
_F2 = (r"\eOQ", r"\e[12~")
"""What terminals send for F2."""


class PersonLeft(Exception):
    """The person has left before the end of the episode."""


class Reader:
    """Reads lines; a person at a terminal can edit and complete them."""

    def __init__(self, lines: TextIO | None, console: Console) -> None:
        """Takes the input, None for standard input; and where the prompts go."""
        self._lines, self._console = lines, console
        self._again = ""

    def read(self, prompt: str, complete: Complete | None = None) -> str:
        """One line without its end.

        F2 makes a line `/show LINE`; the next line begins with LINE then.

        Args:
            prompt: What stands before it.
            complete: What completes it.

        Raises:
            PersonLeft: at the end of the input.
        """
        lines = self._lines or sys.stdin
        if lines is sys.stdin and lines.isatty() and (editor := _editor()) is not None:
            return self._edited(prompt, complete, editor)
        self._console.print(Text(prompt, style="bold blue"), end="")
        line = lines.readline()
        if not lines.isatty():  # nobody saw it being typed
            self._console.print(Text(safe(line.rstrip("\n"))))
        if not line:
            raise PersonLeft
        return line.rstrip("\r\n")

    def _edited(self, prompt: str, complete: Complete | None, editor: ModuleType) -> str:
        with _completing(editor, complete, self._again):
            try:
                line = input(prompt)
            except EOFError:
                raise PersonLeft from None
        self._again = line.removeprefix(_SHOW) if line.startswith(_SHOW) else ""
        return line


def _editor() -> ModuleType | None:
    try:
        import readline
    except ImportError:  # Windows has none
        return None
    return readline


@contextmanager
def _completing(editor: ModuleType, complete: Complete | None, begun: str) -> Iterator[None]:
    """Lets an editor complete a line, which begins with what is given."""
    found: list[str] = []

    def word(text: str, state: int) -> str | None:
        if state == 0:
            line = editor.get_line_buffer()[: editor.get_endidx()]
            found[:] = complete(line) if complete else []
        return found[state] if state < len(found) else None

    editor.set_completer(word)
    editor.set_completer_delims(" ")
    editor.parse_and_bind("tab: complete")
    for key in _F2:  # to the line's beginning, where the command goes; then enter
        editor.parse_and_bind(rf'"{key}": "\C-a{_SHOW}\C-m"')
    editor.set_startup_hook(lambda: editor.insert_text(begun))
    try:
        yield
    finally:
        editor.set_completer(None)
        editor.set_startup_hook(None)
