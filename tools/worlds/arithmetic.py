"""The arithmetic of agents: safe and fast for any text, without Python's `eval`."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import TypeAlias

Number: TypeAlias = "int | float"

MAX_LENGTH = 1_000
"""The most characters of an expression."""
MAX_BITS = 4_096
"""The most bits of an intermediate whole number. A float has at most 1,024, and a product of the
numbers that fit into an expression at most 3,322, so this limits powers alone."""


class SumError(ValueError):
    """A text that is not an expression, or an expression without a result."""


def calculated(expression: str) -> str:
    """The value of an expression as tau-bench writes it: a float, rounded to two places.

    It reads what tau-bench's `calculate` reads, and as Python does: numbers, `+ - * / // **`,
    signs, parentheses and blanks. Only a power too large for any use is refused: `9**9**9` would
    never end.

    Raises:
        SumError: if the text is not an expression of this kind, or has no result.

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
    except (MemoryError, RecursionError):  # the parser raises these on very deep nesting
        raise SumError("too many nested parentheses (<string>, line 1)") from None


def _value(tree: ast.expr) -> Number:
    """The value, computed from the leaves up: 1,000 signs in a row are too deep for recursion."""
    values: dict[ast.AST, Number] = {}
    for node in reversed(list(ast.walk(tree))):
        match node:
            case ast.Constant(value=int() | float() as number):
                values[node] = number
            case ast.UnaryOp():
                values[node] = _OPERATORS[type(node.op)](values[node.operand])
            case ast.BinOp():
                values[node] = _OPERATORS[type(node.op)](values[node.left], values[node.right])
            case ast.expr():  # calls, tuples and stars pass the check of characters
                raise SyntaxError("invalid syntax (<string>, line 1)")
        if isinstance(found := values.get(node), int) and found.bit_length() > MAX_BITS:
            raise OverflowError
    return values[tree]


def _power(base: Number, exponent: Number) -> Number:
    """A power; raises OverflowError before computing one that is sure to be too large."""
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
