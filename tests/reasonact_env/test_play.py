"""A person at the console: what they see, and what their lines become."""

import io
import os
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from reasonact_env.agent import Session
from reasonact_env.env import ReasonActEnv
from reasonact_env.episodes.storage import read_episodes
from reasonact_env.episodes.verify import verify
from reasonact_env.play.agent import PersonAgent
from reasonact_env.play.command import main
from reasonact_env.play.completion import completions
from reasonact_env.play.reading import PersonLeft
from reasonact_env.play.typed_calls import BadCommand, read_call
from tools.types import ToolCall, ToolSpec

TOOLS = [
    ToolSpec(
        "find",
        "Finds.",
        {"type": "object", "properties": {"id": {"type": "string"}, "n": {"type": "integer"}}},
    )
]


TAGS = '<tool_call>{"name": "get_order", "arguments": {}}</tool_call>'


def ask(typed: str) -> tuple[str, str]:
    """The message that a person's lines become, and what the person sees."""
    env = ReasonActEnv(data="desk:20", split="all")
    observation, info = env.reset(seed=0, options={"task_id": env.task_ids[0]})
    console = Console(file=io.StringIO(), width=80)
    (message,) = PersonAgent(io.StringIO(typed), console).act([Session(observation, info)])
    return message, console.file.getvalue()  # type: ignore[attr-defined]


def call(name: str, arguments: str) -> str:
    return f'<tool_call>\n{{"name": "{name}", "arguments": {arguments}}}\n</tool_call>'


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("Hello there.\n", "Hello there."),
        ("one\\\ntwo\\\nthree\n", "one\ntwo\nthree"),
        ("/call get_order order_id=12\n", call("get_order", '{"order_id": "12"}')),
        ('/call get_order {"order_id": "12"}\n', call("get_order", '{"order_id": "12"}')),
        ("/call nope n=1 b=true\n", call("nope", '{"n": 1, "b": true}')),
        ("/think Hm.\nHello.\n", "<think>\nHm.\n</think>\n\nHello."),
        ("/raw\n<think>\nodd\n.\n", "<think>\nodd"),
        ("\n/help\nHello.\n", "Hello."),
        (
            call("get_order", "{}").replace("\n", "") + "\n",
            call("get_order", "{}").replace("\n", ""),
        ),
    ],
)
def test_lines_become_messages(typed: str, message: str) -> None:
    assert ask(typed)[0] == message


def test_the_conversation_is_shown() -> None:
    seen = ask("Hello.\n")[1]
    assert "▌ user" in seen
    assert "6 tools" in seen
    assert "▌ system" not in seen


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("/tools\n", "transfer_to_human("),
        ("/tools get_order\n", "get_order(order_id: string)"),
        ("/tools nope\n", "there is no tool 'nope'"),
        ("/rules\n", "▌ system"),
        ("/help\n", "/call NAME key=value"),
        ("/nonsense\n", "got /nonsense; /help lists them"),
        ("/call\n", "got no name"),
        ("/call find x\n", "expected key=value, got x"),
        ("/call find {x\n", "expected a JSON object"),
        ("/call find a='x\n", "every quote to be closed"),
    ],
)
def test_help_and_mistakes_are_answered(typed: str, words: str) -> None:
    message, seen = ask(f"{typed}Hello.\n")
    assert words in seen
    assert message == "Hello."


@pytest.mark.parametrize("typed", ["/quit\n", "", "/think Hm.\n", "a\\\n", "/raw\nx\n"])
def test_leaving_is_told(typed: str) -> None:
    with pytest.raises(PersonLeft):
        ask(typed)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("find", {}),
        ("find id=7 n=7", {"id": "7", "n": 7}),
        ("find id='a b' n=x", {"id": "a b", "n": "x"}),
        ("find ids='[1, 2]' o=null", {"ids": [1, 2], "o": None}),
        ('find {"id": 7}', {"id": 7}),
        ("find id=a=b", {"id": "a=b"}),
    ],
)
def test_calls_are_read(text: str, arguments: dict[str, object]) -> None:
    assert read_call(text, TOOLS) == ToolCall("find", arguments)  # type: ignore[arg-type]


def test_a_call_without_a_value_is_refused() -> None:
    with pytest.raises(BadCommand, match="key=value"):
        read_call("find id", TOOLS)


def play(
    monkeypatch: pytest.MonkeyPatch, typed: str, out: Path, *more: str, mode: str = "dialogue"
) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    base = ["--data", "desk:20", "--split", "all", "--task", "desk-00000", "--mode", mode]
    return main([*base, "--out", str(out), *more])


@pytest.mark.parametrize("mode", ["dialogue", "turn"])
def test_an_episode_is_played_saved_and_verified(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine" / "me.jsonl"
    typed = "/call get_order order_id=1\n" + "I cannot do that.\n" * 40
    assert play(monkeypatch, typed, out, mode=mode) == 0
    seen = capsys.readouterr().out
    assert "return " in seen
    assert f"python -m reasonact_env.replay {out}" in seen
    header, (episode,) = read_episodes(out)
    assert header.agent == "human"
    assert episode.steps[0].action == call("get_order", '{"order_id": "1"}')
    assert verify(out).passed


def test_a_single_decision_is_played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "me.jsonl"
    assert play(monkeypatch, "Hello.\n", out, "--decision", "1", mode="turn") == 0
    assert len(read_episodes(out)[1][0].steps) == 1


def test_who_leaves_keeps_what_was_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "me.jsonl"
    assert play(monkeypatch, "/call get_order order_id=1\n/quit\n", out) == 1
    said = capsys.readouterr().out
    assert "paid at the end; this message's own scores" in said
    assert "has not ended; saved" in said
    assert said.count("▌ tool") == 1  # what was shown already is not shown again
    (episode,) = read_episodes(out)[1]
    assert (len(episode.steps), episode.stop) == (1, None)
    assert verify(out).passed


@pytest.mark.parametrize("place", ["existing", "/dev/full"])
def test_where_it_cannot_be_saved_is_told_before_anything_is_played(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "me.jsonl"
    out.write_text("an episode of mine")
    if place != "existing":
        out = Path(place)
        if not out.exists():
            pytest.skip("this system has no /dev/full")
    assert play(monkeypatch, "I cannot do that.\n" * 40, out) == 2
    seen = capsys.readouterr()
    assert str(out) in seen.err
    assert "you>" not in seen.out
    assert (tmp_path / "me.jsonl").read_text() == "an episode of mine"


def test_an_episode_outlives_the_place_where_it_was_to_be_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()

    class Spoiling(io.StringIO):
        """Takes the folder away while the person speaks."""

        def readline(self, size: int | None = -1) -> str:
            if folder.is_dir():
                folder.rmdir()
                folder.write_text("a file now")
            return super().readline(-1 if size is None else size)

    monkeypatch.setattr("sys.stdin", Spoiling("I cannot do that.\n" * 40))
    base = ["--data", "desk:20", "--split", "all", "--task", "desk-00000"]
    assert main([*base, "--out", str(folder / "me.jsonl")]) == 1
    seen = capsys.readouterr()
    (kept,) = (tmp_path / "temporary").rglob("*.jsonl")
    assert f"the episode is in {kept}" in seen.err
    assert f"expected to write {folder / 'me.jsonl'}, but" in seen.err
    assert str(kept) in seen.out
    assert verify(kept).passed


class Fails:
    """Speaks once, and then its endpoint is gone."""

    def __init__(self) -> None:
        self.said = 0

    def act(self, sessions: list[object]) -> list[str]:
        self.said += 1
        if self.said > 1:
            raise ConnectionRefusedError(111, "Connection refused")
        return ["Good day."] * len(sessions)


def test_what_was_said_is_kept_when_the_other_agent_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("It is mine.\n" * 9))
    out = tmp_path / "me.jsonl"
    more = ["--data", "desk:20", "--split", "all", "--task", "desk-00000", "--be", "user"]
    agent = f"{__name__}:Fails"
    assert main([*more, "--agent", agent, "--out", str(out)]) == 1
    assert "Connection refused" in capsys.readouterr().err
    assert [step.action for step in read_episodes(out)[1][0].steps] == ["Good day."]


def test_leaving_at_once_saves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert play(monkeypatch, "/quit\n", tmp_path / "me.jsonl") == 1
    assert "nothing was saved" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--task", "nope"], "expected one of the split's task_ids"),
        (["--data", "gone.json"], "gone"),
    ],
)
def test_errors_are_one_sentence(
    more: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert play(monkeypatch, "", tmp_path / "me.jsonl", *more) == 2
    assert words in capsys.readouterr().err


COMPLETED = [
    ToolSpec(
        "cancel_order",
        "Cancels.",
        {
            "type": "object",
            "properties": {
                "note": {"type": "string"},
                "reason": {"type": "string", "enum": ["no longer needed", "mistake"]},
                "order_id": {"type": "string"},
                "now": {"type": "boolean"},
            },
            "required": ["order_id", "reason"],
        },
    ),
    ToolSpec("cancel_flight", "Cancels.", {"type": "object"}),
]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("Hello", []),
        ("/ca", ["/call "]),
        ("/call can", ["cancel_order ", "cancel_flight "]),
        ("/tools cancel_f", ["cancel_flight "]),
        ("/call cancel_order ", ["reason=", "order_id=", "note=", "now="]),
        ("/call cancel_order order_id=1 ", ["reason=", "note=", "now="]),
        ("/call cancel_order reason=", ["reason='no longer needed' ", "reason=mistake "]),
        ("/call cancel_order now=t", ["now=true "]),
        ("/call nope ", []),
        ("/call cancel_flight ", []),
    ],
)
def test_tools_arguments_and_values_are_completed(line: str, words: list[str]) -> None:
    assert completions(line, COMPLETED) == words


def test_the_raw_message_is_shown_and_not_sent() -> None:
    message, seen = ask("/think Hm.\n/show /call get_order order_id=1\nHello.\n")
    assert '{"name": "get_order", "arguments": {"order_id": "1"}}' in seen
    assert "<tool_call>" in seen
    assert message == "<think>\nHm.\n</think>\n\nHello."


def test_a_person_is_the_user_of_another_agent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("It is mine.\n/brief\nReally.\n/done\n"))
    out = tmp_path / "me.jsonl"
    more = ["--data", "desk:20", "--split", "all", "--task", "desk-00000"]
    assert main([*more, "--be", "user", "--agent", "polite", "--out", str(out)]) == 0
    seen = capsys.readouterr().out
    assert "/done ends the conversation" in seen
    assert seen.count("▌ assistant") >= 3
    header, (episode,) = read_episodes(out)
    assert (header.agent, header.env["user"]) == ("polite", "person")
    assert [step.answers[0].content for step in episode.steps[:2]] == ["It is mine.", "Really."]
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert verify(out).passed  # nobody is asked again


def test_a_person_who_is_the_user_can_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("/quit\n"))
    assert main(["--data", "desk:20", "--be", "user", "--out", str(tmp_path / "me.jsonl")]) == 1
    (episode,) = read_episodes(tmp_path / "me.jsonl")[1]
    assert episode.stop is None


def test_any_environment_is_played_by_its_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("I cannot do that.\n" * 60))
    out = tmp_path / "me.jsonl"
    assert main(["ReasonAct-Retail-v0", "--data", "retail:5", "--out", str(out)]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first == "ReasonAct-Retail-v0: preparing its tasks, retail:5 …"
    assert read_episodes(out)[0].env["user"] == "agenda"
    assert main(["ReasonAct-Retial-v0", "--out", str(tmp_path / "other.jsonl")]) == 2
    assert "expected one of ReasonAct-APIGen-v0," in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX terminal")
def test_a_terminal_completes_and_shows_the_raw_message(tmp_path: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "reasonact_env.play", "--data", "desk:20", "--split", "all"]
    command += ["--task", "desk-00000", "--out", str(tmp_path / "me.jsonl")]
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env)
    try:
        read_until(ours, "you> ")
        os.write(ours, b"/ca\tget_o\torde\t1")
        read_until(ours, "order_id=1")
        os.write(ours, b"\x1bOQ")  # F2
        shown = read_until(ours, "</tool_call>")
        read_until(ours, "> /call get_order order_id=1", already=shown.split("</tool_call>")[-1])
        os.write(ours, b"\r/quit\r")
        assert process.wait(30) == 1
    finally:
        process.kill()
        process.wait()
        os.close(ours)
        os.close(theirs)


def read_until(descriptor: int, wanted: str, seconds: float = 60, already: str = "") -> str:
    """Reads a terminal up to a text, and perhaps further; returns all of it."""
    text, end = already, time.monotonic() + seconds
    while wanted not in text and time.monotonic() < end:
        if select.select([descriptor], [], [], 0.2)[0]:
            text += os.read(descriptor, 65536).decode("utf-8", "replace")
    assert wanted in text, text
    return text


def test_each_episode_gets_a_file_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        monkeypatch.setattr("sys.stdin", io.StringIO("I cannot do that.\n" * 60))
        assert main(["--data", "desk:5", "--split", "all"]) == 0
    assert sorted(one.name for one in (tmp_path / "runs").glob("*.jsonl")) == [
        "human-1.jsonl",
        "human-2.jsonl",
    ]


def test_somebody_elses_environment_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["CartPole-v1"]) == 2
    assert "expected an environment of reasonact_env, got 'CartPole-v1'" in capsys.readouterr().err
