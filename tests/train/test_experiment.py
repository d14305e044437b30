"""A small grid from beginning to report: planned, run, resumed, extended."""

import json
import re
from pathlib import Path

import pytest

from tasks.load import load_tasks
from train import experiment
from train.models.model import tiny_model
from train.models.policies import TrainedPolicy
from train.models.profiles import DEMO, TinyModel
from train.models.tokenizer import train_tokenizer
from train.studies.grids import FULL, START

pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning"),
]

DATA = "desk:60"
ELSEWHERE = "desk:50:7"
SMALL = [
    "--generations",
    "2",
    "--prompts",
    "2",
    "--group",
    "4",
    "--save-every",
    "1",
    "--max-turns",
    "4",
]


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a random policy."""
    tokenizer = train_tokenizer(load_tasks(DATA).split("train"), 600)
    shape = TinyModel(layers=1, hidden=32, heads=2, vocabulary=600, initial_std=0.2)
    made = TrainedPolicy(tiny_model(shape, tokenizer, seed=0), tokenizer, DEMO, "random weights")
    return made.save(tmp_path_factory.mktemp("policy") / "seed-0", made.words)


def command(policy: Path, out: Path, *more: str) -> list[str]:
    where = ["--policy", str(policy.parent / "seed-{seed}"), "--out", str(out)]
    what = ["--data", DATA, "--also", ELSEWHERE, "--tasks", "4", "--seeds", "0"]
    return ["transfer", *where, *what, *more, *SMALL]


def test_a_grid_is_planned_run_and_reported(
    policy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "grid"
    experiment.main(command(policy, out, "--dry-run", "--power"))
    planned = capsys.readouterr().out
    assert "3 cells, 0 done" in planned
    assert "minutes left with --jobs 1" in planned
    assert "gain" in planned
    assert not out.exists()

    page = experiment.main(command(policy, out)).read_text("utf-8")
    assert not re.findall(r'(?:src|href)="(?!#)', page)  # nothing to fetch
    assert page.count("<svg") >= 3  # a forest for each data set, curves
    assert "embedded:desk(n=60,seed=0), 4 tasks of its test split" in page
    assert "random weights" in page
    found = json.loads((out / "findings.json").read_text("utf-8"))
    assert [(one["variant"], one["data"]) for one in found["contrasts"]] == [
        (f"on-{trained}", judged)
        for judged in (DATA, ELSEWHERE)
        for trained in ("desk-60", "desk-50-7")
    ]

    capsys.readouterr()
    journal = out / "on-desk-60" / "seed-0" / "policy" / "metrics.jsonl"
    before = journal.stat().st_mtime_ns
    experiment.main(command(policy, out, "--dry-run"))
    assert "3 cells, 3 done" in capsys.readouterr().out
    assert experiment.main(command(policy, out)).read_text("utf-8") == page
    assert journal.stat().st_mtime_ns == before
    with pytest.raises(ValueError, match="holds another one"):
        experiment.main(command(policy, out, "--sampling", "greedy"))


def test_options_of_grpo_are_the_experiments_own(policy: Path, tmp_path: Path) -> None:
    def read(*more: str) -> experiment.ExperimentSettings:
        return experiment.planned(command(policy, tmp_path / "grid", *more))

    plan = read("--weights", "tool=2,thinking=0")
    assert plan.learning.recipe.generations == 2
    assert plan.learning.weights == {"tool": 2.0, "thinking": 0.0}
    assert read("--") == read()  # as it was written when they stood behind two dashes
    for wrong in (["--no-such-option"], ["--factors", "2"]):
        with pytest.raises(SystemExit):
            read(*wrong)
    with pytest.raises(FileNotFoundError, match="expected a policy"):
        read("--policy", "elsewhere/seed-{seed}")


def test_variants_change_weights_that_all_runs_share() -> None:
    plan = experiment.planned(["ablation", "--seeds", "3", "--weights", "tool=2"])
    cells = plan.cells()
    training = {name: cells[name, 3].train for name in (START, FULL, "no-outcome")}
    assert all(training.values())
    setups = {name: one.args for name, one in training.items() if one}
    assert setups[START][0].seed == setups[FULL][1].seed == 3
    assert setups[FULL][0].weights == {"tool": 2.0}
    assert setups["no-outcome"][0].weights == {"tool": 2.0, "outcome": 0.0}
    assert {setup.policy for setup, _ in (setups[FULL], setups["no-outcome"])} == {
        str(cells[START, 3].policy)
    }
