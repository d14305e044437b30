"""SFT as a user runs it: what it saves, how it goes on, what it refuses."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file  # noqa: E402

from tasks.load import load_tasks  # noqa: E402
from train.models.policies import load_policy  # noqa: E402
from train.models.profiles import DEMO  # noqa: E402
from train.sft import SftSettings, base_policy, main, sft  # noqa: E402

PLAN = SftSettings(
    profile=DEMO.name,
    data="desk:120",
    model=None,
    tasks=64,
    epochs=1.0,
    lr=1e-3,
    max_length=4096,
    seed=0,
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sft(PLAN, tmp_path_factory.mktemp("sft"))


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def losses(folder: Path) -> list[tuple[int, float]]:
    lines = map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())
    return [(line["step"], line["loss"]) for line in lines]


def test_a_run_leaves_policy_plan_and_metrics(trained: Path) -> None:
    policy = load_policy(trained)
    assert "embedded:desk(n=120,seed=0)" in policy.words, "the data must be named"
    assert json.loads((trained / "run.json").read_text())["configuration"]["data"] == "desk:120"
    lines = [json.loads(line) for line in (trained / "metrics.jsonl").read_text().splitlines()]
    assert lines
    assert all(line["loss"] > 0 for line in lines)


def test_training_changes_the_weights_it_started_from(trained: Path, tmp_path: Path) -> None:
    before, after = weights(base_policy(PLAN, tmp_path)), weights(trained)
    assert before.keys() == after.keys()
    assert any(not torch.equal(before[name], after[name]) for name in before)


def test_a_killed_run_goes_on_to_the_same_weights(
    trained: Path, tmp_path: Path, library_warnings: list[str]
) -> None:
    """A folder as a kill leaves it: plan, metrics and an earlier checkpoint, no policy yet."""
    earlier = min(trained.glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]))
    shutil.copytree(earlier, tmp_path / earlier.name)
    for name in ("run.json", "metrics.jsonl"):
        shutil.copy(trained / name, tmp_path / name)
    sft(PLAN, tmp_path)
    assert [said for said in library_warnings if "checkpoint" in said] == []
    assert losses(tmp_path) == losses(trained)
    resumed, whole = weights(tmp_path), weights(trained)
    assert all(torch.equal(resumed[name], whole[name]) for name in whole)


def test_done_work_is_not_done_again(trained: Path) -> None:
    before = (trained / "model.safetensors").stat().st_mtime_ns
    assert sft(PLAN, trained) == trained
    assert (trained / "model.safetensors").stat().st_mtime_ns == before


def test_another_plan_needs_another_folder(trained: Path) -> None:
    with pytest.raises(ValueError, match="another"):
        sft(replace(PLAN, lr=2e-3), trained)


def test_other_data_are_rehearsed_too_and_named(tmp_path: Path) -> None:
    folder = sft(replace(PLAN, tasks=8, rehearsed="kaleidoscope:10:3"), tmp_path)
    words = load_policy(folder).words
    rehearsed = load_tasks("kaleidoscope:10:3")
    count = 8 + len(rehearsed.split("train"))
    assert words.endswith(f"SFT on {count} of embedded:desk(n=120,seed=0) and {rehearsed.source}")
    data = json.loads((folder / "run.json").read_text())["data"]
    assert data["rehearsed"]["source"] == rehearsed.source
    assert data["rehearsed"]["sha256"] != data["sha256"]


def test_nothing_to_imitate_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="raise --max-length"):
        sft(replace(PLAN, max_length=10), tmp_path)


def test_the_hubs_weights_out_of_reach_are_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="--profile demo"):
        main(
            ["--profile", "qwen3-1.7b", "--model", "no-such/model", "--data", "desk:60"]
            + ["--out", str(tmp_path / "out")]
        )
