from dataclasses import replace
from pathlib import Path

import gymnasium as gym
import pytest

import reasonact_env  # noqa: F401
from agents.baselines import REFUSAL
from agents.gold import Gold
from agents.play import play
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episodes.storage import Header, write_episodes
from reasonact_env.episodes.verify import verify

DATA = "retail:60:2"


@pytest.fixture(scope="module")
def config() -> EnvConfig:
    return EnvConfig(data=DATA, split="all", user="agenda")


@pytest.mark.parametrize("mode", ["dialogue", "turn"])
def test_gold_earns_one_on_every_task(config: EnvConfig, mode: str) -> None:
    config = replace(config, mode=mode)
    env = ReasonActEnv.of(config)
    wanted = [(task.id, None) for task in env.tasks]
    for played in play(config, Gold(env.tasks, mode), wanted):
        episode = played.episode
        goal = 1.0 if mode == "dialogue" else float(len(episode.steps))
        assert episode.total == pytest.approx(goal), episode.task_id


def test_refusing_everything_wins_nothing(config: EnvConfig) -> None:
    env = ReasonActEnv.of(config)
    for task in env.tasks[:30]:
        env.reset(options={"task_id": task.id})
        ended, info = False, {}
        while not ended:
            _, _, terminated, truncated, info = env.step(REFUSAL)
            ended = terminated or truncated
        assert not info["outcome"]["success"]


def test_the_retail_environment_talks() -> None:
    env = gym.make("ReasonAct-Retail-v0", data=DATA, split="all")
    env.reset(seed=1)
    observation, *_ = env.step("Could you tell me your email address, or your name and zip code?")
    last = observation["messages"][-1]
    assert last["role"] == "user"
    assert any(character.isdigit() for character in last["content"])


def test_what_the_user_did_not_understand_is_reported(config: EnvConfig) -> None:
    env = ReasonActEnv.of(config)
    env.reset(seed=0)
    ended, info = False, {}
    while not ended:
        _, _, terminated, truncated, info = env.step("Bananas are yellow.")
        ended = terminated or truncated
    assert info["user"]["misunderstood"] > 0
    assert info["user"]["gave_up"]
    assert info["user"]["lost"]


def test_episodes_with_the_agenda_user_replay(tmp_path: Path, config: EnvConfig) -> None:
    env = ReasonActEnv.of(config)
    wanted = [(task.id, None) for task in env.tasks[:10]]
    episodes = [p.episode for p in play(config, Gold(env.tasks), wanted)]
    path = tmp_path / "episodes.jsonl"
    write_episodes(path, Header(config.to_json(), env.source, "gold"), episodes)
    assert verify(path).passed


def test_a_data_set_without_agendas_is_refused() -> None:
    with pytest.raises(ValueError, match="an agenda for the user 'agenda'.*user='scripted'"):
        ReasonActEnv(data="procedures:10", split="all", user="agenda")


@pytest.mark.parametrize("user", ["own", "agenda", "scripted"])
@pytest.mark.parametrize("data", ["desk:60:2", "kaleidoscope:60:2"])
def test_gold_wins_with_any_user_where_records_have_an_agenda(data: str, user: str) -> None:
    config = EnvConfig(data=data, split="all", user=user)
    env = ReasonActEnv.of(config)
    for played in play(config, Gold(env.tasks), [(task.id, None) for task in env.tasks]):
        assert played.episode.total == pytest.approx(1), played.episode.task_id


def test_own_listens_at_the_desk_and_scripted_does_not() -> None:
    said = {}
    for user in ("own", "scripted"):
        env = ReasonActEnv(data="desk:60:2", split="all", user=user)
        task = next(
            t for t in env.tasks if len(t.user_turns) == 2 and "customer" not in t.user_turns[0]
        )
        env.reset(options={"task_id": task.id})
        said[user] = env.step("What is your customer number?")[0]["messages"][-1]["content"]
        assert (said[user] == task.user_turns[1]) == (user == "scripted")
    assert any(character.isdigit() for character in said["own"])
