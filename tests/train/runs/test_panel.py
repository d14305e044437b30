"""What a person sees of a run: on a terminal, in a log, and from another terminal."""

import io
import json
import os
import re
import time
from pathlib import Path

import pytest
from rich.console import Console

from train import watch
from train.runs.live import STATE, Lines, Teller
from train.runs.panel import Shown, panel, plain
from train.runs.run import METRICS
from train.runs.trends import read

JOURNAL = Path(__file__).parents[2] / "data" / "journals" / "desk-weak.jsonl"
EPISODE = "desk-00417 · 6 messages · return 0.83 · success · “Please \x1b[31mcancel [bold]it[/]”"


class Kept:
    """A view that keeps what it is shown."""

    is_live = False

    def __init__(self) -> None:
        self.seen: list[Shown] = []

    def __call__(self, shown: Shown) -> None:
        self.seen.append(shown)


def text_of(shown: Shown, width: int) -> str:
    screen = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    screen.print(panel(shown))
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


@pytest.mark.parametrize("width", [80, 120])
def test_the_panel_says_what_matters_within_its_width(width: int) -> None:
    shown = Shown("GRPO of a policy", read(JOURNAL)[:42], 100, EPISODE)
    text = text_of(shown, width)
    assert max(map(len, text.splitlines())) <= width
    for word in ("42/100", "return", "entropy", "outcome", "desk-00417", "left"):
        assert word in text
    assert "\x1b[31m" not in text, "foreign text steers no terminal"
    if width > 100:
        assert "[bold]it" in text, "nor is it markup"


def test_the_panel_names_failures() -> None:
    lines = [{**line, "total/dead": 1.0} for line in read(JOURNAL)]
    text = text_of(Shown("GRPO", lines, 100), 80)
    assert "no signal" in text
    assert "--group" in text


def test_a_run_without_a_step_has_a_panel() -> None:
    assert "0/100" in text_of(Shown("GRPO", [], 100), 80)
    assert "step 0" in text_of(Shown("GRPO", [{"step": 0, "held_out/success": 0.5}]), 80)


def test_imitation_has_a_panel_too() -> None:
    lines = [{"step": step, "loss": 1 / step, "grad_norm": 1.0} for step in range(1, 9)]
    assert "loss" in text_of(Shown("SFT", lines), 80)


def test_a_step_is_a_line() -> None:
    line = {"step": 3, "total/mean": 0.51234, "total/dead": 0.25, "entropy": 0.1}
    assert plain(line, 40) == "step 3/40  return 0.512  dead 25%  entropy 0.1"


def test_a_log_has_some_lines_and_each_failure_once() -> None:
    screen = Console(file=io.StringIO(), width=80)
    show, lines = Lines(screen), [{**line, "total/dead": 1.0} for line in read(JOURNAL)]
    for step in range(1, len(lines) + 1):
        show(Shown("GRPO", lines[:step], len(lines)))
    assert isinstance(screen.file, io.StringIO)
    said = screen.file.getvalue().splitlines()
    assert sum(line.startswith("step ") for line in said) == 51
    assert said[-1].startswith("step 100/100")
    assert sum(line.startswith("! no signal") for line in said) == 1


def test_another_terminal_sees_what_the_run_sees(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / METRICS).write_bytes(JOURNAL.read_bytes())
    show = Kept()
    tell = Teller(show, tmp_path, "GRPO", 100, lambda: EPISODE)
    tell(read(JOURNAL))
    assert watch.shown(tmp_path) == show.seen[0]
    watch.main([str(tmp_path)])
    assert "step 100/100" in capsys.readouterr().out


def test_a_broken_state_file_is_ignored(tmp_path: Path) -> None:
    (tmp_path / METRICS).write_bytes(JOURNAL.read_bytes())
    (tmp_path / STATE).write_text('{"title": ')
    assert watch.shown(tmp_path).title == str(tmp_path)


def test_a_folder_without_a_run_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=METRICS):
        watch.main([str(tmp_path)])


def test_of_a_pipeline_the_stage_that_wrote_last_is_shown(tmp_path: Path) -> None:
    now = time.time()
    for stage, written in (("sft", now - 100), ("grpo", now - 10), ("cold-start", now - 50)):
        (tmp_path / stage).mkdir()
        (tmp_path / stage / METRICS).write_text(JOURNAL.read_text("utf-8"), "utf-8")
        os.utime(tmp_path / stage / METRICS, (written, written))
    assert watch.shown(tmp_path).title == str(tmp_path / "grpo")
    assert watch.shown(tmp_path / "sft").title == str(tmp_path / "sft")


def test_a_pipeline_is_over_when_it_has_its_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither when a stage is, nor with the numbers of an earlier run."""
    stages, pauses = ["sft", "grpo", "grpo-plain"], []
    (tmp_path / "demo.json").write_text("{}")
    os.utime(tmp_path / "demo.json", (1.0, 1.0))

    def goes_on(seconds: float) -> None:
        pauses.append(seconds)
        if stages:
            run = tmp_path / stages.pop(0)
            run.mkdir()
            (run / METRICS).write_bytes(JOURNAL.read_bytes())
            (run / STATE).write_text(json.dumps({"title": run.name, "total": 100}))
            written = 1_000.0 + len(pauses)
            os.utime(run / METRICS, (written, written))
        else:
            (tmp_path / "demo.json").write_text("{}")

    goes_on(0.0)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr("train.watch.time.sleep", goes_on)
    watch.main([str(tmp_path)])
    assert len(pauses) == 4
    said = capsys.readouterr().out
    assert all(f"{stage}\x1b[0m\n" in said for stage in ("sft", "grpo", "grpo-plain"))


@pytest.mark.parametrize(
    "state", ["[1]", "null", '{"total": "2"}', '{"total": true}', '{"other": 1, "title": "GRPO"}']
)
def test_a_state_of_another_shape_tells_nothing(tmp_path: Path, state: str) -> None:
    (tmp_path / METRICS).write_bytes(JOURNAL.read_bytes())
    (tmp_path / STATE).write_text(state)
    shown = watch.shown(tmp_path)
    assert shown.total is None
    assert "entropy" in text_of(shown, 80)


def test_a_journal_without_steps_is_refused_and_what_is_no_number_is_left_out(
    tmp_path: Path,
) -> None:
    journal = tmp_path / METRICS
    journal.write_text('{"step": 1, "entropy": NaN, "loss": "high", "total/mean": 0.5}\n')
    assert read(journal) == [{"step": 1, "total/mean": 0.5}]
    for line in ('{"loss": 1.0}', '{"step": "one"}', '{"step": NaN}'):
        journal.write_text('{"step": 1}\n' + line + "\n")
        with pytest.raises(ValueError, match="found none in line 2"):
            watch.main([str(tmp_path)])


def test_a_stage_that_says_no_total_is_over_when_its_policy_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Imitation keeps a journal and tells no number of steps."""
    (tmp_path / METRICS).write_bytes(JOURNAL.read_bytes())
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(
        "train.watch.time.sleep", lambda seconds: (tmp_path / "policy.json").write_text("{}")
    )
    watch.main([str(tmp_path)])
    assert "entropy" in capsys.readouterr().out


def test_a_stage_that_was_added_to_a_pipeline_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "sft").mkdir()
    (tmp_path / "sft" / METRICS).write_bytes(JOURNAL.read_bytes())
    (tmp_path / "report.json").write_text("{}")
    os.utime(tmp_path / "sft" / METRICS, (1.0, 1.0))
    assert watch.is_over(tmp_path, watch.shown(tmp_path))
    (tmp_path / "grpo").mkdir()
    (tmp_path / "grpo" / "run.json").write_text("{}")
    later = time.time() + 10
    os.utime(tmp_path / "grpo" / "run.json", (later, later))
    assert not watch.is_over(tmp_path, watch.shown(tmp_path))


@pytest.mark.parametrize("place", ["file", "folder"])
def test_what_never_gets_a_journal_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "report.json").write_text("{}")
    monkeypatch.setenv("FORCE_COLOR", "1")
    with pytest.raises((NotADirectoryError, FileNotFoundError), match="expected a run's folder"):
        watch.main([str(tmp_path / "report.json" if place == "file" else tmp_path)])


def test_a_run_that_is_silent_for_long_is_said_to_be(tmp_path: Path) -> None:
    journal = tmp_path / METRICS
    lines = JOURNAL.read_text("utf-8").splitlines(keepends=True)
    journal.write_text("".join(lines[: len(lines) // 2]))
    (tmp_path / STATE).write_text('{"title": "GRPO", "total": 100}')
    assert watch.shown(tmp_path).note == ""
    hours_ago = time.time() - 7200
    os.utime(journal, (hours_ago, hours_ago))
    silent = watch.shown(tmp_path)
    assert silent.note.startswith("no step for 2:00:0")
    assert "may have ended" in text_of(silent, 80)
    journal.write_bytes(JOURNAL.read_bytes())
    os.utime(journal, (hours_ago, hours_ago))
    assert watch.shown(tmp_path).note == ""  # it is over


def test_a_run_that_has_not_begun_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run, pauses = tmp_path / "later", []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            run.mkdir()
            (run / METRICS).write_bytes(JOURNAL.read_bytes())
            (run / STATE).write_text('{"title": "GRPO", "total": 100}')

    monkeypatch.setenv("FORCE_COLOR", "1")  # as on a terminal
    monkeypatch.setattr("train.watch.time.sleep", pause)
    watch.main([str(run)])
    assert pauses == [watch.PAUSE] * 3
    said = capsys.readouterr().out
    assert "waiting" in said
    assert "100/100" in said


def test_all_that_the_panel_shows_is_in_its_legend(capsys: pytest.CaptureFixture[str]) -> None:
    watch.main(["--legend"])
    said = capsys.readouterr().out
    shown = text_of(Shown("GRPO", read(JOURNAL), 100), 80)
    labels = re.findall(r"^(held out|KL a step|[a-z/]+) +-?[\d.]", shown, re.M)
    assert {"return", "entropy", "calls"} <= {*labels}
    components = {"format", "decision", "tool", "answer", "thinking", "outcome"}
    assert [one for one in labels if one not in said and one not in components] == []


def test_a_picture_of_a_run_is_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / METRICS).write_bytes(JOURNAL.read_bytes())
    watch.main([str(tmp_path), "--svg", str(tmp_path / "panel.svg")])
    picture = (tmp_path / "panel.svg").read_text("utf-8")
    assert "entropy" in picture
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")
