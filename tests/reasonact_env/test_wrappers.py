"""Under every perturbation, an agent that understands what it sees earns as much as before."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from functools import partial

import gymnasium as gym
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import given, settings
from hypothesis import strategies as st

import reasonact_env  # noqa: F401  (registers the environments)
from agents.gold import Gold
from reasonact_env.agent import Session
from reasonact_env.wrappers import (
    DistractorTools,
    FailTools,
    Latency,
    NoisyUser,
    Perturbation,
    RenameTools,
    ShuffleTools,
    StripDescriptions,
)
from reasonact_env.wrappers.failures import FAILURE
from reasonact_env.wrappers.names import new_names
from tools.protocol import change_calls, parse, render
from tools.schema.toolbox import Toolbox
from tools.types import MessageKind, ToolCall, ToolSpec

ID, DATA = "ReasonAct-APIGen-v0", "desk:16"
MODES = ("dialogue", "turn")
WRAPPERS: dict[str, Callable[[gym.Env], Perturbation]] = {
    "rename": partial(RenameTools, seed=3),
    "shuffle": partial(ShuffleTools, seed=3),
    "distract": partial(DistractorTools, count=7, seed=3),
    "strip": StripDescriptions,
    "fail": partial(FailTools, share=0.5, seed=3),
    "latency": partial(Latency, mean=0.2, seed=3),
    "noise": partial(NoisyUser, typos=0.5, fillers=0.5, seed=3),
    "all": lambda env: RenameTools(
        FailTools(DistractorTools(NoisyUser(StripDescriptions(ShuffleTools(env))))), seed=5
    ),
}
each_wrapper = pytest.mark.parametrize("name", WRAPPERS)
each_mode = pytest.mark.parametrize("mode", MODES)


def make(name: str, mode: str = "dialogue", data: str = DATA, **kwargs: str) -> Perturbation:
    return WRAPPERS[name](gym.make(ID, mode=mode, data=data, split="all", **kwargs))


def play_gold(env: Perturbation, mode: str, task_id: str):
    """Plays the record, and repeats a call that was not carried out."""
    gold = Gold(env.get_wrapper_attr("tasks"), mode)
    observation, info = env.reset(options={"task_id": task_id})
    total, ended, repeated, number = 0.0, False, 0, info["turn"]
    while not ended:
        (action,) = gold.act([Session(observation, {**info, "turn": number})])
        observation, reward, terminated, truncated, info = env.step(env.translate(action))
        total, ended = total + reward, terminated or truncated
        if mode == "turn":
            number = info["turn"]
        elif observation["messages"][-1]["content"] == FAILURE:
            repeated += 1
        else:
            number += 1
    return total, info, repeated


@each_mode
@each_wrapper
def test_gold_earns_one_under_it(name: str, mode: str) -> None:
    env = make(name, mode)
    for task_id in env.get_wrapper_attr("task_ids"):
        total, info, _ = play_gold(env, mode, task_id)
        steps = len(env.get_wrapper_attr("episode").steps)
        assert total == pytest.approx(steps if mode == "turn" else 1), task_id
        json.dumps(info)


@pytest.mark.parametrize("data", ["retail:10:1", "airline:10:1"])
@each_wrapper
def test_gold_earns_one_in_each_world_with_a_customer_who_listens(name: str, data: str) -> None:
    env = make(name, data=data, user="agenda")
    for task_id in env.get_wrapper_attr("task_ids"):
        total, info, _ = play_gold(env, "dialogue", task_id)
        assert total == pytest.approx(1), task_id
        assert info["outcome"]["success"]
        assert not info["outcome"]["violations"]


@each_mode
@each_wrapper
def test_gymnasium_finds_nothing_to_warn_of(name: str, mode: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*different from the unwrapped version.*")
        check_env(make(name, mode), skip_render_check=True)


@each_wrapper
def test_vector_environments_take_it(name: str) -> None:
    envs = gym.make_vec(ID, 2, "sync", wrappers=[WRAPPERS[name]], data=DATA, split="all")
    observations, infos = envs.reset(seed=[1, 2])
    env = make(name)
    observation, info = env.reset(seed=1)
    assert observations[0] == observation
    assert infos["task_id"][0] == info["task_id"]
    envs.step(("Hello.", "Hello."))
    envs.close()


@each_wrapper
def test_the_same_seed_shows_the_same(name: str) -> None:
    shown = [make(name).reset(seed=4)[0] for _ in range(2)]
    assert shown[0] == shown[1]
    json.dumps(shown[0])


@pytest.mark.parametrize("name", [name for name in WRAPPERS if name != "all"])
def test_the_spec_makes_it_again(name: str) -> None:
    env = make(name)
    again = gym.make(env.spec)
    assert type(again) is type(env)
    assert again.reset(seed=2)[0] == env.reset(seed=2)[0]


@each_wrapper
def test_the_environment_below_shares_nothing_that_is_changed(name: str) -> None:
    plain = gym.make(ID, data=DATA, split="all")
    before = json.dumps(plain.reset(seed=1)[0])
    make(name).reset(seed=1)
    assert json.dumps(plain.reset(seed=1)[0]) == before


def functions(observation) -> dict:
    return {tool["function"]["name"]: tool["function"] for tool in observation["tools"]}


def test_renamed_tools_have_no_old_name_anywhere() -> None:
    env = make("rename")
    plain = functions(env.unwrapped.reset(seed=1)[0])
    task_id = env.get_wrapper_attr("task_ids")[0]
    renamed = functions(env.reset(options={"task_id": task_id})[0])
    assert not set(plain) & set(renamed)
    assert len(renamed) == len(plain)
    for function in renamed.values():
        schema = function["parameters"]
        assert set(schema["required"]) <= set(schema["properties"])


def test_old_names_are_unknown_and_no_error_betrays_them() -> None:
    env = make("rename")
    env.reset(seed=1)
    for function in functions(env.unwrapped.reset(seed=1)[0]).values():
        env.reset(seed=1)
        observation, *_, info = env.step(render([ToolCall(function["name"], {})]))
        assert info["call_problems"][0]["kind"] == "unknown_tool"
        error = observation["messages"][-1]["content"]
        olds = [n for n in functions(env.unwrapped.reset(seed=1)[0]) if f'"{n}"' in error]
        assert olds in ([], [function["name"]])


def test_an_old_parameter_is_as_good_as_none() -> None:
    env = make("rename")
    observation, _ = env.reset(seed=1)
    plain = functions(env.unwrapped.reset(seed=1)[0])
    new_name = next(name for name in functions(observation))
    old = next(
        old
        for old in plain
        if parse(env.translate(render([ToolCall(old, {})]))).calls[0].name == new_name
    )
    field = next(iter(plain[old]["parameters"]["properties"]))
    env.reset(seed=1)
    *_, info = env.step(render([ToolCall(new_name, {field: "x"})]))
    assert {p["kind"] for p in info["call_problems"]} <= {"missing_argument", "unexpected_argument"}
    assert info["call_problems"]


def test_recorded_calls_are_shown_under_the_new_names() -> None:
    env = make("rename", "turn")
    for task_id in env.get_wrapper_attr("task_ids")[:20]:
        observation, info = env.reset(options={"task_id": task_id})
        known, ended = functions(observation), False
        while not ended:
            observation, _, terminated, truncated, info = env.step("Hello.")
            ended = terminated or truncated
            for message in observation["messages"]:
                for call in parse(message["content"]).calls:
                    assert set(call.arguments) <= set(known[call.name]["parameters"]["properties"])


def test_the_agents_own_message_stands_as_it_was_said() -> None:
    env = make("rename")
    observation, _ = env.reset(seed=1)
    name = next(iter(functions(observation)))
    said = f'<tool_call>{{"arguments":   {{}}, "name": "{name}"}}</tool_call>'
    observation, *_ = env.step(said)
    assert said in [message["content"] for message in observation["messages"]]


@pytest.mark.parametrize("seed", range(8))
def test_new_names_are_distinct_and_none_is_old(seed: int) -> None:
    names = ["get_order", "find_order", "list_orders", "getOrder", "x", "_", "look_up_order", "id"]
    renamed = new_names(names, str(seed), "_tool")
    assert len(set(renamed.values())) == len(names)
    assert not set(renamed.values()) & set(names)


def test_shuffled_tools_are_the_same_tools() -> None:
    env = make("shuffle")
    orders = set()
    for task_id in env.get_wrapper_attr("task_ids")[:10]:
        shuffled = functions(env.reset(options={"task_id": task_id})[0])
        plain = functions(env.unwrapped.reset(options={"task_id": task_id})[0])
        assert shuffled == plain
        orders.add(tuple(shuffled))
    assert len(orders) > 1


def test_stripped_tools_say_nothing_but_keep_their_schemas() -> None:
    observation, _ = make("strip").reset(seed=1)
    for function in functions(observation).values():
        assert function["description"] == ""
        assert all("description" not in p for p in function["parameters"]["properties"].values())
        assert function["parameters"]["type"] == "object"


def test_a_property_named_description_is_no_description() -> None:
    from reasonact_env.wrappers.tools import _without_prose

    schema = {"properties": {"description": {"type": "string", "description": "Words."}}}
    assert _without_prose(schema) == {"properties": {"description": {"type": "string"}}}


def test_a_distractor_answers_that_it_is_of_no_use_and_changes_nothing() -> None:
    env = make("distract")
    observation, before = env.reset(seed=1)
    own = functions(env.unwrapped.reset(seed=1)[0])
    observation, before = env.reset(seed=1)
    added = [name for name in functions(observation) if name not in own]
    assert len(added) == 7
    calls = [ToolCall(name, {}) for name in added]
    observation, *_, info = env.step(render(calls))
    answers = [message["content"] for message in observation["messages"][-7:]]
    assert all("not in service" in answer for answer in answers)
    assert info["state_hash"] == before["state_hash"]
    observation, *_ = env.step("Hello.")
    assert [m["content"] for m in observation["messages"]].count(answers[0]) == 1


def test_distractors_have_schemas_that_can_be_checked() -> None:
    observation, _ = make("distract").reset(seed=1)
    specs = [
        ToolSpec(f["name"], f["description"], f["parameters"])
        for f in functions(observation).values()
    ]
    assert len(Toolbox.of(specs).names) == len(specs)


def test_half_of_the_calls_fail_once_and_work_when_repeated() -> None:
    env = make("fail")
    repeated = [play_gold(env, "dialogue", t)[2] for t in env.get_wrapper_attr("task_ids")]
    calls = sum(
        turn.kind is MessageKind.CALL
        for task in env.get_wrapper_attr("tasks")
        for turn in task.turns
    )
    assert 0.2 < sum(repeated) / calls < 0.8


def test_a_failed_call_changes_nothing() -> None:
    env = FailTools(gym.make(ID, data=DATA, split="all"), share=1)
    for task in env.get_wrapper_attr("tasks")[:10]:
        _, before = env.reset(options={"task_id": task.id})
        call = task.goal.writes[0] if task.goal.writes else task.goal.reads[0]
        observation, *_, info = env.step(render([call]))
        assert observation["messages"][-1]["content"] == FAILURE
        assert info["state_hash"] == before["state_hash"]


def test_latency_is_told_for_every_call_and_nobody_waits() -> None:
    env = make("latency")
    env.reset(seed=1)
    *_, info = env.step(render([ToolCall("a", {}), ToolCall("b", {})]))
    assert len(info["latency"]) == 2
    assert all(seconds >= 0 for seconds in info["latency"])
    *_, info = env.step("Hello.")
    assert info["latency"] == []


def test_noise_leaves_codes_names_and_values_alone() -> None:
    env = make("noise")
    text = 'Hello, please send order #W12 of Please_9 to Ida Berg, "right now", at 12 Elm Street.'
    noisy = env.perturb_message("user", text)
    assert noisy != text
    for kept in ("#W12", "Please_9", "Ida Berg", '"right now"', "12 Elm Street", "order"):
        assert kept in noisy
    assert env.perturb_message("assistant", text) == text
    assert env.perturb_message("tool", text) == text


@pytest.mark.parametrize(
    ("wrapper", "message"),
    [
        (partial(DistractorTools, count=0), "expected a count of 1 to"),
        (partial(FailTools, share=2), "expected a share of calls"),
        (partial(Latency, mean=0), "expected mean seconds above 0"),
        (partial(NoisyUser, typos=-1), "expected typos from 0 to 1"),
    ],
)
def test_what_makes_no_sense_is_refused(wrapper, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        wrapper(gym.make(ID, data=DATA, split="all"))


PIECES = st.sampled_from(
    [
        "<tool_call>",
        "</tool_call>",
        "<think>",
        "</think>",
        '{"name": "a", "arguments": {}}',
        "{",
        "x",
        " ",
    ]
)


@settings(max_examples=200)
@given(st.lists(PIECES).map("".join))
def test_changing_calls_changes_nothing_else(message: str) -> None:
    assert parse(change_calls(message, lambda call: call)) == parse(message)
    changed = parse(change_calls(message, lambda call: ToolCall("b", call.arguments)))
    assert all(call.name == "b" for call in changed.calls)
    assert len(changed.calls) == len(parse(message).calls)
