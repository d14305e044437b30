"""The recorder between an agent and its model: nothing is changed, and nothing made up."""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest

pytest.importorskip("openai", reason="needs the SDK: pip install -e '.[recorder]'")
pytest.importorskip("uvicorn")

from agents.behind import behind
from agents.recorder import Judge, Recorder, judged_path
from agents.recorder_app import RecorderApp
from agents.serve import Serving, behind_limits, main
from agents.web import Message
from benchmarks.doors import example, golden, script_of
from benchmarks.served import listening
from benchmarks.stub_endpoint import Body, serving
from reasonact_env.config import EnvConfig
from reasonact_env.conversation import Conversation
from reasonact_env.episode import Episode, StopReason
from reasonact_env.episodes.storage import read_episodes
from reasonact_env.replay.command import main as replay
from tools.types import ProblemKind

CONFIG = EnvConfig(data="desk:20", split="all")
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "find_order",
            "parameters": {
                "type": "object",
                "properties": {"id": {"type": "string"}},
                "required": ["id"],
            },
        },
    }
]
Record = Callable[..., str]


def env() -> Any:
    return gym.make("ReasonAct-APIGen-v0", data="desk:20", split="all")


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Record]:
    """Records before a model until the test ends, and returns the address for agents."""
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    with ExitStack() as recording:

        def begin(model: str, *, judge: bool = False, token: str = "", idle: float = 60.0) -> str:
            path = tmp_path / "heard.jsonl"
            recorder = Recorder(path, "tester", judge=Judge(CONFIG) if judge else None)
            recording.callback(recorder.close)
            app = RecorderApp(behind(model), recorder, idle_seconds=idle)
            options = Serving(openai=True, model=model)
            port = recording.enter_context(listening(app, options, token))
            return f"http://127.0.0.1:{port}/v1"

        begin.end = recording.close
        yield begin


def heard(tmp_path: Path) -> list[Episode]:
    return list(read_episodes(tmp_path / "heard.jsonl")[1])


def scripted(script: list[dict[str, Any]]) -> Callable[[Body], Body]:
    """A model that says one thing after the other."""
    said = iter(script)
    return lambda body: dict(next(said))


def ask(url: str, body: Any, **options: Any) -> Any:
    from openai import OpenAI

    with OpenAI(base_url=url, api_key="none", max_retries=0) as client:
        found = client.chat.completions.create(**body, **options)
        return list(found) if options.get("stream") else found


def test_an_unchanged_agent_is_heard_and_judged(record: Record, tmp_path: Path) -> None:
    played = golden(env(), 3)
    script = [one for episode in played for one in script_of(episode)]
    with serving(scripted(script)) as stub:
        os.environ["OPENAI_BASE_URL"] = record(f"m@{stub.url}", judge=True)
        for episode in played:
            talk = Conversation(env(), task_id=episode.task_id)
            example("openai_sdk").play(talk, "anything")
            assert talk.rewards == tuple(step.reward for step in episode.steps)
        record.end()
        assert {body["model"] for body in stub.asked} == {"m"}
        assert all(body["max_tokens"] == 1024 for body in stub.asked)
    path = judged_path(tmp_path / "heard.jsonl")
    assert replay([str(path), "--verify"]) == 0
    found = list(read_episodes(path)[1])
    assert [one.task_id for one in found] == [one.task_id for one in played]
    assert [[s.reward for s in one.steps] for one in found] == [
        [s.reward for s in one.steps] for one in played
    ]
    assert not (tmp_path / "heard.jsonl").exists()


def test_what_no_environment_has_played_is_not_judged(
    record: Record, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = [
        {"id": "a", "type": "function", "function": {"name": "find_order", "arguments": "{}"}},
        {
            "id": "b",
            "type": "function",
            "function": {"name": "find_order", "arguments": '{"id": "7"}'},
        },
    ]
    script = [
        {"content": None, "reasoning_content": "Look it up.", "tool_calls": calls},
        {"content": "It is on its way."},
    ]
    said: list[Any] = [{"role": "system", "content": "Rules."}, {"role": "user", "content": "Hi"}]
    with serving(scripted(script)) as stub:
        url = record(f"m@{stub.url}", judge=True)
        message = ask(url, {"model": "x", "messages": said, "tools": TOOLS}).choices[0].message
        said.append(message.model_dump(include={"role", "content", "tool_calls"}))
        for id, answer in (("b", "found"), ("a", "no id")):  # as they come back from threads
            said.append({"role": "tool", "tool_call_id": id, "content": answer})
        ask(url, {"model": "x", "messages": said, "tools": TOOLS})
        record.end()
    (episode,) = heard(tmp_path)
    first, second = episode.steps
    assert [one.content for one in episode.opening] == ["Rules.", "Hi"]
    assert first.action.startswith("<think>\nLook it up.")
    assert [one.content for one in first.calls] == ["no id", "found"]
    assert [one.problem and one.problem.kind for one in first.calls] == [
        ProblemKind.MISSING_ARGUMENT,
        None,
    ]
    assert (second.action, second.answers) == ("It is on its way.", ())
    assert (episode.stop, episode.outcome) == (StopReason.RECORDED, None)
    assert not any(step.components or step.weights for step in episode.steps)
    path = str(tmp_path / "heard.jsonl")
    assert replay([path, "--list"]) == 0
    assert "not judged" in capsys.readouterr().out
    assert replay([path, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["return"] is None
    assert replay([path, "--verify"]) == 2
    assert "nobody can play it again" in capsys.readouterr().err
    out = tmp_path / "sft.jsonl"
    assert replay([path, "--export", "sft", "--out", str(out)]) == 0
    (line,) = out.read_text().splitlines()
    assert [one["role"] for one in json.loads(line)["messages"]] == [
        *("system", "user", "assistant", "tool", "tool", "assistant")
    ]


def test_tries_and_rollouts_are_told_apart(record: Record, tmp_path: Path) -> None:
    first: list[Any] = [{"role": "user", "content": "Hi"}]
    script = [{"content": text} for text in ("A", "A", "lost", "B", "C", "D")]
    with serving(scripted(script)) as stub:
        url = record(f"m@{stub.url}")
        for _ in range(2):  # two rollouts of one prompt, which begin alike
            ask(url, {"model": "x", "messages": first})
        then = [*first, {"role": "assistant", "content": "A"}, {"role": "user", "content": "1"}]
        ask(url, {"model": "x", "messages": then})
        other = [*then[:2], {"role": "user", "content": "2"}]
        ask(url, {"model": "x", "messages": other})
        ask(url, {"model": "x", "messages": then})  # once more: the agent has lost its answer
        more = [*then, {"role": "assistant", "content": "C"}, {"role": "user", "content": "3"}]
        ask(url, {"model": "x", "messages": more})
        record.end()
    found = {tuple(step.action for step in one.steps) for one in heard(tmp_path)}
    assert {("A", "C", "D"), ("A", "B")} <= found


def test_a_summed_up_history_begins_anew(record: Record, tmp_path: Path) -> None:
    with serving(scripted([{"content": "A"}, {"content": "B"}])) as stub:
        url = record(f"m@{stub.url}")
        ask(url, {"model": "x", "messages": [{"role": "user", "content": "Hi"}]})
        told = [{"role": "user", "content": "In short: hi."}, {"role": "assistant", "content": "A"}]
        ask(url, {"model": "x", "messages": [*told, {"role": "user", "content": "And?"}]})
        record.end()
    assert [len(one.opening) for one in heard(tmp_path)] == [1, 3]


def test_a_stream_tells_the_same(record: Record, tmp_path: Path) -> None:
    call = {"id": "a", "type": "function", "function": {"name": "find_order", "arguments": "{}"}}
    with serving(scripted([{"content": "Well.", "tool_calls": [call]}])) as stub:
        url = record(f"m@{stub.url}")
        body = {"model": "x", "messages": [{"role": "user", "content": "Hi"}]}
        chunks = ask(url, body, stream=True, stream_options={"include_usage": True})
        assert "stream" not in stub.asked[0]
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert deltas[0].content == "Well."
    assert deltas[0].tool_calls[0].function.arguments == "{}"
    assert [c.choices[0].finish_reason for c in chunks if c.choices] == [None, "tool_calls"]
    assert chunks[-1].usage.prompt_tokens


def test_refusals_are_passed_on_and_not_recorded(record: Record, tmp_path: Path) -> None:
    import openai

    with serving(lambda body: (400, b'{"error": {"message": "too long"}}')) as stub:
        url = record(f"m@{stub.url}")
        with pytest.raises(openai.BadRequestError, match="too long"):
            ask(url, {"model": "x", "messages": [{"role": "user", "content": "Hi"}]})
    with pytest.raises(openai.APIStatusError, match="no answer of m"):
        ask(url, {"model": "x", "messages": [{"role": "user", "content": "Hi"}]})
    record.end()
    assert not (tmp_path / "heard.jsonl").exists()


def test_an_agent_of_ours_answers_as_a_model(record: Record, tmp_path: Path) -> None:
    from openai import OpenAI

    url = record("polite", idle=0.2)
    with OpenAI(base_url=url, api_key="none") as client:
        assert [one.id for one in client.models.list()] == ["polite"]
    answer = ask(url, {"model": "x", "messages": [{"role": "user", "content": "Hi"}]})
    assert answer.choices[0].message.content
    path, deadline = tmp_path / "heard.jsonl", time.monotonic() + 30
    while not (path.exists() and path.read_bytes()) and time.monotonic() < deadline:
        time.sleep(0.05)  # it is written while the server runs on
    assert heard(tmp_path)[0].steps[0].action == answer.choices[0].message.content


def hostile(rng: random.Random) -> bytes:
    wild: list[Any] = [
        5,
        [],
        {"messages": 5},
        {"messages": [{"role": "assistant", "tool_calls": 5}]},
        {"messages": [{"role": "assistant", "tool_calls": [5]}]},
        {"messages": [{"role": ["user"]}]},
        {"messages": [{"role": "user", "content": {"a": "\ud800"}}]},
        {"messages": [{"role": "user", "content": "\ud800" * 9}], "tools": [5, {"function": 5}]},
        {"messages": [{"role": "user"}], "tools": [{"function": {"name": "a", "parameters": 5}}]},
        {
            "messages": [{"role": "user", "content": "Hi"}],
            "tools": [{"function": {"name": "a", "parameters": {"type": 5, "$ref": "#"}}}],
        },
        {"messages": [{"role": "tool", "tool_call_id": {"a": 1}, "content": [5, {"type": 5}]}]},
        {"messages": [{"role": "user", "content": "Hi"}], "stream": "yes", "stream_options": 5},
        {"messages": [{"role": "user", "content": "Hi"}], "temperature": "hot", "model": {}},
    ]
    raw = [b"", b"{", b"[" * 50_000, rng.randbytes(99), b"x" * 1_200_000]
    return rng.choice([*raw, *(json.dumps(one).encode() for one in wild * 3)])


async def asked_of(app: Any, path: str, body: bytes, method: str = "POST") -> int:
    """The status that an application answers with."""
    found: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            found.append(message["status"])

    scope = {"type": "http", "method": method, "path": path, "headers": [(b"host", b"localhost")]}
    await app(scope, receive, send)
    return found[0]


def test_a_thousand_hostile_requests_are_survived(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "heard.jsonl", "tester", most=8)
    app = behind_limits(
        RecorderApp(behind("spray"), recorder, idle_seconds=60),
        Serving(openai=True, model="spray"),
    )

    async def attack() -> set[int]:
        rng, seen = random.Random(7), set()
        for _ in range(1000):
            place = rng.choice(["/v1/chat/completions"] * 4 + ["/v1/models", "/../x", "/v1"])
            method = rng.choice(["POST", "POST", "GET"])
            seen.add(await asked_of(app, place, hostile(rng), method))
        return seen

    assert asyncio.run(attack()) == {200, 400, 404, 413}
    recorder.close()
    assert replay([str(tmp_path / "heard.jsonl"), "--list"]) == 0


def test_no_more_conversations_are_kept_in_mind_than_may_be(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "heard.jsonl", "tester", most=3)
    for number in range(9):
        said = [{"role": "user", "content": str(number)}]
        recorder.add({"messages": said}, {"content": "Hm."}, cut=False)
    assert len(heard(tmp_path)) == 6
    recorder.close()
    assert [one.opening[0].content for one in heard(tmp_path)] == [str(n) for n in range(9)]


def test_options_are_checked() -> None:
    with pytest.raises(ValueError, match="--model MODEL@URL or --model FOLDER"):
        main(["--openai"])
    with pytest.raises(ValueError, match="--model with --openai, .* got --mcp; leave it out"):
        main(["--mcp", "--model", "m@http://127.0.0.1:1/v1"])
    with pytest.raises(ValueError, match=r"--model with MODEL@URL, such as .* folder, got 'foo'$"):
        behind("foo")
