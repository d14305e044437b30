"""What people said of the reasoning, in a pipeline's report."""

from pathlib import Path

import pytest

from reasonact_env.rate.criteria import CRITERIA
from reasonact_env.rate.ratings import FILE, Rating, add
from train.studies.pipeline_report import rated


def test_judgements_stand_with_their_agreement(tmp_path: Path) -> None:
    assert list(rated(tmp_path)) == []
    for task, mark in (("a", 2), ("b", 4), ("c", 5)):
        scores = dict.fromkeys(CRITERIA, mark)
        add(tmp_path / FILE, Rating("one", "ann", task, task, ("SFT",), scores))
    alone = "\n".join(rated(tmp_path))
    assert "|  | SFT | alpha |" in alone
    assert "| one rater |" in alone


def test_two_who_agree_have_an_alpha_of_one(tmp_path: Path) -> None:
    pytest.importorskip("krippendorff", reason="needs the extra 'rate'")
    for task, mark in (("a", 2), ("b", 4), ("c", 5)):
        for rater in ("ann", "bob"):
            scores = dict.fromkeys(CRITERIA, mark)
            add(tmp_path / FILE, Rating("one", rater, task, task, ("SFT",), scores))
    lines = [line for line in rated(tmp_path) if line.startswith(f"| {next(iter(CRITERIA))} ")]
    assert [line.split("|")[-2].strip() for line in lines] == ["1.00"]
