"""Evaluation with scripted agents: numbers, files, resumption, comparison."""

import json
import math
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from reasonact_env.agent import Agent, Session
from reasonact_env.episode import Mode
from reasonact_env.episodes.storage import read_episodes
from train.evaluate import EvaluationSettings, agent_named, evaluate, main
from train.runs.played import Pace
from train.scoring.report import Subject
from train.scoring.results import Results, gains

DATA = "desk:40"


def run(agent: str, out: Path, shard: int = 256, **plan: object) -> Results:
    """Evaluates a scripted agent on a few generated tasks."""
    settings = EvaluationSettings(**{"data": DATA, "split": "all", **plan})  # type: ignore[arg-type]
    subject = Subject("a source", agent, settings.split, Mode(settings.mode), "scripted")
    return evaluate(settings, subject, agent_named(agent, settings), out, pace=Pace(shard))


@pytest.mark.parametrize("mode", ["dialogue", "turn"])
def test_gold_has_full_marks_in_every_share(mode: str, tmp_path: Path) -> None:
    found = run("gold", tmp_path, mode=mode).estimates
    assert found["return"].value == pytest.approx(1)
    full = {"success", "action_recall", "format_rate", "decision_accuracy", "tool_f1", "answer_f1"}
    assert {name: found[name].value for name in full & set(found)} == dict.fromkeys(
        full & set(found), 1.0
    )
    assert found["messages"].clusters == 40


def test_polite_agent_never_calls(tmp_path: Path) -> None:
    found = run("polite", tmp_path, mode="turn").estimates
    assert found["over_call"].value == 0
    assert found["under_call"].value == 1
    assert found["tool_recall"].value == 0
    assert "tool_precision" not in found


def test_strata_add_up_to_all_tasks(tmp_path: Path) -> None:
    found = run("gold", tmp_path).estimates
    assert found["success_write"].n + found["success_no_write"].n == found["success"].n == 40


class Tired:
    """Plays like another agent, until it has had enough."""

    def __init__(self, agent: Agent, strength: int) -> None:
        self.agent, self.strength = agent, strength

    def act(self, sessions: Sequence[Session]) -> list[str]:
        self.strength -= len(sessions)
        if self.strength < 0:
            raise KeyboardInterrupt
        return self.agent.act(sessions)


def test_killed_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    whole = run("gold", tmp_path / "whole", shard=16)
    plan = EvaluationSettings(data=DATA, split="all")
    gold = agent_named("gold", plan)
    tired = Tired(gold(0), 120)
    with pytest.raises(KeyboardInterrupt):
        evaluate(plan, whole.subject, lambda seed: tired, tmp_path / "broken", pace=Pace(16))
    kept = [part.stat().st_mtime_ns for part in (tmp_path / "broken" / "parts").iterdir()]
    assert 0 < len(kept) < 3
    half = tmp_path / "broken" / "parts" / f".{len(kept):05d}.jsonl.abc.partial"
    half.write_text("{")  # what kill -9 leaves of the part that was being written
    fresh = Tired(gold(0), 10_000)
    again = evaluate(plan, whole.subject, lambda seed: fresh, tmp_path / "broken", pace=Pace(16))
    assert again.estimates == whole.estimates
    assert [ep.task_id for ep in read_episodes(tmp_path / "broken" / "episodes.jsonl")[1]] == [
        ep.task_id for ep in read_episodes(tmp_path / "whole" / "episodes.jsonl")[1]
    ]
    messages = sum(whole.table["messages"].numerators)
    assert 10_000 - fresh.strength < messages


def test_a_kill_costs_no_more_than_what_is_played_at_a_time(tmp_path: Path) -> None:
    plan = EvaluationSettings(data=DATA, split="all", batch=16)
    tired = Tired(agent_named("gold", plan)(0), 120)
    with pytest.raises(KeyboardInterrupt):
        evaluate(plan, plan.subject("gold", "scripted"), lambda seed: tired, tmp_path / "broken")
    first = min((tmp_path / "broken" / "parts").iterdir())
    assert len(read_episodes(first)[1]) == 16


def test_a_run_that_was_cut_otherwise_goes_on_as_it_was_cut(tmp_path: Path) -> None:
    plan = EvaluationSettings(data=DATA, split="all", batch=8)
    subject, gold = plan.subject("gold", "scripted"), agent_named("gold", plan)
    out, tired = tmp_path / "broken", Tired(gold(0), 120)
    with pytest.raises(KeyboardInterrupt):
        evaluate(plan, subject, lambda seed: tired, out, pace=Pace(16))
    results = evaluate(plan, subject, gold, out)
    played = [one.task_id for one in read_episodes(out / "episodes.jsonl")[1]]
    assert played == [task_id for task_id, _ in plan.wanted]
    assert len(results.table["messages"].numerators) == len(played)


def test_folder_of_another_run_is_refused(tmp_path: Path) -> None:
    run("gold", tmp_path)
    with pytest.raises(ValueError, match="another --out"):
        run("polite", tmp_path)


def test_a_run_that_names_no_folder_has_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    some = ["--agent", "polite", "--data", DATA, "--tasks", "2"]
    first = main(some)
    assert f"Folder:  {first}" in capsys.readouterr().out
    assert main(some) == first
    assert "Read, not played" in capsys.readouterr().out
    others = [main([*some, *more]) for more in (["--mode", "turn"], ["--trials", "2"])]
    assert len({first, *others, main(["--agent", "silent", *some[2:]])}) == 4


def test_a_refused_start_leaves_nothing(tmp_path: Path) -> None:
    def fails(seed: int) -> Agent:
        raise ValueError("no such agent")

    plan = EvaluationSettings(data=DATA, tasks=2)
    with pytest.raises(ValueError, match="no such agent"):
        evaluate(plan, plan.subject("x", "scripted"), fails, tmp_path / "new" / "eval")
    assert not [*tmp_path.iterdir()]


def test_trials_give_pass_k(tmp_path: Path) -> None:
    results = run("gold", tmp_path, trials=3)
    assert results.pass_k["pass^3"]["value"] == 1
    assert results.estimates["success"].clusters == 40
    assert results.estimates["success"].n == 120


def test_results_survive_the_disk_and_compare_in_pairs(tmp_path: Path) -> None:
    gold, polite = run("gold", tmp_path / "a"), run("polite", tmp_path / "b")
    loaded = Results.load(tmp_path / "a" / "arrays.npz")
    assert loaded.subject == gold.subject
    assert loaded.estimates == gold.estimates
    gain = gains([loaded], [polite])["success"]
    assert gain.value == gold.estimates["success"].value - polite.estimates["success"].value
    assert gain.clusters == 40


@pytest.mark.parametrize("name", ["nobody", "json:missing"])
def test_unknown_agent_is_named(name: str) -> None:
    with pytest.raises(ValueError, match="expected an agent|has no"):
        agent_named(name, EvaluationSettings(data=DATA))


def test_main_says_source_model_and_replay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = main(["--agent", "gold", "--data", DATA, "--split", "all", "--out", str(tmp_path)])
    shown = " ".join(capsys.readouterr().out.split())
    assert "agent gold" in shown
    assert "desk" in shown
    assert "reasonact_env.replay" in shown
    summary = json.loads((out / "summary.json").read_text())
    assert summary["metrics"]["success"]["value"] == 1
    assert not any(math.isnan(m["value"]) for m in summary["metrics"].values())


def test_scripted_agents_need_no_torch() -> None:
    code = "import sys, train.evaluate, train.audit; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
