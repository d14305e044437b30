"""What an environment is made with: checked, plain in files, and from outside."""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from dataclasses import dataclass, fields
from inspect import signature
from typing import Any

import gymnasium as gym
import pytest
import tyro

import reasonact_env  # noqa: F401  (registers the environments)
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from tasks.types import Task
from tools.types import Message

DATA = "desk:20"
HERE = f"{__name__}:"


@dataclass(frozen=True)
class Parrot:
    """Makes users who say one thing, and never end."""

    says: str = "Polly."

    def __call__(self, task: Task) -> Parrot:
        return self

    def answer(self, messages: Sequence[Message]) -> str | None:
        return self.says


class Numb:
    """Answers with a number."""

    def __init__(self, task: Task) -> None:
        self.task = task

    def answer(self, messages: Sequence[Message]) -> int:
        return 7


def silent(task: Task) -> Parrot:
    return Parrot("...")


def two_things(task: Task, data: str) -> Parrot:
    return Parrot()


def no_user(task: Task) -> str:
    return "a text"


def said(user: Any) -> str:
    env = gym.make("ReasonAct-APIGen-v0", data=DATA, split="all", user=user)
    env.reset(seed=1)
    return str(env.step("Hello?")[0]["messages"][-1]["content"])


def test_gym_make_takes_what_a_configuration_has_with_the_same_defaults() -> None:
    arguments = dict(signature(ReasonActEnv).parameters)
    del arguments["unknown"]  # it only takes what is refused, to name the nearest argument
    assert set(arguments) == {*(one.name for one in fields(EnvConfig)), "render_mode"}
    for one in fields(EnvConfig):
        assert arguments[one.name].default == one.default


def test_a_configuration_survives_json() -> None:
    config = EnvConfig(
        mode="turn",
        data=DATA,
        weights={"tool": 2.0},
        max_turns=3,
        user=silent,
        columns={"id": None},
        rewards=["benchmarks.bad_rewards:pays_length=0.2"],
    )
    plain = json.loads(json.dumps(config.to_json()))
    assert plain["user"] == f"{HERE}silent"
    assert "database" not in plain
    again = EnvConfig.from_json(plain)
    assert again.to_json() == config.to_json()
    assert again.rewards == config.rewards
    assert EnvConfig.from_json(EnvConfig().to_json()) == EnvConfig()


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        ({"modes": "turn"}, "got 'modes'; did you mean 'mode'"),
        ({"mode": "turns"}, "got 'turns'; did you mean 'turn'"),
        ({"user": "agend"}, "got 'agend'; did you mean 'agenda'"),
        ({"user": "nowhere_at_all:User"}, "no module 'nowhere_at_all'"),
        ({"weights": {"tools": 1}}, "got tools too; did you mean 'tool'"),
    ],
)
def test_what_no_environment_can_be_made_with_is_refused(plain: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        EnvConfig.from_json(plain)
    assert "\n" not in str(caught.value)


def test_a_command_line_can_fill_it(capsys: pytest.CaptureFixture[str]) -> None:
    rewards = ["benchmarks.bad_rewards:pays_length=0.2", "benchmarks.bad_rewards:pays_calls=0.1"]
    words = f"--mode turn --weights tool 2 --user {HERE}silent --max-turns 3 --rewards"
    assert tyro.cli(EnvConfig, args=[*words.split(), *rewards]) == EnvConfig(
        mode="turn", weights={"tool": 2.0}, user=f"{HERE}silent", max_turns=3, rewards=rewards
    )
    with pytest.raises(SystemExit):
        tyro.cli(EnvConfig, args=["--user", "agend"])
    assert "'agenda'" in capsys.readouterr().err


def test_a_user_comes_by_name_as_a_function_or_as_an_object() -> None:
    assert said(f"{HERE}silent") == said(silent) == "..."
    assert said(Parrot("Polly?")) == "Polly?"
    config = EnvConfig(data=DATA, user=Parrot("Polly?"))
    assert pickle.loads(pickle.dumps(config)) == config
    with pytest.raises(ValueError, match="expected a user that a file can name"):
        config.to_json()


def test_other_processes_get_the_user_too() -> None:
    envs = gym.make_vec(
        "ReasonAct-APIGen-v0", 2, "async", data=DATA, split="all", user=Parrot("Polly?")
    )
    try:
        envs.reset(seed=1)
        observations, *_ = envs.step(("Hello?", "Hello?"))
        assert [one["messages"][-1]["content"] for one in observations] == ["Polly?"] * 2
    finally:
        envs.close()


@pytest.mark.parametrize(
    ("user", "words"),
    [
        (f"{HERE}DATA", "makes a user of a task alone, got a str"),
        (two_things, "test_config:two_things .* got one that takes"),
        (f"{HERE}no_user", "a method answer.* got a str: one without it"),
        (7, "expected the user 7 .* got a int"),
    ],
)
def test_what_makes_no_users_is_refused(user: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        ReasonActEnv(data=DATA, user=user)
    assert "\n" not in str(caught.value)


def test_a_user_has_to_answer_in_words() -> None:
    with pytest.raises(TypeError, match="expected the answer of the user .* as a str.* got 7"):
        said(Numb)


def test_a_misspelt_argument_names_the_nearest_one() -> None:
    with pytest.raises(TypeError, match="got 'spilt'; did you mean 'split'"):
        gym.make("ReasonAct-APIGen-v0", spilt="all")
