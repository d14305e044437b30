"""Random texts for schemas: of a given length, format or pattern."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from tools.schema.strict import is_number
from tools.types import Json

T = TypeVar("T")

_MAX_CHARS = 100_000
_WORDS = ("amber", "birch", "cedar", "delta", "ember", "flint", "grove", "hazel", "iris", "jade")
_DIGITS = string.digits
_LETTERS = string.ascii_lowercase
_WORD = string.ascii_letters + string.digits + "_"
_PRINTED = string.ascii_letters + string.digits + " -.,"
_ANY = "".join(map(chr, range(32, 127)))
_CLASSES = {
    "d": _DIGITS,
    "w": _WORD,
    "s": " ",
    "D": _LETTERS,
    "W": "-.,",
    "S": _WORD,
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "f": "\f",
    "v": "\v",
}
"""Letter of an escape -> the characters that the escape stands for."""
_REPETITION = re.compile(r"(?:(?P<sign>[*+?])|\{(?P<least>\d+)(?P<comma>,(?P<most>\d*))?\})\??")
_FEW = 3
"""The most repetitions beyond the minimum, where a pattern has no upper bound."""


class Choice(Protocol):
    """Picks one of several things."""

    def __call__(self, options: Sequence[T], /) -> T:
        """Returns one of the options; there is at least one."""
        ...


def sample_text(schema: Mapping[str, Json], choose: Choice) -> str:
    """Samples a text for a schema of type `string`.

    Args:
        schema: The schema; if its pattern is too complicated, the text may not match it.
        choose: Picks one of several things.
    """
    least, most = _length(schema, "minLength", 0), _length(schema, "maxLength", _MAX_CHARS)
    if isinstance(pattern := schema.get("pattern"), str):
        text = _Pattern(pattern, choose).text()
        return text if pattern.endswith("$") else _fit(text, least, most, choose)
    maker = _FORMATS.get(str(schema.get("format")))
    return maker(choose) if maker else _fit(choose(_WORDS), least, most, choose)


def _length(schema: Mapping[str, Json], key: str, otherwise: int) -> int:
    value = schema.get(key)
    return min(int(value), _MAX_CHARS) if is_number(value) else otherwise


def _fit(text: str, least: int, most: int, choose: Choice) -> str:
    """Makes a text long or short enough."""
    if len(text) < least:
        text += "".join(choose(_LETTERS) for _ in range(min(64, least - len(text))))
    return text.ljust(least, "x")[:most]


def _digits(choose: Choice, count: int) -> str:
    return "".join(choose(_DIGITS) for _ in range(count))


def _two(choose: Choice, low: int, high: int) -> str:
    return f"{choose(range(low, high + 1)):02}"


def _date(choose: Choice) -> str:
    return f"20{_two(choose, 20, 29)}-{_two(choose, 1, 12)}-{_two(choose, 1, 28)}"


def _time(choose: Choice) -> str:
    return f"{_two(choose, 0, 23)}:{_two(choose, 0, 59)}:{_two(choose, 0, 59)}Z"


def _hex(choose: Choice, count: int) -> str:
    return "".join(choose("0123456789abcdef") for _ in range(count))


_FORMATS: Mapping[str, Callable[[Choice], str]] = {
    "date": _date,
    "time": _time,
    "date-time": lambda choose: f"{_date(choose)}T{_time(choose)}",
    "email": lambda choose: f"{choose(_WORDS)}{_digits(choose, 2)}@example.com",
    "uri": lambda choose: f"https://example.com/{choose(_WORDS)}",
    "ipv4": lambda choose: f"10.0.{choose(range(256))}.{choose(range(256))}",
    "uuid": lambda choose: "-".join(_hex(choose, n) for n in (8, 4, 4, 4, 12)),
}


@dataclass(slots=True)
class _Pattern:
    """Writes a text along a pattern: groups, alternatives, sets, escapes, repetitions."""

    pattern: str
    """The regular expression."""
    choose: Choice
    """Picks one of several things."""
    position: int = 0
    """The number of characters read so far."""

    def text(self) -> str:
        """Writes one of the alternatives up to the end of the pattern or group."""
        options = [""]
        while self.position < len(self.pattern) and self.pattern[self.position] != ")":
            if self.pattern[self.position] == "|":
                self.position += 1
                options.append("")
            else:
                options[-1] += self.repeated()
        return self.choose(options)

    def repeated(self) -> str:
        """Writes one part as often as its repetition allows."""
        start = self.position
        text = self.part()
        least, most = self.repetition()
        end = self.position
        wanted = self.choose(range(least, min(most, least + _FEW) + 1))
        texts = [text]
        while len(texts) < wanted:
            self.position = start
            texts.append(self.part())
        self.position = end
        return "".join(texts[:wanted])

    def part(self) -> str:
        """Writes one character or group."""
        char = self.take()
        match char:
            case "^" | "$":
                return ""
            case "(":
                return self.group()
            case "[":
                return self.choose(self.members())
            case ".":
                return self.choose(_PRINTED)
            case "\\":
                return self.escaped()
            case _:
                return char

    def take(self) -> str:
        """The next character of the pattern; nothing at its end."""
        char = self.pattern[self.position : self.position + 1]
        self.position += 1
        return char

    def group(self) -> str:
        """Writes a group."""
        if self.pattern.startswith("?:", self.position):
            self.position += 2
        text = self.text()
        self.position += 1
        return text

    def escaped(self) -> str:
        """Writes a character for an escape."""
        char = self.take()
        return "" if char == "b" else self.choose(_CLASSES.get(char, char) or "x")

    def members(self) -> str:
        """The characters of a set."""
        negated = self.pattern.startswith("^", self.position)
        self.position += negated
        chars = ""
        while self.position < len(self.pattern) and self.pattern[self.position] != "]":
            chars += self.member(chars)
        self.position += 1
        if negated:
            chars = "".join(char for char in _ANY if char not in chars)
        return chars or "x"

    def member(self, before: str) -> str:
        """One entry of a set: a character, an escape, or the rest of a range."""
        char = self.take()
        if char == "\\":
            escape = self.take()
            return _CLASSES.get(escape, escape)
        following = self.pattern[self.position : self.position + 1]
        if char != "-" or not before or following in ("", "]"):
            return char
        last = self.take()
        return "".join(map(chr, range(ord(before[-1]) + 1, min(ord(last), 0x2FF) + 1)))

    def repetition(self) -> tuple[int, int]:
        """The smallest and largest number of repetitions, read from what follows a part."""
        found = _REPETITION.match(self.pattern, self.position)
        if found is None:
            return 1, 1
        self.position = found.end()
        if sign := found["sign"]:
            return int(sign == "+"), 1 if sign == "?" else 1 + _FEW
        least = int(found["least"])
        if found["comma"] is None:
            return least, least
        return least, int(found["most"]) if found["most"] else least + _FEW
