"""The database as a value: overlay, purity, and a digest of the content alone."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.types import FieldChange, Json
from tools.worlds.database import Base, Database
from tools.worlds.differences import changes

CELLS = st.integers(0, 2) | st.booleans() | st.sampled_from(["a", 1.0])
ROWS = st.dictionaries(st.sampled_from(["x", "y"]), CELLS, min_size=1)
KEYS = st.sampled_from(["1", "2", "3"])
TABLES = st.sampled_from(["t", "u"])
STATES = st.dictionaries(TABLES, st.dictionaries(KEYS, ROWS))
PUTS = st.lists(st.tuples(TABLES, KEYS, ROWS), max_size=8)
State = Mapping[str, dict[str, dict[str, Json]]]
Puts = list[tuple[str, str, dict[str, Json]]]


def database(state: State) -> Database:
    return Database(Base.of({name: dict(table) for name, table in state.items()}))


def played(state: State, puts: Puts) -> tuple[Database, dict[str, dict[str, dict[str, Json]]]]:
    """The database after some changes, and plain dicts after the same."""
    after = database(state)
    plain = {name: dict(table) for name, table in state.items()}
    for table, key, row in puts:
        after = after.put(table, key, row)
        plain.setdefault(table, {})[key] = row
    return after, plain


@given(STATES, PUTS)
def test_it_holds_what_was_put(state: State, puts: Puts) -> None:
    after, plain = played(state, puts)
    for table in ("t", "u"):
        assert dict(after.rows(table)) == plain.get(table, {})
        for key in ("1", "2", "3", "4"):
            assert after.row(table, key) == plain.get(table, {}).get(key)


@given(STATES, PUTS)
def test_the_digest_depends_on_the_content_alone(state: State, puts: Puts) -> None:
    after, plain = played(state, puts)
    assert after.digest == database(plain).digest


@given(STATES, PUTS)
def test_old_states_stay_as_they_are(state: State, puts: Puts) -> None:
    before = database(state)
    digest = before.digest
    after = before
    for table, key, row in puts:
        after = after.put(table, key, row)
    assert before.digest == digest == database(state).digest
    assert after.base is before.base


@given(STATES, PUTS)
def test_the_overlay_holds_differences_alone(state: State, puts: Puts) -> None:
    after, _ = played(state, puts)
    for table, rows in state.items():
        for key, row in rows.items():
            after = after.put(table, key, row)
    assert not any(key in state.get(table, {}) for table, key in after.changed)


def test_there_and_back_is_the_same_state() -> None:
    before = database({"t": {"1": {"x": 1}}})
    there = before.put("t", "1", {"x": 2})
    assert there.digest != before.digest
    assert there.put("t", "1", {"x": 1}) == before


def test_an_equal_row_changes_nothing() -> None:
    before = database({"t": {"1": {"x": 1, "y": 2}}})
    assert before.put("t", "1", {"y": 2.0, "x": 1}) is before


@pytest.mark.parametrize(
    "other",
    [
        {"t": {"1": {"x": True}}},
        {"t": {"1": {"x": "1"}}},
        {"t": {"2": {"x": 1}}},
        {"u": {"1": {"x": 1}}},
        {"t": {"1": {"y": 1}}},
        {"t": {"1": {"x": 1}, "2": {"x": 1}}},
        {},
    ],
)
def test_other_content_has_another_digest(other: State) -> None:
    assert database(other).digest != database({"t": {"1": {"x": 1}}}).digest


def test_a_digest_is_the_same_everywhere() -> None:
    assert database({"t": {"1": {"x": 1}}}).digest == "21d469a0b2d81ab3"


def applied(state: State, found: tuple[FieldChange, ...]) -> dict[str, dict[str, dict[str, Json]]]:
    """A flat state after some changes."""
    plain = {name: {key: dict(row) for key, row in t.items()} for name, t in state.items()}
    for change in found:
        plain.setdefault(change.table, {}).setdefault(change.key, {}).pop(change.field, None)
        if change.after is not None:
            plain[change.table][change.key][change.field] = change.after
    return plain


@given(STATES, PUTS)
def test_changes_lead_from_one_state_to_the_other(state: State, puts: Puts) -> None:
    before, (after, plain) = database(state), played(state, puts)
    found = changes(before, after)
    assert Database(Base.of(dict(applied(state, found)))).digest == after.digest
    assert found == changes(before, database(plain))
    assert bool(found) is (before.digest != after.digest)


def test_changes_name_the_way_down() -> None:
    before = database({"t": {"1": {"x": {"y": 1, "z": [1]}, "w": 0}, "2": {"x": 1}}})
    after = before.put("t", "1", {"x": {"y": 2, "z": [1]}, "v": 3}).put("u", "9", {"x": 1.0})
    assert changes(before, after) == (
        FieldChange("t", "1", "v", None, 3),
        FieldChange("t", "1", "w", 0, None),
        FieldChange("t", "1", "x.y", 1, 2),
        FieldChange("u", "9", "x", None, 1.0),
    )
    assert changes(after, after) == ()


def test_states_share_their_base() -> None:
    base = Base.of({"t": {str(i): {"x": i} for i in range(50)}})
    states = [Database(base).put("t", "1", {"x": -i}) for i in range(5)]
    assert all(state.base is base and len(state.changed) <= 1 for state in states)


def test_a_row_as_text_is_that_of_the_state() -> None:
    before = database({"t": {"1": {"x": 1}}})
    after = before.put("t", "1", {"x": 2})
    assert (before.text("t", "1"), after.text("t", "1")) == ('{"x": 1}', '{"x": 2}')
    assert after.put("t", "1", {"x": 1}).text("t", "1") == '{"x": 1}'
    with pytest.raises(KeyError):
        before.text("t", "2")


def test_an_index_names_the_first_row() -> None:
    base = Base.of({"t": {"1": {"x": "a"}, "2": {"x": "b"}, "3": {"x": "a"}}})
    assert base.index("t", lambda row: str(row["x"])) == {"a": "1", "b": "2"}
    assert base.index("u", str) == {}
