"""The sums of `calculate`: as Python has them, and over at once for any text."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.worlds.arithmetic import MAX_LENGTH, SumError, calculated


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1+1", "2.0"),
        (" 2 + 3 * 4 ", "14.0"),
        ("(2+3)*4", "20.0"),
        ("10/4/5", "0.5"),
        ("2-3-4", "-5.0"),
        ("-2*-3", "6.0"),
        ("2--3", "5.0"),
        ("-(1+2)", "-3.0"),
        (".5 + 5.", "5.5"),
        ("2/3", "0.67"),
        ("+7", "7.0"),
        ("00", "0.0"),
        ("2.675 * 1", "2.67"),
        ("((((((1))))))", "1.0"),
        ("2**3", "8.0"),
        ("2**-1 + 9//2", "4.5"),
        ("-2**2", "-4.0"),
        ("2**3**2", "512.0"),
        ("2**.5", "1.41"),
        ("10**400 // 10**399", "10.0"),
        ("-1**999999999", "-1.0"),
    ],
)
def test_sums_have_values(expression: str, value: str) -> None:
    assert calculated(expression) == value


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("", "invalid syntax"),
        ("1 2", "invalid syntax"),
        ("1.2.3", "invalid syntax"),
        ("*1", "invalid syntax"),
        ("1+", "invalid syntax"),
        ("()", "invalid syntax"),
        (".", "invalid syntax"),
        ("2(3)", "invalid syntax"),
        ("...", "invalid syntax"),
        ("9 * * 2", "invalid syntax"),
        ("(1 2)", "invalid syntax"),
        ("(1", "was never closed"),
        ("1)", "unmatched"),
        ("007", "leading zeros"),
        ("1/0", "division by zero"),
        ("1/(2-2.0)", "division by zero"),
        ("1,000", "invalid characters"),
        ("__import__", "invalid characters"),
        ("0**-1", "division by zero"),
        ("1//0", "division by zero"),
        ("9" * 400, "number too large"),
        ("9**9**9", "number too large"),
        ("9.5**9**9", "number too large"),
        ("(-8)**.5", "expected a real number"),
        ("(" * 400 + "1" + ")" * 400, "too many nested parentheses"),
        ("9*" * 600, f"longer than {MAX_LENGTH}"),
    ],
)
def test_others_have_a_reason(expression: str, why: str) -> None:
    with pytest.raises(SumError, match=why):
        calculated(expression)


SUMS = st.recursive(
    st.sampled_from(["0", "1", "2", "7", "10", "007", "3.5", ".5", "4.", "123456789012345678901"]),
    lambda inner: (
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", " * ", "+-"]), inner).map(
            "".join
        )
        | st.tuples(inner, st.sampled_from(["**2", "**-1", "** .5", "**0"])).map("".join)
        | inner.map("({})".format)
        | inner.map("-{}".format)
    ),
    max_leaves=12,
)


@given(SUMS)
def test_sums_are_what_python_says(expression: str) -> None:
    try:
        expected = str(round(float(eval(expression)), 2))
    except (SyntaxError, ArithmeticError, TypeError):
        with pytest.raises(SumError):
            calculated(expression)
    else:
        assert calculated(expression) == expected


@given(st.text("0123456789+-*/(). ", max_size=40) | st.text(max_size=10))
def test_any_text_has_a_value_or_a_reason(expression: str) -> None:
    with contextlib.suppress(SumError):
        float(calculated(expression))


@pytest.mark.parametrize("part", ["-", "(", "1+", "9*", "1/9*", ")", " ", "9**", "9**9*", "9**("])
def test_long_texts_are_over_at_once(part: str) -> None:
    text = (part * MAX_LENGTH)[:MAX_LENGTH]
    with pytest.raises(SumError):
        calculated(text)
