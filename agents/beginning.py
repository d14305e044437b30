"""Attention to what rows of a batch begin with, read and kept once.

Rules and tools are the same for all tasks of the order desk, more than half of a dialogue, and the
episodes of a group begin with the same dialogue. If every row had its own copy of their keys and
values, drawing a token would mostly move these copies through memory. Here one copy serves all
rows, or all rows of a group: attention is computed in two parts, to the shared beginning and to a
row's own tokens (`agents.two_parts`).
Shapes: B rows in G groups (one, unless said otherwise), Q query heads, H heads of keys and values,
L new tokens, P shared columns, K own columns, D dimensions of a head.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from transformers import (
    AttentionInterface,
    AttentionMaskInterface,
    PreTrainedConfig,
    PreTrainedModel,
)
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from agents.groups import Groups
from agents.two_parts import KERNEL, TwoParts, in_groups

NAME, RECORDED, BOTH = "shared_beginning", "recorded_beginning", "beginning_after_beginning"
"""Our attention, as a model's configuration calls it: what attends to a beginning, what notes the
keys and values of one, and what does both."""
PLAIN = frozenset({"llama", "qwen2", "qwen3", "smollm3", "mistral"})
"""Kinds of models that attend by a plain softmax; others (sinks, soft caps) read copies."""
BY_LENGTH = frozenset({"dynamic", "longrope"})
"""Rotary angles that depend on how long a row is, so that no two rows read a beginning alike."""
FULL = "full_attention"
"""What the library calls a layer that attends to everything before."""


class Beginning(NamedTuple):
    """One layer's keys and values of what rows begin with."""

    keys: Tensor
    """(G, H, P, D)."""
    values: Tensor
    """(G, H, P, D)."""


_read: Mapping[int, Beginning] = {}
"""Layer -> what the forward pass that runs now attends to besides its own tokens.

A process runs one pass at a time."""
_groups: Groups | None = None
"""Which of its rows share a beginning; None where all do."""
_noted: dict[int, Beginning] | None = None
"""Layer -> what the forward pass that runs now notes; None for nothing."""


def can_share(model: PreTrainedModel) -> bool:
    """Whether a model can attend to a beginning that its rows share; wrapped ones cannot."""
    config = getattr(model, "config", None)
    if config is None:  # of several processes, each passes on gradients when a pass is over
        return False
    return (
        model.device.type == "cpu"
        and hasattr(torch.ops.aten, KERNEL)
        and config.model_type in PLAIN
        and config._attn_implementation == "sdpa"
        and sees_everything(config)
        and _rope_of(config) not in BY_LENGTH
        and not getattr(config, "attention_dropout", 0.0)  # the kernel has none
    )


def sees_everything(config: PreTrainedConfig) -> bool:
    """Whether all layers attend to everything before, however long ago it was said."""
    if any(kind != FULL for kind in getattr(config, "layer_types", None) or ()):
        return False
    window = getattr(config, "sliding_window", None)
    if not window or not getattr(config, "use_sliding_window", True):
        return True
    return bool(window >= config.max_position_embeddings)


def _rope_of(config: PreTrainedConfig) -> str:
    """How positions become angles."""
    told = getattr(config, "rope_parameters", None) or getattr(config, "rope_scaling", None) or {}
    return str(told.get("rope_type", "default"))


@contextmanager
def attending(
    model: PreTrainedModel, beginnings: Mapping[int, Beginning], groups: Groups | None = None
) -> Iterator[None]:
    """While it lasts, every layer also attends to its beginning.

    Args:
        model: One that `can_share`.
        beginnings: Layer -> its beginning; empty for none.
        groups: Which rows share a beginning, without gradients; all share the only one if None.
    """
    global _read, _groups
    if not beginnings:
        yield
        return
    before, (_read, _groups) = (_read, _groups), (beginnings, groups)
    try:
        with _using(model, NAME):
            yield
    finally:
        _read, _groups = before


@contextmanager
def recording(
    model: PreTrainedModel, after: Mapping[int, Beginning] | None = None, *, again: bool = False
) -> Iterator[Mapping[int, Beginning]]:
    """While it lasts, the keys and values of every layer's first pass are noted, with gradients.

    Args:
        model: One that `can_share`.
        after: Layer -> a beginning that what is read goes on after; None for none.
        again: Whether layers are only computed anew, in a backward pass. Then nothing is noted:
            what was would keep a layer's activations until the last one is done.

    Yields:
        Layer -> what it read.
    """
    global _noted
    found: dict[int, Beginning] = {}
    before, _noted = _noted, None if again else found
    try:
        with attending(model, after or {}), _using(model, BOTH if after else RECORDED):
            yield found
    finally:
        _noted = before


@contextmanager
def _using(model: PreTrainedModel, attention: str) -> Iterator[None]:
    """Lets a model attend in another way."""
    config = model.config
    before, config._attn_implementation = config._attn_implementation, attention
    try:
        yield
    finally:
        config._attn_implementation = before


def record(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, *args: Any, **kwargs: Any
) -> tuple[Tensor, None]:
    """The library's attention, which notes keys and values."""
    _note(module, key, value)
    return sdpa_attention_forward(module, query, key, value, *args, **kwargs)  # type: ignore[no-any-return]


def record_after(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, *args: Any, **kwargs: Any
) -> tuple[Tensor, None]:
    """`attend`, which notes the own keys and values."""
    _note(module, key, value)
    return attend(module, query, key, value, *args, **kwargs)


def _note(module: nn.Module, key: Tensor, value: Tensor) -> None:
    # Where activations are computed anew, a layer comes twice; the first time is the one in use.
    if _noted is not None:
        _noted.setdefault(module.layer_idx, Beginning(key, value))  # type: ignore[arg-type]


def attend(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """Attention in the form in which transformers calls it.

    Args:
        module: The layer's attention, which knows its number.
        query: (B, Q, L, D).
        key: (B, H, K, D) of the row's own tokens.
        value: (B, H, K, D).
        attention_mask: (B, 1, L, K) True where a query sees an own token; None for all before it.
        scaling: Multiplies the scores.
        **kwargs: The library's other options, which concern training.

    Returns:
        (B, L, Q, D), and None for the weights.
    """
    beginning = _read[module.layer_idx]  # type: ignore[index]
    rows, _, length, size = query.shape
    heads = key.shape[1]
    key, query = key.to(value.dtype), query.to(value.dtype)
    if length == 1:  # the queries of one head of keys together: nothing is repeated
        query = query.reshape(rows, heads, -1, size)
    else:
        key, value = (_repeated(one, query.shape[1]) for one in (key, value))
    first = Beginning(*(_repeated(one.to(value.dtype), query.shape[1]) for one in beginning))
    mask = None if attention_mask is None else _additive(attention_mask, key.dtype)
    causal = attention_mask is None and length > 1
    own, how = (query, key, value), (mask, causal, scaling)
    both: Tensor
    if _groups is None:
        both = TwoParts.apply(*own, *first, *how)  # type: ignore[no-untyped-call]
    else:
        first_mask = _additive(_groups.seen[:, None, None], key.dtype)
        both = in_groups(own, first, *how, _groups, first_mask)
    return both.reshape(rows, -1, length, size).transpose(1, 2).contiguous(), None


def _repeated(states: Tensor, heads: int) -> Tensor:
    """(B, H, K, D) as (B, Q, K, D)."""
    times = heads // states.shape[1]
    return states if times == 1 else states.repeat_interleave(times, dim=1)


def _additive(mask: Tensor, dtype: torch.dtype) -> Tensor:
    """A mask to add to scores.

    The least number and not -inf: a query of padding sees no own token, and its part then counts
    nothing instead of being no number.
    """
    least = torch.finfo(dtype).min
    return torch.zeros(mask.shape, dtype=dtype).masked_fill_(~mask, least)


for _name, _attention in ((NAME, attend), (RECORDED, record), (BOTH, record_after)):
    AttentionInterface.register(_name, _attention)
    AttentionMaskInterface.register(_name, sdpa_mask)
