"""How far a step moved the policy, on numbers that can be checked by hand."""

import math

import pytest
import torch

from train.rl.update_kl import UpdateKL

MASK = torch.tensor([[1, 1, 0], [1, 1, 1]])
TOOL = torch.tensor([[1, 0, 1], [1, 1, 0]])  # sampled: (0, 0), (1, 0), (1, 1)


def batch(rows: int = 2) -> dict[str, torch.Tensor]:
    drawn = torch.full((rows, 3), -1.0)
    return {
        "completion_mask": MASK[:rows],
        "tool_mask": TOOL[:rows],
        "sampling_per_token_logps": drawn,
    }


def test_a_step_is_measured_on_the_sampled_tokens_alone() -> None:
    update_kl = UpdateKL(0.2, 0.28)
    before = torch.tensor([[-1.0, 9.0, 9.0], [-1.0, -1.3, 9.0]])
    after = torch.tensor([[-1.0, 0.0, 0.0], [-0.5, -1.3, 0.0]])
    update_kl.see(batch(), before)
    found = update_kl.measure(lambda seen: after)
    assert found["step/kl"] == pytest.approx((math.exp(0.5) - 1.5) / 3)
    assert found["step/ratio"] == pytest.approx((math.exp(0.5) - 1) / 3)
    assert found["step/clipped"] == pytest.approx(1 / 3)
    assert found["ratio/drift"] == pytest.approx(0.1)
    found = update_kl.measure(lambda seen: after)
    assert set(found.values()) == {0.0}, (
        "each step is measured once; one that saw nothing moved nothing"
    )


def test_the_largest_micro_batch_is_kept() -> None:
    update_kl = UpdateKL(0.2, 0.28)
    for rows in (1, 2, 1):
        update_kl.see(batch(rows), torch.zeros(rows, 3))
    sizes: list[int] = []

    def again(seen: object) -> torch.Tensor:
        assert isinstance(seen, dict)
        sizes.append(len(seen["completion_mask"]))
        return torch.zeros(2, 3)

    assert update_kl.measure(again)["step/kl"] == 0
    assert sizes == [2]


def test_a_batch_without_a_sampled_token_measures_nothing() -> None:
    update_kl = UpdateKL(0.2, 0.28)
    empty = {"completion_mask": torch.zeros(1, 2)}
    update_kl.see(empty, torch.zeros(1, 2))
    assert update_kl.measure(lambda seen: torch.zeros(1, 2)) == {}


def test_one_impossible_token_leaves_the_mean_finite() -> None:
    update_kl = UpdateKL(0.2, 0.28)
    update_kl.see({"completion_mask": torch.ones(1, 1)}, torch.tensor([[-1000.0]]))
    assert math.isfinite(update_kl.measure(lambda seen: torch.zeros(1, 1))["step/kl"])
