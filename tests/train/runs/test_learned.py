"""What a policy has learned from, and what an evaluation says of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reasonact_env.episode import Mode
from tasks.load import load_tasks
from train.evaluate import EvaluationSettings, agent_named, evaluate
from train.runs.learned import dialogue_hash, hashes_of, known_words, read_learned, write_learned
from train.scoring.report import Subject


def test_a_dialogue_is_the_same_in_another_set() -> None:
    small, large = load_tasks("desk:5:1").tasks, load_tasks("desk:9:1").tasks
    assert hashes_of(small) < hashes_of(large)
    assert len(hashes_of(large)) == 9
    assert dialogue_hash(small[0]) == dialogue_hash(large[0])


def test_hashes_on_disk(tmp_path: Path) -> None:
    hashes = hashes_of(load_tasks("desk:5:1").tasks)
    assert read_learned(tmp_path) == frozenset()
    write_learned(tmp_path, hashes)
    assert read_learned(tmp_path) == hashes


@pytest.mark.parametrize("count", [0, 3])
def test_an_evaluation_says_how_many_of_its_tasks_the_policy_knows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], count: int
) -> None:
    plan = EvaluationSettings(data="desk:40", split="test")
    subject = Subject("a source", "gold", plan.split, Mode(plan.mode), "scripted")
    others = load_tasks("desk:3:9").tasks
    learned = hashes_of([*plan.chosen()[:count], *others])
    evaluate(plan, subject, agent_named("gold", plan), tmp_path, learned=learned)
    summary = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    assert (summary["tasks_trained_on"], summary["tasks"]) == (count, len(plan.chosen()))
    assert ("in the policy's training data" in capsys.readouterr().out) is (count > 0)


def test_the_words() -> None:
    assert known_words(0, 5, "test") == ""
    assert known_words(2, 5, "test").startswith("2 of these 5 tasks were in the policy's training")
    assert "'test' here" in known_words(2, 5, "test")
    assert "here" not in known_words(2, 5, "train")
