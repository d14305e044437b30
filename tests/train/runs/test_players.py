"""How many episodes of a policy are played, and written, at a time."""

from dataclasses import replace

import pytest

pytest.importorskip("torch")

from train.models.policies import load_policy  # noqa: E402
from train.models.profiles import TINY  # noqa: E402
from train.models.sources import SHIPPED  # noqa: E402
from train.runs.evaluate_options import EvaluateOptions  # noqa: E402
from train.runs.evaluation import EvaluationSettings  # noqa: E402
from train.runs.players import player_of  # noqa: E402

POLICY = SHIPPED / TINY


@pytest.mark.parametrize("batch", [None, 5])
def test_a_part_holds_what_is_played_at_a_time(batch: int | None) -> None:
    episodes = replace(EvaluationSettings(data="desk:20"), batch=batch)
    plan, who = player_of(EvaluateOptions(policy=POLICY, episodes=episodes), episodes)
    assert plan.batch == who.pace.shard == (batch or load_policy(POLICY).profile.played)
