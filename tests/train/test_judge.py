"""A model as a judge of replies: what it is asked, and its verdicts next to the similarity's."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytest.importorskip("openai")

from agents.baselines import BASELINES
from agents.gold import Gold
from agents.play import play
from reasonact_env.agent import Agent
from reasonact_env.config import EnvConfig
from reasonact_env.episode import Episode
from reasonact_env.episodes.storage import Header, write_episodes
from tasks.load import load_tasks
from tools.chat_endpoint import BASE_URL, CACHE, KEY, MODEL, disconnect
from tools.types import MessageKind
from train.judge import estimates, judge, main, said_yes

DATA = "procedures:10:0:all"
TASKS = {task.id: task for task in load_tasks(DATA).tasks}


def episodes(agent: Agent, mode: str = "turn") -> list[Episode]:
    config = EnvConfig(mode=mode, data=DATA, split="all")
    wanted = [(name, None) for name in TASKS]
    return [one.episode for one in play(config, agent, wanted, batch_size=10, seed=0)]


def never(prompt: str) -> str:
    raise AssertionError("nobody has to be asked")


def test_gold_is_right_without_being_asked_about() -> None:
    found = estimates(judge(episodes(Gold(TASKS.values(), "turn")), TASKS, never))
    assert all(interval.value == 1 for three in found.values() for interval in three)


def test_a_lenient_judge_and_the_similarity_disagree() -> None:
    asked: list[str] = []

    def lenient(prompt: str) -> str:
        asked.append(prompt)
        return "They say the same. YES."

    found = estimates(judge(episodes(BASELINES["polite"]), TASKS, lenient))
    similar, judged, agree = found["correct reply"]
    assert (similar.value, judged.value, agree.value) == (0, 1, 0)
    assert found["conversation correctness"][1].value == 0
    replies = [
        turn for task in TASKS.values() for turn in task.decisions if turn.kind is MessageKind.REPLY
    ]
    assert len(asked) == len(replies)
    assert all(turn.text in prompt for turn, prompt in zip(replies, asked, strict=True))


@pytest.mark.parametrize(
    ("answer", "yes"),
    [("YES", True), ("no.", False), ("Not YES but NO", False), ("**Yes**", True), ("maybe", False)],
)
def test_the_last_word_counts(answer: str, yes: bool) -> None:
    assert said_yes(answer) is yes


class Lenient(BaseHTTPRequestHandler):
    """A model that says yes to everything."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        answer = json.dumps({"choices": [{"message": {"content": "YES"}}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments: object) -> None:
        """Keeps quiet."""


def test_the_command_shows_both_judgements_by_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "episodes.jsonl"
    header = Header(env={"mode": "turn", "data": DATA, "split": "all"}, source="x", agent="polite")
    write_episodes(path, header, episodes(BASELINES["polite"]))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv(BASE_URL, raising=False)
    with pytest.raises(ValueError, match=BASE_URL):
        main([str(path)])
    with ThreadingHTTPServer(("127.0.0.1", 0), Lenient) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv(BASE_URL, f"http://127.0.0.1:{server.server_address[1]}/v1")
        monkeypatch.setenv(MODEL, "lenient")
        monkeypatch.delenv(KEY, raising=False)
        monkeypatch.delenv(CACHE, raising=False)
        assert main([str(path)])
        disconnect()
        server.shutdown()
    shown = capsys.readouterr().out
    assert "offline (answer >= 0.75)" in shown
    assert "judge lenient" in shown
    (line,) = [line for line in shown.splitlines() if "correct reply" in line]
    assert line.index(" 0.0 [") < line.index("100.0 [")


def test_dialogues_have_no_reference() -> None:
    with pytest.raises(ValueError, match="play with --mode turn"):
        judge(episodes(BASELINES["polite"], "dialogue"), TASKS, never)
