"""Micro-batches of GRPO, cut to the rows and tokens that change the policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch


def alive(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Drops the rows whose advantage is zero; one row stays if all are zero.

    Args:
        inputs: TRL's micro-batch of B rows: `advantages` (B,) or (B, C), and whatever runs along
            them.
    """
    rows = inputs["advantages"].nonzero()[:, 0].unique()
    count = len(inputs["advantages"])
    if len(rows) == count:
        return dict(inputs)
    rows = rows if len(rows) else torch.tensor([0], device=inputs["advantages"].device)
    return {
        key: value[rows] if isinstance(value, torch.Tensor) and value.dim() else value
        for key, value in inputs.items()
    }


def deciding(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Cuts each row after its last token with an advantage, but keeps at least one token.

    Later tokens are in no term of the loss, and no earlier token depends on them.

    Args:
        inputs: TRL's micro-batch of B rows; if `advantages` are (B,), all tokens of a row count.
    """
    advantages = inputs["advantages"]
    if advantages.dim() == 1:
        return dict(inputs)
    places = torch.arange(1, advantages.shape[1] + 1, device=advantages.device)
    ends = (places * (advantages != 0)).amax(dim=1, keepdim=True).clamp(min=1)
    return {**inputs, "completion_mask": inputs["completion_mask"] * (places <= ends)}


def has_advantage(advantages: torch.Tensor, said: torch.Tensor) -> bool:
    """Whether any token that counts has an advantage.

    Args:
        advantages: (B,) or (B, C).
        said: (B, C) True for the tokens that count.
    """
    each = advantages if advantages.dim() == 2 else advantages[:, None]
    return bool(((each != 0) & said).any())


def as_tensor(
    advantages: Sequence[float] | Sequence[Sequence[float]], like: torch.Tensor
) -> torch.Tensor:
    """Advantages as (B,) or, if tokens have their own, (B, C).

    Args:
        advantages: B numbers, or B rows of at most C numbers.
        like: A tensor (B, C) on the right device.
    """
    rows = [one for one in advantages if isinstance(one, Sequence)]
    if rows:
        return padded(rows, like)
    return torch.tensor(advantages, dtype=torch.float32, device=like.device)


def padded(rows: Sequence[Sequence[float]], like: torch.Tensor) -> torch.Tensor:
    """Rows of different lengths as (B, C), padded with zeros on the right.

    Args:
        rows: B rows of at most C numbers.
        like: A tensor (B, C) on the right device.
    """
    result = torch.zeros(like.shape, dtype=torch.float32)
    for filled, row in zip(result, rows, strict=True):
        filled[: len(row)] = torch.tensor(row)
    return result.to(like.device)


def trimmed(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Cuts the columns that are padding in every row of a micro-batch.

    Args:
        inputs: TRL's batch: prompts (B, P) padded on the left, completions (B, C) and what runs
            along them padded on the right.
    """
    longest_prompt = int(inputs["prompt_mask"].sum(dim=1).max())
    longest = max(1, int(inputs["completion_mask"].sum(dim=1).max()))
    width = inputs["completion_mask"].shape[1]
    result = dict(inputs)
    for key, value in inputs.items():
        if key in ("prompt_ids", "prompt_mask"):
            result[key] = value[:, -longest_prompt:]
        elif isinstance(value, torch.Tensor) and value.dim() == 2 and value.shape[1] == width:
            result[key] = value[:, :longest]
    return result
