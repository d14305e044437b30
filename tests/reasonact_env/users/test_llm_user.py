"""A user played by a model, against a server of our own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import gymnasium as gym
import pytest

pytest.importorskip("openai")

import reasonact_env  # noqa: F401  (registers the environments)
from reasonact_env.users.llm import END, LlmUser
from tools.chat_endpoint import BASE_URL, CACHE, KEY, MODEL, Endpoint, EndpointError, disconnect
from tools.protocol import render
from tools.types import Message, Role, ToolCall

ANSWER = (200, {"choices": [{"message": {"content": "It is 12345."}}]})


class Server(ThreadingHTTPServer):
    """Answers with what it was given, in order; the last answer repeats."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[tuple[int, object]] = [ANSWER]
        self.asked: list[dict] = []
        self.paths: list[str] = []
        self.keys: list[str | None] = []
        self.pause = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no error here."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        server = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.asked.append(json.loads(body))
        server.paths.append(self.path)
        server.keys.append(self.headers.get("Authorization"))
        status, answer = server.answers[min(len(server.asked), len(server.answers)) - 1]
        time.sleep(server.pause)
        text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *arguments: object) -> None:
        """Keeps quiet."""


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield running
    disconnect()
    running.shutdown()
    running.server_close()
    thread.join()


def endpoint(server: Server, **others: object) -> Endpoint:
    return Endpoint(server.url, "m", **{"backoff": 0.001, "timeout": 30.0, **others})  # type: ignore[arg-type]


MESSAGES = (
    Message(Role.SYSTEM, "Be kind."),
    Message(Role.USER, "Hello, I moved."),
    Message(Role.ASSISTANT, render([ToolCall("look", {})])),
    Message(Role.TOOL, "secret"),
    Message(Role.ASSISTANT, "<think>\nhm\n</think>\n\nWhat is your zip code?"),
)


def test_the_model_sees_what_was_said_aloud_with_the_parts_exchanged(server: Server) -> None:
    user = LlmUser("zip: 12345", endpoint(server, key="k"))
    assert user.answer(MESSAGES) == "It is 12345."
    (asked,) = server.asked
    assert asked["model"] == "m"
    system, *said = asked["messages"]
    assert system["content"].endswith("zip: 12345")
    assert said == [
        {"role": "assistant", "content": "Hello, I moved."},
        {"role": "user", "content": "What is your zip code?"},
    ]
    assert server.paths == ["/v1/chat/completions"]
    assert server.keys == ["Bearer k"]


def test_without_a_key_none_is_sent(server: Server) -> None:
    LlmUser("", endpoint(server)).answer(MESSAGES)
    assert server.keys == [None]


def test_the_model_ends_the_dialogue(server: Server) -> None:
    server.answers = [(200, {"choices": [{"message": {"content": f" {END}\n"}}]})]
    assert LlmUser("", endpoint(server)).answer(MESSAGES) is None


@pytest.mark.parametrize(
    "told",
    [
        {"content": "<think>\nI am told 12345\n</think>\n\nIt is 12345."},
        {"content": "I am told so</think>It is 12345."},
        {"content": "It is 12345.", "reasoning_content": "I am told so"},
    ],
)
def test_the_agent_does_not_hear_the_customers_thoughts(
    server: Server, told: dict[str, str]
) -> None:
    server.answers = [(200, {"choices": [{"message": told}]})]
    assert LlmUser("", endpoint(server)).answer(MESSAGES) == "It is 12345."


def test_a_customer_who_only_thinks_has_no_answer(server: Server) -> None:
    server.answers = [(200, {"choices": [{"message": {"content": "<think>\nwell, I"}}]})]
    with pytest.raises(EndpointError, match="thoughts alone; give it a larger max_tokens"):
        LlmUser("", endpoint(server)).answer(MESSAGES)


@pytest.mark.parametrize(
    ("said", "leaves"),
    [
        (["Why?", "Why?", "why? "], True),
        (["Hello", "a", "b", "a", "b", "a", "b"], True),
        (["Why?", "Why?"], False),
        (["a", "b", "a", "b", "c"], False),
    ],
)
def test_a_customer_who_goes_round_in_circles_leaves(
    server: Server, said: list[str], leaves: bool
) -> None:
    user = LlmUser("", endpoint(server))
    talk = [m for one in said for m in (Message(Role.USER, one), Message(Role.ASSISTANT, "Hm."))]
    assert (user.answer(talk) is None) == leaves
    assert user.report(talk).gave_up == leaves
    assert len(server.asked) == (not leaves), "nobody is asked in vain"


def test_a_user_is_named_with_its_model(server: Server) -> None:
    user = f"llm:m@{server.url},temperature=0.5,max_tokens=9"
    env = gym.make("ReasonAct-APIGen-v0", data="desk:20", split="all", user=user)
    env.reset(seed=1)
    env.step("What is your number?")
    (asked,) = server.asked
    assert (asked["model"], asked["temperature"], asked["max_tokens"]) == ("m", 0.5, 9)
    with pytest.raises(ValueError, match="did you mean"):
        gym.make("ReasonAct-APIGen-v0", data="desk:20", user=f"{user},max_token=9")


def test_after_a_call_nobody_is_asked(server: Server) -> None:
    assert LlmUser("", endpoint(server)).answer(MESSAGES[:4]) == ""
    assert server.asked == []


@pytest.mark.parametrize(
    "failure",
    [
        (503, {}),
        (429, {}),
        (500, b"<html>"),
        (200, b"no json"),
        (200, {"choices": []}),
        (200, [1]),
        (200, {"choices": [{"message": {"content": None}}]}),
    ],
)
def test_what_may_pass_is_tried_again(server: Server, failure: tuple[int, object]) -> None:
    server.answers = [failure, failure, ANSWER]
    assert LlmUser("", endpoint(server)).answer(MESSAGES) == "It is 12345."
    assert len(server.asked) == 3


def test_what_does_not_pass_is_told_in_the_end(server: Server) -> None:
    server.answers = [(503, {"error": "full"})]
    with pytest.raises(
        EndpointError, match=r"in 3 attempts; the last one brought status 503.*full"
    ):
        endpoint(server, retries=2).answer([])
    assert len(server.asked) == 3


def test_a_wrong_key_is_no_use_trying_again_and_is_not_printed(server: Server) -> None:
    server.answers = [(401, {"error": "who are you"})]
    asking = endpoint(server, key="hush")
    with pytest.raises(EndpointError, match="status 401.*who are you") as caught:
        asking.answer([])
    assert len(server.asked) == 1
    assert "hush" not in f"{caught.value}{asking!r}"


def test_a_slow_endpoint_is_given_up(server: Server) -> None:
    server.pause = 1.0
    with pytest.raises(EndpointError, match="no connection"):
        endpoint(server, timeout=0.1, retries=0).answer([])


def test_nobody_there_is_told() -> None:
    with pytest.raises(EndpointError, match="no connection"):
        Endpoint("http://127.0.0.1:9", "m", retries=0).answer([])


def test_what_was_answered_once_is_not_asked_again(server: Server, tmp_path: Path) -> None:
    cache = str(tmp_path / "deep" / "answers.jsonl")
    asking = endpoint(server, cache=cache)
    assert asking.answer([{"role": "user", "content": "é"}]) == "It is 12345."
    asking.answer([{"role": "user", "content": "é"}])
    assert len(server.asked) == 1
    asking.answer([{"role": "user", "content": "other"}])
    assert len(server.asked) == 2


def test_a_cache_replaces_the_endpoint_even_behind_a_torn_line(
    server: Server, tmp_path: Path
) -> None:
    torn, cache = tmp_path / "torn.jsonl", tmp_path / "whole.jsonl"
    torn.write_text('{"key": "abc", "cont', "utf-8")
    assert endpoint(server, cache=str(torn)).answer([]) == "It is 12345."
    cache.write_text(torn.read_text("utf-8"), "utf-8")
    gone = Endpoint("http://127.0.0.1:9", "m", retries=0, cache=str(cache))
    assert gone.answer([]) == "It is 12345."


def test_missing_variables_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (BASE_URL, MODEL, KEY, CACHE):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ValueError, match=f"{BASE_URL} and no {MODEL}"):
        gym.make("ReasonAct-APIGen-v0", data="desk:20", split="all", user="llm")


def test_only_web_addresses_are_asked() -> None:
    with pytest.raises(ValueError, match="expected a base URL with http"):
        Endpoint("file:///etc", "m")


def test_an_episode_is_played_with_the_model(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(BASE_URL, server.url)
    monkeypatch.setenv(MODEL, "m")
    monkeypatch.setenv(CACHE, str(tmp_path / "answers.jsonl"))
    server.answers = [ANSWER, (200, {"choices": [{"message": {"content": END}}]})]
    env = gym.make("ReasonAct-APIGen-v0", data="desk:20", split="all", user="llm")
    env.reset(seed=1)
    observation, _, terminated, *_ = env.step("What is your number?")
    assert observation["messages"][-1] == {"role": "user", "content": "It is 12345."}
    assert not terminated
    *_, terminated, _, info = env.step("Thank you, goodbye.")
    assert terminated
    assert info["stop"] == "finished"
    agenda = server.asked[0]["messages"][0]["content"]
    assert "What you want, one after the other:\n1. " in agenda
    assert "customer number: " in agenda
