"""Foreign text made harmless: no character of it controls a terminal, or breaks a screen's width.

A screen is laid out by counting cells. So what is invisible, and what terminals give other widths
(joined emoji, modifiers, flags, marks that take room, signs that later versions of Unicode have
widened), is written as an escape. The classes are Unicode's (UAX 44, UAX 11, UTS 51).
"""

from __future__ import annotations

import re
import unicodedata

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f]")
_ESCAPED = {"Cc", "Cf", "Cn", "Cs", "Mc", "Zl", "Zp"}
"""Categories of characters that control, are invisible, unknown or of uncertain width."""
_MARKS = {"Mn", "Me"}
"""Categories of marks that stand on the letter before them and take no room."""
_FEW = 3
"""The marks on one letter that stay: what Vietnamese, Hebrew and Thai need."""
_UNEVEN = [
    range(0x034F, 0x0350),  # an invisible joiner
    range(0x115F, 0x1200),  # Hangul: a filler, and letters that join the one before
    range(0x17B4, 0x17B6),  # Khmer vowels without a form
    range(0x180B, 0x1810),  # Mongolian selectors
    range(0x2630, 0x2638),  # trigrams; wide since Unicode 16, as the next ones
    range(0x268A, 0x2690),  # monograms
    range(0x302A, 0x3030),  # tone marks of wide letters
    range(0x3099, 0x309B),  # voicing marks of wide letters
    range(0x3164, 0x3165),  # a filler
    range(0x4DC0, 0x4E00),  # hexagrams, wide since Unicode 16
    range(0xD7B0, 0xD800),  # Hangul letters that join
    range(0xFE00, 0xFE10),  # variation selectors
    range(0xFFA0, 0xFFA1),  # a filler
    range(0x1D300, 0x1D357),  # Tai Xuan Jing, wide since Unicode 16
    range(0x1D360, 0x1D377),  # counting rods, wide since Unicode 16
    range(0x1F1E6, 0x1F200),  # halves of flags
    range(0x1F3FB, 0x1F400),  # skin tones
    range(0xE0100, 0xE01F0),  # variation selectors
]


class _Table(dict[int, str]):
    """Code point -> what stands for it, found when it first comes."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        if char != "\n" and (
            unicodedata.category(char) in _ESCAPED or any(point in part for part in _UNEVEN)
        ):
            self[point] = "    " if char == "\t" else ascii(char)[1:-1]
        else:
            self[point] = char
        return self[point]


_TABLE = _Table()


def safe(text: str) -> str:
    r"""The text with every character that could control a terminal written as an escape.

    So are those that have no width that all terminals agree on, and of many marks on one letter all
    but the first ones.

    >>> print(safe("red: \x1b[31m, joined: a\u200db"))
    red: \x1b[31m, joined: a\u200db
    """
    text = text.replace("\r\n", "\n")
    if text.isascii():
        return _CONTROL.sub(lambda match: _TABLE[ord(match[0])], text)
    text = text.translate(_TABLE)
    return _few_marks(text) if any(map(_is_mark, set(text))) else text


def inline(text: str) -> str:
    r"""The same without line ends: a part of a line whose blanks stay as they are.

    >>> print(inline("a  b\nc"))
    a  b c
    """
    return safe(text).replace("\n", " ")


def one_line(text: str) -> str:
    r"""The same on one line: an error, or a cell of a table.

    >>> print(one_line("red:\n \x1b[31m"))
    red: \x1b[31m
    """
    return " ".join(safe(text).split())


def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in _MARKS


def _few_marks(text: str) -> str:
    """Escapes marks that stand on nothing, and those after the first few on a letter."""
    parts, room = [], 0
    for char in text:
        if not _is_mark(char):
            room = 0 if char.isspace() else _FEW
        elif room:
            room -= 1
        else:
            char = ascii(char)[1:-1]
        parts.append(char)
    return "".join(parts)
