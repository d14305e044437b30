"""The replay's command line."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from reasonact_env.env import ReasonActEnv
from reasonact_env.episodes.storage import read_episodes, write_episodes
from reasonact_env.episodes.verify import Report
from reasonact_env.failures.command import main as failures
from reasonact_env.replay import main
from reasonact_env.replay.index import index_path
from reasonact_env.replay.verifying import share_of
from tests.reasonact_env.replay.replayed import four, saved


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("replay") / "run.jsonl", four())


def test_plain_prints_whole_episodes(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(path), "--plain"]) == 0
    text = capsys.readouterr().out
    assert all(task in text for task in (e.task_id for e in read_episodes(path)[1]))
    assert main([str(path), "--plain", "--episode", "2"]) == 0
    text = capsys.readouterr().out
    assert "✗ failure" in text
    assert "✓ success" not in text
    assert "first wrong, in step" in text
    assert "◇" in text
    assert "\x1b" not in text


@pytest.fixture
def broken(path: Path, tmp_path: Path) -> Path:
    """The same episodes with a broken line before the last."""
    lines = path.read_bytes().splitlines(keepends=True)
    made = tmp_path / "broken.jsonl"
    made.write_bytes(b"".join([*lines[:4], b'{"task_id": bad\n', lines[4]]))
    return made


def test_a_broken_line_is_told_and_the_others_are_printed(
    broken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(broken), "--plain"]) == 1
    text = capsys.readouterr().out
    assert text.count("line 5: expected an episode") == 1
    tasks = [one.task_id for one in four()]
    assert [text.count(f"{task} · dialogue") for task in tasks] == [1] * 4
    assert text.index("line 5") < text.index(f"{tasks[-1]} · dialogue")
    assert main([str(broken), "--plain", "--episode", "1"]) == 0


def test_broken_lines_stop_no_comparison_and_no_export(
    path: Path, broken: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(path), "--compare", str(broken)]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "4 matches" in text
    assert f"1brokenlineof{broken}leftout" in "".join(text.split())  # a long path is wrapped
    out = tmp_path / "sft.jsonl"
    assert main([str(broken), "--export", "sft", "--out", str(out)]) == 1
    assert len(out.read_text("utf-8").splitlines()) == 4
    assert "1 broken line left out" in capsys.readouterr().out
    assert main([str(broken), "--groups"]) == 2  # each task was played once
    assert "each once" in capsys.readouterr().err


def test_a_mark_before_a_file_is_no_part_of_it(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    marked = tmp_path / "marked.jsonl"
    marked.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    for options in (["--list"], ["--plain"], ["--failures"], ["--verify"]):
        assert main([str(marked), *options]) == 0
    assert "4 of 4 episodes came back equal" in " ".join(capsys.readouterr().out.split())
    assert main([str(tmp_path), "--list"]) == 0  # found in its folder, too


def test_an_empty_name_is_not_the_present_folder(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    for arguments in ([""], [str(path), "--compare", ""], [str(path), "", "--failures"]):
        assert main([*arguments, *["--list"] * (len(arguments) == 1)]) == 2
        assert "got an empty name" in capsys.readouterr().err


def test_runs_that_were_not_played_alike_are_told(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    env = ReasonActEnv(data="desk:20", split="all", mode="turn")
    episodes = []
    for episode in four():
        env.reset(seed=0, options={"task_id": episode.task_id})
        while env.episode.stop is None:
            env.step("Hello.")
        episodes.append(env.episode)
    turns = saved(tmp_path / "turns.jsonl", episodes, mode="turn")
    page = tmp_path / "page.html"
    words = "not played alike: mode as usual ↔ turn"
    for options in (["--compare", str(turns)], [str(turns), "--failures"]):
        assert main([str(path), *options, "--html", str(page)]) == 0
        assert words in capsys.readouterr().out
        assert words in page.read_text("utf-8")
    assert failures([str(path), "--compare", str(turns)]) == 0
    assert words in capsys.readouterr().out
    assert main([str(path), str(path), "--failures"]) == 0
    assert "not played alike" not in capsys.readouterr().out


def test_list_has_a_line_an_episode(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(path), "--list"]) == 0
    _, _, head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["#", "task", "return", "steps", "stop", "what", "was", "wrong"]
    assert len(lines) == 4
    assert "✗" in lines[1]
    assert "running" in lines[3]
    assert main([str(path), "--list", "--where", "won", "--sort", "return", "--reverse"]) == 0
    lines = capsys.readouterr().out.splitlines()[3:]
    assert [line.split()[0] for line in lines] == ["1", "3"]


def test_json_has_an_object_an_episode(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(path), "--json", "--where", "tool=nope"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    row = json.loads(line)
    assert (row["episode"], row["success"], row["stop"]) == (3, True, "finished")
    assert "problem=unknown_tool" in row["tags"]
    assert main([str(path), "--json", "--episode", "2"]) == 0
    assert json.loads(capsys.readouterr().out)["episode"] == 2


def test_comparisons_and_groups_are_plain_values_too(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two, *_ = four()
    short = replace(one, steps=one.steps[:1], stop=None, outcome=None)
    other = saved(tmp_path / "other.jsonl", [short, one, two])
    assert main([str(path), "--compare", str(other), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(row["left"], row["right"]) for row in found["matches"]] == [(1, 1), (2, 3)]
    assert found["matches"][0]["difference"] == pytest.approx(short.total - one.total)
    assert main([str(path), "--compare", str(other), "--json", "--episode", "2"]) == 0
    assert len(json.loads(capsys.readouterr().out)["matches"]) == 1
    assert main([str(other), "--groups", "--json"]) == 0
    (group,) = json.loads(capsys.readouterr().out)["groups"]
    assert [member["number"] for member in group["members"]] == [2, 1]
    assert sum(member["advantage"] for member in group["members"]) == pytest.approx(0)


def test_failures_of_one_run_and_of_two(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(path), "--failures"]) == 0
    assert "1 of 3 episodes failed" in capsys.readouterr().out
    assert main([str(path), str(path), "--failures"]) == 0
    assert "0 mended · 0 broken" in capsys.readouterr().out


def test_failures_end_in_a_command_that_shows_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(tmp_path / ("a long name " * 9 + ".jsonl"), four(), data="gone.json")
    told = ["--data", "desk:20"]
    for command, options in ((main, ["--failures"]), (failures, [])):
        assert command([str(path), *options, *told]) == 0
        last = capsys.readouterr().out.splitlines()[-1]
        words = shlex.split(last.removeprefix("Step by step: "))
        assert words[:3] == ["python", "-m", "reasonact_env.replay"]
        assert words[3:6] == [str(path), "--episode", "2"]
        assert main([*words[3:], "--plain"]) == 0
        assert "first wrong, in step" in capsys.readouterr().out
    assert main([str(path), "--failures", "--where", "won", *told]) == 0
    assert "Step by step" not in capsys.readouterr().out


def test_failures_of_the_episodes_that_a_filter_leaves(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(path), "--failures", "--where", "-problem=unknown_tool"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "1 of 2 episodes failed" in shown
    assert "where -problem=unknown_tool: 3 of 4" in shown
    assert main([str(path), "--failures", "--where", "won", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["where"], found["rows"]["number"]) == ("won", [1, 3])
    page = tmp_path / "page.html"
    assert main([str(path), str(path), "--failures", "--where", "failed", "--html", str(page)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "1 pair" in shown
    assert "where failed: 1 of 4" in " ".join(page.read_text().split())


def test_a_folder_has_one_run_that_is_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two, *_ = four()
    saved(tmp_path / "eval-SFT/episodes.jsonl", [one], "SFT (x)")
    for number in (9, 10):
        rows = [one, two, one][: number - 7]
        saved(tmp_path / f"grpo/episodes/{number:05}.jsonl", rows, f"generation {number}")
    folder = str(tmp_path)

    def shown(*arguments: str) -> str:
        assert main([folder, *arguments]) == 0
        return " ".join(capsys.readouterr().out.split())

    assert "eval-SFT, the only evaluation in" in shown("--failures")
    assert "0 of 1 episode failed" in shown("--failures", "--where", "stage=SFT won")
    assert "1 of 2 episodes failed" in shown("--failures", "--where", "run=grpo/00009")
    latest = shown("--groups")
    assert latest.startswith("grpo/00010, the latest of 2 generations in")
    assert "another one: --where run=grpo/00009" in latest
    assert main([folder, "--groups", "--where", "run=grpo/00009"]) == 2
    assert "00009.jsonl has each once" in capsys.readouterr().err
    saved(tmp_path / "eval-GRPO/episodes.jsonl", [one], "GRPO (x)")
    assert main([folder, "--failures"]) == 2
    error = capsys.readouterr().err
    assert "found 4 (eval-GRPO, eval-SFT, grpo/00010, grpo/00009)" in error
    assert error.endswith("choose one, as --where run=eval-GRPO\n")
    assert "eval-GRPO, the only evaluation in" in shown("--failures", "--where", "stage=GRPO")


def test_runs_stand_side_by_side(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(path), "--compare", str(path), "--episode", "2"]) == 0
    assert "A #2 mixed" in capsys.readouterr().out


def test_what_if_another_action(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--episode", "2", "--keep", "0", "--say", "Bye now."]
    assert main([str(path), *words]) == 0
    assert "Bye now." in capsys.readouterr().out
    assert main([str(path), "--list"]) == 0  # branches are no run of their own
    assert len(capsys.readouterr().out.splitlines()) == 7


def test_episodes_are_given_away(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, picture, rows = (tmp_path / name for name in ("a.html", "a.svg", "a.jsonl"))
    given = ["--html", str(page), "--svg", str(picture), "--export", "sft", "--out", str(rows)]
    assert main([str(path), "--where", "won", *given]) == 0
    told = capsys.readouterr().out.splitlines()
    one, _, mended, _ = four()
    which = f"of {one.task_id} (1 of 2; --episode chooses another)"
    problem = "1 of their messages has a problem (unknown_tool 1), in episode 2"
    assert told == [
        f"Page {which}: {page}",
        f"Picture {which}: {picture}",
        f"Training data: {rows}, 2 examples; {problem}",
    ]
    assert page.read_text().startswith("<!doctype html>")
    assert "<svg" in picture.read_text()
    assert len(rows.read_text().splitlines()) == 2
    assert main([str(path), "--where", "won", "--episode", "2", *given]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"Page of {mended.task_id}: {page}"
    assert told[2].endswith("1 of its messages has a problem (unknown_tool 1), in episode 2")
    assert main([str(path), "--sort", "return", *given]) == 0
    assert "4 examples, 1 of a failed episode (--where won" in capsys.readouterr().out
    failures = tmp_path / "f.html"
    assert main([str(path), "--failures", "--html", str(failures)]) == 0
    assert "episodes failed" in failures.read_text()


def test_verify_says_equal(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(path), "--verify"]) == 0
    assert "4 of 4 episodes came back equal (100 %)" in " ".join(capsys.readouterr().out.split())


def test_verify_shows_json_at_80_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    one, *_ = four()
    steps = (structs.replace(one.steps[0], state_hash="f" * 16), *one.steps[1:])
    bad = saved(tmp_path / "bad.jsonl", [replace(one, stop=None, outcome=None, steps=steps)])
    assert main([str(bad), "--verify"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split()[2:5] == ["1", "state_hash", '"ffffffffffffffff"'] for line in lines)
    assert any(line.split()[2:] == ["stop", "null", f'"{one.stop}"'] for line in lines)
    assert not any("None" in line or "True" in line for line in lines)


def test_verify_names_what_differs(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, *rest = path.read_text("utf-8").splitlines()
    changed = json.loads(second)
    changed["steps"][0]["state_hash"] = "0123456789abcdef"
    bad = tmp_path / "bad.jsonl"
    bad.write_text("\n".join([first, json.dumps(changed), *rest]), "utf-8")
    assert main([str(bad), "--verify"]) == 1
    text = " ".join(capsys.readouterr().out.split())
    assert "3 of 4 episodes came back equal (75 %)" in text
    assert "state_hash" in text
    bad.write_text("\n".join([first, "{broken", "{again", *rest]) + "\n", "utf-8")
    assert main([str(bad), "--verify"]) == 1
    text = " ".join(capsys.readouterr().out.split())
    assert "3 of 5 episodes came back equal (60 %)" in text
    assert "episode 1: " in text
    assert "got '{broken" in text
    assert text.count("copy it again, remove the line, or play the episodes again") == 2


def test_a_file_without_episodes_has_no_share_that_came_back_equal(
    tmp_path: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.jsonl"
    write_episodes(empty, read_episodes(path)[0], [])
    assert main([str(empty), "--verify"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "it holds no episodes" in said
    assert "%" not in said


@pytest.mark.parametrize(
    ("equal", "total", "share"), [(10, 11, 90.9), (99_999, 100_000, 99.9), (3, 3, 100)]
)
def test_a_share_has_one_decimal_and_is_100_only_of_all(
    equal: int, total: int, share: float
) -> None:
    assert share_of(Report(total, equal, ())) == share


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.jsonl"], "got 'nowhere.jsonl': nothing is there"),
        ([__file__], "expected a file of episodes"),
        ([str(Path(__file__).parent)], "expected a folder with files of episodes"),
        (["RUN", "--episode", "99"], "expected an episode from 1 to 4, got '99'"),
        (["RUN", "--episode", "nope"], "no episode's task id contains 'nope'"),
        (["RUN", "--where", "failed won"], "expected episodes for which failed won holds"),
        (["RUN", "--verify", "--data", "desk:21"], "expected the data set"),
        (["RUN", "--verify", "--data", "gone.json"], "gone.json"),
        (["RUN", "--where", "caus=x"], "no filter with = is called 'caus'; did you mean 'cause'?"),
        (["RUN", "--where", "won stop:finished"], "expected stop=VALUE, got 'stop:finished'"),
        (["RUN", "--where", "won -stop=finishd"], "no episode has stop='finishd'; did you mean"),
        (["RUN", "--where", "return>much"], "expected a number after return>, got 'much'"),
        (["RUN", "--where", "won=1"], "expected won alone, got 'won=1'"),
        (["RUN", "--where", "id=\x1b[2J"], "text='id=\\x1b[2J'"),
        (["RUN", "--html", "RUN"], "expected another file to write to than those that are read"),
        (["RUN", "--svg", "INDEX"], "expected another file to write to than those that are read"),
        (["RUN", "--failures", "--html", "LINK"], "which is "),
        (["RUN", "--compare", "RUN", "--html", "RUN"], "expected another file to write to"),
        (["RUN", "--export", "sft", "--out", "DATA", "--data", "DATA"], "expected another file"),
        (["RUN", "--groups"], "expected tasks that were played several times"),
        (["RUN", "--failures", "--export", "sft"], "expected --failures without --export"),
        (["RUN", "--failures", "--groups"], "expected --failures without --groups"),
        (
            ["RUN", "--failures", "--compare", "an other"],
            "breaks: python -m reasonact_env.replay RUN 'an other' --failures",
        ),
        (
            ["RUN", "RUN", "RUN", "--failures"],
            "expected one run or two with --failures, got 3; leave",
        ),
        (["RUN", "RUN", "--groups"], "expected one run with --groups, got 2; leave out"),
        (["RUN", "RUN", "--compare", "RUN"], "expected one run with --compare, got 2; leave out"),
        (
            ["RUN", "--keep", "2", "--agent", "gold", "--html", "X"],
            "expected --keep without --html",
        ),
        (
            ["RUN", "--verify", "--html", "X"],
            "expected --verify without --html, which does nothing",
        ),
        (["RUN", "--verify", "--failures"], "expected --verify without --failures"),
        (["RUN", "--verify", "--where", "won"], "expected --verify without --where"),
        (
            ["RUN", "--list", "--svg", "X"],
            "expected --list without --svg, which does nothing beside it; leave one of both out, "
            "as in python -m reasonact_env.replay FILE --svg picture.svg",
        ),
        (["RUN", "--svg", "a.png"], "ends in .svg, such as file.svg, got a.png"),
        (["RUN", "--json", "--html", "X"], "expected --json without --html"),
        (["RUN", "--failures", "--sort", "steps"], "expected --failures without --sort"),
        (["RUN", "--out", "X"], "expected --export with --out"),
        (["RUN", "--groups", "--where", "won"], "expected run= or stage= after --where with"),
        (["RUN", "--failures", "--where", "won failed"], "for which won failed holds, found none"),
        (["RUN", "--failures", "--where", "caus=x"], "did you mean 'cause'?"),
        (
            ["RUN", "RUN", "--failures", "--where", "running"],
            "tasks that have running in both runs",
        ),
        (["RUN", "--where", "FAILD"], "for which FAILD holds, found none; did you mean 'failed'?"),
        (["RUN", "--where", "Noppe"], "found none; did you mean 'tool=nope'?"),
        (["RUN", "--where", "won unknown_tol"], "did you mean 'problem=unknown_tool'?"),
        (["RUN", "--where", "tool=NOPE"], "no episode has tool='NOPE'; did you mean 'nope'?"),
        (["RUN", "--where", "problem=foo"], "problem='foo'; expected one of 'unknown_tool'"),
        (["RUN", "--where", "rule=foo"], "no episode has rule='foo'; none has a rule"),
        (["RUN", "--where", "run=zzz"], "no episode has run='zzz'; expected one of 'run', 'mixed'"),
        (["RUN", "--where", "stage=mixd"], "no episode has stage='mixd'; did you mean 'mixed'?"),
        (["RUN", "--where", "steps==3"], "expected steps=3, got 'steps==3'"),
        (["RUN", "--where", "steps=>3"], "expected steps>=3, got 'steps=>3'"),
        (["RUN", "--where", "-tool!=nope"], "expected tool=nope, got '-tool!=nope'"),
        (["RUN", "--where", "steps>x"], "got 'x'; as steps>3"),
    ],
)
def test_errors_are_one_line_with_the_commands_name(
    arguments: list[str], sentence: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = path.read_bytes()
    link, data = path.with_name("link"), path.with_name("data.json")
    link.unlink(missing_ok=True)
    link.symlink_to(path)
    data.write_text("[]")
    index_path(path).touch()
    names = {"RUN": path, "INDEX": index_path(path), "LINK": link, "DATA": data}
    assert main([str(names.get(a, a)) for a in arguments]) == 2
    assert path.read_bytes() == before
    assert data.read_text() == "[]"
    error = capsys.readouterr().err
    assert "\x1b" not in error
    assert error.startswith("python -m reasonact_env.replay: error: ")
    assert sentence.replace("RUN", str(path)) in error
    assert error.count("\n") == 1


def test_broken_lines_and_wild_names_are_listed_and_counted(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, one, two, three, four_ = path.read_text("utf-8").splitlines()
    wild = {**json.loads(two), "task_id": "\ud800\n\x1b[2J" + "A" * 20_000}
    lines = [first, one, "{broken", json.dumps(wild), three[:400], four_]
    bad = tmp_path / "bad.jsonl"
    bad.write_text("\n".join(lines) + "\n", "utf-8")
    for _ in range(2):  # without the index, and with it
        assert main([str(bad), "--list"]) == 0
        head, _, _, *rows = capsys.readouterr().out.splitlines()
        assert head.startswith("3 · ✓ 1 ✗ 1 · 2 broken lines")
        assert len(rows) == 5
        assert max(map(len, rows)) <= 80
    assert main([str(bad), "--list", "--where", "broken"]) == 0
    assert "0 of 3 · ✓ 0 ✗ 0 · 2 broken lines" in capsys.readouterr().out
    assert main([str(bad), "--failures"]) == 0
    shown = capsys.readouterr().out
    assert "1 of 2 episodes failed" in shown
    assert "2 broken lines of" in shown
    one_episode = ["--episode", "3"]
    page = ["--html", str(tmp_path / "a.html"), *one_episode]
    for more in (["--json", *one_episode], ["--failures", "--json"], page):
        assert main([str(bad), *more]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_pages_go_to_devices_too(path: Path) -> None:
    before = os.stat(os.devnull)
    assert main([str(path), "--html", os.devnull]) == 0
    after = os.stat(os.devnull)
    assert (after.st_mode, after.st_ino) == (before.st_mode, before.st_ino)


def test_the_module_runs_in_a_pipe(path: Path) -> None:
    command = [sys.executable, "-m", "reasonact_env.replay", str(path)]
    done = subprocess.run(
        command, input="enter\nn\nq\n", capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert "step 1/" in done.stdout


@contextmanager
def pty_process(*command: str) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """A process on a terminal of its own, which Ctrl-C reaches even where ours ignores it."""
    import pty

    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    process = subprocess.Popen(
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=env,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield ours, process
    finally:
        process.kill()
        process.wait()
        os.close(ours)
        os.close(theirs)


def read_until(descriptor: int, wanted: str, seconds: float = 60) -> str:
    """What the terminal shows up to a text."""
    import select

    text, end = "", time.monotonic() + seconds
    while wanted not in text and time.monotonic() < end:
        if select.select([descriptor], [], [], 0.2)[0]:
            text += os.read(descriptor, 65536).decode("utf-8", "replace")
    assert wanted in text
    return text


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX terminal")
def test_a_real_terminal_is_left_as_it_was(path: Path) -> None:
    import termios

    with pty_process(sys.executable, "-m", "reasonact_env.replay", str(path)) as (tty, process):
        before = termios.tcgetattr(tty)
        read_until(tty, "4 of 4 episodes")
        os.write(tty, b"\r")
        read_until(tty, "step 0/")
        os.write(tty, b"\x1b[C")
        read_until(tty, "step 1/")
        assert termios.tcgetattr(tty)[3] != before[3]
        process.send_signal(2)
        read_until(tty, "\x1b[?1049l")
        assert process.wait(10) == 130
        assert termios.tcgetattr(tty)[3] == before[3]


@pytest.mark.parametrize(
    "how", [["--list"], ["--plain"], ["--verify"], ["--failures"], ["--compare", "."]]
)
def test_only_regular_files_are_opened(
    how: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in (str(tmp_path / "pipe"), "/dev/full", "/dev/zero"):
        assert main([name, *how]) == 2
        assert "expected a regular file" in capsys.readouterr().err


def test_one_bad_file_of_a_folder_is_named_and_the_rest_is_listed(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    whole = path.read_bytes()
    (folder / "good.jsonl").write_bytes(whole)
    (folder / "bad.jsonl").write_bytes(whole.replace(b'"mixed"', b'"mi\xffed"', 1))
    assert main([str(folder), "--list"]) == 0
    read = capsys.readouterr()
    assert "good" not in read.err
    assert all(one.task_id[-5:] in read.out for one in four())
    assert f"left out: {folder / 'bad.jsonl'}, line 1: expected what all" in read.err
    assert "cannot be read" in read.err
    assert main([str(folder), "--verify"]) == 1
    assert "came back equal (100 %)" in capsys.readouterr().out
    assert main([str(folder / "bad.jsonl"), "--list"]) == 2
    assert '"format"' not in capsys.readouterr().err


def test_a_log_is_told_how_far_an_index_is(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reasonact_env.replay.command._QUIET", -1.0)
    index_path(path).unlink(missing_ok=True)
    assert main([str(path), "--where", "failed", "--json"]) == 0
    read = capsys.readouterr()
    assert "looking at each episode beside its task, once: 0 of 4" in read.err
    assert json.loads(read.out)["success"] is False
