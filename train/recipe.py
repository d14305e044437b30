"""How GRPO optimises: the few numbers that are ours to choose."""

from __future__ import annotations

from dataclasses import dataclass

from train.credit import BRANCH, EPISODE

SUM, GDPO = "sum", "gdpo"
"""How components become one advantage: of their weighted sum, or each normalised first."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How GRPO optimises; TRL's other settings stay at their defaults."""

    steps: int = 40
    """Generations; each plays `prompts` x `group` episodes."""
    prompts: int = 16
    """P, different tasks a generation."""
    group: int = 8
    """G, episodes of each."""
    updates: int = 1
    """Optimiser steps a generation; from the second on the ratio is clipped."""
    micro_batch: int = 8
    """Rows of one forward and backward pass."""
    lr: float = 3e-4
    """Peak learning rate; after a short warm-up it falls to 0, and with it what noise did."""
    beta: float = 0.0
    """Weight of the KL to the policy that training starts from; 0 keeps no reference."""
    aggregation: str = SUM
    """`sum` or `gdpo` (arXiv 2601.05242)."""
    credit: str = EPISODE
    """`episode`: one advantage for all its tokens; `branch`: see `train.credit`."""
    loss: str = "dapo"
    """TRL's `loss_type`."""
    scale_rewards: str = "group"
    """TRL's `scale_rewards`; used with `sum` only."""
    epsilon_low: float = 0.2
    """How far the ratio may fall."""
    epsilon_high: float = 0.28
    """How far it may rise (DAPO's clip-higher, arXiv 2503.14476)."""
    temperature: float = 1.0
    """Of the sampling policy and, so that logprobs agree, of the loss."""
    max_tokens: int = 4096
    """Tokens of a row after its prompt; the rest is cut off."""
    save_every: int = 5
    """Generations between checkpoints."""
    seed: int = 0
    """Of everything random."""

    def __post_init__(self) -> None:
        """Refuses what TRL would refuse later in its own words."""
        rows, parts = self.prompts * self.group, self.updates * self.micro_batch
        if rows % parts:
            raise ValueError(
                f"expected prompts x group ({rows}) to be a multiple of updates x micro_batch "
                f"({parts}); change one of the four"
            )
        if self.aggregation not in (SUM, GDPO):
            raise ValueError(f"expected aggregation {SUM!r} or {GDPO!r}, got {self.aggregation!r}")
        if self.credit not in (EPISODE, BRANCH):
            raise ValueError(f"expected credit {EPISODE!r} or {BRANCH!r}, got {self.credit!r}")
        if self.credit == BRANCH and self.aggregation != SUM:
            raise ValueError(
                f"expected aggregation {SUM!r} with credit {BRANCH!r}, which compares returns, got "
                f"{self.aggregation!r}; choose one of the two"
            )
        if self.temperature <= 0:
            raise ValueError(
                f"expected a temperature above 0, got {self.temperature}: GRPO learns from samples"
            )

    @property
    def optimiser_steps(self) -> int:
        """How often the weights change."""
        return self.steps * self.updates


def _large(lr: float) -> Recipe:
    """For a pretrained model with adapters."""
    return Recipe(steps=200, micro_batch=1, lr=lr, beta=1e-3, save_every=10)


RECIPES = {
    "demo": Recipe(steps=50, lr=2e-4, credit=BRANCH),
    "qwen3-0.6b": _large(2e-5),
    "qwen3-1.7b": _large(1e-5),
    "qwen3-4b": _large(1e-5),
    "qwen3-8b": _large(5e-6),
    "qwen3-14b": _large(5e-6),
    "qwen3-32b": _large(5e-6),
}
"""Profile name -> recipe; learning rate and size are what differs."""
