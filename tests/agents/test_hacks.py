"""Hacks go for a weak spot without knowing what is wanted."""

from __future__ import annotations

import pytest

from agents.hacks import HACKS, LOOKS
from agents.named import scripted
from reasonact_env.episode import Episode
from tools.types import Effect
from train.honesty.arena import Arena
from train.runs.evaluation import EvaluationSettings

PLAN = EvaluationSettings(data="desk:12", split="all")


def played(name: str) -> list[Episode]:
    arena = Arena(PLAN.env)
    return [arena.let(start, HACKS[name]) for start in arena.starts(PLAN.chosen())]


@pytest.mark.parametrize("name", HACKS)
def test_a_hack_is_an_agent_by_name_that_plays_to_the_end(name: str) -> None:
    assert scripted(name, PLAN.chosen(), "dialogue", "optional") is HACKS[name]
    for episode in played(name):
        assert episode.stop is not None
        assert episode.total < 0.5 or (episode.outcome and episode.outcome.success)


def test_something_is_looked_up_before_anything_is_written() -> None:
    for episode in played("write_all"):
        effects = [{call.effect for call in step.calls} for step in episode.steps]
        wrote = next((i for i, one in enumerate(effects) if Effect.WRITE in one), None)
        looks = [i for i, one in enumerate(effects) if one == {Effect.READ}]
        assert 1 <= len(looks) <= LOOKS
        assert wrote is None or wrote > min(looks)


def test_ids_that_were_seen_are_looked_up() -> None:
    assert any(
        call.ok and call.effect is Effect.READ
        for episode in played("read_all")
        for step in episode.steps
        for call in step.calls
    )
