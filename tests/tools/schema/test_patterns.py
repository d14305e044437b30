"""Patterns: matched quickly, or refused."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.schema.patterns import MAX_MATCHED, Engine, PatternRefused, best_engine, compile_pattern

NEEDS_RE2 = pytest.mark.skipif(best_engine() is not Engine.RE2, reason="needs the extra re2")
ENGINES = [Engine.PLAIN, pytest.param(Engine.RE2, marks=NEEDS_RE2)]
SLOW = [r"(a+)+$", r"(a|a)*b", r"(.*)*x", r"(a|aa)+$", r"a*a*a*a*a*b", r"([a-z]+)*1"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (r"^api\.", "api.name", "apiname"),
        (r"^[A-Z]{3}$", "JFK", "JFK\n"),
        (r"^#W[0-9]{7}$", "#W1234567", "#W123456"),
        (r"^\d{5}(-\d{4})?$", "12345-6789", "12345-"),
        (r"\d", "a1", "a\u0661"),
        (r"^(retail|airline)$", "retail", "retailer"),
        (r"^a|b$", "xb", "ba"),
        (r"^[^@]+@[^@]+$", "a@b", "a@b@c"),
        (r"^(?:x|y)[\d.-]{2,3}$", "x1.", "x1.23"),
        (r"", "", None),
    ],
)
def test_common_patterns_need_no_extra(engine, pattern, yes, no):
    matches = compile_pattern(pattern, engine)
    assert matches(yes)
    assert no is None or not matches(no)


BLANKS = "\t\n\v\f\r \xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
OTHERS = "a\0\x1c\x85\u180e\u200b\u2030\uffff\U0010ffff"
LINE_ENDS = "\n\r\u2028\u2029"


@pytest.mark.parametrize(
    ("engine", "around"),
    [
        (Engine.PLAIN, "{}"),
        pytest.param(Engine.RE2, "{}", marks=NEEDS_RE2),
        pytest.param(Engine.RE2, "(?:x*|{})*", marks=NEEDS_RE2),  # which only RE2 matches
    ],
)
@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (r"\s", BLANKS, OTHERS),
        (r"\S", OTHERS, BLANKS),
        (r"[\s_-]", f"{BLANKS}_-", OTHERS),
        (r"[^\s_]", OTHERS, f"{BLANKS}_"),
        (r"[\S\n]", f"{OTHERS}\n", "\t "),
        (r"[^\S\n]", "\t ", f"{OTHERS}\n"),
        (r"\\s?", "\\", "a "),
        (".", OTHERS + "\t", LINE_ENDS),
        ("[.]", ".", OTHERS),
        (r"\.", ".", OTHERS),
    ],
)
def test_classes_are_those_of_ecma_262(engine, around, pattern, yes, no):
    matches = compile_pattern(f"^{around.format(pattern)}$", engine)
    assert [character for character in yes if not matches(character)] == []
    assert [character for character in no if matches(character)] == []


@NEEDS_RE2
def test_re2s_own_sets_and_flags_stay_as_they_are():
    assert compile_pattern(r"^[]\s]+$", Engine.RE2)("] ]")
    assert compile_pattern(r"^[[:alpha:]\s]+$", Engine.RE2)("a b")
    assert compile_pattern(r"^(?s:.)$", Engine.RE2)("\n")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("pattern", [r"[\s-x]", r"[!-\s]", r"[\S-x]"])
def test_a_class_begins_and_ends_no_range(engine, pattern):
    with pytest.raises(PatternRefused, match="expected a pattern"):
        compile_pattern(pattern, engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("pattern", SLOW)
def test_slow_patterns_are_refused_or_quick(engine, pattern):
    start = time.thread_time()
    try:
        matches = compile_pattern(pattern, engine)
    except PatternRefused as error:
        assert engine is Engine.PLAIN
        assert "extra 're2'" in str(error)  # noqa: PT017 - either is fine, only quickly
    else:
        assert engine is Engine.RE2
        matches("a" * MAX_MATCHED + "!")
    assert time.thread_time() - start < 1


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "pattern", [r"(a)\1", r"(?=a)b", r"(?<!a)b", "[", "a{3,1}", "x" * 501, "("]
)
def test_refused_with_every_engine(engine, pattern):
    with pytest.raises(PatternRefused, match="expected a pattern"):
        compile_pattern(pattern, engine)


@pytest.mark.parametrize("text", ["\ud800", "é", "\x00", "a\nb"])
@pytest.mark.parametrize("engine", ENGINES)
def test_any_text_can_be_matched(engine, text):
    assert compile_pattern(r"^[^z]+$", engine)(text)


@NEEDS_RE2
def test_re2_takes_any_text():
    assert compile_pattern(r"^(.|\n)*(a|b)*$", Engine.RE2)("\ud800é\x00")


PIECES = st.sampled_from(
    [
        "a",
        "b",
        ".",
        r"\d",
        r"\w",
        "[ab]",
        "[^a]",
        "(a|b)",
        "(?:ab)",
        "(a",
        ")",
        "|",
        "^",
        "$",
        "{2}",
    ]
    + ["+", "*", "?", "{1,2}", "{0,}", r"\.", r"\b", "[a-c]"]
)
PATTERNS = st.lists(PIECES, max_size=8).map("".join)
TEXTS = st.text("abc1. \n", max_size=12)


@given(PATTERNS, TEXTS)
def test_plain_patterns_mean_what_they_mean_in_re(pattern, text):
    """Plain patterns mean what they mean in `re`."""
    try:
        plain = compile_pattern(pattern, Engine.PLAIN)
    except PatternRefused:
        return
    expected = re.search(pattern.replace("$", r"\Z"), text, re.ASCII) is not None
    assert plain(text) is expected


@given(PATTERNS, st.sampled_from(["a", "ab", "a1 ", "aab", "."]))
def test_plain_patterns_are_quick_on_long_texts(pattern, piece):
    try:
        matches = compile_pattern(pattern, Engine.PLAIN)
    except PatternRefused:
        return
    start = time.thread_time()
    matches((piece * MAX_MATCHED)[: MAX_MATCHED - 1] + "!")
    assert time.thread_time() - start < 0.5


@given(st.text(max_size=40))
def test_any_text_is_a_pattern_or_refused(pattern):
    try:
        matches = compile_pattern(pattern, Engine.PLAIN)
    except PatternRefused:
        return
    matches(pattern)
