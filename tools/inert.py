"""Foreign text made harmless: no character of it controls a terminal."""

from __future__ import annotations

import re

_UNSAFE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f"  # control characters, newline excepted
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # invisible, or reversing the text
    "\u2028\u2029\ud800-\udfff\U000e0000-\U000e007f]"  # other line ends, lone surrogates, tags
)


def safe(text: str) -> str:
    r"""The text with every character that could control a terminal written as an escape.

    >>> print(safe("red: \x1b[31m"))
    red: \x1b[31m
    """
    return _UNSAFE.sub(_escape, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    r"""The same on one line: an error, or a cell of a table.

    >>> print(one_line("red:\n \x1b[31m"))
    red: \x1b[31m
    """
    return " ".join(safe(text).split())


def _escape(match: re.Match[str]) -> str:
    return "    " if match[0] == "\t" else ascii(match[0])[1:-1]
