"""Cells that rest on each other: run side by side, gone on with, refused, timed."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from functools import partial
from io import StringIO
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from rich.console import Console  # noqa: E402

from reasonact_env.episode import Mode  # noqa: E402
from train import sft  # noqa: E402
from train.models.profiles import DEMO  # noqa: E402
from train.studies import sweep  # noqa: E402
from train.studies.cells import Cell, View  # noqa: E402

pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning"),
]

DATA = "desk:60"
OWN = View(DATA, Mode.TURN, "greedy", own=True)
OTHER = View("desk:50:7", Mode.TURN, "greedy", own=False)


def chain(out: Path, *views: View, seed: int = 0) -> list[Cell]:
    """Random weights, and other ones that are said to rest on them."""
    first, second = (sft.planned(DEMO, DATA, one, tasks=20) for one in (seed, seed + 1))
    start = cell("first", first, None, out, *views)
    return [start, cell("second", second, start, out, *views)]


def cell(name: str, plan: sft.SftSettings, start: Cell | None, out: Path, *views: View) -> Cell:
    return Cell(
        name=name,
        words=f"the {name} one",
        train=partial(sft.base_policy, plan),
        policy=out / name,
        evaluations={view: out / f"eval-{name}-{view.suffix}" for view in views},
        tasks=1,
        note=out / "cells" / f"{name}.json",
        start=start,
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a chain that was run in processes of its own."""
    out = tmp_path_factory.mktemp("sweep")
    sweep.run(chain(out, OWN), jobs=2)
    return out


def written(out: Path) -> dict[str, int]:
    """When each file of policies and evaluations was written."""
    files = [path for path in out.rglob("*") if path.is_file() and path.parent.name != "cells"]
    return {str(path.relative_to(out)): path.stat().st_mtime_ns for path in files}


def timetable(cells: list[Cell]) -> str:
    screen = StringIO()
    Console(file=screen, width=100).print(sweep.timetable("A chain", cells, jobs=1))
    return screen.getvalue()


def test_a_cell_begins_when_what_it_rests_on_is_done(done: Path) -> None:
    first, second = chain(done, OWN)
    assert first.is_done
    assert second.is_done
    assert (done / "second" / "run.json").stat().st_mtime_ns > first.note.stat().st_mtime_ns
    assert "1/1" in first.log.read_text("utf-8")  # its evaluation's progress
    assert list(first.results()) == [OWN]


def test_what_is_done_is_not_done_again(done: Path) -> None:
    before = written(done)
    sweep.run(chain(done, OWN))
    assert written(done) == before
    assert "2 cells, 2 done" in timetable(chain(done, OWN))


def test_a_time_that_nothing_tells_yet_is_called_a_guess(tmp_path: Path) -> None:
    assert "guessed by" in " ".join(timetable(chain(tmp_path, OWN)).split())


def test_a_time_that_was_measured_is_not_called_a_guess(done: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy"
    shutil.copytree(done, out)
    shutil.rmtree(out / "eval-second-greedy-turn")
    assert "guessed by" not in " ".join(timetable(chain(out, OWN)).split())


def test_only_what_is_missing_is_done(done: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy"
    shutil.copytree(done, out)
    shutil.rmtree(out / "eval-second-greedy-turn")
    before = written(out)
    shown = timetable(chain(out, OWN))
    assert "2 cells, 1 done" in shown
    assert "by the cells that are done" in shown
    cells = chain(out, OWN, OTHER)
    sweep.run(cells)
    assert [{*one.results()} for one in cells] == [{OWN, OTHER}] * 2
    after = written(out)
    assert {name for name in before if "policy.json" in name or "safetensors" in name} <= {
        name for name in before if after[name] == before[name]
    }


def test_other_settings_are_refused_before_anything_runs(done: Path) -> None:
    before = written(done)
    with pytest.raises(ValueError, match=r"first holds another one \(it differs in training"):
        sweep.run(chain(done, OWN, seed=5))
    first, second = chain(done, OWN)
    assert not replace(first, tasks=2).is_done
    other, _ = chain(done, OWN, seed=5)
    with pytest.raises(ValueError, match="second holds another one"):
        replace(second, start=other).require_same()  # the same settings, from another policy
    assert written(done) == before


def test_what_an_earlier_version_finished_is_taken_as_it_is(done: Path, tmp_path: Path) -> None:
    """Its notes did not say how a cell was trained; the folders of policy and evaluation do."""
    out = tmp_path / "copy"
    shutil.copytree(done, out)
    for note in (out / "cells").glob("*.json"):
        note.write_text(json.dumps({"policy": note.stem, "seconds": {"train": 5.0}}))
    cells = chain(out, OWN)
    before = written(out)
    sweep.run(cells)
    assert all(one.is_done and one.seconds["train"] >= 5 for one in cells)
    played = [name for name in before if name.endswith(("safetensors", "episodes.jsonl"))]
    assert len(played) == 4
    assert all(written(out)[name] == before[name] for name in played)


def test_a_policy_that_is_given_is_told_by_its_weights(done: Path, tmp_path: Path) -> None:
    first, second = chain(done, OWN)
    given = replace(first, train=None, note=tmp_path / "given.json")
    given.run()
    assert given.is_done
    moved = tmp_path / "moved"
    shutil.copytree(first.policy, moved)
    assert replace(given, policy=moved).is_done
    with pytest.raises(ValueError, match="differs in training.sha256"):
        sweep.run([replace(given, policy=second.policy)])


@pytest.mark.parametrize(("seconds", "told"), [(0.2, ""), (20.0, "20 s"), (90.0, "1.5 minutes")])
def test_a_cell_says_how_long_it_took_where_that_says_something(
    seconds: float, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter((100.0, 100.0 + seconds))
    monkeypatch.setattr(sweep, "monotonic", lambda: next(clock))
    with sweep.heading("a cell"):
        pass
    assert [one for one in capsys.readouterr().out.splitlines()[1:] if one] == (
        [told] if told else []
    )
