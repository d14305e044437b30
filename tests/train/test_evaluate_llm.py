"""Evaluation of models behind endpoints: what has ended is kept, and never played twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from os.path import relpath
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("openai")

from benchmarks.stub_endpoint import Body, Recorded, serving
from reasonact_env.agent import Session
from reasonact_env.episodes.storage import read_episodes
from reasonact_env.episodes.verify import verify
from tasks.load import load_tasks
from tools.chat_endpoint import EndpointError
from tools.command import is_callers
from train.evaluate import MISSING, command, main
from train.runs.crashes import AgentError

DATA = "desk:30"
TASKS = load_tasks(DATA).tasks
FAST = "retries=2,timeout=20"


def options(out: Path, *more: str) -> list[str]:
    return ["--data", DATA, "--split", "all", "--tasks", "24", *more, "--out", str(out)]


def ids(out: Path) -> list[str]:
    return [one.task_id for one in read_episodes(out / "episodes.jsonl")[1]]


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def test_refused_requests_are_left_out_counted_and_played_by_the_same_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEY", "hush")
    recorded, odd = Recorded(TASKS), {task.user_turns[0] for task in TASKS[3:24:7]}
    broken = [True]

    def reply(body: Body) -> Body | tuple[int, bytes]:
        first = next(one["content"] for one in body["messages"] if one["role"] == "user")
        late = len(body["messages"]) > 2
        return (400, b"too long, hush") if broken[0] and late and first in odd else recorded(body)

    with serving(reply) as stub:
        model = f"m@{stub.url},key=SOME_KEY,{FAST}"
        command = [*options(tmp_path, "--workers", "3"), "--agent"]
        main([*command, f"{model},prices=1/2"])
        shown = " ".join(capsys.readouterr().out.split())
        assert "3 of 24 episodes are missing and count nowhere" in shown
        assert "status 400" in shown
        assert "cost 0.0" in shown
        assert f"llm m@{stub.url},key=SOME_KEY" in shown
        summary = read(tmp_path / "summary.json")
        assert summary["metrics"]["return"]["n"] == 21
        assert summary["metrics"]["return"]["value"] == pytest.approx(1)
        assert summary["lost"]["episodes"] == 3
        before = len(stub.asked)
        broken[0] = False
        main([*command, f"m@{stub.url},key=SOME_KEY,retries=7"])  # more patience is the same run
        again = stub.asked[before:]
    starts = {one["content"] for body in again for one in body["messages"][1:2]}
    assert starts == odd
    assert ids(tmp_path) == [task.id for task in TASKS[:24]]
    summary = read(tmp_path / "summary.json")
    assert "lost" not in summary
    assert summary["usage"]["agent"]["requests"] == len(stub.asked) - 2 - 3
    assert not (tmp_path / "parts").exists()
    assert read_episodes(tmp_path / "episodes.jsonl")[0].agent == f"llm m@{stub.url},key=SOME_KEY"
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or b"hush" not in file.read_bytes()
    assert "hush" not in capsys.readouterr().out


def test_an_endpoint_that_stays_away_ends_the_run_in_order(tmp_path: Path) -> None:
    with serving(Recorded(TASKS)) as stub:
        name, port = f"m@{stub.url},retries=0,tools=native", stub.server_address[1]
        command = options(tmp_path, "--workers", "2", "--agent-llm", name)
    with pytest.raises(EndpointError, match="no connection"):
        main(command)
    with serving(Recorded(TASKS), port):
        main(command)
    assert ids(tmp_path) == [task.id for task in TASKS[:24]]


class Tiring:
    """Answers a number of sessions, then fails."""

    left = 0
    seen: Counter[str] = Counter()

    def act(self, sessions: Sequence[Session]) -> list[str]:
        for session in sessions:
            if not session.info["turn"]:
                Tiring.seen[str(session.info["task_id"])] += 1
        Tiring.left -= len(sessions)
        if Tiring.left < 0:
            raise KeyError("tired")
        return ["Hello"] * len(sessions)


def test_a_crash_of_an_agent_loses_nothing_that_has_ended(tmp_path: Path) -> None:
    command = options(tmp_path, "--agent", f"{__name__}:Tiring", "--batch", "4")
    Tiring.left = 50
    with pytest.raises(AgentError) as caught:
        main(command)
    (part,) = (tmp_path / "parts").iterdir()
    ended = {one.task_id for one in read_episodes(part)[1]}
    line = (
        Path(__file__).read_text("utf-8").splitlines().index('            raise KeyError("tired")')
    )
    assert f"got KeyError: 'tired' ({relpath(__file__)}:{line + 1})" in str(caught.value)
    assert f"{len(ended)} episodes are kept in {tmp_path}; mend it, and" in str(caught.value)
    assert is_callers(caught.value)
    assert 4 <= len(ended) < 24
    with part.open("ab") as file:
        file.write(b'{"task_id": "cut of')  # what a power cut leaves
    Tiring.left, Tiring.seen = 10_000, Counter()
    main(command)
    assert not ended & Tiring.seen.keys()
    assert ids(tmp_path) == [task.id for task in TASKS[:24]]


def test_a_crash_of_an_agent_that_is_asked_alone_leaves_out_what_fails(tmp_path: Path) -> None:
    Tiring.left = 50
    main(options(tmp_path, "--agent", f"{__name__}:Tiring", "--workers", "1"))
    lost = read(tmp_path / "summary.json")["lost"]
    assert 0 < lost["episodes"] < lost["of"] == 24
    told = (tmp_path / "attempts.jsonl").read_text("utf-8")
    assert f"KeyError: 'tired' ({relpath(__file__)}:" in told


@pytest.mark.parametrize("more", [[], ["--again"]])
def test_missing_episodes_have_an_exit_status(
    more: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Tiring.left = 50
    words = options(tmp_path, "--agent", f"{__name__}:Tiring", "--workers", "1", "--trials", "2")
    monkeypatch.setattr("sys.argv", ["evaluate.py", *words, *more])
    assert command() == MISSING
    shown = capsys.readouterr()
    lost = read(tmp_path / "summary.json")["lost"]["episodes"]
    told = shown.err.splitlines()[-1]
    assert f"{lost} of 48 episodes are missing; to play them: " in told
    assert "--again" not in told
    assert "pass^k is not shown: all tasks" in " ".join(shown.out.split())
    Tiring.left = 10_000
    assert main(words) == tmp_path
    assert command() == 0


@pytest.mark.parametrize(("who", "more"), [("agent", []), ("user", []), ("user", ["gold"])])
def test_of_two_models_at_one_address_the_one_that_fails_is_named(
    who: str, more: list[str], tmp_path: Path
) -> None:
    def reply(body: Body) -> Body | tuple[int, bytes]:
        is_user = body["messages"][0]["content"].startswith("You play a customer")
        return (400, b"no") if is_user == (who == "user") else {"content": "Hello?"}

    with serving(reply) as stub:
        name = f"m@{stub.url},{FAST},tools=text"
        (agent,) = more or [name]
        command = options(tmp_path, "--agent", agent, "--user", f"llm:{name}")
        with pytest.raises(EndpointError, match=f"^{who}: expected"):
            main(command)


def test_trials_are_played_as_often_as_asked(tmp_path: Path) -> None:
    with serving(Recorded(TASKS), fail=0.2) as stub:
        name = f"m@{stub.url},{FAST}"
        main(options(tmp_path, "--trials", "2", "--workers", "5", "--agent", name))
        before = len(stub.asked)
        while (tmp_path / "parts").exists():
            main(options(tmp_path, "--trials", "2", "--workers", "5", "--agent", name))
        assert before
    assert ids(tmp_path) == [task.id for task in TASKS[:24]] * 2
    assert read(tmp_path / "summary.json")["pass^2"]["value"] == 1


def test_a_user_that_goes_round_in_circles_leaves_and_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def round_and_round(body: Body) -> Body:
        return {"content": "<think>\nwhat now\n</think>\n\nWhy?", "reasoning_content": "secretly"}

    with serving(round_and_round) as stub:
        user = f"u@{stub.url},temperature=1"
        main(options(tmp_path, "--agent", "polite", "--user-llm", user))  # as others call it
    shown = " ".join(capsys.readouterr().out.split())
    assert "In 24 episodes the user went round in circles, and left." in shown
    assert f"user u@{stub.url},temperature=1" in shown
    assert len(stub.asked) == 3 * 24
    header, played = read_episodes(tmp_path / "episodes.jsonl")
    assert header.env["user"] == f"llm:{user}"
    for one in played:
        assert one.stop == "finished"
        heard = [answer.content for step in one.steps for answer in step.answers]
        assert heard == ["Why?"] * 3
    assert verify(tmp_path / "episodes.jsonl").passed


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--agent", "m@here"], "expected a base URL with http:// or https://, got 'here'"),
        (["--agent", "gold", "--max-new-tokens", "9"], "--max-new-tokens and --max-thought-tokens"),
        (["--agent", "gold", "--user", "llm:m@here"], "expected a base URL"),
        (["--agent", "gold", "--user", "m@http://a:b@c"], "got 'm@…'; did you mean 'llm:m@…'?"),
        (["--agent", "gold", "--user", "me"], "llm:MODEL@URL"),
        (["--agent", "stub"], "MODULE:NAME or MODEL@URL, got 'stub'"),
        (["--agent", "m@http://x,temperature=1", "--temperature", "0"], "temperature once"),
        (["--agent", "m@http://x", "--sampling", "greedy"], "with a model behind an endpoint"),
    ],
)
def test_options_that_do_not_fit_are_told(
    more: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises((SystemExit, ValueError)) as caught:
        main(options(tmp_path, *more))
    assert words in f"{caught.value}{capsys.readouterr().err}"
