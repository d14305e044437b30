"""The sums that agents ask for: safe and instant for any text, without Python's `eval`."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import TypeAlias

Number: TypeAlias = "int | float"

MAX_LENGTH = 1_000
"""An expression may have this many characters."""
MAX_BITS = 4_096
"""A whole number on the way to the result may have this many bits. A float has at most 1,024, and
a product of the numbers that fit into an expression at most 3,322, so this ends powers alone."""


class SumError(ValueError):
    """A text that is no sum, or one without a result."""


def calculated(expression: str) -> str:
    """The value of an expression as tau-bench writes it: a float, rounded to two places.

    It reads what tau-bench's `calculate` reads, and as Python does: numbers, `+ - * / // **`,
    signs, parentheses and blanks. Only a power too large for any use is refused: `9**9**9` would
    never end.

    Raises:
        SumError: if the text is no such expression, or has no result.

    >>> calculated("2 * (3 - 4.5) / 7"), calculated("2**10 // 3")
    ('-0.43', '341.0')
    """
    if not set(expression) <= set("0123456789+-*/(). "):
        raise SumError("invalid characters in expression")
    if len(expression) > MAX_LENGTH:
        raise SumError(f"expression is longer than {MAX_LENGTH} characters")
    try:
        tree = ast.parse(expression.strip(), "<string>", "eval")
        return str(round(float(_value(tree.body)), 2))
    except ZeroDivisionError:
        raise SumError("division by zero") from None
    except OverflowError:
        raise SumError("number too large") from None
    except SyntaxError as error:
        raise SumError(str(error)) from None
    except (MemoryError, RecursionError):  # what the parser says of very deep nesting
        raise SumError("too many nested parentheses (<string>, line 1)") from None


def _value(tree: ast.expr) -> Number:
    """The value, part by part from the leaves: a text of 1,000 signs is too deep for recursion."""
    values: dict[ast.AST, Number] = {}
    for node in reversed(list(ast.walk(tree))):
        match node:
            case ast.Constant(value=int() | float() as number):
                values[node] = number
            case ast.UnaryOp():
                values[node] = _OPERATORS[type(node.op)](values[node.operand])
            case ast.BinOp():
                values[node] = _OPERATORS[type(node.op)](values[node.left], values[node.right])
            case ast.expr():  # calls, tuples and stars are made of the same characters
                raise SyntaxError("invalid syntax (<string>, line 1)")
        if isinstance(found := values.get(node), int) and found.bit_length() > MAX_BITS:
            raise OverflowError
    return values[tree]


def _power(base: Number, exponent: Number) -> Number:
    """A power, unless it is sure to be too large before it is worked out."""
    whole = isinstance(base, int) and isinstance(exponent, int)
    if whole and (int(base).bit_length() - 1) * exponent > MAX_BITS:
        raise OverflowError
    if base < 0 and isinstance(exponent, float) and not exponent.is_integer():
        raise SumError("expected a real number, got a complex one")
    return base**exponent


_OPERATORS: Mapping[type[ast.AST], Callable[..., Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Pow: _power,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
