"""Episodes behind OpenEnv's server, played by OpenEnv's own client and by hostile ones."""

from __future__ import annotations

import http.client
import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest

pytest.importorskip("openenv", reason="needs OpenEnv: pip install -e '.[openenv]'")
from openenv import GenericEnvClient
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from benchmarks.doors import golden
from benchmarks.served import door_open
from reasonact_env.config import EnvConfig
from reasonact_env.episode import Episode
from reasonact_env.episodes.storage import read_episodes
from reasonact_env.replay.command import main as replay

pytestmark = pytest.mark.filterwarnings("default")  # theirs are their own
CONFIG = EnvConfig(data="desk:20", split="all")
Serve = Callable[..., int]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Serves at a free port, until the test ends."""
    with ExitStack() as open_doors:

        def begin(token: str = "", **limits: Any) -> int:
            path = tmp_path / "served.jsonl"
            door = door_open(CONFIG, path, token, openenv=True, **limits)
            return open_doors.enter_context(door)

        yield begin


def client(port: int, **options: Any) -> Any:
    return GenericEnvClient(base_url=f"http://127.0.0.1:{port}", **options).sync()


def episodes(count: int) -> list[Episode]:
    return golden(gym.make("ReasonAct-APIGen-v0", data="desk:20", split="all"), count)


def saved(tmp_path: Path, count: int) -> list[Episode]:
    """The episodes in the file, when there are so many: a session ends after its client."""
    path, deadline = tmp_path / "served.jsonl", time.monotonic() + 60
    while time.monotonic() < deadline:
        if path.exists() and path.read_bytes().count(b'"task_id":') >= count:
            break
        time.sleep(0.02)
    assert replay([str(path), "--verify"]) == 0
    return list(read_episodes(path)[1])


def test_openenvs_client_earns_what_step_pays(serve: Serve, tmp_path: Path) -> None:
    port, played = serve(), episodes(4)
    with client(port) as env:
        for episode in played:
            begun = env.reset(task_id=episode.task_id)
            said = [one.as_dict() for one in episode.opening]
            assert begun.observation["messages"] == said
            assert [one["function"]["name"] for one in begun.observation["tools"]] == [
                tool.name for tool in episode.tools
            ]
            rewards = []
            for step in episode.steps:
                found = env.step({"message": step.action})
                assert found.observation["messages"] == [one.as_dict() for one in step.answers]
                assert found.done or not found.metadata
                rewards.append(found.reward)
            assert rewards == [step.reward for step in episode.steps]
            assert (found.done, found.metadata["total"]) == (True, episode.total)
            assert env.state()["step_count"] == len(episode.steps)
            assert env.step({"message": "And now?"}).reward == 0.0
    assert [one.total for one in saved(tmp_path, 4)] == [one.total for one in played]


def test_sessions_do_not_mix_and_have_a_limit(serve: Serve, tmp_path: Path) -> None:
    port = serve(max_sessions=2)
    one, other = episodes(2)
    with client(port) as first:
        with client(port) as second:
            first.reset(task_id=one.task_id)
            second.reset(task_id=other.task_id)
            first.step({"message": one.steps[0].action})
            assert second.state()["step_count"] == 0
            with pytest.raises(Exception, match="(?i)capacity|sessions"), client(port) as third:
                third.reset()
        assert first.state()["task_id"] == one.task_id
    (left,) = saved(tmp_path, 1)
    assert (len(left.steps), left.stop) == (1, None)


def test_a_session_that_is_idle_makes_room(serve: Serve) -> None:
    port = serve(max_sessions=1, idle_seconds=0.1)
    with client(port) as idle:
        idle.reset()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:  # OpenEnv looks every five seconds
            time.sleep(1)
            with suppress(RuntimeError), client(port) as fresh:
                assert fresh.reset().observation["messages"]
                break
        else:
            pytest.fail("no room for another session")
        with pytest.raises(Exception, match="idle for too long"):
            idle.step({"message": "Hello"})


def test_time_is_limited(serve: Serve) -> None:
    with client(serve(seconds=0.0)) as env:
        env.reset()
        found = env.step({"message": "Hello"})
        assert (found.done, found.reward, found.metadata["stop"]) == (True, 0.0, "late")


def test_tasks_can_be_listed_and_chosen(serve: Serve) -> None:
    port = serve()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    body = json.dumps({"split": "all", "index": 3})
    connection.request("POST", "/reasonact/task", body, {"Content-Type": "application/json"})
    task = json.loads(connection.getresponse().read())["task"]
    connection.close()
    with client(port) as env:
        env.reset(split="all", index=3)
        assert env.state()["task_id"] == task["id"]
        for wrong in ({"task_id": "nobody"}, {"index": -1}, {"split": "tset"}, {"tsak_id": "a"}):
            with pytest.raises(Exception, match="expected"):
                env.reset(**wrong)


def test_a_token_is_asked_for_by_every_way(serve: Serve) -> None:
    port = serve(token="secret")
    with pytest.raises(InvalidStatus):
        connect(f"ws://127.0.0.1:{port}/ws")
    with client(port, headers={"Authorization": "Bearer secret"}) as env:
        assert env.reset().observation["messages"]


def test_a_page_of_another_site_cannot_play(serve: Serve) -> None:
    with pytest.raises(InvalidStatus):
        connect(f"ws://127.0.0.1:{serve()}/ws", origin="http://evil.example")  # type: ignore[arg-type]


def hostile(rng: random.Random) -> str:
    return rng.choice(
        [
            "",
            "[]",
            "5",
            "{",
            "[" * 50_000,
            '{"type": "step"}',
            '{"type": "step", "data": {"message": 5}}',
            '{"type": "step", "data": {"message": "Hi", "more": 1}}',
            '{"type": "step", "data": {"message": "\\ud800"}}',
            '{"type": "reset", "data": {"task_id": ["a"]}}',
            '{"type": "reset", "data": {"seed": -1e999}}',
            '{"type": "reset", "data": {"index": true, "split": {}}}',
            '{"type": "no_such"}',
            '{"type": ["reset"]}',
            '{"type": "mcp", "data": {"jsonrpc": "2.0", "method": "tools/list", "id": 1}}',
            "x" * 1_200_000,
            str(rng.random()),
        ]
    )


def test_hostile_requests_change_nothing(serve: Serve, tmp_path: Path) -> None:
    port, rng = serve(max_sessions=8), random.Random(5)
    (episode,) = episodes(1)
    with client(port) as env:
        env.reset(task_id=episode.task_id)
        for number in range(300):
            if number % 3:
                with suppress(ConnectionClosed), connect(f"ws://127.0.0.1:{port}/ws") as socket:
                    socket.send(hostile(rng))
                    socket.send('{"type": "close"}')
                    socket.recv()
                continue
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            place = rng.choice(["/mcp", "/reasonact/task", "/step", "/reset", "/../..", "/ws"])
            try:
                connection.request(rng.choice(["POST", "GET", "PUT"]), place, hostile(rng))
                status = connection.getresponse().status
            except (ConnectionError, http.client.HTTPException):
                continue  # it hung up on us
            finally:
                connection.close()
            assert status < 500, place
        rewards = [env.step({"message": step.action}).reward for step in episode.steps]
    assert rewards == [step.reward for step in episode.steps]
    assert saved(tmp_path, 1)[-1].total == episode.total
