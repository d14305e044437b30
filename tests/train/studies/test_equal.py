"""SFT for as long as other stages took, on data of which a part is trained on and some failed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from tasks.contamination import TASKS  # noqa: E402
from tasks.desk.generator import generate  # noqa: E402
from tasks.load import load_tasks  # noqa: E402
from train import pipeline  # noqa: E402
from train.runs.journal import SPENT  # noqa: E402
from train.runs.run import METRICS, RUN  # noqa: E402
from train.runs.trends import read  # noqa: E402
from train.studies.equal import spent, times_as_long  # noqa: E402
from train.studies.stages import Stage, chain_to  # noqa: E402

pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning"),
]

STAGES = "SFT,SFT-longer,cold-start,GRPO"


def planned(*argv: str) -> pipeline.PipelineSettings:
    return pipeline.planned(["--mode", "turn", "--longer", "equal", *argv])


def test_it_waits_for_what_it_takes_as_long_as() -> None:
    plan = planned("--stages", f"{STAGES},GRPO-plain")
    assert plan.in_turn[-1] is Stage.LONGER
    cells = plan.cells()
    assert list(cells) == list(plan.chosen)
    assert cells[Stage.LONGER].start is cells[Stage.GRPO]
    assert chain_to(Stage.GRPO, plan.chosen) == (Stage.SFT, Stage.COLD, Stage.GRPO)
    training = plan.training(Stage.LONGER)
    assert training is not None
    assert [place.name for place in training.keywords["chain"]] == ["sft", "cold-start", "grpo"]
    with pytest.raises(ValueError, match="expected GRPO among the stages with --longer equal"):
        replace(plan, stages=(Stage.SFT, Stage.LONGER))
    with pytest.raises(SystemExit):
        planned("--longer", "long")


def test_seconds_are_summed_over_the_journals(tmp_path: Path) -> None:
    for name, seconds in (("sft", (2.0, 3.0)), ("grpo", (4.0, 8.5))):
        (tmp_path / name).mkdir()
        lines = [json.dumps({"step": step, SPENT: one}) for step, one in enumerate(seconds)]
        (tmp_path / name / METRICS).write_text("\n".join(lines) + "\n", "utf-8")
    assert times_as_long([tmp_path / "sft", tmp_path / "grpo"]) == 3.5
    (tmp_path / "sft" / METRICS).write_text('{"step": 1}\n', "utf-8")
    with pytest.raises(ValueError, match="give --longer a number"):
        spent(tmp_path / "sft")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Dialogues of two domains, a third of which failed officially."""
    rows = list(generate(200, 1))
    said = [
        {**sidecar, "domain": ("shop", "airport")[i % 2], "success": i % 3 > 0, "source": "tau1-x"}
        for i, (_, sidecar) in enumerate(rows)
    ]
    for one in said:
        one.pop("traces")
    path = tmp_path_factory.mktemp("data") / "talks.json"
    path.write_text(json.dumps([record for record, _ in rows]), "utf-8")
    path.with_suffix(".meta.json").write_text(json.dumps(said), "utf-8")
    return str(path)


def test_the_whole_experiment_in_small(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop, airport = (f"{file}#domain={name}" for name in ("shop", "airport"))
    how = ["--quick", "--mode", "turn", "--stages", STAGES, "--longer", "equal", "--data", shop]
    how += ["--also", airport, "--thoughts-from", "desk:40:3", "--sampling", "greedy"]
    pipeline.main([*how, "--eval-every", "0", "--out", str(tmp_path)])
    printed = " ".join(capsys.readouterr().out.split())

    train = load_tasks(shop).split("train")
    failed = sum(task.succeeded is False for task in train)
    assert failed > 10
    for stage in ("sft", "sft-longer", "grpo"):
        assert json.loads((tmp_path / stage / RUN).read_text())["data"]["failed_left_out"] == failed
    assert "failed_left_out" not in json.loads((tmp_path / "cold-start" / RUN).read_text())["data"]
    words = f"{failed} officially failed dialogues left out"
    assert words in printed
    page = (tmp_path / "report.md").read_text("utf-8")
    assert words in page

    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    for key, data in (("greedy turn", shop), (f"greedy turn on {airport}", airport)):
        kept = [task for task in load_tasks(data).split("test") if task.succeeded]
        found = report[key]["GRPO"]
        assert found["metrics"]["decision_accuracy"]["clusters"] == min(16, len(kept))
        assert found["split"] == "test"
        assert found["caution"] == TASKS
        assert "next_action" in report[key]["GRPO - SFT-longer"]
    assert page.count(TASKS) == 2
    assert TASKS in (tmp_path / "grpo" / "README.md").read_text("utf-8")

    chain = [tmp_path / name for name in ("sft", "cold-start", "grpo")]
    epochs = json.loads((tmp_path / "sft-longer" / RUN).read_text())["configuration"]["epochs"]
    assert epochs == times_as_long(chain) > 1
    assert all(SPENT in line for line in read(tmp_path / "sft" / METRICS) if line["step"])
