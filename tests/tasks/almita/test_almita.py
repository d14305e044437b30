"""The reader of ALMITA's tables, over layouts that its files may have."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import gymnasium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import reasonact_env  # noqa: F401  (registers the environments)
from tasks.almita.__main__ import main
from tasks.almita.cells import read_cell
from tasks.almita.columns import ColumnsError
from tasks.almita.looks import Field
from tasks.almita.place import Place, is_table, read_map
from tasks.almita.reader import read_almita
from tasks.almita.sheet import read_sheet
from tasks.almita.tools import read_tools
from tasks.almita.turns import read_expected, read_turns
from tasks.load import load_tasks
from tasks.procedures.records import generate
from tasks.types import TaskSet
from tools.types import Json, MessageKind

ROWS = list(generate(6, 5, "all"))
ENTRIES = [record["conversations"] for record, _ in ROWS]
AGENT = ("gpt", "function_call")
NAMES = {
    "human": ("user", "customer", "human"),
    "gpt": ("assistant", "agent", "gpt"),
    "function_call": ("function_call", "api_call", "tool_call"),
    "observation": ("tool", "api_response", "observation"),
}

Encode = Callable[[Json], str]


def turn(entry: dict[str, str], style: int) -> Json:
    """An entry in one of the forms that data sets use."""
    who = NAMES[entry["from"]][style]
    if style == 0 and entry["from"] == "function_call":
        call = json.loads(entry["value"])
        function = {"name": call["name"], "arguments": json.dumps(call["arguments"])}
        return {"role": "assistant", "content": None, "tool_calls": [{"function": function}]}
    keys = (("role", "content"), ("speaker", "text"), ("from", "value"))[style]
    return {keys[0]: who, keys[1]: entry["value"]}


def transcript(entries: list[dict[str, str]]) -> str:
    words = {"human": "Customer", "gpt": "Agent", "function_call": "API call"}
    return "\n".join(f"{words.get(e['from'], 'API response')}: {e['value']}" for e in entries)


def expected(entry: dict[str, str], style: int) -> Json:
    if entry["from"] == "gpt":
        return entry["value"] if style != 1 else turn(entry, 1)
    call = json.loads(entry["value"])
    if style == 2:
        arguments = ", ".join(f"{name}={value!r}" for name, value in call["arguments"].items())
        return f"{call['name']}({arguments})"
    return {"name": call["name"], "parameters" if style else "arguments": call["arguments"]}


def text_of(value: Json, encode: Encode) -> str:
    return value if isinstance(value, str) else encode(value)


def tools_of(record: dict[str, Json], style: int) -> Json:
    tools = json.loads(str(record["tools"]))
    match style:
        case 0:
            return [{"type": "function", "function": tool} for tool in tools]
        case 1:
            return {tool["name"]: tool for tool in tools}
        case _:
            return list(tools)


def table_of_tests(style: int, encode: Encode, as_text: bool) -> list[dict[str, str]]:
    rows = []
    for number, (record, _) in enumerate(ROWS):
        entries: list[dict[str, str]] = record["conversations"]  # type: ignore[assignment]
        for place, entry in enumerate(entries):
            if entry["from"] in AGENT:
                before = entries[:place]
                turns = transcript(before) if as_text else encode([turn(e, style) for e in before])
                rows.append(
                    {
                        Field.ID: f"c{number}",
                        Field.PROCEDURE: str(record["system"]),
                        Field.TOOLS: encode(tools_of(record, style)),
                        Field.TURNS: turns,
                        Field.EXPECTED: text_of(expected(entry, style), encode),
                    }
                )
    return rows


def table_of_conversations(style: int, encode: Encode) -> list[dict[str, str]]:
    rows = []
    for number, (record, _) in enumerate(ROWS):
        entries: list[dict[str, str]] = record["conversations"]  # type: ignore[assignment]
        last = max(place for place, entry in enumerate(entries) if entry["from"] in AGENT)
        rows.append(
            {
                Field.ID: f"c{number}",
                Field.PROCEDURE: str(record["system"]),
                Field.TOOLS: encode(tools_of(record, style)),
                Field.TURNS: encode([turn(e, style) for e in entries[: last + 1]]),
            }
        )
    return rows


def write(path: Path, rows: list[dict[str, str]], header: dict[str, str], sep: str = ",") -> Path:
    """Writes a table whose columns have these names; fields without one are left out."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=sep)
        writer.writerow(header.values())
        writer.writerows([row.get(field, field) for field in header] for row in rows)
    return path


def check_tests(tasks: TaskSet) -> None:
    """All tests were read, each as it was written."""
    assert tasks.errors == ()
    assert len(tasks.tasks) == len(ROWS)
    for task, (record, _) in zip(tasks.tasks, ROWS, strict=True):
        entries: list[dict[str, str]] = record["conversations"]  # type: ignore[assignment]
        wanted = [entry for entry in entries if entry["from"] in AGENT]
        assert len(task.decisions) == len(wanted)
        for decision, entry in zip(task.decisions, wanted, strict=True):
            if entry["from"] == "gpt":
                assert (decision.kind, decision.text) == (MessageKind.REPLY, entry["value"])
            else:
                call = json.loads(entry["value"])
                assert [(c.name, dict(c.arguments)) for c in decision.calls] == [
                    (call["name"], call["arguments"])
                ]
        assert task.rules == record["system"]


FIELDS = ("id", "procedure", "tools", "turns", "expected")
HEADERS: list[dict[str, str]] = [
    dict(zip(FIELDS, names, strict=True))
    for names in (
        ("conversation_id", "procedure", "tools", "context", "expected"),
        ("conv_id", "instructions", "apis", "history", "label"),
        ("dialogue_id", "policy", "functions", "messages", "answer"),
        ("id", "Procedure", "Available APIs", "Conversation", "Expected Output"),
        ("dialogId", "systemPrompt", "toolSchemas", "dialogue", "goldAnswer"),
        ("session_id", "workflow", "api_schema", "chat_history", "next_turn"),
        ("conversation", "steps", "tools", "turns", "target"),
        ("conversation_id", "p", "t", "x", "gold"),
    )
]
HEADERS[6] = {"intent": "intent", **HEADERS[6]}
HEADERS[7] = dict(reversed(HEADERS[7].items()))


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header["turns"])
@pytest.mark.parametrize("style", [0, 1, 2])
@pytest.mark.parametrize("encode", [json.dumps, repr], ids=["json", "python"])
def test_a_row_a_test(tmp_path: Path, header: dict[str, str], style: int, encode: Encode) -> None:
    rows = table_of_tests(style, encode, as_text=False)
    check_tests(read_almita(write(tmp_path / "ALMITA.csv", rows, header)))


@pytest.mark.parametrize("header", HEADERS[:4], ids=lambda header: header["turns"])
@pytest.mark.parametrize("sep", [",", ";", "\t"])
def test_a_row_a_test_with_transcripts(tmp_path: Path, header: dict[str, str], sep: str) -> None:
    rows = table_of_tests(2, json.dumps, as_text=True)
    check_tests(read_almita(write(tmp_path / "a.csv", rows, header, sep)))


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header["turns"])
@pytest.mark.parametrize("style", [0, 1, 2])
def test_a_row_a_conversation(tmp_path: Path, header: dict[str, str], style: int) -> None:
    rows = table_of_conversations(style, json.dumps)
    columns = {field: name for field, name in header.items() if field != Field.EXPECTED}
    check_tests(read_almita(write(tmp_path / "a.csv", rows, columns)))


def test_without_an_id_every_test_is_a_task(tmp_path: Path) -> None:
    rows = table_of_tests(0, json.dumps, as_text=False)
    header = {field: name for field, name in HEADERS[0].items() if field != Field.ID}
    tasks = read_almita(write(tmp_path / "a.csv", rows, header))
    assert len(tasks.tasks) == len(rows)
    assert all(len(task.decisions) == 1 for task in tasks.tasks)
    assert all(task.decisions[0] == task.turns[-1] for task in tasks.tasks)


NAMELESS = {"id": "a", "procedure": "b", "tools": "c", "turns": "d", "expected": "e"}


def test_a_map_says_what_names_do_not(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", table_of_tests(0, json.dumps, as_text=False), NAMELESS)
    with pytest.raises(ColumnsError, match="column of the expected, got 'b' and 'e', each"):
        read_almita(path)
    check_tests(read_almita(path, dict(NAMELESS)))
    check_tests(read_almita(path, {"expected": "e", "id": "a"}))


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"turns": "nowhere"}, "a map to 'nowhere'"),
        ({"talk": "context"}, "'talk' in the map, which is no field"),
        ({"turns": "procedure"}, "'procedure' for it, which looks like"),
        ({"expected": "context"}, "expected the column of the turns"),
        ({"turns": None}, "without turns nothing can be read"),
    ],
)
def test_a_wrong_map(tmp_path: Path, columns: dict[str, str | None], match: str) -> None:
    rows = table_of_tests(0, json.dumps, as_text=False)
    with pytest.raises(ColumnsError, match=match) as caught:
        read_almita(write(tmp_path / "a.csv", rows, HEADERS[0]), columns)
    assert all(repr(name) in str(caught.value) for name in HEADERS[0].values())
    assert 'columns={"turns": "…"' in str(caught.value)


@pytest.mark.parametrize(
    ("extra", "copy_of", "match"),
    [
        ("full conversation", Field.TURNS, "the turns"),
        ("reference_answer", Field.EXPECTED, "the expected"),
        ("steps", Field.PROCEDURE, "the procedure"),
        ("other apis", Field.TOOLS, "the tools"),
    ],
)
def test_two_columns_for_one_field(tmp_path: Path, extra: str, copy_of: Field, match: str) -> None:
    rows = [{**r, extra: r[copy_of]} for r in table_of_tests(0, json.dumps, as_text=False)]
    with pytest.raises(ColumnsError, match=match):
        read_almita(write(tmp_path / "a.csv", rows, {**HEADERS[0], extra: extra}))


def test_a_models_answer_is_not_taken_for_the_right_one(tmp_path: Path) -> None:
    rows = [{**r, "m": "I do not know."} for r in table_of_tests(0, json.dumps, as_text=False)]
    check_tests(read_almita(write(tmp_path / "a.csv", rows, {**HEADERS[0], "m": "model_answer"})))


def test_whole_conversations_beside_an_expected_turn(tmp_path: Path) -> None:
    rows = [{**r, Field.EXPECTED: "Hello."} for r in table_of_conversations(2, json.dumps)]
    path = write(tmp_path / "a.csv", rows, HEADERS[0])
    with pytest.raises(ColumnsError, match="end with the agent's turn"):
        read_almita(path)
    check_tests(read_almita(path, {"expected": None}))


def test_a_broken_row_is_counted(tmp_path: Path) -> None:
    rows = table_of_tests(0, json.dumps, as_text=False) * 4
    rows[60] = {**rows[60], Field.TURNS: "[{broken"}
    tasks = read_almita(write(tmp_path / "a.csv", rows, HEADERS[0]))
    assert [(error.index, error.kind) for error in tasks.errors] == [(60, "bad_turns")]


@pytest.mark.parametrize("text", ["", "a,b\n", "only\n1\n", "a,a\n1,2\n", "a,b\n1,2,3\n"])
def test_what_is_no_table(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match="expected"):
        read_sheet(Place(str(path)))


def test_the_command_describes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "a.csv", table_of_tests(1, repr, as_text=False), HEADERS[1])
    assert main(["--describe", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "A row is a test." in shown
    assert f"As data: {path}#turns=history&tools=apis" in shown
    assert "6 conversations" in shown
    assert main(["--describe", str(path), "--columns", "turns=label"]) == 1
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


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    names=st.lists(
        st.sampled_from([*HEADERS[0].values(), *HEADERS[1].values(), "x", "notes", "text", "gold"]),
        min_size=5,
        max_size=5,
        unique=True,
    ),
    style=st.integers(0, 2),
)
def test_never_a_wrong_silent_guess(tmp_path: Path, names: list[str], style: int) -> None:
    """Whatever the columns are called: all is read rightly, or nothing is."""
    header = dict(zip(NAMELESS, names, strict=True))
    rows = table_of_tests(style, json.dumps, as_text=False)
    path = write(tmp_path / "a.csv", rows, header)
    with suppress(ColumnsError):
        check_content(read_almita(path), len(rows))


def check_content(tasks: TaskSet, size: int) -> None:
    """All tests were read, whichever belong together."""
    assert tasks.errors == ()
    assert sum(len(task.decisions) for task in tasks.tasks) == size
    assert all(task.rules.startswith("You are a support agent") for task in tasks.tasks)


@pytest.mark.parametrize("name", ["ALMITA.csv", "auto-ALMITA.csv"])
def test_a_data_set_by_name(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, table_of_tests(0, json.dumps, as_text=False), NAMELESS)
    with pytest.raises(ColumnsError, match="The columns are"):
        load_tasks(str(path))
    tasks = load_tasks(f"{path}#expected=e&id=a")
    check_tests(tasks)
    assert tasks.source == f"almita:{name}"
    assert tasks is load_tasks(f"{path}#expected=e&id=a")
    assert tasks is load_tasks(str(path), columns={"expected": "e", "id": "a"})
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
    rows = table_of_tests(2, json.dumps, as_text=False)
    said = [{"from": "human", "value": "Hi."}, {"from": "gpt", "value": "Hello."}]
    rows[0] = {**rows[0], Field.TURNS: json.dumps(said), Field.EXPECTED: "Good day."}
    (error,) = read_almita(write(tmp_path / "a.csv", rows, HEADERS[0])).errors
    assert (error.index, error.kind) == (0, "agent_twice")


def test_rules_that_the_turns_say_themselves(tmp_path: Path) -> None:
    rows = table_of_tests(2, json.dumps, as_text=False)
    for row in rows:
        rules = {"from": "system", "value": row.pop(Field.PROCEDURE)}
        row[Field.TURNS] = json.dumps([rules, *json.loads(row[Field.TURNS])])
    header = {key: name for key, name in HEADERS[0].items() if key != Field.PROCEDURE}
    check_tests(read_almita(write(tmp_path / "a.csv", rows, header)))


def test_a_web_page_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\n<!DOCTYPE html>\n<html>a, b</html>\n".strip(), "utf-8")
    with pytest.raises(ValueError, match="got a web page; give the address of the file itself"):
        read_almita(tmp_path / "a.csv")


def test_odd_characters_end_no_row(tmp_path: Path) -> None:
    rows = table_of_tests(2, json.dumps, as_text=False)
    rows = [{**row, "note": "one\u2028two\x0bthree\x85four"} for row in rows]
    check_tests(read_almita(write(tmp_path / "a.csv", rows, {**HEADERS[0], "note": "note"})))


def test_a_table_behind_a_url(tmp_path: Path) -> None:
    write(tmp_path / "a b.csv", table_of_tests(0, json.dumps, as_text=False), NAMELESS)
    handler = partial(Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/a%20b.csv"
        check_tests(load_tasks(f"{url}?raw=1#expected=e&id=a"))
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
    rows = table_of_tests(0, partial(json.dumps, ensure_ascii=False), as_text=False)
    rows = [{**row, "note": "Grüße"} for row in rows]
    path = write(tmp_path / "a.csv", rows, {**HEADERS[0], "note": "note"})
    text = path.read_text("utf-8").replace("\r\n", newline)
    path.write_bytes(text.encode(encoding))
    if encoding.startswith("utf-8"):
        check_tests(read_almita(path))
    else:
        with pytest.raises(ValueError, match="expected UTF-8 text in a.csv"):
            read_almita(path)
