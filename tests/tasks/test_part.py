"""Parts of data sets, chosen by what sidecars say of their records."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tasks.desk.generator import generate
from tasks.load import load_tasks, require_data
from tasks.part import Part, whole_of
from tasks.summary import summary
from train.runs.data import data_identity
from train.runs.outside import outside

ROWS = list(generate(40, 7))


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Forty dialogues, every second one of a shop, every fourth one a failure."""
    said = [
        {**sidecar, "domain": ("shop", "airport")[i % 2], "success": i % 4 != 0, "hard": {"n": i}}
        for i, (_, sidecar) in enumerate(ROWS)
    ]
    path = tmp_path / "talks.json"
    path.write_text(json.dumps([record for record, _ in ROWS]), "utf-8")
    path.with_suffix(".meta.json").write_text(json.dumps(said), "utf-8")
    return str(path)


def test_a_part_keeps_names_and_splits(file: str) -> None:
    whole, part = load_tasks(file), load_tasks(f"{file}#domain=shop")
    assert [task.id for task in part.tasks] == [task.id for task in whole.tasks[::2]]
    assert [task.split for task in part.tasks] == [task.split for task in whole.tasks[::2]]
    assert part.source == "file:talks.json#domain=shop"
    assert {task.source for task in part.tasks} == {part.source}
    assert load_tasks(f"{file}#domain=shop") is part
    assert data_identity(part) != data_identity(whole)


def test_conditions_go_together_and_values_beside_each_other(file: str) -> None:
    assert len(load_tasks(f"{file}#domain=shop&success=true").tasks) == 10
    assert len(load_tasks(f"{file}#domain=shop,airport").tasks) == 40
    assert [task.id[-2:] for task in load_tasks(f"{file}#hard.n=3,5").tasks] == ["03", "05"]
    halves = load_tasks(f"{file}#domain=shop + {file}#domain=airport")
    assert len(halves.tasks) == 40
    assert len(load_tasks("retail:30:1#difficulty.level=1").tasks) < 30


def test_the_summary_says_which_keys_choose_parts(file: str, tmp_path: Path) -> None:
    told = dict(summary(load_tasks(file)))
    assert {"#domain=…", "#hard.n=…"} < set(told["sidecar keys for parts"].split(", "))
    assert "sidecar keys not read" not in told, "success is read, and the others choose"
    sidecar = Path(file).with_suffix(".meta.json")
    said = [{**one, "notes": ["a", "b"]} for one in json.loads(sidecar.read_text("utf-8"))]
    other = tmp_path / "noted.json"
    other.write_text(Path(file).read_text("utf-8"), "utf-8")
    other.with_suffix(".meta.json").write_text(json.dumps(said), "utf-8")
    assert dict(summary(load_tasks(str(other))))["sidecar keys not read"] == "notes"


def test_tools_tell_the_domain_where_no_sidecar_does() -> None:
    assert len(load_tasks("retail:4#domain=retail").tasks) == 4
    with pytest.raises(ValueError, match=r"a domain that .* has \(retail\), got airline"):
        load_tasks("retail:4#domain=airline")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("domian=shop", "got 'domian'; did you mean 'domain'"),
        ("domain=shpo", "(shop, airport), got shpo; did you mean 'shop'"),
        ("domain", "expected conditions as DATA#KEY=VALUE"),
    ],
)
def test_what_nothing_has_is_named(file: str, written: str, said: str) -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        load_tasks(f"{file}#{written}")
    assert said in str(caught.value)


def test_a_name_is_checked_before_anything_is_loaded(file: str) -> None:
    require_data(f"{file}#domain=anything")
    with pytest.raises(FileNotFoundError, match="no file there"):
        require_data("nowhere.json#domain=shop")
    with pytest.raises(ValueError, match="DATA#KEY=VALUE"):
        require_data(f"{file}#domain")


def test_a_table_and_a_file_of_such_a_name_are_left_alone(file: str) -> None:
    odd = Path(file).with_name("a#b=c.json")
    odd.write_text(Path(file).read_text("utf-8"), "utf-8")
    assert Part.of("t.csv#turns=talk") == Part("t.csv#turns=talk")
    assert len(load_tasks(odd).tasks) == 40
    assert whole_of(f"{file}#domain=shop") == file


def test_the_sidecar_of_a_part_belongs_to_a_runs_identity(file: str) -> None:
    whole, part = (outside({"data": name})["data"] for name in (file, f"{file}#domain=shop"))
    assert isinstance(whole, dict)
    assert isinstance(part, dict)
    assert whole["source"] == part["source"]


def test_real_domains(shared_data: Path) -> None:
    file = shared_data / "dialogues" / "apigen_mt_like_real.json"
    parts = [load_tasks(f"{file}#domain={name}") for name in ("retail", "airline")]
    assert [len(part.tasks) for part in parts] == [207, 419]
