"""What comes from outside the project, and whether a changed one is told from the one before."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from train import evaluate
from train.runs.outside import agent_outside, files_hash, outside, source_hash
from train.runs.run import RUN, Run, begin

Write = Callable[..., Path]
POLITE = "def agent(observation):\n    return 'Hello.'\n"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a module of one's own; what was imported of it is forgotten."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delenv("REASONACT_LLM_BASE_URL", raising=False)
    monkeypatch.delenv("REASONACT_LLM_MODEL", raising=False)

    def wrote(name: str, text: str) -> Path:
        path = tmp_path / f"{name.replace('.', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        sys.modules.pop(name, None)
        return path

    return wrote


def play(out: Path, *more: str) -> None:
    plan = ["--data", "desk:20", "--split", "all", "--tasks", "2", "--out", str(out)]
    evaluate.main(["--agent", "own_agent_x:agent", *plan, *more])


def replies(out: Path) -> set[str]:
    _, episodes = evaluate.read_episodes(out / "episodes.jsonl")
    return {step.action for episode in episodes for step in episode.steps}


def test_an_edited_agent_is_another_agent(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write("own_agent_x", POLITE)
    play(tmp_path / "out")
    assert "Read, not played" not in capsys.readouterr().out
    play(tmp_path / "out")
    said = " ".join(capsys.readouterr().out.split())
    assert "Read, not played" in said
    assert "--again" in said
    write("own_agent_x", POLITE.replace("Hello", "Good day"))
    with pytest.raises(ValueError, match=r"outside\.agent\.source.*--again"):
        play(tmp_path / "out")
    assert replies(tmp_path / "out") == {"Hello."}
    play(tmp_path / "out", "--again")
    assert replies(tmp_path / "out") == {"Good day."}


def test_again_deletes_nothing_but_an_evaluation(write: Write, tmp_path: Path) -> None:
    write("own_agent_x", POLITE)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / RUN).write_text(json.dumps({"stage": "sft"}))
    (tmp_path / "out" / "episodes.jsonl").write_text("kept")
    with pytest.raises(ValueError, match="holds a run of sft, which stays"):
        play(tmp_path / "out", "--again")
    assert (tmp_path / "out" / "episodes.jsonl").read_text() == "kept"


def test_two_models_behind_one_endpoint_are_two(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("own_agent_x", POLITE)
    monkeypatch.setenv("REASONACT_LLM_MODEL", "A")
    monkeypatch.setenv("REASONACT_LLM_BASE_URL", "http://localhost:1/v1")
    play(tmp_path / "out")
    monkeypatch.setenv("REASONACT_LLM_MODEL", "B")
    with pytest.raises(ValueError, match=r"outside\.endpoint\.model"):
        play(tmp_path / "out")
    assert outside({"user": "llm"}) == {
        "endpoint": {"base_url": "http://localhost:1/v1", "model": "B"}
    }
    assert outside({"user": "own"}) == {}


@pytest.mark.parametrize("load", ["from own_help import TEXT", "import own_help"])
def test_what_an_agent_imports_is_part_of_it(write: Write, load: str) -> None:
    text = f"def agent(observation):\n    {load}\n    return 'x'\n"
    write("own_agent_y", text)
    write("own_help", "TEXT = 'a'")
    before = source_hash("own_agent_y:agent")
    write("own_help", "TEXT = 'b'")
    assert source_hash("own_agent_y:agent") != before


def test_a_package_of_ones_own_counts_and_libraries_do_not(write: Write) -> None:
    write("own_pkg.agent", "import json, numpy, agents.gold\nfrom . import part\n")
    write("own_pkg.part", "")
    before = source_hash("own_pkg.agent:x")
    write("own_pkg.part", "x = 1")
    assert source_hash("own_pkg.agent:x") != before


def test_an_agent_may_say_itself_which_one_it_is() -> None:
    class Agent:
        def __init__(self, version: str) -> None:
            self.version = version

        def identity(self) -> str:
            return self.version

    one, other = (agent_outside("m:Agent", Agent(version)) for version in ("1", "2"))
    assert one == {"agent": {"name": "m:Agent", "identity": "1"}}
    assert one != other


def test_a_database_is_told_by_its_files(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "orders.json").write_text("{}")
    before = outside({"database": str(tmp_path / "db")})
    (tmp_path / "db" / "orders.json").write_text('{"a": 1}')
    assert outside({"database": str(tmp_path / "db")}) != before
    assert files_hash([]) == files_hash([])


def test_goals_of_a_data_file_stand_beside_it(tmp_path: Path) -> None:
    data = tmp_path / "dialogues.json"
    data.write_text("[]")
    assert outside({"data": str(data)}) == {}
    sidecar = tmp_path / "dialogues.meta.json"
    sidecar.write_text("[]")
    before = outside({"data": str(data)})
    sidecar.write_text('[{"goal": 1}]')
    assert before != outside({"data": str(data)}) != {}


@pytest.mark.parametrize("joined", ["{} + desk:20", "desk:20 + {}"])
def test_each_of_joined_data_is_told(write: Write, tmp_path: Path, joined: str) -> None:
    sidecar = tmp_path / "dialogues.meta.json"
    write("own_data", "x = 1")
    for name, edited in (
        (joined.format(tmp_path / "dialogues.json"), sidecar),
        (joined.format("own_data:load"), tmp_path / "own_data.py"),
    ):
        edited.write_text("x = 1")
        before = outside({"data": name})
        edited.write_text("x = 2")
        assert before != outside({"data": name}) != {}


def test_a_run_of_an_older_version_goes_on_but_not_with_an_agent_of_ones_own(
    tmp_path: Path,
) -> None:
    run = Run("evaluate", {}, {}, {}, {"endpoint": {"model": "A"}})
    for name, other in (("a", {}), ("b", {"agent": {"source": "1"}})):
        begin(tmp_path / name, replace(run, outside={**run.outside, **other}))
        told = json.loads((tmp_path / name / RUN).read_text())
        del told["outside"]
        (tmp_path / name / RUN).write_text(json.dumps(told))
        (tmp_path / name / "episodes.jsonl").touch()
    begin(tmp_path / "a", run)
    with pytest.raises(ValueError, match=r"outside\.agent"):
        begin(tmp_path / "b", replace(run, outside={**run.outside, "agent": {"source": "1"}}))
