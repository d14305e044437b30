from __future__ import annotations

import gzip
import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reasonact_env.env import ReasonActEnv
from tasks import load
from tasks.desk.generator import generate
from tasks.load import load_tasks
from tasks.summary import summary
from tasks.types import GoalLabel, Split, Task, TaskSet

ROWS = list(generate(4, 7))
RECORDS = [record for record, _ in ROWS]
SIDECARS = [sidecar for _, sidecar in ROWS]


def write(path: Path, value: Any) -> str:
    path.write_text(json.dumps(value), "utf-8")
    return str(path)


def test_the_embedded_set() -> None:
    tasks = load_tasks()
    assert tasks.source == "embedded:desk(n=1000,seed=0)"
    assert len(tasks.tasks) == 1000
    assert (tasks.errors, tasks.mended) == ((), {})
    assert tasks.tasks[12].id == "desk-00012"
    assert {task.goal.label for task in tasks.tasks} == {GoalLabel.VERIFIED}


def test_asking_again_costs_nothing() -> None:
    assert load_tasks() is load_tasks(None) is load_tasks("desk:1000") is load_tasks("desk:1000:0")


def test_size_and_seed() -> None:
    some, others = load_tasks("desk:3:1"), load_tasks("desk:5:1")
    assert some.source == "embedded:desk(n=3,seed=1)"
    assert [task.messages for task in some.tasks] == [t.messages for t in others.tasks[:3]]
    assert some.tasks[0].messages != load_tasks("desk:3:2").tasks[0].messages


def test_the_parts_of_a_set() -> None:
    tasks = load_tasks("desk:200")
    parts = [tasks.split(side.value) for side in Split]
    assert all(parts)
    assert sum(map(len, parts)) == len(tasks.split("all")) == 200


@pytest.mark.parametrize("data", ["desk:", "desk:x", "desk:-1", "desk:5:", "desk:5:x", "desk:٣"])
def test_a_bad_number(data: str) -> None:
    with pytest.raises(ValueError, match="that is a whole number from [01], got"):
        load_tasks(data)


def test_no_tasks_at_all() -> None:
    with pytest.raises(ValueError, match="with a whole number from 1 to"):
        load_tasks("desk:0")


@pytest.mark.parametrize("data", ["nowhere", "desk", "x:y:z:w", ""])
def test_no_such_file(data: str) -> None:
    words = "such as desk:200, or a file of .*tasks.load --help` lists"
    with pytest.raises(FileNotFoundError, match=words):
        load_tasks(data)


def test_a_name_misspelt_is_told_shortly_with_what_was_meant() -> None:
    with pytest.raises(FileNotFoundError, match="did you mean 'desk:200'; ") as caught:
        load_tasks("desc:200")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("desk:-4", "'desk:N' with N that is a whole number from 1, got 'desk:-4'"),
        ("desk:5:-1", "'desk:N:SEED' with a seed that is a whole number from 0, got 'desk:5:-1'"),
        ("procedures:x", "'procedures:N' with N that is a whole number from 1"),
    ],
)
def test_a_number_out_of_range_is_told_as_one(data: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        load_tasks(data)


def test_a_path_without_a_file_is_told_shortly() -> None:
    for path in ("nowhere.json", "no/where"):
        with pytest.raises(FileNotFoundError, match="expected a file of dialogues, got .*such as"):
            load_tasks(path)


def test_sets_joined_stand_in_turn_and_keep_their_splits() -> None:
    desk, retail = load_tasks("desk:30:1"), load_tasks("retail:10:1")
    both = load_tasks("desk:30:1 + retail:10:1")
    assert both.source == f"{desk.source} + {retail.source}" == both.tasks[0].source
    alone = {task.id: task for task in (*desk.tasks, *retail.tasks)}
    assert {task.id for task in both.tasks} == alone.keys()
    for task in both.tasks:
        assert task == replace(alone[task.id], source=both.source)
    for end in range(4, 41, 4):
        assert sum(task in retail_tasks(both) for task in both.tasks[:end]) == end // 4
    assert load_tasks("desk:30:1 + retail:10:1") is both


def retail_tasks(tasks: TaskSet) -> list[Task]:
    return [task for task in tasks.tasks if task.id.startswith("retail")]


def test_a_joined_file_may_have_unreadable_records(tmp_path: Path) -> None:
    mine = write(tmp_path / "mine.json", [*RECORDS, {"conversations": "none"}])
    both = load_tasks(f"desk:3 + {mine}")
    assert (len(both.tasks), len(both.errors)) == (3 + len(RECORDS), 1)


def test_a_plus_in_a_file_s_name_joins_nothing(tmp_path: Path) -> None:
    assert load_tasks(write(tmp_path / "a + b.json", RECORDS)).source == "file:a + b.json"


def test_sets_with_the_same_tasks_cannot_be_joined() -> None:
    with pytest.raises(ValueError, match="'desk-00000' 2 times in"):
        load_tasks("desk:3 + desk:4:1")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="a folder"):
        load_tasks(str(tmp_path))


def test_a_file_without_sidecar(tmp_path: Path) -> None:
    tasks = load_tasks(write(tmp_path / "mine.json", RECORDS))
    assert tasks.source == "file:mine.json"
    assert [task.id for task in tasks.tasks] == [f"mine-{i:05d}" for i in range(4)]
    assert {task.goal.label for task in tasks.tasks} == {GoalLabel.RECORDED}


def test_a_file_with_sidecar(tmp_path: Path) -> None:
    write(tmp_path / "mine.meta.json", SIDECARS)
    tasks = load_tasks(write(tmp_path / "mine.json", RECORDS)).tasks
    generated = load_tasks("desk:4:7").tasks
    assert [task.goal for task in tasks] == [task.goal for task in generated]
    assert [task.setup for task in tasks] == [task.setup for task in generated]


def test_a_sidecar_of_another_length(tmp_path: Path) -> None:
    write(tmp_path / "mine.meta.json", SIDECARS[:3])
    with pytest.raises(ValueError, match="for each of 4 records, got 3"):
        load_tasks(write(tmp_path / "mine.json", RECORDS))


def test_a_file_that_has_changed_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    before = load_tasks(write(path, RECORDS))
    assert load_tasks(str(path)) is before
    after = load_tasks(write(path, RECORDS[:2]))
    assert len(after.tasks) == 2
    write(tmp_path / "mine.meta.json", SIDECARS[:2])
    assert load_tasks(str(path)).tasks[0].setup.base is not None


def test_a_path_is_one_file_whatever_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, count in (("a", 1), ("b", 2)):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "mine.json", RECORDS[:count])
        monkeypatch.chdir(tmp_path / name)
        assert len(load_tasks("mine.json").tasks) == count


def test_json_lines(tmp_path: Path) -> None:
    row = {**RECORDS[0], "system": "line\u2028separator"}  # it ends no line of JSON lines
    path = tmp_path / "mine.jsonl"
    lines = [json.dumps(row, ensure_ascii=False), "", json.dumps(RECORDS[1]), ""]
    path.write_text("\n".join(lines), "utf-8")
    tasks = load_tasks(str(path)).tasks
    assert [task.rules for task in tasks] == [row["system"], RECORDS[1]["system"]]


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(RECORDS), "utf-8-sig")
    assert len(load_tasks(str(path)).tasks) == 4


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("mine.json", b"[1,\n2,,]", "expected JSON in mine.json, but line 2, column 3"),
        ("mine.json", b'{"a": 1}', "expected a JSON array of records in mine.json"),
        ("mine.json", b'{"data": [1], "n": 1}', "lists 'data'; write one list alone"),
        ("mine.json", b"", "expected JSON in mine.json, got an empty file"),
        ("mine.json", b"[" * 200_000, "nested too deep"),
        ("mine.json", b"\xff\xfe", "expected UTF-8 text in mine.json"),
        ("mine.jsonl", b"{\n[{\n{", "expected JSON in mine.jsonl, but line 1"),
    ],
)
def test_a_file_of_another_form(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=words):
        load_tasks(str(tmp_path / name))


def test_values_that_are_no_records_are_counted(tmp_path: Path) -> None:
    tasks = load_tasks(write(tmp_path / "mine.json", [RECORDS[0], None, 3, RECORDS[1]]))
    assert [task.id for task in tasks.tasks] == ["mine-00000", "mine-00003"]
    assert [error.index for error in tasks.errors] == [1, 2]


def test_an_empty_array(tmp_path: Path) -> None:
    tasks = load_tasks(write(tmp_path / "mine.json", []))
    assert (tasks.tasks, tasks.errors) == ((), ())
    assert dict(summary(tasks))["records"] == "0"


def test_the_hub_without_the_package_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(RuntimeError, match=r"reasonact\[train\].*licence.*pass its path"):
        load_tasks("hub")


@pytest.mark.skipif(importlib.util.find_spec("datasets") is None, reason="needs datasets")
def test_the_hub_without_a_network_says_in_one_line_what_to_do(tmp_path: Path) -> None:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "tasks.load", "hub"]
    folder = Path(load.__file__).parent.parent
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, cwd=folder
    )
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert "accept the licence" in line
    assert "apigen-mt_5k.json" in line


def lines_of(tasks: TaskSet) -> dict[str, str]:
    return dict(summary(tasks))


def test_a_summary() -> None:
    lines = lines_of(load_tasks())
    assert lines["source"] == "embedded:desk(n=1000,seed=0)"
    assert lines["records"] == lines["tasks"] == "1,000"
    assert lines["errors"] == lines["mended records"] == "none"
    assert lines["tools"] == "6"
    assert lines["guessed effects"] == "none"
    assert lines["goals"] == "verified 1,000"
    assert lines["splits"].startswith("train ")


def test_a_summary_tells_whose_effects_are_guessed(tmp_path: Path) -> None:
    tools = load_tasks(write(tmp_path / "mine.json", [RECORDS[0]])).tasks[0].tools
    lines = lines_of(load_tasks(str(tmp_path / "mine.json")))
    assert lines["guessed effects"].startswith(f"{len(tools)} tools")


def test_a_summary_names_the_first_call_that_cannot_be_used(tmp_path: Path) -> None:
    def record(call: str) -> dict[str, object]:
        said = (("human", "Where is it?"), ("function_call", call), ("observation", "lost"))
        return {
            "system": "Rules",
            "tools": [{"name": "find_parcel", "description": "", "parameters": {}}],
            "conversations": [{"from": who, "value": text} for who, text in said],
        }

    file = tmp_path / "own.json"
    calls = ('{"name": "find_parcl", "arguments": {}}', '{"name": find')
    file.write_text(json.dumps([record(call) for call in calls]), "utf-8")
    told = dict(summary(load_tasks(str(file))))
    assert "own-00000: " in told["first invalid_call"]
    assert "Did you mean 'find_parcel'?" in told["first invalid_call"]
    assert told["first unreadable_call"].startswith("own-00001: ")


def test_a_summary_tells_of_slips_in_a_sidecar() -> None:
    """Where no world carries the gold calls out, nothing else would."""
    record = next(record for record in RECORDS if '"cancel_order"' in str(record["tools"]))
    wrong: list[dict[str, Any]] = [
        {"name": "cancl_order", "arguments": {"order_id": "1"}},
        {"name": "cancel_order", "arguments": {"order": "1"}},
    ]
    lines = lines_of(load_tasks([(record, {"gold": {"actions": wrong, "outputs": []}})]))
    assert lines["goals out of reach"].startswith("2 calls that no agent can make:")
    assert "cancl_order" in lines["goals out of reach"]
    assert "order_id" in lines["goals out of reach"]
    assert "goals out of reach" not in lines_of(load_tasks([RECORDS[0]]))


def test_the_summary_on_the_console(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "mine.json", [RECORDS[0], None])
    assert load.main([path]) == 0
    assert "not_a_record 1" in capsys.readouterr().out


@pytest.mark.parametrize("cut", [0, 1, 2])
@pytest.mark.parametrize("name", ["mine.jsonl", "mine.jsonl.gz"])
def test_a_line_that_was_cut_costs_its_own_record_alone(
    name: str, cut: int, tmp_path: Path
) -> None:
    lines = [json.dumps(record) for record in RECORDS[:3]]
    lines[cut] = lines[cut][:40]
    text = "\n".join(lines).encode()
    (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    found = load_tasks(tmp_path / name)
    assert len(found.tasks) == 2
    (error,) = found.errors
    assert (error.index, error.kind) == (cut, "broken_line")
    assert f"line {cut + 1}, column" in error.text


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([], "which holds no record at all"),
        ([None], "no record of 1 is one; the first one says: expected an object"),
    ],
)
def test_data_without_a_task_end_in_status_one(
    records: list[Any], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "mine.json", records)
    assert load.main([path]) == 1
    assert words in capsys.readouterr().err
    with pytest.raises(ValueError, match=words) as caught:
        ReasonActEnv(data=path, split="all")
    assert "split=" not in str(caught.value)


def test_the_summary_tells_how_many_goals_ask_for_outputs() -> None:
    gold: dict[str, Any] = {"actions": [], "outputs": ["10"]}
    lines = lines_of(load_tasks([(RECORDS[0], {"gold": gold}), RECORDS[1]]))
    assert lines["goals with outputs"] == "50%"
    assert "goals with outputs" not in lines_of(load_tasks([RECORDS[0]]))


def test_a_bad_name_on_the_console(capsys: pytest.CaptureFixture[str]) -> None:
    assert load.main(["nowhere.json"]) == 2
    told = capsys.readouterr()
    assert told.err.startswith("python -m tasks.load: error: expected a file of dialogues")
    assert told.out == ""
