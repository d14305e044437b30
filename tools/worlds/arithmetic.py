"""The sums that agents ask for: safe and instant for any text, without Python's `eval`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

MAX_LENGTH = 1_000
"""An expression may have this many characters."""

Number: TypeAlias = "int | float"

_ALLOWED = re.compile(r"[-+*/()0-9. ]*")
_TOKEN = re.compile(r" *(?:(\d+\.?\d*|\.\d+)|([-+*/()])) *")
_BINARY: Mapping[str, Callable[[Number, Number], Number]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_RANKS = {"(": 0, "+": 1, "-": 1, "*": 2, "/": 2, "plus": 3, "minus": 3}
"""How tightly an operator binds; `plus` and `minus` are signs."""


class SumError(ValueError):
    """A text that is no sum, or one without a result."""


def calculated(expression: str) -> str:
    """The value of an expression as tau-bench writes it: a float, rounded to two places.

    Numbers, `+ - * /`, signs, parentheses and blanks are read as Python reads them. Operators of
    two characters are refused: `9**9**9` would never end.

    Raises:
        SumError: if the text is no such expression, or has no finite result.

    >>> calculated("2 * (3 - 4.5) / 7")
    '-0.43'
    """
    if not _ALLOWED.fullmatch(expression):
        raise SumError("invalid characters in expression")
    if len(expression) > MAX_LENGTH:
        raise SumError(f"expression is longer than {MAX_LENGTH} characters")
    try:
        return str(round(float(_value(expression)), 2))
    except ZeroDivisionError:
        raise SumError("division by zero") from None
    except OverflowError:
        raise SumError("number too large") from None


@dataclass(slots=True)
class _Reading:
    """How far an expression has been read: values and operators that still wait."""

    values: list[Number] = field(default_factory=list)
    operators: list[str] = field(default_factory=list)
    wants_value: bool = True

    def number(self, text: str) -> None:
        self.expect(wants_value=True)
        self.values.append(_number(text))
        self.wants_value = False

    def symbol(self, symbol: str) -> None:
        if symbol == "(":
            self.expect(wants_value=True)
            self.operators.append(symbol)
        elif symbol == ")":
            self.close()
        elif self.wants_value:
            self.sign(symbol)
        else:
            self.work_off(_RANKS[symbol])
            self.operators.append(symbol)
            self.wants_value = True

    def sign(self, symbol: str) -> None:
        if symbol not in "+-":
            raise SumError("invalid syntax (<string>, line 1)")
        self.operators.append("plus" if symbol == "+" else "minus")

    def close(self) -> None:
        self.expect(wants_value=False)
        self.work_off(1)
        if not self.operators:
            raise SumError("unmatched ')' (<string>, line 1)")
        self.operators.pop()

    def end(self) -> Number:
        self.expect(wants_value=False)
        self.work_off(1)
        if self.operators:
            raise SumError("'(' was never closed (<string>, line 1)")
        return self.values[0]

    def expect(self, *, wants_value: bool) -> None:
        if self.wants_value is not wants_value:
            raise SumError("invalid syntax (<string>, line 1)")

    def work_off(self, rank: int) -> None:
        """Carries out what waits and binds at least as tightly."""
        while self.operators and _RANKS[self.operators[-1]] >= rank:
            name, right = self.operators.pop(), self.values.pop()
            if name in _BINARY:
                self.values.append(_BINARY[name](self.values.pop(), right))
            else:
                self.values.append(-right if name == "minus" else right)


def _value(expression: str) -> Number:
    reading = _Reading()
    place = 0
    while place < len(expression):
        match = _TOKEN.match(expression, place)
        if match is None:
            raise SumError("invalid syntax (<string>, line 1)")
        if match[1]:
            reading.number(match[1])
        else:
            reading.symbol(match[2])
        place = match.end()
    return reading.end()


def _number(text: str) -> Number:
    if not text.isdecimal():
        return float(text)
    if text[0] == "0" and text.strip("0"):
        raise SumError("leading zeros in decimal integer literals are not permitted")
    return int(text)
