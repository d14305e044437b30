"""Single keys from a terminal, by name."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Keys(Protocol):
    """A source of keys."""

    def read(self, timeout: float) -> str | None:
        """The next key, or None if no key came within `timeout` seconds.

        A key that writes a character is that character; the others are `right`, `left`, `up`,
        `down`, `home`, `end`, `pageup`, `pagedown`, `enter`, `escape`, `backspace`.
        """
        ...


SEQUENCES = {
    "\x1b[A": "up",
    "\x1b[B": "down",
    "\x1b[C": "right",
    "\x1b[D": "left",
    "\x1b[H": "home",
    "\x1b[F": "end",
    "\x1b[1~": "home",
    "\x1b[4~": "end",
    "\x1b[7~": "home",
    "\x1b[8~": "end",
    "\x1b[5~": "pageup",
    "\x1b[6~": "pagedown",
    "\r": "enter",
    "\n": "enter",
    "\t": "tab",
    "\x7f": "backspace",
    "\x08": "backspace",
    "\x03": "q",
    "\x04": "q",
}
"""Escape sequence of a terminal -> key; application mode has `O` in place of `[`."""


def split_keys(data: str) -> list[str]:
    r"""The keys in what a terminal sent at once.

    >>> split_keys("n\x1b[C\x1b")
    ['n', 'right', 'escape']
    """
    keys = []
    while data:
        size = _length(data)
        text, data = data[:size], data[size:]
        if text == "\x1b":
            keys.append("escape")
        elif name := SEQUENCES.get(text.replace("\x1bO", "\x1b[", 1)):
            keys.append(name)
        elif text.isprintable():
            keys.append(text)
    return keys


def _length(data: str) -> int:
    """The number of characters of the first key."""
    if data[0] != "\x1b" or data[1:2] not in ("[", "O"):
        return 1
    end = 2
    while end < len(data) and data[end] in "0123456789;":
        end += 1
    return end + 1


if sys.platform == "win32":
    import msvcrt

    _WINDOWS = {
        "H": "up",
        "P": "down",
        "M": "right",
        "K": "left",
        "G": "home",
        "O": "end",
        "I": "pageup",
        "Q": "pagedown",
    }

    class TerminalKeys:
        """Keys from the Windows console."""

        def read(self, timeout: float) -> str | None:
            """The next key, or None."""
            end = time.monotonic() + timeout
            while not msvcrt.kbhit():
                if time.monotonic() >= end:
                    return None
                time.sleep(0.01)
            first = msvcrt.getwch()
            if first in "\x00\xe0":
                return _WINDOWS.get(msvcrt.getwch())
            return next(iter(split_keys(first)), None)

    @contextmanager
    def terminal_keys() -> Iterator[Keys]:
        """Keys from the console."""
        yield TerminalKeys()

else:
    import termios
    import tty

    class TerminalKeys:
        """Keys from a terminal that sends each key at once."""

        def __init__(self, descriptor: int) -> None:
            """Takes the terminal's file descriptor."""
            self._descriptor = descriptor
            self._waiting: deque[str] = deque()

        def read(self, timeout: float) -> str | None:
            """The next key, or None."""
            if not self._waiting and select.select([self._descriptor], [], [], timeout)[0]:
                data = os.read(self._descriptor, 1024)
                keys = split_keys(data.decode("utf-8", "ignore"))
                self._waiting.extend(keys if data else ["q"])
            return self._waiting.popleft() if self._waiting else None

    @contextmanager
    def terminal_keys() -> Iterator[Keys]:
        """Keys from standard input; afterwards its terminal has its old mode again."""
        descriptor = sys.stdin.fileno()
        before = termios.tcgetattr(descriptor)
        try:
            tty.setcbreak(descriptor)
            quiet = termios.tcgetattr(descriptor)
            with contextlib.suppress(AttributeError, OSError):  # a stop would keep the screen
                quiet[6][termios.VSUSP] = b"\x00"
                termios.tcsetattr(descriptor, termios.TCSADRAIN, quiet)
            yield TerminalKeys(descriptor)
        finally:
            termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)
