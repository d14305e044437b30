"""Where a run's agents went in a procedure, and where they left it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.baselines import BASELINES
from agents.gold import Gold
from agents.play import play
from reasonact_env.agent import Agent
from reasonact_env.config import EnvConfig
from reasonact_env.episodes.storage import Header, write_episodes
from reasonact_env.failures.flows import flows
from reasonact_env.view.flows import main
from tasks.load import load_tasks

DATA = "procedures:12:0:billing"
TASKS = {task.id: task for task in load_tasks(DATA).tasks}


def episodes(agent: Agent, mode: str) -> list:
    config = EnvConfig(mode=mode, data=DATA, split="all", user="own")
    played = play(config, agent, [(name, None) for name in TASKS], batch_size=12, seed=0)
    return [one.episode for one in played]


@pytest.mark.parametrize("mode", ["turn", "dialogue"])
def test_gold_keeps_to_the_procedure(mode: str) -> None:
    found = flows(episodes(Gold(TASKS.values(), mode), mode), TASKS)
    assert sum(flow.episodes for flow in found.values()) == len(TASKS)
    for flow in found.values():
        assert (flow.ended, flow.left.total()) == (flow.episodes, 0)
        assert flow.visits.total() > flow.episodes


@pytest.mark.parametrize("mode", ["turn", "dialogue"])
@pytest.mark.parametrize("agent", ["silent", "polite", "spray"])
def test_floors_leave_it(mode: str, agent: str) -> None:
    found = flows(episodes(BASELINES[agent], mode), TASKS)
    assert all(flow.ended == 0 and flow.left for flow in found.values())


def test_the_command_lists_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "episodes.jsonl"
    header = Header(env={"mode": "turn", "data": DATA, "split": "all"}, source="x", agent="polite")
    write_episodes(path, header, episodes(BASELINES["polite"], "turn"))
    assert main([str(path)]) == 0
    assert "double_charge" in capsys.readouterr().out
    assert main([str(path), "--draw", "double_charge"]) == 0
    assert "! left the procedure" in capsys.readouterr().out
    assert main([str(path), "--draw", "nothing"]) == 2
    assert "expected one of" in capsys.readouterr().err
