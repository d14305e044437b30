"""Reading JSON: what `json.loads` lets pass or dies of is a named problem here."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.jsontext import MAX_DEPTH, JsonProblem, canonical, equal, read_json, sha, short
from tools.types import Json, ProblemKind

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)


@given(VALUES)
def test_reads_whatever_json_writes(value: Json) -> None:
    assert read_json(json.dumps(value, ensure_ascii=True)) == value


@given(VALUES)
def test_canonical_text_is_stable_and_reads_back_equal(value: Json) -> None:
    text = canonical(value)
    assert read_json(text) == value
    assert canonical(read_json(text)) == text


def test_canonical_form_knows_no_difference_without_meaning() -> None:
    assert canonical({"b": 1.0, "a": [2.5, -0.0]}) == canonical({"a": [2.5, 0], "b": 1})
    assert canonical(True) != canonical(1)
    assert canonical("1") != canonical(1)


@given(VALUES, VALUES)
def test_equal_values_are_those_of_one_text(one: Json, other: Json) -> None:
    assert equal(one, other) is (canonical(one) == canonical(other))
    assert equal([one, 1.0], [one, 1])
    assert not equal([one, True], [one, 1])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", ProblemKind.NOT_JSON),
        ("{'a': 1}", ProblemKind.NOT_JSON),
        ('{"a": 1} and more', ProblemKind.NOT_JSON),
        ('{"a": NaN}', ProblemKind.NOT_JSON),
        ('{"a": -Infinity}', ProblemKind.NOT_JSON),
        ('{"a": 1, "a": 2}', ProblemKind.NOT_JSON),
        ('{"a": "\\ud800"}', ProblemKind.NOT_JSON),
        ('{"\\udfff": 1}', ProblemKind.NOT_JSON),
        ('{"a": "\ud83d"}', ProblemKind.NOT_JSON),
        ('{"a": 1e999}', ProblemKind.TOO_LARGE),
        ('{"a": ' + "9" * 5000 + "}", ProblemKind.TOO_LARGE),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), ProblemKind.TOO_LARGE),
        ('{"a":' * 90_000, ProblemKind.TOO_LARGE),
    ],
)
def test_names_the_problem(text: str, kind: ProblemKind) -> None:
    with pytest.raises(JsonProblem) as caught:
        read_json(text)
    assert caught.value.problem.kind is kind
    caught.value.problem.text.encode("utf-8")


def test_brackets_inside_strings_are_no_nesting() -> None:
    assert read_json(json.dumps(["[{" * 500])) == ["[{" * 500]


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert read_json('"\\ud83d\\ude00"') == "\U0001f600"


@pytest.mark.parametrize(
    "text",
    ['"' + '\\"' * 500_000, "[" * 1_000_000, "{" + '"a":1,' * 150_000, '"' * 1_000_000],
)
def test_hostile_megabytes_end_quickly(text: str) -> None:
    start = time.thread_time()
    with pytest.raises(JsonProblem):
        read_json(text)
    assert time.thread_time() - start < 2.0  # quadratic behaviour would take minutes


@given(st.text(st.characters()))
def test_excerpts_can_always_be_printed(text: str) -> None:
    short(text).encode("utf-8")
    assert len(short(text)) < 1200


def test_hashes_of_lone_surrogates_exist_and_differ() -> None:
    assert sha("\ud800") != sha("\ud801")
    assert len(sha("")) == 16
