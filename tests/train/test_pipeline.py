"""The whole chain in small: stages, controls, report, and going on after a kill."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file  # noqa: E402

from reasonact_env.episodes.storage import read_episodes  # noqa: E402
from tasks import generate  # noqa: E402
from tasks.load import load_tasks  # noqa: E402
from train import compare, demo, evaluate, pipeline, seeds  # noqa: E402
from train.models.policies import load_policy  # noqa: E402
from train.runs.run import RUN  # noqa: E402
from train.studies.stages import FULL, Stage, ordered, pairs, start_of  # noqa: E402

pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning"),
]


def run(out: Path) -> Path:
    return pipeline.main(["--quick", "--out", str(out), "--max-turns", "4", "--tasks", "16"])


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a whole pipeline."""
    return run(tmp_path_factory.mktemp("pipeline")).parent


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--also", "expected tasks in file:empty.json, but no record"),
        ("--rehearse", "expected dialogues to learn from in the training split"),
        ("--thoughts-from", "expected thoughts from 'auto', found none"),
        ("--data", "expected dialogues to learn from in the training split"),
    ],
)
@pytest.mark.parametrize("further", [[], ["--dry-run"]])
def test_data_without_a_task_are_refused_before_anything_is_trained(
    tmp_path: Path, option: str, words: str, further: list[str]
) -> None:
    (tmp_path / "empty.json").write_text('[{"system": "", "tools": "[]", "conversations": []}]')
    out = tmp_path / "out"
    with pytest.raises(ValueError, match=words):
        pipeline.main(
            ["--quick", option, str(tmp_path / "empty.json"), "--out", str(out), *further]
        )
    assert not out.exists()


@pytest.mark.parametrize(
    ("options", "user"),
    [
        (["--user", "scripted"], "scripted"),
        ([], "own"),
        (["--user", "scripted", "--judging-user", "own"], "own"),
    ],
)
def test_the_user_of_training_judges_too_unless_another_is_given(
    options: list[str], user: str
) -> None:
    plan = pipeline.planned(["--quick", *options])
    cells = plan.cells()
    assert {cell.plan(view).user for cell in cells.values() for view in plan.views} == {user}
    told = {user} - {"own"}  # what goes without saying is not written down
    for cell in cells.values():
        assert {one["user"] for one in map(cell.judging, plan.views) if "user" in one} == told


def test_a_user_who_cannot_play_the_tasks_is_refused_before_anything(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a case for the user .procedure."):
        pipeline.main(["--quick", "--user", "procedure", "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "options",
    [["--model", ""], ["--judging-user", "bogus"], ["--judging-user", ""], ["--user", "bogus"]],
)
@pytest.mark.parametrize("mode", ["turn", "dialogue"])
def test_a_model_or_a_user_that_is_none_is_refused_before_anything(
    tmp_path: Path, options: list[str], mode: str
) -> None:
    out = tmp_path / "out"
    with pytest.raises((ValueError, OSError), match="expected"):
        pipeline.main(["--quick", "--mode", mode, *options, "--out", str(out)])
    assert not out.exists()


def test_every_stage_has_a_policy_a_journal_and_its_identity(done: Path) -> None:
    for stage in FULL:
        folder = done / stage.lower()
        described = json.loads((folder / RUN).read_text("utf-8"))
        assert described["data"]["source"] == "embedded:desk(n=200,seed=1)"
        assert load_policy(folder).thinking == (stage in (Stage.COLD, Stage.GRPO))
    words = load_policy(done / "base").words
    assert words == "demo, random weights of seed 0, nothing learned here"
    for stage in (Stage.SFT, Stage.COLD, Stage.GRPO):
        assert (done / stage.lower() / "metrics.jsonl").read_text("utf-8")
    described = json.loads((done / "grpo" / RUN).read_text("utf-8"))
    assert described["model"]["sha256"] == load_policy(done / "cold-start").fingerprint
    assert described["configuration"]["setup"]["thinking"] == "required"


def test_the_report_compares_stages_in_pairs(done: Path) -> None:
    numbers = json.loads((done / "report.json").read_text("utf-8"))
    assert set(numbers) == {"note", "greedy", "sampled", "views"}
    assert {"base", "SFT", "cold-start", "GRPO", "GRPO - SFT", "GRPO - cold-start"} <= set(
        numbers["greedy"]
    )
    count = len(load_tasks("desk:200:1").split("test")[:16])
    assert numbers["greedy"]["GRPO - SFT"]["success"]["n"] == count
    page = (done / "report.md").read_text("utf-8")
    assert "| metric | base | SFT | cold-start | GRPO | SFT - base | cold-start - SFT |" in page
    assert "embedded:desk(n=200,seed=1)" in page
    _, episodes = read_episodes(done / "eval-GRPO-greedy" / "episodes.jsonl")
    assert len(list(episodes)) == count


def test_a_pipeline_goes_on_where_it_was_killed(done: Path, tmp_path: Path) -> None:
    """Killed while the cold start was saving, with everything after it still to do."""
    broken = tmp_path / "pipeline"
    for name in ("base", "sft", "cold-start"):
        shutil.copytree(done / name, broken / name)
    (broken / "cold-start" / "policy.json").unlink()
    for file in (broken / "cold-start").glob("checkpoint-*"):
        described = file / "trainer_state.json"
        if file.name != "checkpoint-1":
            described.write_text(described.read_text()[:20])
    for name in (RUN, "cold-start/" + RUN):
        if (broken / name).exists():
            text = (broken / name).read_text().replace(str(done), str(broken))
            (broken / name).write_text(text)
    run(broken)
    for stage in (Stage.COLD, Stage.GRPO):
        ours, theirs = (
            load_file(at / stage.lower() / "model.safetensors") for at in (broken, done)
        )
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    assert json.loads((broken / "report.json").read_text()) == json.loads(
        (done / "report.json").read_text()
    )


def parsed(*argv: str) -> pipeline.PipelineSettings:
    return pipeline.planned(argv)


def test_its_evaluations_stand_beside_those_made_alone(done: Path, tmp_path: Path) -> None:
    how = ["--policy", str(done / "sft"), "--data", "desk:200:1", "--tasks", "16"]
    alone = evaluate.main([*how, "--out", str(tmp_path / "alone")])
    sides = ["--before", str(done / "eval-SFT-sampled"), "--after", str(alone)]
    found = json.loads(compare.main([*sides, "--out", str(tmp_path / "compare.json")]).read_text())
    for name, gain in found["run 1"].items():
        assert gain["value"] == pytest.approx(0), name  # the same messages, drawn again


def test_controls_are_plain_options() -> None:
    off = parsed("--no-cold-start")
    assert off.chosen == (Stage.BASE, Stage.SFT, Stage.GRPO)
    assert start_of(Stage.GRPO, off.chosen) is Stage.SFT
    every = parsed("--stages", "sft-longer,grpo-plain,cold-start,grpo", "--longer", "3")
    assert every.chosen == tuple(stage for stage in Stage if stage is not Stage.BASE)
    assert every.longer == 3
    weights = parsed("--weights", "tool=2,thinking=0").learning.weights
    assert weights == {"tool": 2.0, "thinking": 0.0}
    assert parsed("--aggregation", "gdpo").learning.recipe.aggregation == "gdpo"
    rehearsing = parsed("--rehearse", "kaleidoscope:9:5")
    for stage in (Stage.SFT, Stage.COLD):
        training = rehearsing.training(stage)
        assert training is not None
        assert training.args[0].rehearsed == "kaleidoscope:9:5"
    also = parsed("--data", "desk:50", "--also", "retail:30:9", "--judge", "turn", "dialogue")
    assert [view.key for view in also.views] == [
        *("greedy turn", "sampled turn", "greedy", "sampled"),
        *(f"{way} on retail:30:9" for way in ("greedy turn", "sampled turn", "greedy", "sampled")),
    ]
    assert len({*also.cells()[Stage.GRPO].evaluations.values()}) == 8


def test_chains_share_an_sft_policy_and_what_is_known_of_it(done: Path, tmp_path: Path) -> None:
    made = [*(done / "sft").glob("*.*"), *done.glob("eval-SFT-*/episodes.jsonl")]
    before = {path: path.stat().st_mtime_ns for path in made}
    mine = ["--quick", "--stages", "SFT", "--seed", "1", "--tasks", "16", "--out", str(tmp_path)]
    numbers = json.loads(pipeline.main([*mine, "--policy", str(done / "sft")]).read_text("utf-8"))
    assert {path: path.stat().st_mtime_ns for path in made} == before
    assert (
        numbers["greedy"]["SFT"] == json.loads((done / "report.json").read_text())["greedy"]["SFT"]
    )
    assert not (tmp_path / "sft").exists()
    page = (tmp_path / "report.md").read_text("utf-8")
    assert "| SFT | embedded:desk(n=200,seed=1)" in page
    both = json.loads(seeds.main([str(done), str(tmp_path), "--out", str(tmp_path)]).read_text())
    assert list(both["sampled"]) == ["SFT"]  # what both have
    one = numbers["sampled"]["SFT"]["metrics"]
    for name, found in both["sampled"]["SFT"]["metrics"].items():
        assert found["value"] == pytest.approx(one[name]["value"])
        assert (found["n"], found["clusters"]) == (2 * one[name]["n"], one[name]["clusters"])
    with pytest.raises(FileNotFoundError, match="--policy takes the folder"):
        parsed("--policy", str(tmp_path))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--longer", "3", "--stages", "SFT"], "SFT-longer among the stages .* got SFT;"),
        (["--longer", "equal", "--stages", "SFT-longer"], "GRPO among the stages"),
        (["--data", "desk:40", "--also", "desk:040:0"], "got embedded:desk.n=40,seed=0. twice"),
        (["--data", "desk:40", "--also", "desk:20", "desk:20:0"], "n=20,seed=0. twice"),
    ],
)
def test_options_that_say_two_things_are_refused(
    options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises((SystemExit, ValueError)) as refused:
        pipeline.main([*options, "--dry-run"])
    assert re.search(words, f"{capsys.readouterr().err}{refused.value}")


def test_other_data_in_a_file_of_the_same_name_are_judged_on_too(tmp_path: Path) -> None:
    for folder, seed in (("a", 0), ("b", 3)):
        (tmp_path / folder).mkdir()
        made = ["--tasks", "20", "--seed", str(seed), "--out", str(tmp_path / folder / "d.json")]
        generate.main(made)
    both = ["--data", str(tmp_path / "a" / "d.json"), "--also", str(tmp_path / "b" / "d.json")]
    pipeline.main([*both, "--stages", "SFT", "--dry-run"])
    with pytest.raises(ValueError, match="got file:d.json twice"):
        pipeline.main([*both, str(tmp_path / "a" / ".." / "a" / "d.json"), "--dry-run"])


def test_stages_bring_what_they_rest_on() -> None:
    assert ordered(["grpo"]) == (Stage.SFT, Stage.GRPO)
    assert pairs(ordered(["grpo"])) == [(Stage.GRPO, Stage.SFT)]
    with pytest.raises(ValueError, match="expected stages among base"):
        ordered(["ppo"])


def test_the_demo_is_one_configuration() -> None:
    planned = demo.planned(demo.DemoOptions(seed=3, generations=100))
    assert planned.chosen == (Stage.BASE, Stage.SFT, Stage.GRPO)
    assert planned.place(Stage.GRPO) == Path("runs/demo/grpo")
    for stage in (Stage.SFT, Stage.GRPO):
        training = planned.training(stage)
        assert training is not None
        assert training.args[-1].seed == 3
    assert [path.name for path in planned.cells()[Stage.SFT].evaluations.values()] == [
        "eval-SFT-greedy",
        "eval-SFT-sampled",
    ]
    assert (planned.tasks, planned.name) == (1_000, "demo")
