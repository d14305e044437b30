"""Single decisions in the replay's list."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.gold import Gold
from agents.play import play
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode, Mode
from reasonact_env.episodes.storage import Header, write_episodes
from reasonact_env.replay.rows import row_of

TURNS = EnvConfig(data="desk:20", mode="turn", split="all")


class Spoiled(Gold):
    """Gold that says something else at its second decision."""

    def act(self, sessions: list) -> list[str]:
        """Gold's messages, but for one of each session."""
        said = super().act(sessions)
        for place, session in enumerate(sessions):
            session.memory["said"] = session.memory.get("said", 0) + 1
            if session.memory["said"] == 2:
                said[place] = "I do not know."
        return said


def walk(agent: type[Gold]) -> Episode:
    env = ReasonActEnv.of(TURNS)
    task = next(task for task in env.tasks if len(task.decisions) > 2)
    made = agent([task], Mode.TURN, "optional")
    (played,) = play(TURNS, made, [(task.id, None)])
    return played.episode


@pytest.mark.parametrize(("agent", "won"), [(Gold, True), (Spoiled, False)])
def test_decisions_are_won_if_none_was_wrong(agent: type[Gold], won: bool, tmp_path: Path) -> None:
    header = Header(env=TURNS.to_json(), source="desk", agent="gold")
    write_episodes(tmp_path / "run.jsonl", header, [walk(agent)])
    row = row_of((tmp_path / "run.jsonl").read_bytes().splitlines()[1])
    assert row.won is won
    assert bool(row.wrong) is not won
    assert row.total > 0
