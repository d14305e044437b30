import gymnasium as gym
import pytest

import reasonact_env  # noqa: F401
from agents.gold import Gold
from agents.play import play
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv

DATA = "airline:40:2"


@pytest.mark.parametrize("mode", ["dialogue", "turn"])
def test_gold_earns_one_on_every_task(mode: str) -> None:
    config = EnvConfig(data=DATA, split="all", user="agenda", mode=mode)
    env = ReasonActEnv.of(config)
    wanted = [(task.id, None) for task in env.tasks]
    for played in play(config, Gold(env.tasks, mode), wanted):
        episode = played.episode
        goal = 1.0 if mode == "dialogue" else float(len(episode.steps))
        assert episode.total == pytest.approx(goal), episode.task_id


def test_the_airline_environment_talks() -> None:
    env = gym.make("ReasonAct-Airline-v0", data=DATA, split="all")
    env.reset(seed=1)
    observation, *_ = env.step("Could you tell me your user id, please?")
    last = observation["messages"][-1]
    assert last["role"] == "user"
    assert "_" in last["content"]
