"""Other words for the same customers: what survives is kept, everything else stays as it was."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytest.importorskip("openai")

from agents.gold import Gold
from agents.play import play
from reasonact_env.config import EnvConfig
from tasks.load import load_tasks
from tasks.procedures.paraphrase import main, paraphrase, survives
from tasks.procedures.records import Record, generate
from tools.chat_endpoint import BASE_URL, CACHE, KEY, MODEL, disconnect
from tools.types import Role


def polite(prompt: str) -> str:
    """Rewrites: the same text with a courtesy before it."""
    return "If you please: " + prompt.rpartition("\n\n")[2]


def humans(record: Record) -> list[str]:
    turns: list[dict[str, str]] = record["conversations"]  # type: ignore[assignment]
    return [turn["value"] for turn in turns if turn["from"] == "human"]


@pytest.mark.parametrize(
    ("new", "kept"),
    [
        ("The account? AC-12345.", True),
        ("The account? AC-12354.", False),
        ("My account is the one you know.", False),
        ("AC-12345, and I was born in 1990.", False),
        ("", False),
        ("AC-12345 " * 60, False),
    ],
)
def test_values_and_facts_have_to_survive(new: str, kept: bool) -> None:
    assert survives("My account number is AC-12345.", new, ["AC-12345", "May"]) is kept


def test_a_value_without_digits_has_to_survive_too() -> None:
    assert survives("It is May.", "May, I think.", ["May"])
    assert not survives("It is May.", "June, I think.", ["May", "June"])
    assert not survives("It is May.", "May or June.", ["May", "June"])


def test_choices_are_left_alone() -> None:
    tally = Counter[str]()
    for record, sidecar in generate(22, 0, "all"):
        before = humans(record)
        paraphrase(record, sidecar, polite, tally)
        after = humans(record)
        assert after[0].startswith("If you please")
        changed = [a for a, b in zip(before, after, strict=True) if a != b]
        values = [v for told in sidecar["case"].get("values", {}).values() for v in told]  # type: ignore[union-attr,call-overload,index]
        assert all(any(str(value) in text for value in values) for text in changed[1:])
    assert tally["rewritten"] > 22
    assert tally["left"]
    assert not tally["refused"]


class Handler(BaseHTTPRequestHandler):
    """A model that rewrites politely, but now and then forgets a number."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = polite(body["messages"][-1]["content"])
        if len(text) % 5 == 0:
            text = re.sub(r"\d", "", text)
        answer = json.dumps({"choices": [{"message": {"content": text}}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments: object) -> None:
        """Keeps quiet."""


def test_paraphrased_data_are_data_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "said.json"
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv(BASE_URL, f"http://127.0.0.1:{server.server_address[1]}/v1")
        monkeypatch.setenv(MODEL, "m")
        monkeypatch.delenv(KEY, raising=False)
        monkeypatch.delenv(CACHE, raising=False)
        assert main(["procedures:20:3:all", "--out", str(out)]) == 0
        disconnect()
        server.shutdown()
    assert '"rewritten"' in capsys.readouterr().out
    tasks = load_tasks(str(out)).tasks
    said = [m.content for task in tasks for m in task.messages if m.role is Role.USER]
    assert any(text.startswith("If you please") for text in said)
    config = EnvConfig(mode="dialogue", data=str(out), split="all", user="procedure")
    for one in play(
        config, Gold(tasks), [(task.id, None) for task in tasks], batch_size=20, seed=0
    ):
        assert one.episode.total == pytest.approx(1)
        heard = [m.content for s in one.episode.steps for m in s.answers if m.role is Role.USER]
        assert set(heard) <= set(said)


def test_without_an_endpoint_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(BASE_URL, raising=False)
    assert main(["procedures:2", "--out", str(tmp_path / "x.json")]) == 2
    assert BASE_URL in capsys.readouterr().err
    for data in ("desk:2", "procedures:x", "procedures:2:y", "procedures:2:0:seen:more"):
        assert main([data, "--out", str(tmp_path / "x.json")]) == 2
        assert "expected procedures:N" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
