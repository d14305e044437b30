"""`ReasonAct-Procedures-v0`: it conforms, gold earns all, and baselines stay below their bounds.

`ReasonAct-ALMITA-v0` warns where it plays procedures, too.
"""

from __future__ import annotations

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env

import reasonact_env  # noqa: F401
from agents.baselines import BASELINES
from train.audit import audit
from train.evaluate import EvaluationSettings

ID = "ReasonAct-Procedures-v0"


def test_almitas_id_says_when_it_plays_other_data() -> None:
    with pytest.warns(UserWarning, match="expected ALMITA's table .* got embedded:procedures"):
        env = gymnasium.make("ReasonAct-ALMITA-v0", split="test")
    assert env.unwrapped.source.startswith("embedded:procedures")  # type: ignore[attr-defined]
    assert env.reset(seed=1)[1]["source"].startswith("embedded:procedures")
    same = gymnasium.make(ID, split="test")
    assert env.unwrapped.task_ids == same.unwrapped.task_ids  # type: ignore[attr-defined]


def test_it_conforms() -> None:
    check_env(gymnasium.make(ID, data="procedures:20").unwrapped)


def test_one_test_is_an_episode() -> None:
    env = gymnasium.make(ID, data="procedures:20", split="all")
    task = env.unwrapped.task_ids[0]  # type: ignore[attr-defined]
    observation, info = env.reset(options={"task_id": task, "decision": 1})
    assert info["turn"] == 1
    assert "Follow the procedure" in observation["messages"][0]["content"]
    assert env.step("Hello.")[2]


@pytest.mark.parametrize("mode", ["dialogue", "turn"])
@pytest.mark.parametrize("part", ["seen", "unseen"])
def test_gold_earns_one_and_floors_stay_below(mode: str, part: str) -> None:
    plan = EvaluationSettings(data=f"procedures:72:0:{part}", split="all", mode=mode)
    gold, *baselines = audit(plan, BASELINES)
    assert gold.overall == pytest.approx(1)
    assert all(earned == pytest.approx(1) for earned in gold.strata.values())
    assert {
        baseline.agent: baseline.breaches(gold) for baseline in baselines if baseline.breaches(gold)
    } == {}
