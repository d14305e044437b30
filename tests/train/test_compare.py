"""Paired comparison of saved evaluations."""

import json
from pathlib import Path

import pytest

from train import compare, evaluate

DATA = "desk:40"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("evaluations")
    common = ["--data", DATA, "--split", "all"]
    return {
        agent: evaluate.main(["--agent", agent, *common, "--out", str(root / agent)])
        for agent in ("gold", "polite")
    }


def test_two_runs_and_their_pool(
    folders: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    gold, polite = str(folders["gold"]), str(folders["polite"])
    out = tmp_path / "compare.json"
    arguments = ["--before", polite, gold, "--after", gold, gold, "--out", str(out)]
    found = json.loads(compare.main(arguments).read_text())
    assert found["run 1"]["success"]["value"] == 1
    assert found["run 2"]["success"]["value"] == 0
    assert found["pooled"]["success"]["value"] == 0.5
    assert found["pooled"]["success"]["clusters"] == 40
    assert found["run 1"]["success"]["before"]["value"] == 0
    assert found["run 1"]["success"]["after"]["value"] == 1
    assert found["run 1"]["success"]["tasks"] == {"better": 40, "worse": 0, "alike": 0}
    assert found["run 2"]["success"]["tasks"] == {"better": 0, "worse": 0, "alike": 40}
    shown = capsys.readouterr().out
    assert [name in shown for name in ("run 1", "run 2", "pooled over 2 runs")] == [True] * 3
    assert max(map(len, shown.splitlines())) <= 80
    assert "all · dialogue mode · scripted · 40 tasks" in shown
    (row,) = [line for line in shown.splitlines() if line.startswith("│ pooled │ success, %")]
    # 40 tasks, each better in one of two runs: the score interval is that of a share of 20 of 40
    assert row.split("│")[3:6] == ["   50.0 ", " 100.0 ", "   +50.0 [+35.2, +64.8] * "]
    assert "success: 40 tasks better, 0 worse, 0 alike" in shown


def test_a_folder_without_an_evaluation_is_named(folders: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=f"expected an evaluation in {tmp_path}, found no"):
        compare.main(["--before", str(folders["gold"]), "--after", str(tmp_path)])


def test_sides_have_to_match(folders: dict[str, Path]) -> None:
    gold = str(folders["gold"])
    with pytest.raises(ValueError, match="as many evaluations"):
        compare.main(["--before", gold, "--after", gold, gold])


def test_a_metric_that_one_side_lacks_is_shown(
    folders: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An agent that calls nothing has no share of failed calls."""
    out = ["--out", str(tmp_path / "compare.json")]
    compare.main(["--before", str(folders["polite"]), "--after", str(folders["gold"]), *out])
    lines = capsys.readouterr().out.splitlines()
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines]
    (failed,) = [row for row in rows if row and row[0].startswith("failed calls")]
    assert (failed[1], failed[3]) == ("-", "-")
    assert failed[2] != "-"
