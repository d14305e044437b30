"""The baseline table, and the bounds of the reward on the embedded dialogues."""

import json
from pathlib import Path

import pytest

from agents.baselines import BASELINES
from agents.hacks import HACKS
from train.audit import AuditLine, audit, main
from train.evaluate import EvaluationSettings


def test_a_floor_beyond_its_bound_is_named() -> None:
    gold = AuditLine("gold", 1.0, {"call": 1.0, "reply": 1.0}, {})
    assert AuditLine("fair", 0.3, {"call": 0.1, "reply": 0.5}, {}).breaches(gold) == []
    assert AuditLine("foul", 0.4, {"call": 0.1, "reply": 0.6}, {}).breaches(gold) == [
        "overall",
        "reply",
    ]


@pytest.mark.parametrize("data", ["desk:60", "retail:20", "kaleidoscope:20"])
@pytest.mark.parametrize("mode", ["dialogue", "turn"])
def test_gold_earns_one_and_floors_stay_below(data: str, mode: str) -> None:
    plan = EvaluationSettings(data=data, split="all", mode=mode)
    gold, *baselines = audit(plan, {**BASELINES, **HACKS})
    assert gold.overall == pytest.approx(1)
    assert all(earned == pytest.approx(1) for earned in gold.strata.values())
    assert {
        baseline.agent: baseline.breaches(gold) for baseline in baselines if baseline.breaches(gold)
    } == {}


def test_main_writes_every_agent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = main(["--data", "desk:20", "--out", str(tmp_path / "audit.json")])
    rows = json.loads(file.read_text())["rows"]
    assert [row["agent"] for row in rows] == ["gold", *BASELINES, *HACKS]
    shown = capsys.readouterr().out
    assert "desk" in shown
    assert "within the bounds" in shown
