"""Reward components from outside: found, scored where the environment pays, and replayed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from agents.gold import Gold
from agents.play import play
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode
from reasonact_env.episodes.storage import Header, write_episodes
from reasonact_env.episodes.verify import verify
from reasonact_env.reward import COMPONENTS, OwnReward, load_rewards
from tasks.types import Task

DATA = "desk:20"
HERE = f"{__name__}:"


def half(task: Task, episode: Episode) -> float:
    return 0.5


def ended(task: Task, episode: Episode) -> float | None:
    """Applies to tasks with writes, and sees the whole episode."""
    return float(episode.outcome is not None) if task.goal.writes else None


def broken(task: Task, episode: Episode) -> float:
    return float("nan")


def alone(task: Task) -> float:
    return 1.0


def gold_episodes(mode: str, rewards: Any) -> list[Episode]:
    config = EnvConfig(mode=mode, split="all", data=DATA, rewards=rewards)
    tasks = ReasonActEnv.of(config).tasks
    played = play(config, Gold(tasks, mode), [(task.id, None) for task in tasks])
    return [one.episode for one in played]


@pytest.mark.parametrize("mode", ["dialogue", "turn"])
def test_all_weights_sum_to_one_and_ones_own_are_the_shares_asked_for(mode: str) -> None:
    plain = gold_episodes(mode, ())
    own = gold_episodes(mode, [f"{HERE}half=0.2", OwnReward(ended, 0.1)])
    seen = set()
    for one, other in zip(plain, own, strict=True):
        for before, step in zip(one.steps, other.steps, strict=True):
            applying = {k: w for k, w in step.weights.items() if step.components[k] is not None}
            assert sum(applying.values()) == pytest.approx(1 if applying else 0)
            assert step.weights["half"] == (0.2 if applying else 0)
            left = 1 - step.weights["half"] - step.weights["ended"]
            for name in COMPONENTS:
                assert step.components[name] == before.components[name]
                assert step.weights[name] == pytest.approx(before.weights[name] * left)
            parts = [w * (step.components[k] or 0) for k, w in step.weights.items()]
            assert step.reward == pytest.approx(sum(parts))
            seen.add(step.weights["ended"])
    assert seen == {0.0, 0.1}


def test_episodes_with_rewards_of_ones_own_replay(tmp_path: Path) -> None:
    rewards = [f"{HERE}half=0.2"]
    episodes = gold_episodes("dialogue", rewards)
    config = EnvConfig(split="all", data=DATA, rewards=rewards)
    path = tmp_path / "episodes.jsonl"
    write_episodes(path, Header(config.to_json(), episodes[0].source, "gold"), episodes)
    assert verify(path).passed


@pytest.mark.parametrize(
    ("rewards", "words"),
    [
        (f"{HERE}half=0.2", "as a list of MODULE:NAME=SHARE"),
        ([f"{HERE}half"], "expected a reward as MODULE:NAME=SHARE"),
        ([f"{HERE}half=much"], "expected a reward as MODULE:NAME=SHARE"),
        ([half], "expected a reward as MODULE:NAME=SHARE or an OwnReward"),
        ([f"{HERE}half=nan"], "a share of the reward above 0 and up to 1"),
        ([f"{HERE}half=-0.2"], "a penalty has a share too"),
        ([f"{HERE}half=2"], "up to 1"),
        ([f"{HERE}half=0.7", f"{HERE}ended=0.6"], "sum to 1 or less, got 1.3 for half, ended"),
        ([f"{HERE}half=0.1", f"{HERE}half=0.2"], "got half twice"),
        (["half=0.2"], "expected a reward as MODULE:NAME, got 'half'"),
        ([f"{HERE}haf=0.2"], f"did you mean {HERE}half"),
        ([f"{HERE}DATA=0.2"], "a function of a task and an episode .* got a str"),
        ([f"{HERE}alone=0.2"], "got one that takes"),
    ],
)
def test_what_is_no_component_is_refused(rewards: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        load_rewards(rewards)
    assert "\n" not in str(caught.value)


def test_a_component_must_not_take_a_built_in_name() -> None:
    with pytest.raises(ValueError, match="got tool twice"):
        load_rewards([OwnReward(half, 0.2, "tool")])


def test_a_score_has_to_be_a_number() -> None:
    env = ReasonActEnv(mode="turn", data=DATA, rewards=[f"{HERE}broken=0.2"])
    env.reset(seed=1)
    with pytest.raises(ValueError, match="expected a finite number or None .*'broken', got nan"):
        env.step("Hello.")


@pytest.mark.parametrize("score", ["0.5", [1.0], {}, 1j, math.inf, 10**400, object()])
def test_whatever_else_a_reward_returns_is_refused_in_a_line(score: object) -> None:
    wrong = OwnReward(lambda task, episode: cast("float", score), 0.2, "wrong")
    env = ReasonActEnv(mode="turn", data=DATA, rewards=[wrong])
    env.reset(seed=1)
    with pytest.raises(ValueError, match="from the reward 'wrong', got .*; return a float") as came:
        env.step("Hello.")
    assert "\n" not in str(came.value)


@pytest.mark.parametrize("score", [np.float32(0.5), np.int64(1), True, 1])
def test_other_numbers_are_scores(score: float) -> None:
    env = ReasonActEnv(
        mode="turn", data=DATA, rewards=[OwnReward(lambda task, episode: score, 0.2, "one")]
    )
    env.reset(seed=1)
    *_, info = env.step("Hello.")
    assert info["reward_components"]["one"] == float(score)


def test_a_component_without_a_place_plays_but_no_file_can_name_it() -> None:
    config = EnvConfig(data=DATA, rewards=[OwnReward(lambda task, episode: 1.0, 0.2, "one")])
    with pytest.raises(ValueError, match="expected a reward that a file can name, got 'one'"):
        config.to_json()
