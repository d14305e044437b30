"""What a run's folder says of itself, and what it refuses."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tasks.load import load_tasks
from tasks.types import TaskSet
from tools.types import Message
from train.runs.folders import undone_if_refused
from train.runs.run import ROOT, RUN, Run, begin, data_identity, last_checkpoint, surroundings

SOME = Run("grpo", {"recipe": {"lr": 0.1}}, {"source": "x"}, {"name": "y", "sha256": "z"})


def test_a_run_is_written_down_whole(tmp_path: Path) -> None:
    begin(tmp_path, SOME)
    found = json.loads((tmp_path / RUN).read_text("utf-8"))
    assert found["configuration"] == {"recipe": {"lr": 0.1}}
    assert found["surroundings"]["packages"]["gymnasium"]
    assert found["surroundings"]["python"] == sys.version.split()[0]


@pytest.mark.parametrize(
    ("other", "named"),
    [
        (replace(SOME, configuration={"recipe": {"lr": 0.2}}), "recipe.lr"),
        (replace(SOME, configuration={"recipe": {}}), "recipe.lr"),
        (replace(SOME, model={"name": "y", "sha256": "other"}), "model.sha256"),
        (replace(SOME, stage="sft"), "stage"),
    ],
)
def test_another_run_is_refused_by_name(tmp_path: Path, other: Run, named: str) -> None:
    begin(tmp_path, SOME)
    begin(tmp_path, SOME)
    (tmp_path / "metrics.jsonl").touch()
    with pytest.raises(ValueError, match=named):
        begin(tmp_path, other)


def test_a_folder_in_which_nothing_followed_takes_another_run(tmp_path: Path) -> None:
    begin(tmp_path, SOME)
    begin(tmp_path, replace(SOME, stage="sft"))
    assert json.loads((tmp_path / RUN).read_text("utf-8"))["stage"] == "sft"


@undone_if_refused
def stage(out: Path, files: tuple[str, ...]) -> None:
    begin(out, SOME)
    for name in files:
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).touch()
    raise ValueError("refused")


@pytest.mark.parametrize(
    ("files", "stays"),
    [
        ((), False),
        (("samples.jsonl",), False),
        (("metrics.jsonl",), True),
        (("parts/00000.jsonl",), True),
    ],
)
def test_a_refused_start_leaves_nothing_and_half_a_run_everything(
    tmp_path: Path, files: tuple[str, ...], stays: bool
) -> None:
    with pytest.raises(ValueError, match="refused"):
        stage(tmp_path / "above" / "run", files)
    found = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert found == ({RUN, *(Path(name).name for name in files)} if stays else set())
    assert (tmp_path / "above").exists() == stays


def test_a_refused_start_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").touch()
    with pytest.raises(ValueError, match="refused"):
        stage(tmp_path, ())
    assert {path.name for path in tmp_path.rglob("*")} == {"notes", "mine.txt"}
    begin(tmp_path, SOME)
    with pytest.raises(ValueError, match="refused"):
        stage(tmp_path, ())
    assert (tmp_path / RUN).exists()


def test_other_packages_are_told_and_no_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(tmp_path, SOME)
    written = json.loads((tmp_path / RUN).read_text("utf-8"))
    written["surroundings"]["packages"]["gymnasium"] = "0.0"
    (tmp_path / RUN).write_text(json.dumps(written))
    begin(tmp_path, SOME)
    assert "packages.gymnasium" in capsys.readouterr().out


def test_data_are_told_apart_by_what_they_hold() -> None:
    tasks = load_tasks("desk:20")
    first, *rest = tasks.tasks
    word = Message(first.messages[1].role, first.messages[1].content + "!")
    changed = replace(first, messages=(first.messages[0], word, *first.messages[2:]))
    found = data_identity(tasks)
    assert found == data_identity(TaskSet(tasks.source, tasks.tasks))
    assert found["sha256"] != data_identity(TaskSet(tasks.source, (changed, *rest)))["sha256"]


def test_the_hash_is_the_same_in_another_process() -> None:
    code = "from tasks.load import load_tasks; from train.runs.run import data_identity as d; "
    done = subprocess.run(
        [sys.executable, "-c", f"{code}print(d(load_tasks('desk:20'))['sha256'])"],
        cwd=ROOT,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == data_identity(load_tasks("desk:20"))["sha256"]


def test_the_commit_is_the_projects_own_or_none() -> None:
    commit = surroundings()["commit"]
    assert (commit is None) != (ROOT / ".git").exists()


def test_half_a_checkpoint_does_not_count(tmp_path: Path) -> None:
    assert last_checkpoint(tmp_path / "nothing") is None
    for step, state in ((9, "{}"), (10, "{}"), (11, '{"half'), (12, None)):
        (tmp_path / f"checkpoint-{step}").mkdir()
        if state is not None:
            (tmp_path / f"checkpoint-{step}" / "trainer_state.json").write_text(state)
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-10")


@pytest.mark.parametrize(
    "name", ["model.safetensors", "config.json", "adapter_config.json", "policy.json"]
)
def test_a_model_that_no_run_has_written_is_not_written_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{}")
    with pytest.raises(FileExistsError, match=f"holds a model .{name}. and no {RUN}"):
        begin(tmp_path, SOME)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_checkpoints_that_no_run_has_written_are_not_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "checkpoints" / "checkpoint-3").mkdir(parents=True)
    (tmp_path / "checkpoints" / "checkpoint-3" / "trainer_state.json").write_text("{}")
    with pytest.raises(FileExistsError, match="checkpoint-3"):
        begin(tmp_path, SOME)


def test_other_code_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begin(tmp_path, SOME)
    written = json.loads((tmp_path / RUN).read_text("utf-8"))
    written["surroundings"]["code"] = "0" * 16
    (tmp_path / RUN).write_text(json.dumps(written))
    begin(tmp_path, SOME)
    assert "begun with other code" in " ".join(capsys.readouterr().out.split())
    del written["surroundings"]["code"]
    (tmp_path / RUN).write_text(json.dumps(written))
    begin(tmp_path, SOME)
    assert "code" not in capsys.readouterr().out, "an older version did not write it down"
