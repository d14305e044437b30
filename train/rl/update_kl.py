"""The update KL: how far one optimiser step moves the policy, on some of its training rows.

The gradient's norm does not tell, since Adam divides it out. The clipped ratio does not tell if a
generation is used once, since it is 1 then. So the policy scores one micro-batch again after the
step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import torch

Batch: TypeAlias = Mapping[str, torch.Tensor]
"""`prompt_ids`, `prompt_mask` (B, P); `completion_ids`, `completion_mask` and what runs along
them (B, C)."""
LARGEST = 20.0
"""The largest log-ratio that counts, so that one token cannot make a mean infinite."""


class UpdateKL:
    """Keeps a step's largest micro-batch, and compares it before and after."""

    def __init__(self, epsilon_low: float, epsilon_high: float) -> None:
        """Keeps the clip range, `1 - epsilon_low` to `1 + epsilon_high`."""
        self._low, self._high = 1 - epsilon_low, 1 + epsilon_high
        self._kept: tuple[Batch, torch.Tensor] | None = None

    def see(self, batch: Batch, logprobs: torch.Tensor) -> None:
        """Takes in a micro-batch before the step.

        Args:
            batch: The micro-batch's rows.
            logprobs: (B, C) under the policy before the step.
        """
        if self._kept is None or sampled(batch).sum() > sampled(self._kept[0]).sum():
            self._kept = batch, logprobs.detach().float()

    def measure(self, again: Callable[[Batch], torch.Tensor]) -> dict[str, float]:
        """Compares the kept micro-batch, and forgets it.

        Args:
            again: (B, C) log-probabilities of a micro-batch under the policy after the step.

        Returns:
            Means over the sampled tokens: `step/kl` in nats, `step/ratio` = how far the ratio of
            new to old probability is from 1, `step/clipped` = the share outside the clip range,
            and `ratio/drift` = how far, before the step, the log-probability was from the one with
            which the token was sampled. A step that saw nothing has moved nothing.
        """
        if self._kept is None:
            return dict.fromkeys(("step/kl", "step/ratio", "step/clipped"), 0.0)
        (batch, before), self._kept = self._kept, None
        mask = sampled(batch)
        if not mask.any():
            return {}
        moved = (again(batch).float() - before)[mask].clamp(-LARGEST, LARGEST)
        ratio = moved.exp()
        found = {
            "step/kl": (ratio - 1 - moved).mean(),
            "step/ratio": (ratio - 1).abs().mean(),
            "step/clipped": ((ratio < self._low) | (ratio > self._high)).float().mean(),
        }
        if (drawn := batch.get("sampling_per_token_logps")) is not None:
            found["ratio/drift"] = (before - drawn)[mask].abs().mean()
        return {name: float(value) for name, value in found.items()}


def sampled(batch: Batch) -> torch.Tensor:
    """(B, C) True for the tokens that the policy sampled."""
    mask = batch["completion_mask"]
    return (mask * batch["tool_mask"] if "tool_mask" in batch else mask).bool()
