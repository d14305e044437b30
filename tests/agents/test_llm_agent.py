"""A model behind an endpoint as an agent, and many of its episodes at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest

pytest.importorskip("openai")

from agents.at_once import play_at_once
from agents.endpoint import LlmAgent, with_known_tools
from agents.gold import Gold
from agents.play import Lost, Played, play, play_as_they_end
from benchmarks.stub_endpoint import Body, Recorded, serving
from reasonact_env.agent import Session
from reasonact_env.config import EnvConfig
from reasonact_env.episode import Episode
from tasks.load import load_tasks
from tools.chat_address import NATIVE, TEXT
from tools.chat_endpoint import Endpoint, EndpointError
from tools.protocol import parse

DATA = "desk:12"
CONFIG = EnvConfig(data=DATA, split="all", user="own")
TASKS = load_tasks(DATA).tasks
WANTED = [(task.id, None) for task in TASKS]


def gold() -> dict[str, Episode]:
    played = play(CONFIG, Gold(TASKS), WANTED)
    return {one.task_id: one.episode for one in played}


@pytest.mark.parametrize("form", [NATIVE, TEXT])
def test_the_recorded_agent_earns_the_same_behind_an_endpoint(form: str) -> None:
    with serving(Recorded(TASKS), fail=0.1) as stub:
        agent = LlmAgent(Endpoint(stub.url, "m", tools=form, backoff=0.001))
        ended = list(play_at_once(CONFIG, agent, WANTED, workers=4))
    assert all(isinstance(one, Played) for one in ended)
    recorded = gold()
    assert len(ended) == len(recorded)
    for one in ended:
        assert isinstance(one, Played)
        same = recorded[one.task_id]
        assert [step.reward for step in one.episode.steps] == [step.reward for step in same.steps]
        assert one.episode.outcome == same.outcome
        assert one.episode.cut == ()
        assert one.taken.agent.requests == len(same.steps)
    assert any("tools" in body for body in stub.asked) == (form == NATIVE)


def ignoring(body: Body) -> Body:
    body.pop("tools", None)
    return {"content": "Hi"}


def refusing(body: Body) -> Body | tuple[int, bytes]:
    return (400, b"no parser for tools") if "tools" in body else {"content": "Hi"}


def silent(body: Body) -> tuple[int, bytes]:
    return 200, b'{"choices": [{"message": {"content": "Hi"}}]}'


@pytest.mark.parametrize(
    ("reply", "form"),
    [
        (lambda body: {"content": "Hi"}, NATIVE),
        (ignoring, TEXT),
        (refusing, TEXT),
        (silent, NATIVE),
    ],
)
def test_whether_the_endpoint_shows_tools_is_found_out(
    reply: Callable[[Body], Body], form: str
) -> None:
    with serving(reply) as stub:
        assert with_known_tools(Endpoint(stub.url, "m")).tools == form
        assert len(stub.asked) == 2
        assert with_known_tools(Endpoint(stub.url, "m", tools=TEXT)).tools == TEXT
        assert len(stub.asked) == 2


def test_a_wrong_key_is_known_before_anything_is_played() -> None:
    with (
        serving(lambda body: (401, b"who are you")) as stub,
        pytest.raises(EndpointError, match="401"),
    ):
        with_known_tools(Endpoint(stub.url, "m"))


def test_a_cut_message_is_told_and_thoughts_are_not_heard() -> None:
    def thinking(body: Body) -> Body:
        return {"content": "Wait", "reasoning_content": "hm", "finish_reason": "length"}

    with serving(thinking) as stub:
        agent = LlmAgent(Endpoint(stub.url, "m", tools=NATIVE))
        (one,) = play_at_once(CONFIG, agent, WANTED[:1], workers=9)
    assert isinstance(one, Played)
    assert one.episode.cut == tuple(range(len(one.episode.steps)))
    assert parse(one.episode.steps[0].action).thought == "hm"
    assert not any("hm" in str(m.get("content")) for body in stub.asked for m in body["messages"])


def test_as_many_episodes_run_at_a_time_as_there_are_workers() -> None:
    barrier = threading.Barrier(3)

    def together(body: Body) -> Body:
        if len(body["messages"]) == 2:  # with fewer workers it would wait for ever
            barrier.wait(60)
        return {"content": "Hi"}

    with serving(together) as stub:
        agent = LlmAgent(Endpoint(stub.url, "m", tools=NATIVE))
        ended = list(play_at_once(CONFIG, agent, WANTED[:6], workers=3))
    assert sorted(one.task_id for one in ended) == sorted(name for name, _ in WANTED[:6])


@pytest.mark.parametrize("data", ["retail:6", "airline:6", "procedures:12"])
def test_threads_that_share_data_do_not_disturb_each_other(data: str) -> None:
    tasks = load_tasks(data).tasks
    config = EnvConfig(data=data, split="all", user="own")
    wanted = [(task.id, None) for task in tasks] * 4
    found = list(play_at_once(config, Gold(tasks), wanted, workers=8))
    alone = {one.task_id: one.episode for one in play(config, Gold(tasks), wanted[: len(tasks)])}
    assert len(found) == len(wanted)
    assert all(isinstance(one, Played) and one.episode == alone[one.task_id] for one in found)


class Failing:
    """Fails in some tasks, in its second message."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def act(self, sessions: Sequence[Session]) -> list[str]:
        for session in sessions:
            if session.info["task_id"] == WANTED[2][0] and session.info["turn"]:
                raise self.error
        return ["Hello"] * len(sessions)


def test_an_episode_that_fails_is_lost_and_the_others_go_on() -> None:
    ended = list(play_at_once(CONFIG, Failing(KeyError("x")), WANTED, workers=2))
    (lost,) = [one for one in ended if isinstance(one, Lost)]
    assert (lost.task_id, lost.steps, repr(lost.error)) == (WANTED[2][0], 1, "KeyError('x')")
    assert len(ended) == len(WANTED)


def test_what_ends_a_process_ends_all_episodes() -> None:
    with pytest.raises(KeyboardInterrupt):
        list(play_at_once(CONFIG, Failing(KeyboardInterrupt()), WANTED, workers=2))


def test_in_waves_a_user_that_fails_loses_its_episode_alone() -> None:
    def user(body: Body) -> Body | tuple[int, bytes]:
        about = body["messages"][0]["content"]
        broken = TASKS[1].user_turns[0] in body["messages"][1]["content"]
        return (400, b"too long") if broken else {"content": "[END]" if about else ""}

    with serving(user) as stub:
        config = EnvConfig(data=DATA, split="all", user=f"llm:m@{stub.url}")
        polite = Failing(ValueError())
        ended = list(play_as_they_end(config, polite, WANTED[:2], workers=2))
        with pytest.raises(EndpointError, match="too long"):
            list(play(config, polite, WANTED[:2]))
    kinds = {one.task_id: type(one) for one in ended}
    assert kinds == {WANTED[0][0]: Played, WANTED[1][0]: Lost}
    assert all(one.taken.user.seconds > 0 for one in ended)
