"""Rewards, rows and batches on their way into TRL, without a model."""

from pathlib import Path

import numpy as np
import pytest
import torch

from agents.gold import Gold
from agents.play import play
from reasonact_env.config import EnvConfig
from reasonact_env.reward import COMPONENTS
from tasks.load import load_tasks
from train.rl.batches import alive, deciding, padded, trimmed
from train.rl.bridge import grpo_config
from train.rl.credit import BRANCH
from train.rl.recipe import GDPO, SUM, Recipe
from train.rl.rewards import reward_functions, reward_weights
from train.rl.rollouts import component_sums

DATA = "desk:40"


@pytest.mark.parametrize("mode", ["dialogue", "turn"])
@pytest.mark.parametrize("agent", ["gold", "polite", "random_call"])
def test_paid_columns_sum_to_the_return(mode: str, agent: str) -> None:
    from agents.baselines import BASELINES

    tasks = load_tasks(DATA).tasks
    player = Gold(tasks, mode) if agent == "gold" else BASELINES[agent]
    config = EnvConfig(mode=mode, split="all", data=DATA, weights={"format": 0.3})
    wanted = [(task.id, None) for task in tasks[:10]]
    for played in play(config, player, wanted):
        scores, weighted = component_sums(played.episode)
        total = sum(value for value in weighted.values() if value is not None)
        assert total == pytest.approx(played.episode.total, abs=1e-12)
        assert set(scores) == set(weighted) == set(COMPONENTS)
        assert [name for name in scores if scores[name] is None] == [
            name for name in weighted if weighted[name] is None
        ]


def test_reward_functions_are_named_by_component_and_read_their_column() -> None:
    functions = reward_functions()
    assert [function.__name__ for function in functions] == list(COMPONENTS)
    columns = {name: [float(i), None] for i, name in enumerate(COMPONENTS)}
    for i, function in enumerate(functions):
        assert function(prompts=[], completions=[], **columns) == [float(i), None]


def test_weights_are_applied_once() -> None:
    given = {"tool": 2.0}
    assert reward_weights(Recipe(generations=1, aggregation=SUM), given) == [1.0] * len(COMPONENTS)
    weights = reward_weights(Recipe(generations=1, aggregation=GDPO), given)
    assert dict(zip(COMPONENTS, weights, strict=True))["tool"] == 2.0


def test_recipe_refuses_batches_that_do_not_divide() -> None:
    with pytest.raises(ValueError, match="multiple of updates x micro_batch"):
        Recipe(generations=1, prompts=3, group=4, micro_batch=8)
    with pytest.raises(ValueError, match="aggregation"):
        Recipe(generations=1, aggregation="mean")
    with pytest.raises(ValueError, match="expected credit"):
        Recipe(generations=1, credit="token")
    with pytest.raises(ValueError, match="compares returns"):
        Recipe(generations=1, credit=BRANCH, aggregation=GDPO)


def test_config_makes_one_generation_a_step(tmp_path: Path) -> None:
    recipe = Recipe(generations=3, prompts=4, group=4, updates=2, micro_batch=4)
    config = grpo_config(recipe, None, tmp_path, use_cpu=True)
    assert config.max_steps == 6
    assert config.steps_per_generation == 4
    assert config.gradient_accumulation_steps == 2
    assert config.temperature == recipe.temperature


def test_trimming_cuts_padding_and_nothing_else() -> None:
    rng = np.random.default_rng(0)
    prompt_lengths, lengths = [3, 5], [2, 4]
    width_p, width_c = 8, 6
    prompt_mask = torch.tensor([[0] * (width_p - n) + [1] * n for n in prompt_lengths])
    mask = torch.tensor([[1] * n + [0] * (width_c - n) for n in lengths])
    batch = {
        "prompt_ids": torch.tensor(rng.integers(1, 9, (2, width_p))) * prompt_mask,
        "prompt_mask": prompt_mask,
        "completion_ids": torch.tensor(rng.integers(1, 9, (2, width_c))) * mask,
        "completion_mask": mask,
        "tool_mask": mask.clone(),
        "advantages": torch.tensor([1.0, -1.0]),
        "num_items_in_batch": torch.tensor(6),
    }
    cut = trimmed(batch)
    assert cut["prompt_ids"].shape == cut["prompt_mask"].shape == (2, 5)
    assert cut["completion_ids"].shape == cut["tool_mask"].shape == (2, 4)
    for key in ("prompt_ids", "prompt_mask", "completion_ids", "completion_mask", "tool_mask"):
        assert cut[key].sum() == batch[key].sum()
    assert cut["advantages"] is batch["advantages"]


def test_rows_without_advantage_are_left_out_and_one_stays() -> None:
    batch = {
        "advantages": torch.tensor([0.0, 2.0, 0.0, -1.0]),
        "completion_ids": torch.arange(8).reshape(4, 2),
        "num_items_in_batch": torch.tensor(9),
    }
    kept = alive(batch)
    assert kept["advantages"].tolist() == [2.0, -1.0]
    assert kept["completion_ids"].tolist() == [[2, 3], [6, 7]]
    assert kept["num_items_in_batch"] == 9
    none = alive({**batch, "advantages": torch.zeros(4)})
    assert none["completion_ids"].tolist() == [[0, 1]]


def test_rows_end_with_their_last_token_that_has_an_advantage() -> None:
    batch = {
        "advantages": torch.tensor([[0.0, 2.0, 0.0, 0.0], [-1.0, 0.0, 1.0, 0.0], [0.0] * 4]),
        "completion_mask": torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0]]),
    }
    cut = deciding(batch)["completion_mask"]
    assert cut.tolist() == [[1, 1, 0, 0], [1, 1, 1, 0], [1, 0, 0, 0]]
    whole = {**batch, "advantages": torch.tensor([0.0, 1.0, -1.0])}
    assert torch.equal(deciding(whole)["completion_mask"], batch["completion_mask"])


def test_rows_of_token_advantages_are_left_out_where_all_are_zero() -> None:
    advantages = padded([[0.0, 0.0], [0.5, -0.5, 1.0], []], like=torch.zeros(3, 4, dtype=torch.int))
    assert advantages.tolist() == [[0.0] * 4, [0.5, -0.5, 1.0, 0.0], [0.0] * 4]
    kept = alive({"advantages": advantages, "completion_ids": torch.arange(12).reshape(3, 4)})
    assert kept["completion_ids"].tolist() == [[4, 5, 6, 7]]
    assert kept["advantages"].tolist() == [[0.5, -0.5, 1.0, 0.0]]
