"""Several seeds of a pipeline as one."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from reasonact_env.episode import Mode
from train.scoring.report import Subject
from train.scoring.results import Results
from train.seeds import pooled
from train.studies.cells import View
from train.studies.pipeline_report import differences, read, show
from train.studies.stages import Stage

VIEW = View(None, Mode.DIALOGUE, "sampled", own=True)
OTHER = View("desk:9", Mode.DIALOGUE, "sampled", own=False)
SUBJECT = Subject("some dialogues", "a policy", "test", Mode.DIALOGUE, "sampled")


def results(*won: int, without: str | None = None) -> Results:
    """A task for each number, won or not; perhaps without one of the metrics."""
    parts = [{"success": (float(one), 1.0)} for one in won]
    found = Results.of(parts, [f"task-{i}" for i in range(len(won))], SUBJECT)
    kept = {name: table for name, table in found.table.items() if name != without}
    return Results(found.subject, kept)


def test_seeds_are_repetitions_of_the_same_tasks() -> None:
    first = {VIEW: {Stage.SFT: results(0, 0, 1, 0), Stage.GRPO: results(1, 0, 1, 0)}}
    second = {VIEW: {Stage.SFT: results(0, 0, 1, 0), Stage.GRPO: results(1, 1, 1, 0)}}
    (found,) = pooled([first, second]).values()
    success = found[Stage.GRPO].estimates["success"]
    assert (success.value, success.n, success.clusters) == (5 / 8, 8, 4)
    assert found[Stage.SFT].estimates["success"].clusters == 4
    gain = differences(found)["GRPO - SFT"]["success"]
    assert (gain.value, gain.n, gain.clusters) == (5 / 8 - 2 / 8, 8, 4)


@pytest.mark.parametrize("width", [80, 120])
def test_tables_of_many_stages_fit_the_screen(width: int) -> None:
    judged = {stage: results(0, 1, 1, 0) for stage in Stage}
    out = io.StringIO()
    show({VIEW: judged}, "seed 0", Console(file=out, width=width))
    shown = out.getvalue()
    assert max(map(len, shown.splitlines())) <= width
    assert "│ success, %" in shown  # in one line
    assert all(stage in shown for stage in Stage)
    assert all(pair in shown for pair in differences(judged))


def test_what_only_some_runs_have_is_left_out() -> None:
    first = {VIEW: {Stage.SFT: results(0, 1), Stage.GRPO: results(1, 1)}, OTHER: {}}
    second = {VIEW: {Stage.SFT: results(0, 1, without="tau")}}
    found = pooled([first, second])
    assert {view: list(judged) for view, judged in found.items()} == {VIEW: [Stage.SFT]}
    assert "success" in found[VIEW][Stage.SFT].estimates
    assert "tau" not in found[VIEW][Stage.SFT].table
    with pytest.raises(ValueError, match="expected runs that judged the same stages"):
        pooled([{OTHER: {Stage.SFT: results(1)}}, second])


def test_a_report_of_before_is_refused_with_what_to_do(tmp_path: Path) -> None:
    old = tmp_path / "report.json"
    old.write_text(json.dumps({"note": "seed 0", "sampled": {}}))
    with pytest.raises(ValueError, match="writes it anew"):
        read(old)
    with pytest.raises(FileNotFoundError, match="writes it in the end"):
        read(tmp_path / "elsewhere" / "report.json")
