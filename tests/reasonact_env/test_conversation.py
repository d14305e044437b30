"""`Conversation`: an agent that owns its loop earns what `step` pays, and gets clear answers."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest

from agents.gold import Gold
from reasonact_env import Conversation
from reasonact_env.agent import Session
from reasonact_env.episode import Episode
from reasonact_env.wrappers import FailTools, RecordEpisodes, RenameTools
from tools.openai_form import to_openai
from tools.protocol import parse, render
from tools.types import ToolCall

ID = "ReasonAct-APIGen-v0"
SETTINGS: list[dict[str, Any]] = [
    {"data": "desk:12"},
    {"data": "desk:12", "mode": "turn"},
    {"data": "retail:12:3", "user": "agenda"},
    {"data": "retail:12:3", "mode": "turn"},
    {"data": "procedures:12:2", "user": "own"},
    {"data": "procedures:12:2", "mode": "turn", "thinking": "required"},
]
REAL = "apigen_mt_like_real.json"


def make(**kwargs: Any) -> Any:
    return gym.make(ID, **{"split": "all", "data": "desk:12", **kwargs})


def begin(**kwargs: Any) -> Conversation:
    """A conversation with a user who has several things to say."""
    env = make(**kwargs)
    task = max(env.unwrapped.tasks, key=lambda task: len(task.user_turns))
    return Conversation(env, task_id=task.id)


def stepped(env: Any, task_id: str, gold: Gold) -> Episode:
    """The episode of a gold agent that is asked message by message."""
    observation, info = env.reset(seed=1, options={"task_id": task_id})
    ended = False
    while not ended:
        (action,) = gold.act([Session(observation, info)])
        observation, _, terminated, truncated, info = env.step(action)
        ended = terminated or truncated
    episode: Episode = env.unwrapped.episode
    return episode


def retold(env: Any, episode: Episode) -> Conversation:
    """The same messages in OpenAI's form, through a conversation."""
    talk = Conversation(env, task_id=episode.task_id, seed=1)
    for step in episode.steps:
        (message,) = to_openai([{"role": "assistant", "content": step.action}])
        answers = talk.answer(message)
        ids = [call["id"] for call in message.get("tool_calls", ())]
        assert [one["tool_call_id"] for one in answers if one["role"] == "tool"] == ids
    return talk


def results(episode: Episode) -> Any:
    """All that came of an episode's messages; a record writes some of its JSON with other blanks
    than we do, so the messages themselves may differ.
    """
    steps = [(step.calls, step.answers, step.reward, step.components) for step in episode.steps]
    return episode.task_id, episode.stop, episode.outcome, steps


def all_equal(kwargs: dict[str, Any], count: int) -> int:
    env = make(**kwargs)
    below = env.unwrapped
    gold = Gold(below.tasks, kwargs.get("mode", "dialogue"), kwargs.get("thinking", "optional"))
    steps = 0
    for task_id in below.task_ids[:count]:
        episode = stepped(env, task_id, gold)
        talk = retold(env, episode)
        assert talk.done
        assert results(talk.episode) == results(episode)
        assert talk.total == episode.total
        assert talk.rewards == tuple(step.reward for step in episode.steps)
        steps += len(episode.steps)
    return steps


@pytest.mark.parametrize("kwargs", SETTINGS, ids=str)
def test_the_rewards_are_those_of_step(kwargs: dict[str, Any]) -> None:
    assert all_equal(kwargs, 12) > 12


@pytest.mark.parametrize("mode", ["dialogue", "turn"])
def test_the_rewards_on_real_dialogues_are_those_of_step(mode: str, shared_data: Path) -> None:
    assert all_equal({"data": str(shared_data / "dialogues" / REAL), "mode": mode}, 40) > 100


def moves(episode: Episode) -> Iterator[ToolCall | str]:
    for step in episode.steps:
        read = parse(step.action)
        yield from read.calls or [read.text]


def test_calls_and_sayings_play_the_same_episode() -> None:
    env = make()
    gold = Gold(env.unwrapped.tasks)
    for task_id in env.unwrapped.task_ids:
        episode = stepped(env, task_id, gold)
        if any(len(step.calls) > 1 for step in episode.steps):
            continue
        talk = Conversation(env, task_id=task_id, seed=1)
        for step, move in zip(episode.steps, moves(episode), strict=True):
            assert not talk.done
            if isinstance(move, str):
                said = talk.say(move)
                assert said == (step.answers[-1].content if step.answers else None)
            else:
                assert talk.call(move.name, **move.arguments) == step.answers[0].content
        assert results(talk.episode) == results(episode)
        assert talk.total == episode.total
        assert talk.say("Bye") is None


def test_it_shows_rules_wish_and_tools() -> None:
    talk = begin()
    assert talk.messages[0] == {"role": "system", "content": talk.rules}
    assert talk.latest == talk.messages[-1]["content"]
    assert talk.tools[0]["type"] == "function"
    assert not talk.done
    assert talk.stop is None
    assert talk.to_openai() == talk.messages


def test_nothing_counts_after_the_end() -> None:
    talk = begin(max_turns=1)
    assert talk.say("Hello")
    assert talk.done
    episode, total = talk.episode, talk.total
    assert "ended (max_turns)" in talk.call("get_order", order_id=1)
    assert talk.say("Are you there?") is None
    call = {"id": "c1", "function": {"name": "get_order", "arguments": "{"}}
    (answer,) = talk.answer({"tool_calls": [call]})
    assert (answer["role"], answer["tool_call_id"]) == ("tool", "c1")
    assert "ended" in answer["content"]
    assert talk.answer({"content": "Hello?"}) == []
    assert (talk.episode, talk.total) == (episode, total)


def test_what_a_model_does_wrong_is_answered() -> None:
    talk = begin()
    assert "get_order" in talk.call("gte_order")
    assert talk.call_text("get_order", "{oops").startswith("Error: Expected JSON")
    assert talk.call("get_order", order_id=float("nan")).startswith("Error: Expected a JSON number")
    assert talk.say("One moment.")
    assert "Expected a tool call or a reply" in str(talk.say(""))
    assert not talk.done
    assert [record.ok for step in talk.episode.steps for record in step.calls].count(True) == 0


def test_three_unreadable_messages_end_it() -> None:
    talk = begin()
    for _ in range(3):
        talk.call_text("get_order", "{")
    assert (talk.done, talk.stop) == (True, "bad_format")


def test_arguments_that_are_no_json_are_the_callers_mistake() -> None:
    with pytest.raises(TypeError, match="expected JSON values as arguments of get_order, got"):
        begin().call("get_order", order_id={1, 2})


def test_parameters_may_have_any_name() -> None:
    talk = begin()
    talk.call("get_order", name="a", self="b", arguments="c")
    (call,) = parse(talk.episode.steps[0].action).calls
    assert call.arguments == {"name": "a", "self": "b", "arguments": "c"}


def test_a_thought_goes_before_the_next_message_alone() -> None:
    talk = begin()
    talk.think("I greet.")
    talk.say("Hello.")
    talk.say("Hello again.")
    first, second = (parse(step.action) for step in talk.episode.steps)
    assert (first.thought, second.thought) == ("I greet.", None)
    assert "I greet" not in str(first.reply)


def test_several_calls_of_one_message_are_one_step() -> None:
    talk = begin()
    calls = [
        {"id": f"c{n}", "function": {"name": "get_order", "arguments": text}}
        for n, text in enumerate(('{"order_id": "1"}', "{oops", '{"order_id": "2"}'))
    ]
    answers = talk.answer({"content": "One moment.", "tool_calls": calls})
    assert [one["tool_call_id"] for one in answers] == ["c0", "c1", "c2"]
    assert answers[1]["content"].startswith("Error: Expected JSON")
    (step,) = talk.episode.steps
    assert len(step.calls) == 3
    assert "One moment." in step.action


def test_a_handover_ends_it_and_its_answer_is_heard() -> None:
    env = make(data="retail:60:1", user="agenda")
    talk = Conversation(env, seed=1)
    answer = talk.call("transfer_to_human_agents", summary="A wish beyond the rules.")
    assert (talk.done, talk.stop) == (True, "handover")
    assert answer


def test_in_turn_mode_the_own_call_is_answered_and_the_record_goes_on() -> None:
    talk = Conversation(make(mode="turn"), seed=3)
    before = len(talk.messages)
    assert "get_order" not in talk.call("get_order", order_id="999999")
    assert len(talk.messages) > before
    assert talk.messages[before]["role"] == "assistant"


def test_wrappers_are_seen_and_written(tmp_path: Path) -> None:
    env = RecordEpisodes(RenameTools(make(), seed=4), tmp_path / "talk.jsonl", agent="me")
    talk = Conversation(env, seed=3)
    name = talk.tools[0]["function"]["name"]  # type: ignore[index,call-overload]
    assert name not in ("get_order", "find_orders")
    talk.call(str(name))
    assert str(name) in talk.messages[-2]["content"]
    env.close()
    assert (tmp_path / "talk.jsonl").exists()


def test_a_tool_that_is_down_says_so() -> None:
    talk = Conversation(FailTools(make(), share=1.0), seed=3)
    assert "503" in talk.call("get_order", order_id="1")
    assert "503" not in talk.call("get_order", order_id="1")


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_copies_go_on_alike(copied: Any) -> None:
    talk = begin()
    talk.say("What is the number of your order?")
    other = copied(talk)
    assert other.call("get_order", order_id="1") == talk.call("get_order", order_id="1")
    assert other.episode == talk.episode
    other.say("Hello")
    assert len(other.episode.steps) == len(talk.episode.steps) + 1


def test_threads_play_one_after_the_other() -> None:
    talk = Conversation(make(max_turns=200), seed=3)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: talk.call("get_order", order_id=str(n)), range(64)))
    assert len(answers) == len(talk.episode.steps) == 64


def test_another_environment_is_refused() -> None:
    with pytest.raises(TypeError, match="expected one of ReasonAct's environments, got"):
        Conversation(gym.make("CartPole-v1"))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="task_ids"):
        Conversation(make(), task_id="nobody")


def test_a_message_of_render_is_played_as_it_is() -> None:
    talk = begin()
    raw = render([ToolCall("get_order", {"order_id": "1"})])
    talk.call("get_order", order_id="1")
    assert talk.episode.steps[0].action == raw


def test_a_failed_first_reset_spoils_nothing() -> None:
    env = gym.make("ReasonAct-APIGen-v0", data="desk:20", split="all")
    with pytest.raises(ValueError, match="task_ids"):
        Conversation(env, task_id="nobody")
    talk = Conversation(env, seed=1)
    talk.call("get_order", order_id="1")
    talk.say("One moment, please.")
    assert len(talk.rewards) == 2


def test_two_conversations_on_one_environment_do_not_mix() -> None:
    env = make()
    old = Conversation(env, seed=1)
    old.say("Hello")
    new = Conversation(env, seed=2)
    for go_on in (lambda: old.say("Hello"), lambda: old.call("get_order"), lambda: old.episode):
        with pytest.raises(RuntimeError, match="another one has begun on it since"):
            go_on()
    new.say("Hello")
    assert (len(old.rewards), len(new.episode.steps)) == (1, 1)


def test_what_is_no_text_is_the_callers_mistake() -> None:
    talk = begin()
    for wrong in (talk.say, talk.think, lambda text: talk.call_text("get_order", text)):
        with pytest.raises(TypeError, match="as a str, got int"):
            wrong(5)  # type: ignore[arg-type]
    assert not talk.rewards


@pytest.mark.parametrize("calls", [5, "x", {"id": "1"}])
def test_calls_that_are_no_list_are_refused_in_a_line(calls: Any) -> None:
    with pytest.raises(TypeError, match="expected tool_calls as a list of calls, got"):
        begin().answer({"tool_calls": calls})
    with pytest.raises(TypeError, match="expected each of tool_calls as a dict"):
        begin().answer({"tool_calls": [calls] if calls == 5 else [5]})


def test_a_call_without_an_id_has_an_answer_without_one() -> None:
    (answer,) = begin().answer({"tool_calls": [{"function": {"name": "no_tool"}}]})
    assert answer.keys() == {"role", "content"}
