"""Files that nobody of ours wrote: the replay shows them, or says in one line what is wrong."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest
from rich.cells import cell_len

from reasonact_env.episode import Episode
from reasonact_env.episodes.storage import read_episodes, write_episodes
from reasonact_env.failures.aligned import advantages
from reasonact_env.failures.command import main as failures
from reasonact_env.replay import main
from reasonact_env.replay.sources import RUN
from tests.reasonact_env.replay.replayed import Desk, saved
from tools.types import Message, Role


def scored(episode: Episode, number: float) -> Episode:
    """The episode with all its scores changed to a number."""
    steps = tuple(
        msgspec.structs.replace(
            step,
            reward=number,
            components=dict.fromkeys(("outcome", "format"), number),
            weights={"outcome": 1.0, "format": 0.0},
            step_scores={"tool": number},
        )
        for step in episode.steps
    )
    return replace(episode, steps=steps)


@pytest.mark.parametrize("mode", ["dialogue", "turn"])
def test_scores_that_are_no_numbers_are_shown_everywhere(
    mode: str, episodes: list[Episode], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = (float("nan"), float("inf"), float("-inf"), 1e300)
    odd = [replace(scored(episodes[0], one), mode=type(episodes[0].mode)(mode)) for one in numbers]
    path = saved(tmp_path / "odd.jsonl", odd, mode=mode)
    ways = [
        *(["--list"], ["--plain"], ["--json"], ["--failures"], ["--failures", "--json"]),
        *(["--groups"], ["--groups", "--json"], ["--groups", "--html", str(tmp_path / "g.html")]),
        *(["--html", str(tmp_path / "a.html")], ["--svg", str(tmp_path / "a.svg")]),
        ["--compare", str(path)],
    ]
    for way in ways:
        assert main([str(path), *way]) == 0, way
        told = capsys.readouterr().out
        if "--json" in way:
            for line in told.splitlines():
                json.loads(line, parse_constant=pytest.fail)
    assert "nan%" not in (tmp_path / "a.html").read_text("utf-8")
    desk = Desk(path)
    for keys in (("enter", "n", "s"), ("]",), ("]", "n"), ("]", "n")):
        desk.press(*keys)
    assert "inf" in desk.press("[")


def test_advantages_of_huge_returns_are_no_error() -> None:
    assert advantages([1e300, 0.0]) == [0.0, 0.0]


def test_a_pipe_beside_the_episodes_keeps_nobody_waiting(path: Path) -> None:
    os.mkfifo(path.with_name(RUN))
    assert main([str(path), "--list"]) == 0


@pytest.mark.parametrize("how", ["--html", "--svg", "--out"])
def test_a_pipe_that_nobody_reads_is_refused_and_one_that_is_read_gets_all(
    how: str, path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pipe = path.with_name("pipe")
    os.mkfifo(pipe)
    command = [str(path), *(["--export", "sft"] if how == "--out" else []), how, str(pipe)]
    assert main(command) == 2
    assert "expected somebody to read the pipe" in capfd.readouterr().err
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        while main(command):
            time.sleep(0.01)  # until the reader is there
        told, _ = reader.communicate(timeout=20)
    assert len(told) > 1000
    assert told.endswith((b"</html>\n", b"</svg>\n", b"}\n"))


@pytest.mark.parametrize(
    ("closed", "how"),
    [(">&-", "--plain"), ("<&-", ""), ("2>&-", "--plain"), ("<&- >&- 2>&-", "--html")],
)
def test_streams_that_the_shell_has_closed_are_no_error(closed: str, how: str, path: Path) -> None:
    page = path.with_name("page.html")
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-m"]
    command += ["reasonact_env.replay", str(path), *([how] if how else [])]
    command += [str(page)] if how == "--html" else []
    done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stderr) == (0, b"")
    assert bool(done.stdout) == (closed in ("<&-", "2>&-"))
    if how == "--html":
        told = page.read_bytes()
        assert told.startswith(b"<!doctype html>")
        assert told.endswith(b"</html>\n")


def test_a_title_with_half_a_character_is_a_picture_too(
    path: Path, episodes: list[Episode]
) -> None:
    saved(path, [replace(episodes[0], task_id="a\ud800\n\x1b[31m<b>\x00")])
    picture = path.with_name("a.svg")
    assert main([str(path), "--svg", str(picture)]) == 0
    said = "".join(ElementTree.parse(picture).getroot().itertext()).replace("\xa0", " ")
    assert said.count(r"a\ud800 \x1b[31m<b>\x00") == 2
    assert main([str(path), "--failures", "--svg", str(picture)]) == 0


def test_of_a_huge_message_a_pipe_gets_all_and_a_picture_is_refused(
    path: Path, episodes: list[Episode], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(path), "--plain"]) == 0  # what is loaded once is no part of it
    capsys.readouterr()
    lines = "".join(f"line {number}\n" for number in range(20_000))
    first, *others = episodes[0].steps
    steps = (msgspec.structs.replace(first, action=lines), *others)
    saved(path, [replace(episodes[0], steps=steps)])
    tracemalloc.start()
    assert main([str(path), "--plain"]) == 0
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    told = [line.removeprefix("▌").strip() for line in capsys.readouterr().out.splitlines()]
    assert [line for line in told if line.startswith("line ")] == lines.splitlines()
    assert most < 5_000_000
    assert main([str(path), "--svg", str(path.with_name("a.svg"))]) == 2
    assert "expected at most 10,000 lines in a picture" in capsys.readouterr().err
    assert main([str(path), "--html", str(path.with_name("a.html"))]) == 0


@pytest.mark.parametrize("height", range(1, 12))
@pytest.mark.parametrize("width", [10, 20, 40, 120])
def test_the_smallest_screen_shows_what_is_chosen(
    width: int, height: int, path: Path, episodes: list[Episode]
) -> None:
    desk = Desk(path, width=width, height=height)
    for number, keys in enumerate([(), ("down",), ("down",), ("down",)], 1):
        desk.press(*keys)
        assert any(line.startswith("▶") and f" {number} " in line for line in desk.frame())
    for keys in (("m", "down"), ("escape", "a"), ("escape", "?"), ("escape", ":", "9")):
        desk.press(*keys)
        if keys[-1] == "a":
            desk.shelf.causes(0).ready.wait(10)
        shown = desk.frame()
        assert len(shown) == height
        assert max(map(cell_len, shown)) <= width
        if keys[-1] in ("a", "down"):
            assert any("▶" in line for line in shown)
    desk.press("escape", "home", "enter", "n")
    shown = "\n".join(desk.frame())
    assert len(shown.split("\n")) == height
    if height > 3:
        assert "▌" in shown
    desk.cursor.told("a note " * 40)
    assert len(desk.frame()) == height


def test_a_broken_line_has_no_return_anywhere(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], b"{broken\n", *lines[2:]]))
    assert main([str(path), "--list"]) == 0
    (row,) = (line for line in capsys.readouterr().out.splitlines() if "a broken line)" in line)
    assert "0.00" not in row
    assert row.count("–") == 2
    for terms, count in (("return<9", 4), ("-return<9", 1), ("return=0", 2), ("broken", 1)):
        assert main([str(path), "--json", "--where", terms]) == 0
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert len(rows) == count, terms
        assert [one["return"] for one in rows if one["stop"] == "broken"] == [None] * (count == 1)
    for reverse in ([], ["--reverse"]):
        assert main([str(path), "--json", "--sort", "return", *reverse]) == 0
        *_, told = capsys.readouterr().out.splitlines()
        assert json.loads(told)["stop"] == "broken"


@pytest.mark.parametrize(
    ("pack", "words"),
    [
        (gzip.compress, "got text packed by gzip; unpack it: gunzip "),
        (bz2.compress, "got text packed by bzip2; unpack it: bunzip2 "),
        (lzma.compress, "got text packed by xz; unpack it: unxz "),
        (lambda data: data.decode().encode("utf-16"), "got UTF-16 text; save it as UTF-8"),
        (lambda data: data.decode().encode("utf-16-le"), "got UTF-16 text; save it as UTF-8"),
        (lambda data: data.decode().encode("utf-16-be"), "got UTF-16 text; save it as UTF-8"),
        (lambda data: data.decode().encode("utf-32"), "got UTF-32 text; save it as UTF-8"),
    ],
)
def test_a_file_that_is_packed_or_encoded_otherwise_says_what_to_do(
    pack: Callable[[bytes], bytes], words: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_bytes(pack(path.read_bytes()))
    for how in ("--list", "--failures", "--verify"):
        assert main([str(path), how]) == 2
        assert f"expected a file of episodes, {words}" in capsys.readouterr().err


@pytest.mark.parametrize("command", [main, failures])
def test_a_run_of_nothing_is_refused(
    command: Callable[[list[str]], int],
    path: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    how = ["--failures"] if command is main else []
    empty = tmp_path / "empty"
    empty.mkdir()
    assert command([str(empty), *how]) == 2
    assert str(empty) in capsys.readouterr().err
    write_episodes(empty / "episodes.jsonl", read_episodes(path)[0], [])
    for more in ([], ["--compare", str(path)] if command is failures else [str(path)]):
        assert command([str(empty), *more, *how]) == 2
        assert "expected episodes, found none in it" in capsys.readouterr().err


@pytest.mark.parametrize("width", [20, 40, 80])
@pytest.mark.parametrize("key", ["/", ":"])
def test_the_end_of_a_long_text_is_seen_where_it_is_typed(key: str, width: int, path: Path) -> None:
    desk = Desk(path, width=width)
    for text in ("short", "about=" + "ab日本" * 40 + "the end"):
        desk.press(key)
        line = desk.press(*text).splitlines()[-1].rstrip()
        assert line.endswith(f"{text[-5:]}▏")
        assert cell_len(line) <= width
        desk.press("escape")
    desk.press("enter", "a")
    assert desk.press(*"gold").splitlines()[-1].rstrip().endswith("gold▏")


def test_a_reader_that_has_seen_enough_is_no_failure(path: Path) -> None:
    for how in ("--plain", "--list", "--json"):
        command = [sys.executable, "-m", "reasonact_env.replay", str(path), how]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, **pipes) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            assert process.stderr.read() == b""
        assert process.returncode == 0, how


def test_of_a_large_file_of_something_else_only_the_beginning_is_read(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with path.open("wb") as file:
        file.write(b"[1, 2")
        file.truncate(1 << 40)  # more than there is memory
    assert main([str(path), "--list"]) == 2
    assert "expected a file of episodes" in capsys.readouterr().err


def test_a_long_first_line_is_read_whole(path: Path, episodes: list[Episode]) -> None:
    rules = Message(Role.SYSTEM, "rules " * 400_000)
    long = replace(episodes[0], opening=(rules, *episodes[0].opening[1:]))
    saved(path, [long, *episodes[1:]])
    assert read_episodes(path)[1][0] == long
    assert main([str(path), "--list"]) == 0
