"""Copies of a running environment: forks, deep copies and pickles go on as the original does."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.wrappers import Autoreset, TimeLimit, TransformReward

import reasonact_env
from examples.own_user import Curt
from reasonact_env import wrappers
from reasonact_env.env import ReasonActEnv
from tasks.load import load_tasks
from tasks.types import Task
from tools.executor import Executor
from tools.protocol import render
from tools.types import Message
from tools.worlds.database import Base

ID = "ReasonAct-APIGen-v0"
WORLDS: dict[str, dict[str, Any]] = {
    "recorded": {"data": "desk:30"},
    "recorded turns": {"data": "desk:30", "mode": "turn"},
    "shop": {"data": "retail:30:2", "user": "agenda"},
    "shop turns": {"data": "retail:30:2", "mode": "turn"},
    "airline": {"data": "airline:30:1", "user": "own"},
    "airline turns": {"data": "airline:30:1", "mode": "turn"},
    "kaleidoscope": {"data": "kaleidoscope:10"},
    "procedures": {"data": "procedures:30", "user": "procedure"},
    "procedure turns": {"data": "procedures:30", "mode": "turn"},
    "own user and reward": {
        "data": "desk:30",
        "user": Curt,
        "rewards": ["benchmarks.bad_rewards:pays_length=0.2"],
    },
}
COPIES: dict[str, Callable[[Any], Any]] = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda env: pickle.loads(pickle.dumps(env)),
}
each_copy = pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)


def make(**kwargs: Any) -> gym.Env[Any, str]:
    return gym.make(ID, **({"split": "all"} | kwargs))


def play(env: Any, seed: int, steps: int) -> list[Any]:
    """What an environment answers to many kinds of messages."""
    rng, seen = np.random.default_rng(seed), []
    for _ in range(steps):
        calls = [call for turn in env.unwrapped.task.turns for call in turn.calls]
        gold = [render([call]) for call in calls] or ["Bye."]
        kinds = (*gold, *gold, "Could you tell me more?", "<tool_call>{", env.action_space.sample())
        result = env.step(str(rng.choice(kinds)))
        seen.append(result)
        if result[2] or result[3]:
            seen.append(env.reset())
    return seen


def half_way(env: Any) -> Any:
    env.reset(seed=7)
    env.action_space.seed(3)
    play(env, 0, 3)
    return env


def assert_goes_on_alike(env: Any, same: Any) -> None:
    assert same.unwrapped is not env.unwrapped
    assert same.unwrapped.episode == env.unwrapped.episode
    seen = [play(one, 1, 12) for one in (env, same)]
    assert seen[0] == seen[1]
    assert env.unwrapped.episode == same.unwrapped.episode


@each_copy
@pytest.mark.parametrize("world", WORLDS)
def test_a_copy_goes_on_alike(world: str, copied: Callable[[Any], Any]) -> None:
    env = half_way(make(**WORLDS[world]))
    assert_goes_on_alike(env, copied(env))


@each_copy
@pytest.mark.parametrize("database", ["rebuilt", "tau/tau1/retail_db", "tau/tau1/airline_db"])
@pytest.mark.parametrize("mode", ["dialogue", "turn"])
def test_a_copy_goes_on_alike_in_a_real_world(
    shared_data: Path, mode: str, database: str, copied: Callable[[Any], Any]
) -> None:
    data = shared_data / "dialogues" / "apigen_mt_like_real.json"
    where = database if database == "rebuilt" else str(shared_data / database)
    env = half_way(make(data=data, mode=mode, database=where))
    assert_goes_on_alike(env, copied(env))


WRAPPERS: dict[str, Callable[[Any], Any]] = {
    **{name: getattr(wrappers, name) for name in wrappers.__all__ if name.endswith("Tools")},
    "NoisyUser": wrappers.NoisyUser,
    "Latency": wrappers.Latency,
    "Autoreset": Autoreset,
    "TimeLimit": lambda env: TimeLimit(env, 4),
    "two": lambda env: wrappers.RenameTools(wrappers.FailTools(env, share=0.5)),
}


@each_copy
@pytest.mark.parametrize("name", WRAPPERS)
def test_wrapped_environments_are_copied_with_their_wrappers(
    name: str, copied: Callable[[Any], Any]
) -> None:
    env = half_way(WRAPPERS[name](make(**WORLDS["shop"])))
    assert_goes_on_alike(env, copied(env))


def test_a_fork_leaves_the_original_where_it_was() -> None:
    env = half_way(make(**WORLDS["shop"])).unwrapped
    before = env.episode
    forks = [env.fork() for _ in range(3)]
    for fork, message in zip(forks, ["Hello?", "<tool_call>", "Bye."], strict=True):
        fork.step(message)
    assert env.episode == before
    assert len({fork.episode.steps[-1].action for fork in forks}) == 3


def test_forks_share_what_never_changes() -> None:
    env = half_way(make(**WORLDS["shop"])).unwrapped
    fork = env.fork()
    assert fork.tasks is env.tasks
    assert fork.task is env.task
    assert fork.step("Hello?")[0]["tools"] is env.step("Hello?")[0]["tools"]


@each_copy
def test_a_copy_before_the_first_episode_begins_as_the_original(
    copied: Callable[[Any], Any],
) -> None:
    env = make(data="desk:30")
    same = copied(env)
    with pytest.raises(RuntimeError, match="call reset"):
        _ = same.unwrapped.task
    assert same.reset(seed=1) == env.reset(seed=1)


@each_copy
def test_an_ended_episode_stays_ended(copied: Callable[[Any], Any]) -> None:
    env = make(data="desk:30", max_turns=1)
    env.reset(seed=0)
    env.step("Hello")
    with pytest.raises(RuntimeError, match="max_turns"):
        copied(env).unwrapped.step("Hello")


class Counting(ReasonActEnv):
    """An environment with something of its own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.counts: list[int] = []


@each_copy
def test_a_subclass_keeps_what_it_has_added(copied: Callable[[Any], Any]) -> None:
    env = Counting(data="desk:30")
    env.counts.append(1)
    same = copied(env)
    same.counts.append(2)
    assert (type(same), env.counts, same.counts) == (Counting, [1], [1, 2])


def test_a_pickle_is_small_and_another_process_goes_on_with_it(tmp_path: Path) -> None:
    env = half_way(make(**WORLDS["shop"]))
    data = pickle.dumps(env)
    assert len(data) < 50_000  # neither the data set nor the database
    (tmp_path / "env.pickle").write_bytes(data)
    code = (
        "import pickle, sys\n"
        f"env = pickle.load(open({str(tmp_path / 'env.pickle')!r}, 'rb'))\n"
        "env.step('Could you tell me more?')\n"
        "pickle.dump(env.unwrapped.episode, sys.stdout.buffer)"
    )
    root = Path(reasonact_env.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=root, check=True)
    env.step("Could you tell me more?")
    assert pickle.loads(done.stdout) == env.unwrapped.episode  # type: ignore[attr-defined]


def test_a_reader_that_nobody_else_can_find_is_pickled_with_what_it_read() -> None:
    tasks = load_tasks("desk:30")
    env = half_way(make(data=lambda: tasks))
    assert_goes_on_alike(env, pickle.loads(pickle.dumps(env)))


def test_a_user_that_nobody_else_can_find_is_named() -> None:
    env = half_way(make(data="desk:30", user=lambda task: Curt(task)))
    with pytest.raises(pickle.PicklingError, match="expected user that another process can find"):
        pickle.dumps(env)
    assert_goes_on_alike(env, copy.deepcopy(env))


def test_other_data_than_those_of_the_pickle_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    rows = (reasonact_env_record("Hello."), reasonact_env_record("Good day."))
    file.write_text(rows[0], encoding="utf-8")
    env = make(data=file, mode="turn")
    env.reset(seed=0)
    data = pickle.dumps(env)
    file.write_text(rows[1], encoding="utf-8")
    with pytest.raises(ValueError, match="expected the data with which .* was pickled"):
        pickle.loads(data)


def reasonact_env_record(greeting: str) -> str:
    said = [{"from": "human", "value": greeting}, {"from": "gpt", "value": "Your order is 5."}]
    import json

    return json.dumps([{"system": "Be kind.", "tools": "[]", "conversations": said}])


class Stumbling:
    """A user whose first answer to each question fails."""

    failures = 0

    def __init__(self, task: Task) -> None:
        self.task = task

    def answer(self, messages: Sequence[Message]) -> str | None:
        Stumbling.failures += 1
        if Stumbling.failures % 2:
            raise OSError("no line")
        return "Yes."


def test_a_step_that_raises_leaves_the_episode_as_it_was() -> None:
    env, other = (make(data="desk:30", user=Stumbling) for _ in range(2))
    for one in (env, other):
        one.reset(seed=3)
    before = env.unwrapped.episode  # type: ignore[attr-defined]
    with pytest.raises(OSError, match="no line"):
        env.step("Hello?")
    assert env.unwrapped.episode == before  # type: ignore[attr-defined]
    Stumbling.failures = 1
    seen = env.step("Hello?")
    Stumbling.failures = 1
    assert seen == other.step("Hello?")


def test_executors_and_databases_are_copied_as_values() -> None:
    env = half_way(make(**WORLDS["shop"])).unwrapped
    base = env.task.setup.base
    start: Executor = env.task.setup.start(env.task)
    assert copy.deepcopy(base) is base
    assert copy.deepcopy(start).digest == start.digest
    same: Base = pickle.loads(pickle.dumps(base))
    assert same.total == base.total


def test_rewards_below_other_wrappers_stay(capsys: pytest.CaptureFixture[str]) -> None:
    env = TransformReward(make(data="desk:30"), lambda reward: float(reward) + 1)
    env.reset(seed=0)
    assert copy.deepcopy(env).step("Hello")[1] == env.step("Hello")[1]
