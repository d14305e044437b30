"""The environment's contract: Gymnasium's conformance, ends, limits, infos."""

from __future__ import annotations

import json
import re
import warnings
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.wrappers import RecordEpisodeStatistics

import reasonact_env  # noqa: F401  (registers the environments)
from agents.gold import Gold
from reasonact_env.agent import Session
from reasonact_env.env import ReasonActEnv
from reasonact_env.reward import COMPONENTS
from reasonact_env.users.make import ScriptedUser
from tools.protocol import MAX_CHARS, render
from tools.types import MessageKind, ToolCall

ID = "ReasonAct-APIGen-v0"
DATA = "desk:60"
MODES = ("turn", "dialogue")


def make(mode: str, **kwargs: Any) -> ReasonActEnv:
    kwargs = {"data": DATA, "split": "all"} | kwargs
    env = ReasonActEnv(mode=mode, **kwargs)
    env.action_space.seed(0)
    return env


def gold_message(env: ReasonActEnv, agent: Gold, observation: Any, info: Any) -> str:
    return agent.act([Session(observation, info)])[0]


@pytest.mark.parametrize("mode", MODES)
def test_gymnasium_finds_nothing_to_warn_of(mode: str) -> None:
    env = gym.make(ID, mode=mode, data=DATA, render_mode="ansi")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env.unwrapped)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("vectorization", ["sync", "async"])
def test_vector_environments_work_with_their_defaults(mode: str, vectorization: str) -> None:
    envs = gym.make_vec(ID, 2, vectorization, mode=mode, data=DATA)
    single = make(mode, split="train")
    try:
        observations, infos = envs.reset(seed=[3, 4])
        for index in range(2):
            alone, info = single.reset(seed=3 + index)
            assert observations[index] == alone
            assert infos["task_id"][index] == info["task_id"]
        first = observations[0]
        replies = ("Hello?", render([ToolCall("nothing", {})]))
        observations, rewards, terminated, truncated, infos = envs.step(replies)
        assert rewards.shape == terminated.shape == truncated.shape == (2,)
        single.reset(seed=4)
        assert observations[1] == single.step(replies[1])[0]
        assert first == single.reset(seed=3)[0], "an earlier observation must not change"
        envs.step(envs.action_space.sample())
    finally:
        envs.close()


def test_async_observations_beyond_the_shared_slot_arrive_whole() -> None:
    envs = gym.make_vec(ID, 1, "async", mode="dialogue", data=DATA, max_turns=100)
    single = make("dialogue", split="train", max_turns=100)
    wide = "\U0001f600" * (MAX_CHARS - 1)  # twelve bytes each in JSON
    bad = "<think>" + wide[: MAX_CHARS - 20]
    try:
        envs.reset(seed=1)
        single.reset(seed=1)
        observations = envs.step((bad,))[0]
        assert observations[0] == single.step(bad)[0]
    finally:
        envs.close()


@pytest.mark.parametrize("mode", MODES)
def test_gold_earns_one_and_statistics_are_recorded(mode: str) -> None:
    env = RecordEpisodeStatistics(gym.make(ID, mode=mode, data=DATA, split="all"))
    tasks = env.unwrapped.tasks  # type: ignore[attr-defined]
    agent = Gold(tasks, mode)
    for task in tasks[:20]:
        observation, info = env.reset(options={"task_id": task.id})
        done, rewards = False, []
        while not done:
            message = agent.act([Session(observation, info)])[0]  # type: ignore[arg-type]
            observation, reward, terminated, truncated, info = env.step(message)
            rewards.append(float(reward))
            done = terminated or truncated
        if mode == "turn":
            assert rewards == pytest.approx([1.0] * len(task.decisions))
        else:
            assert rewards == pytest.approx([0.0] * (len(rewards) - 1) + [1.0])
            assert info["outcome"]["success"]
        assert info["episode"]["l"] == len(rewards)


@pytest.mark.parametrize("mode", MODES)
def test_reward_is_the_weighted_sum_of_its_components(mode: str) -> None:
    env = make(mode, weights={"tool": 2.0, "thinking": 0.0})
    agent = Gold(env.tasks, mode)
    rng = np.random.default_rng(0)
    for _ in range(60):
        observation, info = env.reset()
        done = False
        while not done:
            right = rng.random() < 0.7
            message = gold_message(env, agent, observation, info)
            action = message if right else env.action_space.sample(mask=observation["tools"])
            observation, reward, terminated, truncated, info = env.step(action)
            json.dumps(info, allow_nan=False)
            components, weights = info["reward_components"], info["weights"]
            assert set(components) == set(weights) == set(info["step_scores"]) == set(COMPONENTS)
            scored = {name: score for name, score in components.items() if score is not None}
            paid = [(weights[name], score) for name, score in scored.items()]
            assert reward == pytest.approx(sum(w * s for w, s in paid))
            assert sum(w for w, _ in paid) == pytest.approx(1.0 if paid else 0.0)
            done = terminated or truncated


def test_components_that_apply_do_not_depend_on_the_action() -> None:
    env = make("turn")
    agent = Gold(env.tasks, "turn")
    for task in env.tasks[:10]:
        for number in range(len(task.decisions)):
            options = {"task_id": task.id, "decision": number}
            shapes = set()
            for action in ("", "I see.", render([ToolCall("x", {})]), None):
                observation, info = env.reset(options=options)
                message = gold_message(env, agent, observation, info) if action is None else action
                _, _, terminated, _, info = env.step(message)
                assert terminated
                scores = info["reward_components"]
                shapes.add(tuple(scores[name] is None for name in COMPONENTS))
            assert len(shapes) == 1


def test_three_bad_messages_in_a_row_end_a_dialogue() -> None:
    env = make("dialogue")
    task = max(env.tasks, key=lambda task: len(task.user_turns))
    env.reset(options={"task_id": task.id})
    for action in ("", "<tool_call>{</tool_call>"):
        observation, _, terminated, truncated, info = env.step(action)
        assert observation["messages"][-1]["role"] == "tool"
        assert "Expected" in observation["messages"][-1]["content"]
        assert not terminated
    env.step("Let me see.")
    for _ in range(2):
        assert not env.step("<think>hm</think>")[2]
    _, _, terminated, truncated, info = env.step("")
    assert (terminated, truncated, info["stop"]) == (True, False, "bad_format")
    with pytest.raises(RuntimeError, match="call reset"):
        env.step("more")


@pytest.mark.parametrize("mode", MODES)
def test_only_the_turn_limit_truncates(mode: str) -> None:
    env = make(mode, max_turns=2)
    task = max(env.tasks, key=lambda task: len(task.decisions))
    env.reset(options={"task_id": task.id})
    call = render([ToolCall("find_orders", {"customer_id": "1", "item": "lamp"})])
    assert env.step(call)[2:4] == (False, False)
    _, _, terminated, truncated, info = env.step(call)
    assert (terminated, truncated, info["stop"]) == (False, True, "max_turns")
    assert info["reward_components"]["format"] is not None, "a truncated episode is scored too"


def test_the_user_says_its_script_whatever_is_said() -> None:
    env = make("dialogue")
    for task in env.tasks[:5]:
        observation, _ = env.reset(options={"task_id": task.id})
        done = False
        while not done:
            observation, _, done, _, info = env.step("Fine weather today.")
        users = [m["content"] for m in observation["messages"] if m["role"] == "user"]
        assert tuple(users) == task.user_turns
        assert info["stop"] == "finished"


def test_handing_over_ends_the_dialogue() -> None:
    env = make("dialogue")
    env.reset(seed=5)
    topic = next(t for t in env.task.tools if t.name == "transfer_to_human")
    values: Any = topic.parameters["properties"]
    arguments = {name: schema["enum"][0] for name, schema in values.items()}
    info = env.step(render([ToolCall("transfer_to_human", arguments)]))[4]
    assert info["stop"] == "handover"


def test_text_next_to_calls_is_kept_but_not_delivered() -> None:
    env = make("dialogue")
    env.reset(seed=0)
    users_before = len([m for m in env.episode.opening if m.role == "user"])
    message = "One moment. " + render(
        [ToolCall("find_orders", {"customer_id": "1", "item": "lamp"})]
    )
    observation = env.step(message)[0]
    roles = [m["role"] for m in observation["messages"]]
    assert observation["messages"][roles.index("assistant")]["content"] == message
    assert roles.count("user") == users_before


def test_several_calls_are_answered_one_by_one() -> None:
    env = make("dialogue")
    env.reset(seed=0)
    good = render([ToolCall("find_orders", {"customer_id": "1", "item": "lamp"})])
    observation, _, _, _, info = env.step(f"{good}<tool_call>[</tool_call>{good}")
    assert [m["role"] for m in observation["messages"][-3:]] == ["tool"] * 3
    assert [p["kind"] for p in info["call_problems"] if p["tool"] is None] == ["not_json"]
    assert len(info["results"]) == 3


def test_turn_mode_continues_the_record_whatever_is_done() -> None:
    env = make("turn")
    task = env.tasks[0]
    observation, _ = env.reset(options={"task_id": task.id})
    for turn in task.decisions:
        assert [m["content"] for m in observation["messages"]] == [
            m.content for m in task.messages[: turn.index]
        ]
        observation, *_ = env.step(env.action_space.sample())


def test_calls_in_turn_mode_are_answered_but_leave_no_trace() -> None:
    env, agent = make("turn"), None
    agent = Gold(env.tasks, "turn")
    for task in env.tasks[:15]:
        hashes = []
        for meddle in (False, True):
            observation, info = env.reset(options={"task_id": task.id})
            seen = [info["state_hash"]]
            for turn in task.decisions:
                message = gold_message(env, agent, observation, info)
                if meddle and turn.kind is MessageKind.REPLY:
                    message = env.action_space.sample()
                observation, _, _, _, info = env.step(message)
                seen.append(info["state_hash"])
            hashes.append(seen)
        assert hashes[0] == hashes[1]


@pytest.mark.parametrize(
    ("kwargs", "match"),
    [
        ({"mode": "both"}, "expected mode to be one of turn, dialogue"),
        ({"split": "dev"}, "expected split"),
        ({"thinking": "never"}, "expected thinking"),
        ({"user": "friend"}, "expected user"),
        *(
            ({"max_turns": wrong}, "expected max_turns as a whole number of 1 or more")
            for wrong in (0, -1, 2.5, 3.0, True, "3", float("nan"), np.float64(3), [3])
        ),
        ({"weights": {"style": 1}}, "style"),
        ({"weights": {"tool": -1}}, "expected a weight"),
        ({"weights": {"tool": "1"}}, "expected a weight"),
        ({"weights": {1: 2, "style": 1}}, "style"),
        ({"weights": "tool"}, "expected weights as a dict"),
        ({"columns": 5}, "expected columns as a dict"),
        ({"rewards": 5}, "expected rewards as a list"),
        ({"data": ["desk:10"]}, "expected a list of records"),
        ({"data": [({}, {}, {})]}, "expected a list of records"),
        ({"data": [{}]}, "no record of 1 is one"),
        ({"data": [{"conversations": object()}]}, "expected records of plain JSON values"),
    ],
)
def test_a_callers_mistake_is_explained(kwargs: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        ReasonActEnv(**({"data": DATA} | kwargs))


@pytest.mark.parametrize(
    ("mode", "options", "match"),
    [
        ("dialogue", {"task_id": "desk-9999x"}, "expected one of the split's task_ids"),
        ("dialogue", {"decision": 0}, "expected mode="),
        ("dialogue", {"task": "desk-00000"}, "expected the options"),
        ("dialogue", {1: "desk-00000", "a": 2}, "expected the options task_id and decision, got"),
        ("dialogue", [("task_id", "desk-00000")], "expected options as a dict"),
        ("dialogue", "desk-00000", "expected options as a dict"),
        ("dialogue", {"task_id": 0}, "expected the option task_id as a str"),
        ("dialogue", {"task_id": ["desk-00000"]}, "expected the option task_id as a str"),
        *(
            ("turn", {"decision": wrong}, "expected the option decision as a whole number")
            for wrong in ("1", 1.0, True, np.bool_(True), np.float64(1), [1])
        ),
        ("turn", {"decision": 999}, "expected a decision from 0 to"),
        ("turn", {"decision": -1}, "expected a decision from 0 to"),
    ],
)
def test_bad_reset_options_are_explained_and_change_nothing(
    mode: str, options: Any, match: str
) -> None:
    env, other = make(mode), make(mode)
    for one in (env, other):
        one.reset(seed=4)
        one.step("Hello?")
    for seed in (None, 7):
        with pytest.raises(ValueError, match=match) as raised:
            env.reset(seed=seed, options=options)
        assert "\n" not in str(raised.value)
    assert env.episode == other.episode
    assert env.step("Hello?") == other.step("Hello?")
    assert env.reset() == other.reset()  # the same task by chance


@pytest.mark.parametrize("seed", [-1, 1.0, "1", True, np.float64(1), [1]])
def test_a_bad_seed_is_explained(seed: Any) -> None:
    env = make("dialogue")
    env.reset(seed=1)
    before = env.episode
    with pytest.raises(ValueError, match="expected a seed as a whole number"):
        env.reset(seed=seed)
    assert env.episode == before


def test_whole_numbers_of_numpy_become_plain_ones() -> None:
    env = make("turn", max_turns=np.int64(5))
    task_id = np.str_(env.task_ids[1])
    _, info = env.reset(seed=np.int64(3), options={"task_id": task_id, "decision": np.int64(1)})  # type: ignore[arg-type]
    after = env.step(np.str_("Hello?"))[4]
    kept = (info["task_id"], info["turn"], after["turn"], env.config.max_turns)
    episode = env.episode
    kept += (episode.seed, episode.decision, episode.steps[0].action, episode.task_id)
    assert [type(one) for one in kept] == [str, int, int, int, int, int, str, str]
    json.dumps(info)


def test_a_user_that_cannot_be_made_refuses_the_reset_without_a_trace() -> None:
    env, other = (make("dialogue", user=only_the_first_four) for _ in range(2))
    refused = 0
    for one in (env, other):
        one.reset(seed=0, options={"task_id": one.task_ids[0]})
    before = env.episode
    for _ in range(5):
        with pytest.raises(ValueError, match="no user for"):
            env.reset()
        refused += 1
        assert env.episode == before
    assert refused == 5
    assert env.np_random.bit_generator.state == other.np_random.bit_generator.state


def only_the_first_four(task: Any) -> Any:
    """Makes users for few tasks."""
    if task.id > "desk-00003":
        raise ValueError(f"no user for {task.id}")
    return ScriptedUser(task.user_turns)


@pytest.mark.parametrize("mode", MODES)
def test_what_is_new_is_printed_for_a_human(mode: str, capsys: pytest.CaptureFixture[str]) -> None:
    env = gym.make("ReasonAct-APIGen-v0", data=DATA, mode=mode, render_mode="human", max_turns=2)
    observation, _ = env.reset(seed=3)
    printed = capsys.readouterr().out
    first = observation["messages"][-1]["content"].split()
    assert all(word in printed for word in first)
    env.step("Say [bold]please[/bold].")
    printed = capsys.readouterr().out
    assert "Say [bold]please[/bold]." in printed
    assert "step 1" in printed
    assert env.render() is None
    assert not capsys.readouterr().out
    env.step("Again.")
    printed = capsys.readouterr().out
    assert "Again." in printed
    assert "please" not in printed
    assert "max_turns" in printed


def test_a_way_to_render_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="expected render_mode to be None, ansi or human"):
        make("dialogue", render_mode="rgb_array")


def test_actions_must_be_strings() -> None:
    env = make("dialogue")
    with pytest.raises(RuntimeError, match="call reset"):
        env.step("hello")
    env.reset()
    with pytest.raises(TypeError, match="expected the assistant's raw message"):
        env.step(["hello"])  # type: ignore[arg-type]


def test_the_same_seed_chooses_the_same_tasks() -> None:
    first, second = make("dialogue"), make("dialogue")
    chosen = []
    for env in (first, second):
        ids = [env.reset(seed=11)[1]["task_id"]] + [env.reset()[1]["task_id"] for _ in range(5)]
        chosen.append(ids)
    assert chosen[0] == chosen[1]
    assert len(set(chosen[0])) > 1


def test_what_needs_an_episode_says_so_before_the_first_one() -> None:
    env = make("dialogue", render_mode="ansi")
    for ask in (lambda: env.task, lambda: env.episode, env.render):
        with pytest.raises(RuntimeError, match="no episode has begun.*call reset"):
            ask()


@pytest.mark.parametrize("mode", MODES)
def test_the_class_lists_all_keys_of_an_info_and_their_types(mode: str) -> None:
    table = {
        line.split()[0]: line.split()[1]
        for line in (ReasonActEnv.__doc__ or "").splitlines()
        if re.match(r"        \w+ +(str|int|dict|list)", line)
    }
    env = make(mode, data="retail:20:1", user="agenda")
    _, first = env.reset(seed=0)
    assert list(first) == list(table)[:4]
    ended = False
    while not ended:
        *_, terminated, truncated, info = env.step("Bananas are yellow.")
        ended = terminated or truncated
    assert set(info) == set(table) - ({"user"} if mode == "turn" else set())
    for name, value in info.items():
        assert type(value).__name__ in re.split(r"\W", table[name].replace("None", "NoneType"))


def test_an_environment_names_its_data() -> None:
    env = make("dialogue")
    assert env.source == env.reset(seed=0)[1]["source"] == "embedded:desk(n=60,seed=0)"


def last_turn() -> tuple[ReasonActEnv, str]:
    """A dialogue in which gold has said all but its last reply, and that reply."""
    env = ReasonActEnv(split="all")
    agent = Gold(env.tasks, "dialogue")
    observation, info = env.reset(seed=3)
    while True:
        (said,) = agent.act([Session(observation, info)])
        trial = env.fork()
        observation, _, ended, _, info = trial.step(said)
        if ended:
            return env, said
        env = trial


@pytest.mark.parametrize(
    ("attempt", "problem"),
    [
        ("<tool_call>{oops</tool_call>", "not_json"),
        ('{"name": "NAME", "arguments": {}}', "other_syntax"),
        ('```json\n{"name": "NAME"}\n```', "other_syntax"),
        ("<function=NAME>\n</function>", "other_syntax"),
        ("<tool_call>\n<function=NAME>\n</function>\n</tool_call>", "other_syntax"),
    ],
)
def test_an_attempt_to_call_with_the_last_reply_ends_nothing(attempt: str, problem: str) -> None:
    env, reply = last_turn()
    attempt = attempt.replace("NAME", env.task.tools[0].name)
    _, _, terminated, _, info = env.step(f"{reply}\n{attempt}")
    assert not terminated
    assert [row["kind"] for row in info["call_problems"]] == [problem]
    assert info["step_scores"]["format"] == 0
    _, reward, terminated, _, info = env.step(reply)
    assert terminated
    assert info["outcome"]["success"]
    assert 0.7 < reward < 1


def test_a_thought_that_the_template_opened_is_not_said_to_the_user() -> None:
    env, reply = last_turn()
    told = env.fork()
    *_, info = told.step(f"What was asked: {reply}\n</think>\n\nGoodbye.")
    silent = env.fork()
    *_, other = silent.step("Goodbye.")
    assert info["outcome"] == other["outcome"]
    assert info["step_scores"]["format"] == 1
    *_, info = env.step(f"I say it.\n</think>\n\n{reply}")
    assert info["outcome"]["success"]
