"""Attention to a row's own tokens and to what it shares with other rows, each by its share.

With the logarithms l of both denominators of the softmax, the own part's share is
σ(l_own - l_shared) (FlashAttention's rule for blocks, arXiv 2205.14135).
Shapes: B rows, Q query heads, L new tokens, P shared columns, K own columns, D dimensions of a
head.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from agents.groups import Groups

KERNEL = "_scaled_dot_product_flash_attention_for_cpu"
"""torch's attention on CPUs, which also returns the logarithm of the softmax's denominator.

It has no public name; a torch without it reads copies.
"""


class TwoParts(torch.autograd.Function):
    """Attention to own tokens and to a shared beginning, with gradients for both.

    Each part's gradient needs the values and the denominator of both together, and nothing else of
    the other part.
    """

    @staticmethod
    def forward(
        ctx: Any,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        first_key: Tensor,
        first_value: Tensor,
        mask: Tensor | None,
        causal: bool,
        scaling: float | None,
    ) -> Tensor:
        """Attends to both.

        Args:
            ctx: Where what the gradients need is kept.
            query: (B, Q, L, D).
            key: (B, Q, K, D).
            value: (B, Q, K, D).
            first_key: (1, Q, P, D) of the beginning.
            first_value: (1, Q, P, D).
            mask: (B, 1, L, K) to add to the scores of own tokens, or None.
            causal: Whether a query sees own tokens up to its own place alone.
            scaling: Multiplies the scores; 1 / sqrt(D) if None.

        Returns:
            (B, Q, L, D).
        """
        own, own_sum = _forward(query, key, value, 0.0, causal, attn_mask=mask, scale=scaling)
        first, first_sum = _forward(
            _as_one(query), first_key, first_value, 0.0, False, scale=scaling
        )
        first = _as_rows(first, len(query))
        first_sum = _as_rows(first_sum[..., None], len(query))[..., 0]
        both = _mixed(own, own_sum, first, first_sum)
        whole = torch.logaddexp(own_sum, first_sum)
        ctx.save_for_backward(query, key, value, first_key, first_value, mask, both, whole)
        ctx.causal, ctx.scaling = causal, scaling
        return both

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """The gradients of queries, keys and values."""
        query, key, value, first_key, first_value, mask, both, whole = ctx.saved_tensors
        to_query, to_key, to_value = _backward(
            grad, query, key, value, both, whole, 0.0, ctx.causal, attn_mask=mask, scale=ctx.scaling
        )
        one_sum = _as_one(whole[..., None])[..., 0]
        also, to_first_key, to_first_value = _backward(
            _as_one(grad),
            _as_one(query),
            first_key,
            first_value,
            _as_one(both),
            one_sum,
            0.0,
            False,
            scale=ctx.scaling,
        )
        to_query = to_query + _as_rows(also, len(query))
        return to_query, to_key, to_value, to_first_key, to_first_value, None, None, None


def in_groups(
    own: tuple[Tensor, Tensor, Tensor],
    first: tuple[Tensor, Tensor],
    mask: Tensor | None,
    causal: bool,
    scaling: float | None,
    groups: Groups,
    first_mask: Tensor,
) -> Tensor:
    """The same where each group of rows has a beginning of its own; without gradients.

    Args:
        own: Queries, (B, Q, L, D), keys and values, (B, Q, K, D).
        first: Keys and values, (G, Q, P, D), of the groups' beginnings.
        mask: (B, 1, L, K) to add to the scores of own tokens, or None.
        causal: Whether a query sees own tokens up to its own place alone.
        scaling: Multiplies the scores; 1 / sqrt(D) if None.
        groups: Which rows share a beginning.
        first_mask: (G, 1, 1, P) to add to the scores of the beginnings' tokens.

    Returns:
        (B, Q, L, D).
    """
    query, length = own[0], own[0].shape[2]
    values, sums = _forward(*own, 0.0, causal, attn_mask=mask, scale=scaling)
    first_values, first_sums = _forward(
        groups.together(query), *first, 0.0, False, attn_mask=first_mask, scale=scaling
    )
    first_sums = groups.apart(first_sums[..., None], length)[..., 0]
    return _mixed(values, sums, groups.apart(first_values, length), first_sums)


def _mixed(own: Tensor, own_sum: Tensor, first: Tensor, first_sum: Tensor) -> Tensor:
    """(B, Q, L, D) both parts, each by its share of the softmax's denominator."""
    share = torch.sigmoid(own_sum - first_sum)[..., None]
    return (own * share + first * (1 - share)).to(own.dtype)


def _forward(*args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
    """(B, Q, L, D) attended values, and (B, Q, L) logarithms of the denominators, in float32."""
    values, sums = getattr(torch.ops.aten, KERNEL)(*args, **kwargs)
    return values, sums


def _backward(*args: Any, **kwargs: Any) -> tuple[Tensor, Tensor, Tensor]:
    """The gradients of queries, keys and values."""
    query, key, value = getattr(torch.ops.aten, f"{KERNEL}_backward")(*args, **kwargs)
    return query, key, value


def _as_one(states: Tensor) -> Tensor:
    """(B, Q, L, D) as a single row, (1, Q, B L, D)."""
    return states.transpose(0, 1).reshape(1, states.shape[1], -1, states.shape[-1])


def _as_rows(states: Tensor, rows: int) -> Tensor:
    """(1, Q, B L, D) as (B, Q, L, D)."""
    return states.view(states.shape[1], rows, -1, states.shape[-1]).transpose(0, 1)
