"""Episodes behind the Model Context Protocol: isolated, bounded, the same rewards, all saved."""

from __future__ import annotations

import http.client
import json
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from agents.gold import Gold
from agents.serve import main
from reasonact_env.agent import Session
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode
from reasonact_env.episodes.storage import read_episodes
from reasonact_env.replay.command import main as replay
from tools.protocol import parse

pytest.importorskip("mcp", reason="needs the SDK: pip install -e '.[mcp]'")
pytest.importorskip("uvicorn")

from benchmarks.served import door_open  # noqa: E402

CONFIG = EnvConfig(data="desk:20", split="all")
VERSION = "2025-06-18"
HEAD = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


class Client:
    """A client in plain HTTP: what reaches the server is what the test writes."""

    def __init__(self, port: int, query: str = "", token: str = "") -> None:
        self.port, self.query, self.number = port, query, 0
        self.head = HEAD | ({"Authorization": f"Bearer {token}"} if token else {})

    def send(self, body: bytes, method: str = "POST", **head: str) -> tuple[int, Any, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, f"/mcp{self.query}", body, self.head | head)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, answer.headers, json.loads(text) if text[:1] == b"{" else text
        finally:
            connection.close()

    def ask(self, method: str, **params: Any) -> Any:
        self.number += 1
        message = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}
        status, head, answer = self.send(json.dumps(message).encode())
        assert status == 200, answer
        if "mcp-session-id" in head:
            self.head["Mcp-Session-Id"] = head["mcp-session-id"]
        return answer

    def begin(self) -> str:
        who = {"name": "test", "version": "1"}
        answer = self.ask("initialize", protocolVersion=VERSION, capabilities={}, clientInfo=who)
        self.head["MCP-Protocol-Version"] = VERSION
        self.send(b'{"jsonrpc": "2.0", "method": "notifications/initialized"}')
        return str(answer["result"]["instructions"])

    def call(self, name: str, **arguments: Any) -> tuple[str, dict[str, Any]]:
        result = self.ask("tools/call", name=name, arguments=arguments)["result"]
        return result["content"][0]["text"], result["_meta"]["reasonact"]

    def end(self) -> None:
        self.send(b"", "DELETE")


Serve = Callable[..., int]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Serves at a free port, until the test ends."""
    with ExitStack() as open_doors:

        def begin(token: str = "", **limits: Any) -> int:
            path = tmp_path / "served.jsonl"
            door = door_open(CONFIG, path, token, mcp=True, **limits)
            return open_doors.enter_context(door)

        yield begin


def golden(task_id: str) -> Episode:
    env = ReasonActEnv.of(CONFIG)
    gold = Gold(env.tasks)
    observation, info = env.reset(seed=0, options={"task_id": task_id})
    while "stop" not in info:
        (action,) = gold.act([Session(observation, info)])
        observation, *_, info = env.step(action)
    return env.episode


def replayed(client: Client, episode: Episode) -> dict[str, Any]:
    """The episode's calls and replies through a client."""
    state: dict[str, Any] = {}
    for step in episode.steps:
        read = parse(step.action)
        for call in read.calls:
            _, state = client.call(call.name, **call.arguments)
        if not read.calls:
            _, state = client.call("say", text=read.text)
    return state


def saved(tmp_path: Path, count: int = 1) -> list[Episode]:
    """The episodes in the file, when there are so many: a session ends after its client."""
    path, deadline = tmp_path / "served.jsonl", time.monotonic() + 60
    while time.monotonic() < deadline:
        if path.exists() and path.read_bytes().count(b'"task_id":') >= count:
            break
        time.sleep(0.02)
    assert replay([str(path), "--verify"]) == 0
    return list(read_episodes(path)[1])


def singles(count: int) -> list[Episode]:
    """Gold episodes with one call a message: MCP has no message of several."""
    found = [golden(task_id) for task_id in ReasonActEnv.of(CONFIG).task_ids]
    return [one for one in found if all(len(step.calls) < 2 for step in one.steps)][:count]


@pytest.mark.filterwarnings("default")
def test_rewards_are_the_same_and_the_file_verifies(serve: Serve, tmp_path: Path) -> None:
    port = serve()
    played = singles(5)
    for episode in played:
        client = Client(port, f"?task_id={episode.task_id}")
        rules = client.begin()
        assert episode.opening[0].content in rules
        assert episode.opening[-1].content in rules
        names = [tool["name"] for tool in client.ask("tools/list")["result"]["tools"]]
        assert names == [*(tool.name for tool in episode.tools), "say"]
        state = replayed(client, episode)
        assert state == {"done": True, "stop": episode.stop, "total": episode.total}
        assert "counts any more" in client.call("get_order", order_id="1")[0]
        client.end()
    kept = saved(tmp_path, 5)
    assert [one.task_id for one in kept] == [one.task_id for one in played]
    assert [[s.reward for s in one.steps] for one in kept] == [
        [s.reward for s in one.steps] for one in played
    ]


@pytest.mark.filterwarnings("default")
def test_sessions_at_the_same_time_do_not_mix(serve: Serve, tmp_path: Path) -> None:
    port = serve()
    played = singles(8)
    clients = [Client(port, f"?task_id={one.task_id}") for one in played]
    for client in clients:
        client.begin()
    states: dict[int, dict[str, Any]] = {}

    def work(number: int) -> None:
        states[number] = replayed(clients[number], played[number])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [states[number]["total"] for number in range(8)] == [one.total for one in played]
    for client in clients:
        client.end()
    assert len(saved(tmp_path, 8)) == 8


def hostile(rng: random.Random) -> tuple[bytes, dict[str, str]]:
    """A request that no client sends."""
    bodies = [
        b"",
        b"{",
        b"[]" * 500,
        b"[" * 50_000,
        rng.randbytes(200),
        b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": 3}}',
        b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": null}',
        b'{"jsonrpc": "2.0", "id": {}, "method": "no/such"}',
        b'{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}}',
        b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}',
        b'{"jsonrpc": "2.0", "id": 1e999, "method": "ping"}',
        b"x" * 1_200_000,
        json.dumps(
            {
                "jsonrpc": "2.0",
                "id": 1,
                "method": "tools/call",
                "params": {"name": "get_order", "arguments": {"order_id": "\ud800" * 9}},
            }
        ).encode(),
    ]
    heads = [
        {},
        {"Mcp-Session-Id": "../../etc/passwd"},
        {"Content-Type": "text/plain"},
        {"Accept": "image/png"},
        {"MCP-Protocol-Version": "9999-01-01"},
        {"MCP-Protocol-Version": "2026-07-28"},
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
    ]
    return rng.choice(bodies), rng.choice(heads)


@pytest.mark.filterwarnings("default")
def test_a_thousand_hostile_requests_change_nothing(serve: Serve, tmp_path: Path) -> None:
    port = serve(max_sessions=4)
    (episode,) = singles(1)
    client = Client(port, f"?task_id={episode.task_id}")
    client.begin()
    rng, seen = random.Random(5), set()
    for _ in range(1000):
        body, head = hostile(rng)
        try:
            status, _, _ = Client(port).send(body, rng.choice(["POST", "POST", "PUT"]), **head)
        except (ConnectionError, http.client.HTTPException):
            continue  # it hung up on us
        seen.add(status)
    assert seen <= {200, 400, 403, 404, 405, 406, 413, 415, 421, 503}, seen  # nothing else of 500
    assert replayed(client, episode)["total"] == episode.total
    client.end()
    assert len(saved(tmp_path)) == 1


@pytest.mark.filterwarnings("default")
def test_sessions_size_and_time_are_limited(serve: Serve, tmp_path: Path) -> None:
    port = serve(max_sessions=1, max_bytes=10_000, seconds=0.0)
    client = Client(port)
    client.begin()
    assert Client(port).send(b'{"jsonrpc": "2.0", "id": 1, "method": "initialize"}')[0] == 503
    assert client.send(b" " * 20_000)[0] == 413
    text, state = client.call("say", text="Hello")
    assert "time for this conversation is up" in text
    assert not state["done"]
    client.end()
    assert Client(port).begin()
    assert not (tmp_path / "served.jsonl").exists()


@pytest.mark.filterwarnings("default")
def test_a_session_that_is_left_is_saved_as_far_as_it_went(serve: Serve, tmp_path: Path) -> None:
    client = Client(serve())
    client.begin()
    assert 'Expected say with a text, got words="Hi".' in client.call("say", words="Hi")[0]
    assert "got text=[3]." in client.call("say", text=[3])[0]
    assert "got nothing." in client.call("say")[0]
    client.call("no_such_tool")
    client.end()
    (episode,) = saved(tmp_path)
    assert (len(episode.steps), episode.stop) == (1, None)


@pytest.mark.filterwarnings("default")
def test_an_unknown_task_and_a_wrong_token_are_refused(serve: Serve) -> None:
    port = serve(token="secret")
    assert Client(port).send(b"{}")[0] == 401
    assert Client(port, token="Secret").send(b"{}")[0] == 401
    client = Client(port, "?task_id=nobody", "secret")
    answer = client.ask("initialize", protocolVersion=VERSION, capabilities={}, clientInfo={})
    assert "error" in answer


@pytest.mark.filterwarnings("default")
def test_refused_sessions_lock_nobody_out(serve: Serve) -> None:
    port = serve(max_sessions=2)
    who = {"name": "test", "version": "1"}
    for number in range(70):
        query = "?task_id=nobody" if number % 2 else ""
        params: dict[str, Any] = {"protocolVersion": VERSION, "capabilities": {}}
        params |= {"clientInfo": who} if number % 2 else {}  # one without is refused by the SDK
        assert "error" in Client(port, query).ask("initialize", **params)
    assert Client(port).begin()


@pytest.mark.filterwarnings("default")
def test_sessions_whose_client_has_vanished_make_room(serve: Serve) -> None:
    port = serve(max_sessions=1, idle_seconds=0.5)
    Client(port).begin()
    opening = b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}'  # refused by 400 where there is room
    assert Client(port).send(opening)[0] == 503
    deadline = time.monotonic() + 60
    while Client(port).send(opening)[0] == 503 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert Client(port).begin()


@pytest.mark.filterwarnings("default")
def test_sessions_with_a_stream_that_nobody_reads_make_room(serve: Serve) -> None:
    port = serve(max_sessions=1, idle_seconds=0.5, max_seconds=0.5)
    client = Client(port)
    client.begin()
    stream = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    stream.request("GET", "/mcp", headers=client.head | {"Accept": "text/event-stream"})
    assert stream.getresponse().status == 200
    time.sleep(1.2)
    assert Client(port).begin()
    stream.close()


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("head", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}])
def test_pages_of_other_sites_are_refused(serve: Serve, head: dict[str, str]) -> None:
    status, _, words = Client(serve()).send(b"{}", **head)
    assert (status, b"from no page of another one" in words) == (403, True)


@pytest.mark.filterwarnings("default")
def test_the_sdks_own_client_plays(serve: Serve, tmp_path: Path) -> None:
    import anyio
    from mcp.client.client import Client as Official

    port = serve()
    (episode,) = singles(1)

    async def talk() -> None:
        url = f"http://127.0.0.1:{port}/mcp?task_id={episode.task_id}"
        async with Official(url) as client:
            assert episode.opening[0].content in str(client.instructions)
            for step in episode.steps:
                read = parse(step.action)
                for call in read.calls:
                    await client.call_tool(call.name, dict(call.arguments))
                if not read.calls:
                    await client.call_tool("say", {"text": read.text})

    anyio.run(talk)
    (kept,) = saved(tmp_path)
    assert kept.total == episode.total


def test_by_standard_input_and_output(tmp_path: Path) -> None:
    import anyio
    from mcp import StdioServerParameters
    from mcp.client.client import Client as Official
    from mcp.client.stdio import stdio_client

    out = tmp_path / "served.jsonl"
    words = ["--mcp", "--stdio", "--data", "desk:20", "--split", "all", "--out", str(out)]
    # As `python -m agents.serve` does, which a checkout beside openai-agents cannot be asked for.
    code = "import reasonact_env; from agents.serve import main; main()"
    started = StdioServerParameters(
        command=sys.executable,
        args=["-c", code, *words],
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )

    async def talk() -> None:
        async with Official(stdio_client(started)) as client:
            await client.call_tool("say", {"text": "What is your order's number?"})

    anyio.run(talk)
    assert len(saved(tmp_path)) == 1


def test_options_are_checked(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"expected --mcp, .*: python -m agents\.serve --mcp$"):
        main([])
    with pytest.raises(ValueError, match="got --openenv; .*: python -m agents.serve --mcp --stdio"):
        main(["--openenv", "--stdio"])
    (tmp_path / "old.jsonl").write_text("")
    with pytest.raises(FileExistsError, match="name another with --out"):
        main(["--mcp", "--out", str(tmp_path / "old.jsonl")])
    with pytest.raises(ValueError, match="max-sessions"):
        main(["--mcp", "--max-sessions", "0"])


@pytest.mark.parametrize("what", [["--mcp"], ["--openenv"], ["--openai", "--model", "polite"]])
def test_a_port_that_is_taken_is_told_before_anything_else(
    what: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "served.jsonl"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ValueError, match=f"expected a free port, got {port}: address already"):
            main([*what, "--port", str(port), "--out", str(out)])
    with pytest.raises(ValueError, match="expected --host with an address of this machine"):
        main([*what, "--host", "203.0.113.1", "--out", str(out)])
    shown = capsys.readouterr()
    assert (shown.out, shown.err, out.exists()) == ("", "", False)


def test_any_free_port_is_told(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "agents.serve", "--mcp", "--port", "0", "--data", "desk:20"]
    with subprocess.Popen(
        [*command, "--out", str(tmp_path / "a.jsonl")], stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stderr is not None
            port = int(server.stderr.readline().split("/")[2].partition(":")[2])
            assert port
            assert Client(port).begin()
        finally:
            server.send_signal(signal.SIGINT)
        assert "Traceback" not in server.stderr.read()
