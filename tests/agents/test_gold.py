"""Gold earns 1 in every decision of every task, real ones included."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.baselines import BASELINES
from agents.gold import Gold, gold_words
from agents.named import agent_of
from agents.play import WrongAnswers, play
from agents.scripted import Scripted
from reasonact_env.agent import FunctionAgent
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from tasks.load import load_tasks
from tasks.types import Turn
from tools.types import MessageKind

REAL = (
    "apigen_mt_like_real.json",
    "apigen_mt_5k_real_sample.json",
    "star_apigen_like.json",
    "nemo_ctus_apigen_like.json",
)


def all_episodes(data: str, mode: str, thinking: str = "optional"):
    config = EnvConfig(data=data, split="all", mode=mode, thinking=thinking)
    env = ReasonActEnv.of(config)
    agent = Gold(env.tasks, mode, thinking)
    yield from play(config, agent, [(task_id, None) for task_id in env.task_ids])


@pytest.mark.parametrize("name", REAL)
def test_gold_earns_one_in_every_real_decision(shared_data: Path, name: str) -> None:
    for one in all_episodes(str(shared_data / "dialogues" / name), "turn"):
        rewards = [step.reward for step in one.episode.steps]
        assert rewards == pytest.approx([1.0] * len(rewards)), one.episode.task_id


@pytest.mark.parametrize("thinking", ["optional", "required"])
@pytest.mark.parametrize("mode", ["turn", "dialogue"])
def test_gold_earns_one_in_every_embedded_episode(mode: str, thinking: str) -> None:
    for one in all_episodes("desk:150", mode, thinking):
        expected = len(one.episode.steps) if mode == "turn" else 1.0
        assert one.episode.total == pytest.approx(expected), one.episode.task_id


def test_real_episodes_say_where_they_come_from(shared_data: Path) -> None:
    path = shared_data / "dialogues" / REAL[1]
    (one,) = all_episodes(str(path), "dialogue")
    assert one.episode.source == f"file:{path.name}"
    assert one.episode.outcome is not None
    assert one.episode.outcome.goal == "recorded"


def test_waves_keep_the_order_of_what_was_wanted() -> None:
    config = EnvConfig(data="desk:60", split="all", mode="dialogue")
    ids = ReasonActEnv.of(config).task_ids[:7]
    agent = FunctionAgent(lambda observation: "Hello.")
    played = list(play(config, agent, [(task_id, None) for task_id in ids], batch_size=3))
    assert [one.episode.task_id for one in played] == list(ids)
    assert all(one.episode.stop is not None for one in played)


def test_canned_messages_begin_anew_in_every_conversation() -> None:
    config = EnvConfig(data="desk:60", split="all", mode="dialogue")
    ids = ReasonActEnv.of(config).task_ids[:4]
    agent = Scripted(["First.", "Second."])
    for one in play(config, agent, [(task_id, None) for task_id in ids], batch_size=2):
        actions = [step.action for step in one.episode.steps]
        assert actions[:2] == ["First.", "Second."][: len(actions)]
        assert set(actions[2:]) <= {""}


def test_an_agent_that_answers_too_few_is_told_so() -> None:
    class Silent:
        def act(self, sessions):
            return []

    config = EnvConfig(data="desk:60", split="all", mode="dialogue")
    ids = ReasonActEnv.of(config).task_ids[:2]
    with pytest.raises(WrongAnswers, match="expected a list of one str for each of 2 sessions"):
        list(play(config, Silent(), [(task_id, None) for task_id in ids]))


@pytest.mark.parametrize("name", REAL)
def test_gold_earns_one_in_every_real_dialogue(
    shared_data: Path, tmp_path: Path, name: str
) -> None:
    """Without a sidecar the goal is the record's own, so that its agent reaches it."""
    path = tmp_path / name
    path.write_bytes((shared_data / "dialogues" / name).read_bytes())
    found = load_tasks(str(path))
    named = {task.id for task in found.tasks if any(is_untagged(turn) for turn in task.turns)}
    assert len(named) == found.mended.get("untagged_call", 0)
    for one in all_episodes(str(path), "dialogue"):
        if one.episode.task_id not in named:
            assert one.episode.total == pytest.approx(1.0), one.episode.task_id


def is_untagged(turn: Turn) -> bool:
    """Whether a recorded agent told the user a call; an environment takes that for an attempt."""
    return turn.kind is MessageKind.REPLY and not turn.is_decision


def test_dialogues_without_a_goal_are_left_out_and_listed(
    shared_data: Path, tmp_path: Path
) -> None:
    path = tmp_path / "real.json"
    path.write_bytes((shared_data / "dialogues" / REAL[0]).read_bytes())
    env = ReasonActEnv(data=str(path), split="all")
    assert (len(env.tasks), len(env.left_out)) == (608, 18)
    with pytest.raises(ValueError, match="has no goal: nothing to do, look up or tell"):
        env.reset(options={"task_id": env.left_out[0]})
    walk = ReasonActEnv(data=str(path), split="all", mode="turn")
    assert (len(walk.tasks), walk.left_out) == (626, ())


def test_golds_figure_says_how_many_records_failed(shared_data: Path) -> None:
    tasks = load_tasks(str(shared_data / "dialogues" / REAL[0])).tasks
    assert "242 of 626 failed officially" in gold_words(tasks, "dialogue")
    assert gold_words(tasks, "turn") == ""
    assert gold_words(load_tasks("desk:60").tasks, "dialogue") == ""


def test_a_folder_that_is_called_like_an_agent_hides_it_only_as_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("gold", "polite"):
        (tmp_path / name).mkdir()
    tasks = load_tasks("desk:5").tasks
    assert isinstance(agent_of("gold", tasks, "dialogue", "optional"), Gold)
    assert agent_of("polite", tasks, "dialogue", "optional") is BASELINES["polite"]
    with pytest.raises(ValueError, match="expected the folder of a policy, got ./gold"):
        agent_of("./gold", tasks, "dialogue", "optional")


def test_episodes_are_wanted_as_pairs() -> None:
    with pytest.raises(TypeError, match=r"pairs \(task_id, decision\), got 'desk-00002'; write"):
        next(play(EnvConfig(data="desk:20"), FunctionAgent(str), ["desk-00002"]))  # type: ignore[list-item]
