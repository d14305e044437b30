import json
from pathlib import Path

import pytest

from tasks.agenda.user import AgendaUser
from tasks.generate import main
from tasks.load import load_tasks


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "retail.json"
    assert main(["--world", "retail", "--tasks", "12", "--seed", "7", "--out", str(path)]) == 0
    return path


def test_the_files_are_a_data_set(made: Path) -> None:
    tasks = load_tasks(str(made))
    assert len(tasks.tasks) == 12
    assert not tasks.errors
    assert all(isinstance(task.setup.user, AgendaUser) for task in tasks.tasks)


def test_they_hold_what_the_embedded_set_holds(made: Path) -> None:
    ours, embedded = load_tasks(str(made)).tasks, load_tasks("retail:12:7").tasks
    assert [task.messages for task in ours] == [task.messages for task in embedded]
    assert [task.goal for task in ours] == [task.goal for task in embedded]


def test_nothing_but_the_two_files_is_left(made: Path) -> None:
    names = sorted(path.name for path in made.parent.iterdir())
    assert names == ["retail.json", "retail.meta.json"]


def test_the_table_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--tasks", "5", "--out", str(tmp_path / "few.json")]) == 0
    shown = capsys.readouterr().out
    for word in ("tasks", "rejected", "intents", "calls a task", "turns a task"):
        assert word in shown


@pytest.mark.parametrize("columns", ["80", "120"])
def test_one_can_be_looked_at(
    made: Path,
    columns: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert main(["--out", str(made), "--inspect", "retail-00003"]) == 0
    shown = capsys.readouterr().out
    assert all(len(line) <= int(columns) for line in shown.splitlines())
    said = json.loads(made.read_text("utf-8"))[3]["conversations"][0]["value"]
    assert said.split(". ")[0][:30] in shown
    assert "goal" in shown


def test_one_can_be_made_on_the_spot(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "7", "--inspect", "2"]) == 0
    fresh = capsys.readouterr().out
    assert main(["--out", str(made), "--inspect", "2"]) == 0
    assert capsys.readouterr().out == fresh


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], "expected --out FILE or --inspect"),
        (["--out", "x.txt"], "X.json"),
        (["--out", "."], "X.json"),
        (["--inspect", "three"], "number or id"),
        (["--out", "nowhere.json", "--inspect", "1"], "nowhere.json"),
    ],
)
def test_mistakes_are_explained(
    argv: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(argv) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("folder", ["x.json", "x.meta.json"])
def test_nothing_is_written_where_one_of_two_files_cannot_be(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / folder).mkdir()
    assert main(["--tasks", "1", "--out", str(tmp_path / "x.json")]) == 2
    assert folder in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [folder]


def test_a_number_out_of_range_is_refused_by_its_option(capsys: pytest.CaptureFixture[str]) -> None:
    for value in ("0", "10000001"):
        with pytest.raises(SystemExit):
            main(["--out", "x.json", "--tasks", value])
        assert "--tasks: expected a number from 1 to 10,000,000" in capsys.readouterr().err
