"""Attention to a row's own tokens and to what all rows begin with, each by its share.

With the logarithms l of both denominators of the softmax, the own part's share is
σ(l_own - l_shared) (FlashAttention's rule for blocks, arXiv 2205.14135).
Shapes: B rows, Q query heads, L new tokens, P shared columns, K own columns, D dimensions of a
head.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

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
        share = torch.sigmoid(own_sum - first_sum)[..., None]
        both = (own * share + first * (1 - share)).to(query.dtype)
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
