"""The reader of ALMITA's tables, over layouts that its files may have."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import gymnasium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import reasonact_env  # noqa: F401  (registers the environments)
from benchmarks.layout_cells import Row, Turns
from benchmarks.layouts import (
    AGENTS,
    HF,
    LAYOUTS,
    NAMELESS,
    TALK,
    Layout,
    Outcome,
    is_right,
    main,
    outcome,
    rows,
    write,
)
from tasks.almita.__main__ import main as describe
from tasks.almita.cells import read_cell
from tasks.almita.columns import ColumnsError
from tasks.almita.place import Place, is_table, read_map
from tasks.almita.reader import read_almita
from tasks.almita.sheet import read_sheet
from tasks.almita.tools import read_tools
from tasks.almita.turns import read_expected, read_turns
from tasks.load import load_tasks
from tools.types import Json

DEFAULT = LAYOUTS[0]
PROCEDURE, TURNS, EXPECTED = "procedure", "context", "expected"


def table_of(**options: Any) -> list[Row]:
    """The default table of tests, but for these options of its layout."""
    return rows(replace(DEFAULT, **options))


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_layout_is_read_rightly_or_refused(layout: Layout, tmp_path: Path) -> None:
    came, why = outcome(layout, tmp_path)
    assert came is layout.ought
    assert came is not Outcome.REFUSED or "expected" in why


def test_the_benchmark_counts_them(capsys: pytest.CaptureFixture[str]) -> None:
    counts = main([])
    assert counts[Outcome.RIGHT] >= 50
    assert counts[Outcome.WRONG] == 0
    assert f"{len(LAYOUTS)} layouts: {counts[Outcome.RIGHT]} right" in capsys.readouterr().out


def test_the_order_of_columns_does_not_matter(tmp_path: Path) -> None:
    table = [dict(reversed(row.items())) for row in table_of(header="conversation_id|p|t|x|gold")]
    assert is_right(read_almita(write(tmp_path / "a.csv", table)))


def test_without_an_id_every_test_is_a_task(tmp_path: Path) -> None:
    table = table_of(header="-|procedure|tools|context|expected")
    tasks = read_almita(write(tmp_path / "a.csv", table))
    assert len(tasks.tasks) == len(table)
    assert all(len(task.decisions) == 1 for task in tasks.tasks)
    assert all(task.decisions[0] == task.turns[-1] for task in tasks.tasks)


def test_a_map_says_what_names_do_not(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", table_of(header=NAMELESS))
    with pytest.raises(ColumnsError, match="column of the expected, got 'b' and 'e', each"):
        read_almita(path)
    assert is_right(read_almita(path, {"expected": "e", "id": "a"}))
    every = {"id": "a", "procedure": "b", "tools": "c", "turns": "d", "expected": "e"}
    assert is_right(read_almita(path, every))


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"turns": "nowhere"}, "a map to 'nowhere'"),
        ({"talk": "context"}, "'talk' in the map, which is not a field"),
        ({"turns": "procedure"}, "'procedure' for it, which looks like"),
        ({"expected": "context"}, "expected the column of the turns"),
        ({"turns": None}, "without turns nothing can be read"),
    ],
)
def test_a_wrong_map(tmp_path: Path, columns: dict[str, str | None], match: str) -> None:
    table = table_of()
    with pytest.raises(ColumnsError, match=match) as caught:
        read_almita(write(tmp_path / "a.csv", table), columns)
    assert all(repr(name) in str(caught.value) for name in table[0])
    assert 'columns={"turns": "…"' in str(caught.value)


@pytest.mark.parametrize(
    ("extra", "copy_of", "match"),
    [
        ("full conversation", TURNS, "the turns"),
        ("reference_answer", EXPECTED, "the expected"),
        ("steps", PROCEDURE, "the procedure"),
        ("other apis", "tools", "the tools"),
    ],
)
def test_two_columns_for_one_field(tmp_path: Path, extra: str, copy_of: str, match: str) -> None:
    table = [{**row, extra: row[copy_of]} for row in table_of()]
    with pytest.raises(ColumnsError, match=match):
        read_almita(write(tmp_path / "a.csv", table))


def test_whole_conversations_beside_an_expected_turn(tmp_path: Path) -> None:
    table = [{**row, EXPECTED: "Hello."} for row in table_of(header=TALK, turns=HF)]
    path = write(tmp_path / "a.csv", table)
    with pytest.raises(ColumnsError, match="end with the agent's turn"):
        read_almita(path)
    assert is_right(read_almita(path, {"expected": None}))


def test_a_broken_row_is_counted(tmp_path: Path) -> None:
    table = table_of() * 4
    table[60] = {**table[60], TURNS: "[{broken"}
    tasks = read_almita(write(tmp_path / "a.csv", table))
    assert [(error.index, error.kind) for error in tasks.errors] == [(60, "bad_turns")]


@pytest.mark.parametrize("text", ["", "a,b\n", "only\n1\n", "a,a\n1,2\n", "a,b\n1,2,3\n"])
def test_what_is_no_table(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match="expected"):
        read_sheet(Place(str(path)))


def test_the_command_describes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    header = "conv_id|instructions|apis|history|label"
    path = write(tmp_path / "a.csv", table_of(header=header, turns=AGENTS, encode=repr))
    assert describe(["--describe", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "A row is a test." in shown
    assert f"As data: {path}#turns=history&tools=apis" in shown
    assert "6 conversations" in shown
    assert describe(["--describe", str(path), "--columns", "turns=label"]) == 2
    assert "which looks like" in capsys.readouterr().err
    assert read_map(["turns=x", "tools="]) == {"turns": "x", "tools": None}


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.lists(PLAIN, min_size=1, max_size=4) | st.dictionaries(st.text(max_size=5), PLAIN))
def test_both_encodings_say_the_same(value: Json) -> None:
    assert read_cell(json.dumps(value)) == value
    assert read_cell(repr(value)) == value


@given(PLAIN)
def test_anything_can_be_looked_at(value: Json) -> None:
    for read in (read_turns, read_expected, read_tools):
        assert read(value) is None or isinstance(read(value), list)


WORDS = (
    *("conversation_id", "procedure", "tools", "context", "expected"),
    *("conv_id", "instructions", "apis", "history", "label", "x", "notes", "text", "gold"),
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    names=st.lists(st.sampled_from(WORDS), min_size=5, max_size=5, unique=True),
    turns=st.sampled_from([DEFAULT.turns, AGENTS, HF]),
)
def test_never_a_wrong_silent_guess(tmp_path: Path, names: list[str], turns: Turns) -> None:
    """Whatever the columns are called: all is read rightly, or nothing is."""
    path = write(tmp_path / "a.csv", table_of(header="|".join(names), turns=turns))
    with suppress(ColumnsError):
        assert is_right(read_almita(path))


@pytest.mark.parametrize("name", ["ALMITA.csv", "auto-ALMITA.csv"])
def test_a_data_set_by_name(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, table_of(header=NAMELESS))
    with pytest.raises(ColumnsError, match="The columns are"):
        load_tasks(str(path))
    tasks = load_tasks(f"{path}#expected=e&id=a")
    assert is_right(tasks)
    assert tasks.source == f"almita:{name}"
    assert tasks is load_tasks(f"{path}#expected=e&id=a")
    for place in (str(path), path):
        assert tasks is load_tasks(place, columns={"expected": "e", "id": "a"})
    env = gymnasium.make("ReasonAct-ALMITA-v0", data=f"{path}#expected=e&id=a", split="all")
    env.reset(seed=0)
    assert env.step("Hello.")[4]["step_scores"]["format"] == 1.0
    columns = {"expected": "e", "id": "a"}
    again = gymnasium.make("ReasonAct-ALMITA-v0", data=str(path), columns=columns, split="all")
    assert env.reset(seed=3)[0] == again.reset(seed=3)[0]


def test_columns_are_those_of_a_table() -> None:
    with pytest.raises(ValueError, match="expected a table .* for `columns`, got 'desk:5'"):
        load_tasks("desk:5", columns={"turns": "a"})


def test_the_agent_has_no_two_replies_in_a_row(tmp_path: Path) -> None:
    table = table_of(turns=HF)
    said = [{"from": "human", "value": "Hi."}, {"from": "gpt", "value": "Hello."}]
    table[0] = {**table[0], TURNS: json.dumps(said), EXPECTED: "Good day."}
    (error,) = read_almita(write(tmp_path / "a.csv", table)).errors
    assert (error.index, error.kind) == (0, "agent_twice")


def test_rules_that_the_turns_say_themselves(tmp_path: Path) -> None:
    table = table_of(turns=HF)
    for row in table:
        rules = {"from": "system", "value": row.pop(PROCEDURE)}
        row[TURNS] = json.dumps([rules, *json.loads(row[TURNS])])
    assert is_right(read_almita(write(tmp_path / "a.csv", table)))


def test_a_web_page_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\n<!DOCTYPE html>\n<html>a, b</html>\n".strip(), "utf-8")
    with pytest.raises(ValueError, match="got a web page; give the address of the file itself"):
        read_almita(tmp_path / "a.csv")


def test_odd_characters_end_no_row(tmp_path: Path) -> None:
    table = table_of(extra={"note": lambda row: "one\u2028two\x0bthree\x85four"})
    assert is_right(read_almita(write(tmp_path / "a.csv", table)))


def test_a_table_behind_a_url(tmp_path: Path) -> None:
    write(tmp_path / "a b.csv", table_of(header=NAMELESS))
    handler = partial(Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/a%20b.csv"
        assert is_right(load_tasks(f"{url}?raw=1#expected=e&id=a"))
        with pytest.raises(OSError, match="give its path"):
            load_tasks(f"{url[:-7]}c.csv")
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing about it."""

    def log_message(self, *arguments: object) -> None:
        """Keeps quiet."""


def test_which_names_are_tables() -> None:
    assert all(map(is_table, ["a.csv", "A.CSV#id=x", "x/y.tsv", "https://a.example/b.csv?c=d#e=f"]))
    assert not any(map(is_table, ["a.json", "desk:5", "procedures:3:0:a.toml", "hub"]))
    assert Place.of("a.csv#turns=the+talk&id=a%26b").columns == {"turns": "the talk", "id": "a&b"}
    with pytest.raises(ValueError, match="which has no '='"):
        Place.of("a.csv#turns")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_are_read_or_refused(tmp_path: Path, encoding: str, newline: str) -> None:
    path = write(tmp_path / "a.csv", table_of(extra={"note": lambda row: "Grüße"}))
    text = path.read_bytes().decode().replace("\r\n", newline)
    path.write_bytes(text.encode(encoding))
    if encoding.startswith("utf-8"):
        assert is_right(read_almita(path))
    else:
        with pytest.raises(ValueError, match="expected UTF-8 text in a.csv"):
            read_almita(path)
