"""Log-probabilities of rows that share beginnings; the model reads each beginning once.

A group's episodes share rules, tools and the opening, in turn mode the whole history. A row by
itself costs a pass over all that; here each different beginning is read once, with gradients, and
its keys and values are handed to all rows that continue it. A beginning that all rows share is not
even copied (`agents.beginning`), and the micro-batches of a group read it once for all of them
(`train.imitation.read_once`). The numbers are those of separate rows, up to rounding. Shapes: B
rows, U different beginnings of W tokens, C tokens to score.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.cache_utils import Cache

from agents.beginning import attending, can_share, recording
from agents.chunks import all_begin_with
from train.imitation.read_once import WORTH, OnceRead


def shared_beginnings(ids: Tensor, mask: Tensor, kept: int) -> tuple[Tensor, Tensor, Tensor] | None:
    """The shared beginnings of rows, before the last token of their prompts.

    Args:
        ids: (B, L) prompts, padded on the left, and `kept` tokens of completions.
        mask: (B, L) 1 where a token counts.
        kept: C.

    Returns:
        (U, W) tokens and (U, W) masks of the different beginnings, and (B,) which of them each
        row has; None if no two rows have the same.
    """
    width = ids.shape[1] - kept - 1
    if width < 1:
        return None
    both = torch.cat([ids[:, :width], mask[:, :width].to(ids.dtype)], dim=1)
    distinct, places = both.unique(dim=0, return_inverse=True)
    if len(distinct) == len(ids):
        return None
    return distinct[:, :width], distinct[:, width:].to(mask.dtype), places


def only_beginning(ids: Tensor, mask: Tensor, kept: int) -> Tensor | None:
    """(W,) what all rows begin with, before the last token of their prompt; None if they differ.

    Args:
        ids: (B, L) as in `shared_beginnings`.
        mask: (B, L).
        kept: C.
    """
    width = ids.shape[1] - kept - 1
    first = ids[:, :width]
    same = width > 0 and bool(mask[:, :width].all()) and bool((first == first[:1]).all())
    return first[0] if same else None


def shared_by_all(batches: Sequence[Mapping[str, Any]]) -> int:
    """How many tokens all prompts of a step begin with; 0 where sharing saves nothing.

    Args:
        batches: TRL's micro-batches, with prompts padded on the left.
    """
    prompts = {
        tuple(ids[mask.bool()].tolist())
        for batch in batches
        for ids, mask in zip(batch["prompt_ids"], batch["prompt_mask"], strict=True)
    }
    found = all_begin_with([*prompts], len(prompts))
    return found if found >= WORTH else 0


def score(
    model: PreTrainedModel,
    ids: Tensor,
    mask: Tensor,
    shared: tuple[Tensor, Tensor, Tensor],
    said: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Scores the completions of rows, given what they share.

    Args:
        model: With TRL's fused head, which returns log-probabilities instead of logits.
        ids: (B, L) as in `shared_beginnings`.
        mask: (B, L).
        shared: What `shared_beginnings` found.
        said: (B, C) True for the tokens to score; None for all.

    Returns:
        (B, C) log-probabilities in nats and (B, C) entropies in nats, with gradients; 0 where
        nothing is scored.
    """
    first, first_mask, _ = shared
    width = first.shape[1]
    goes_on = _attended if len(first) == 1 and first_mask.all() and can_share(model) else _copied
    with goes_on(model, shared, mask[:, width:]) as how:
        return _scored(model, ids[:, width:], mask[:, width:], said, how)


def score_after(
    once: OnceRead, model: PreTrainedModel, ids: Tensor, mask: Tensor, said: Tensor
) -> tuple[Tensor, Tensor]:
    """`score` for rows that go on after a beginning that was read for other rows, too.

    Called, and followed by the backward pass, within `once.attended()`: where activations are
    computed anew, the backward pass attends once more. Their gradients reach the beginning when it
    passes them on.

    Args:
        once: What `only_beginning` found, as it was read.
        model: As in `score`.
        ids: (B, L).
        mask: (B, L).
        said: (B, C).
    """
    width = len(once.ids)
    rest_mask = mask[:, width:]
    return _scored(model, ids[:, width:], rest_mask, said, _places(rest_mask, width))


def _scored(
    model: PreTrainedModel,
    rest: Tensor,
    rest_mask: Tensor,
    said: Tensor | None,
    how: dict[str, Any],
) -> tuple[Tensor, Tensor]:
    """Log-probabilities and entropies of all but the first token of what is each row's own."""
    labels = rest.masked_fill(rest_mask == 0, -100)
    labels[:, 0] = -100  # the prompt's last token
    if said is not None:
        labels[:, 1:].masked_fill_(~said, -100)
    output: Any = model(input_ids=rest, labels=labels, fused_lm_head=True, **how)
    return output.log_probs, output.entropy


def _places(rest_mask: Tensor, width: int) -> dict[str, Any]:
    """The positions of tokens after a beginning. Padding follows a row's tokens."""
    places = torch.arange(rest_mask.shape[1], device=rest_mask.device) + width
    return {"position_ids": places.expand(len(rest_mask), -1)}


@contextmanager
def _attended(
    model: PreTrainedModel, shared: tuple[Tensor, Tensor, Tensor], rest_mask: Tensor
) -> Iterator[dict[str, Any]]:
    """Reads the only beginning; all rows attend to it."""
    first = shared[0]
    with recording(model) as read:
        model(input_ids=first, use_cache=False, logits_to_keep=1)
    with attending(model, read):
        yield _places(rest_mask, first.shape[1])


@contextmanager
def _copied(
    model: PreTrainedModel, shared: tuple[Tensor, Tensor, Tensor], rest_mask: Tensor
) -> Iterator[dict[str, Any]]:
    """Reads the beginnings; each row gets a copy of its own's keys and values."""
    first, first_mask, places = shared
    read = model(input_ids=first, attention_mask=first_mask, use_cache=True, logits_to_keep=1)
    yield {
        "attention_mask": torch.cat([first_mask[places], rest_mask], dim=1),
        "past_key_values": _handed_on(read.past_key_values, places),
    }


def _handed_on(cache: Cache, places: Tensor) -> Cache:
    """Each row's beginning: gradients of all rows flow back into it."""
    for layer in cache.layers:
        layer.keys, layer.values = layer.keys[places], layer.values[places]
    return cache


def by_group(batches: list[dict[str, Any]], group: str) -> list[dict[str, Any]]:
    """A generation's micro-batches, of the same sizes, with the rows of a group next to each other.

    Within a group rows of like length stand together, which saves padding.

    Args:
        batches: TRL's micro-batches, in which rows are shuffled.
        group: The column that numbers the groups.

    Returns:
        New micro-batches with the same rows.
    """
    lengths = torch.cat([batch["completion_mask"].sum(1) for batch in batches])
    groups = torch.cat([batch[group] for batch in batches])
    order = lengths.argsort(stable=True)
    order = order[groups[order].argsort(stable=True)]
    sizes = [len(batch[group]) for batch in batches]
    parts = order.split(sizes)
    columns: dict[str, Any] = {}
    for key, value in batches[0].items():
        if isinstance(value, Tensor) and value.dim():
            columns[key] = torch.cat([batch[key] for batch in batches])
    return [
        {key: columns[key][part] if key in columns else value for key, value in batch.items()}
        for batch, part in zip(batches, parts, strict=True)
    ]
