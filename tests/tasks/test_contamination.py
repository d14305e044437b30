"""Whether figures on dialogues are said to be contaminated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tasks.contamination import RULES, TASKS, contamination
from tasks.load import load_tasks
from tasks.setups import Recorded


@pytest.mark.parametrize("data", ["desk:3", "retail:3", "kaleidoscope:3", "procedures:3"])
def test_generated_dialogues_are_clean(data: str) -> None:
    assert contamination(load_tasks(data).tasks) == ""


def test_a_sidecar_that_names_the_benchmark_and_its_tools_alone() -> None:
    tasks = [replace(task, setup=Recorded()) for task in load_tasks("retail:3").tasks]
    assert contamination(tasks) == RULES
    tasks[1] = replace(tasks[1], labels={"benchmark": "tau2"})
    assert contamination(tasks) == TASKS


def test_real_dialogues(shared_data: Path) -> None:
    file = shared_data / "dialogues" / "apigen_mt_like_real.json"
    assert contamination(load_tasks(file).tasks) == TASKS
    assert contamination(load_tasks(file.with_name("star_apigen_like.json")).tasks) == ""
