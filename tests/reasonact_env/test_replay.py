"""The replay as a reader meets it: keys in, screens out."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from reasonact_env.env import ReasonActEnv
from reasonact_env.episodes.storage import Header, read_episodes, write_episodes
from reasonact_env.replay import main
from reasonact_env.replay.cursor import Cursor, failed
from reasonact_env.replay.keys import split_keys
from reasonact_env.replay.play import by_lines, on_screen
from reasonact_env.replay.screen import Screen

BAD = '<tool_call>\n{"name": "nope", "arguments": {}}\n</tool_call>'


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four episodes: won, lost, won after a mistake, running."""
    env = ReasonActEnv(data="desk:20", split="all")
    episodes = []
    long = [task for task in env.tasks if len(task.decisions) >= 5]
    for number, task in enumerate(long[:4]):
        env.reset(seed=0, options={"task_id": task.id})
        if number == 2:
            env.step(f"<think>\nA thought of mine.\n</think>\n\n{BAD}")
        for turn in task.decisions:
            if env.episode.stop is None:
                env.step("Bye." if number == 1 else task.messages[turn.index].content)
            if number == 3:
                break
        episodes.append(env.episode)
    file = tmp_path_factory.mktemp("replay") / "run.jsonl"
    header = Header({"data": "desk:20", "split": "all"}, episodes[0].source, "mixed")
    write_episodes(file, header, episodes)
    return file


@pytest.fixture
def cursor(path: Path) -> Cursor:
    header, episodes = read_episodes(path)
    return Cursor(episodes, "run.jsonl", header.agent)


class Typed:
    """Keys that were typed beforehand, then `q`."""

    def __init__(self, *keys: str) -> None:
        self.keys = [*keys, "q"]

    def read(self, timeout: float) -> str | None:
        return self.keys.pop(0)


def terminal(width: int = 80, height: int = 24) -> Console:
    return Console(file=io.StringIO(), width=width, height=height, force_terminal=True, record=True)


def frame(cursor: Cursor, width: int = 80, height: int = 24) -> list[str]:
    """The lines of the screen."""
    console = Console(file=io.StringIO(), width=width, height=height)
    with console.capture() as capture:
        console.print(Screen(cursor), end="")
    return capture.get().split("\n")


def press(cursor: Cursor, *keys: str) -> str:
    for key in keys:
        cursor.press(key)
    return "\n".join(frame(cursor))


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (50, 12), (20, 6), (8, 3)])
@pytest.mark.parametrize("keys", [[], ["n"], ["end", "s"], ["?"], ["]", "]", "n", "x", "r"]])
def test_the_screen_is_filled_and_never_overrun(
    cursor: Cursor, keys: list[str], width: int, height: int
) -> None:
    press(cursor, *keys)
    lines = frame(cursor, width, height)
    assert len(lines) == height
    assert max(map(len, lines)) <= width


def test_steps_go_forwards_and_backwards(cursor: Cursor) -> None:
    start = press(cursor)
    assert "step 0/" in start
    assert "the opening" in start
    first = press(cursor, "right")
    assert "step 1/" in first
    assert f"→ {cursor.episode.steps[0].calls[0].name}" in first
    assert press(cursor, "n", " ", "left", "p") == first
    assert press(cursor, "home") == start
    assert cursor.position == 0
    press(cursor, "end")
    assert cursor.position == len(cursor.episode.steps)
    assert "this is the last step" in press(cursor, "n")
    assert "this is the opening" in press(cursor, "home", "p")


def test_episodes_follow_each_other(cursor: Cursor) -> None:
    assert "episode 2/4" in press(cursor, "]")
    assert "episode 1/4" in press(cursor, "[")
    assert "this is the first episode" in press(cursor, "[")
    assert "this is the last episode" in press(cursor, "]", "]", "]", "]")


def test_failed_episodes_are_found_going_round(cursor: Cursor) -> None:
    press(cursor, "f")
    assert cursor.index == 1
    assert failed(cursor.episode)
    press(cursor, "f")
    assert cursor.index == 3  # it never ended
    press(cursor, "f")
    assert cursor.index == 1


def test_jumps_by_number_and_by_task(cursor: Cursor) -> None:
    assert "jump to number or task id: 3▏" in press(cursor, "/", "4", "backspace", "3")
    press(cursor, "enter")
    assert cursor.index == 2
    press(cursor, "/", *read_episodes_ids(cursor)[1], "enter")
    assert cursor.index == 1
    assert "expected an episode from 1 to 4, got '9'" in press(cursor, "/", "9", "enter")
    assert "no other episode's task id contains 'zz'" in press(cursor, "/", "z", "z", "enter")
    press(cursor, "/", "escape")
    assert cursor.entry is None
    assert not cursor.done


def read_episodes_ids(cursor: Cursor) -> list[str]:
    return [episode.task_id for episode in cursor.episodes]


def test_thoughts_rules_scores_and_folds_are_switched(cursor: Cursor) -> None:
    cursor.go(2)
    assert "A thought of mine." in press(cursor, "n")
    hidden = press(cursor, "t")
    assert "A thought of mine." not in hidden
    assert "thoughts hidden" in hidden
    assert "the step's own scores" in press(cursor, "s")
    assert "long texts in full" in press(cursor, "x")
    press(cursor, "r")
    assert cursor.position == 0
    rules = cursor.episode.opening[0].content.split("\n")[0].strip()[:30]
    assert rules in press(cursor, "home")


def test_problems_and_scores_of_the_step_are_in_view(cursor: Cursor) -> None:
    cursor.go(2)
    screen = press(cursor, "n")
    assert "→ nope  ✗ unknown_tool" in screen
    assert "Expected one of the tools" in screen
    assert "reward +0.00 · return so far +0.00" in screen
    final = press(cursor, "end")
    assert "outcome  ████████ +1.00" in final


def test_scrolling_stays_within_the_text(cursor: Cursor) -> None:
    press(cursor, "end")
    assert press(cursor, "down") == press(cursor)
    top = press(cursor, *["pageup"] * 99)
    assert "▌ system" in top
    assert press(cursor, *["up"] * 5) == top
    assert press(cursor, "down") != top  # nothing was saved up beyond the end


def test_help_lists_the_keys_and_goes_away(cursor: Cursor) -> None:
    start = press(cursor)
    assert "next failed episode" in press(cursor, "?")
    assert press(cursor, "n") == start


def test_the_loop_draws_on_the_other_screen_and_leaves_it(cursor: Cursor) -> None:
    console = terminal()
    on_screen(cursor, Typed("n", "n", "?"), console)
    on_screen_text = console.file.getvalue()  # type: ignore[attr-defined]
    assert on_screen_text.startswith("\x1b[?1049h")
    assert "\x1b[?1049l" in on_screen_text
    assert on_screen_text.rstrip().endswith("\x1b[?25h")
    assert "step 2/" in on_screen_text


def test_an_interrupt_leaves_the_terminal_as_it_was(cursor: Cursor) -> None:
    class Interrupted:
        def read(self, timeout: float) -> str | None:
            raise KeyboardInterrupt

    console = terminal()
    with pytest.raises(KeyboardInterrupt):
        on_screen(cursor, Interrupted(), console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "\x1b[?1049l" in text
    assert "\x1b[?25h" in text


def test_without_a_terminal_commands_are_lines(cursor: Cursor) -> None:
    console = Console(file=io.StringIO(), width=80)
    by_lines(cursor, io.StringIO("n\n\n/3\nn\n?\nwhat\nq\nn\n"), console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "step 2/" in text
    assert "→ nope  ✗ unknown_tool" in text
    assert "next failed episode" in text
    assert text.rstrip().endswith("q")


def test_the_end_of_the_input_is_the_end(cursor: Cursor) -> None:
    by_lines(cursor, io.StringIO("n\n"), Console(file=io.StringIO()))
    assert cursor.position == 1
    assert not cursor.done


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        ("n", ["n"]),
        ("\x1b[C\x1b[D", ["right", "left"]),
        ("\x1bOC\x1bOH", ["right", "home"]),
        ("\x1b[5~\x1b[6~", ["pageup", "pagedown"]),
        ("\x1b", ["escape"]),
        ("\x1b[1;5C", []),
        ("\x1b[200~ä\x00", ["ä"]),
        ("\r\x7f ", ["enter", "backspace", " "]),
        ("\x1b[", []),
    ],
)
def test_keys_have_names(sent: str, keys: list[str]) -> None:
    assert split_keys(sent) == keys


def test_plain_prints_whole_episodes(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(path), "--plain"]) == 0
    text = capsys.readouterr().out
    assert all(task in text for task in (e.task_id for e in read_episodes(path)[1]))
    assert main([str(path), "--plain", "--episode", "2"]) == 0
    text = capsys.readouterr().out
    assert "✗ failure" in text
    assert "✓ success" not in text
    assert "\x1b" not in text


def test_list_has_a_line_an_episode(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(path), "--list"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["episode", "steps", "return", "stop", "success", "task"]
    assert len(lines) == 4
    assert "✗" in lines[1]
    assert "running" in lines[3]


def test_verify_says_equal(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(path), "--verify"]) == 0
    assert "4 of 4 episodes came back equal (100 %)" in " ".join(capsys.readouterr().out.split())


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


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.jsonl"], "nowhere.jsonl: cannot be read (No such file"),
        ([__file__], "expected a file of episodes"),
        (["RUN", "--episode", "99"], "expected an episode from 1 to 4, got '99'"),
        (["RUN", "--episode", "nope"], "no other episode's task id contains 'nope'"),
        (["RUN", "--verify", "--data", "desk:21"], "expected the data set"),
        (["RUN", "--verify", "--data", "gone.json"], "gone.json"),
    ],
)
def test_errors_are_one_sentence(
    arguments: list[str], sentence: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(path) if a == "RUN" else a for a in arguments]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert "Traceback" not in error


def test_a_broken_episode_is_a_note_and_not_the_end(path: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    lines = path.read_text("utf-8").splitlines()
    bad.write_text("\n".join([*lines[:2], "{cut", *lines[3:]]), "utf-8")
    header, episodes = read_episodes(bad)
    cursor = Cursor(episodes, "bad.jsonl", header.agent)
    press(cursor, "]")
    assert "line 3: expected an episode" in cursor.note
    assert cursor.index == 0
    press(cursor, "/", "3", "enter")
    assert cursor.index == 2


def test_the_module_runs_in_a_pipe(path: Path) -> None:
    command = [sys.executable, "-m", "reasonact_env.replay", str(path)]
    done = subprocess.run(
        command, input="n\nq\n", capture_output=True, text=True, encoding="utf-8", check=True
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
        read_until(tty, "step 0/")
        os.write(tty, b"\x1b[C")
        read_until(tty, "step 1/")
        assert termios.tcgetattr(tty)[3] != before[3]
        process.send_signal(2)
        read_until(tty, "\x1b[?1049l")
        assert process.wait(10) == 130
        assert termios.tcgetattr(tty)[3] == before[3]
