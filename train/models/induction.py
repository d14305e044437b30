"""First weights with which a tiny model copies, before it has learned anything.

Pretrained models copy: where a text begins to repeat itself, their attention finds what came after
the last time ("induction heads", arXiv 2209.11895). A tiny model on two cores learns that late and
suddenly, and guesses every order number until then. Here its first two layers copy from the start,
as mimetic initialisation (arXiv 2305.09828) starts from other habits of trained weights:

    layer 0   two heads attend to the token before, and to the one before that, and write both down
    layer 1   all heads look for a place whose two tokens before are this token and the one before
              it, and hand on what stands there

Training may keep, sharpen or undo that. All other weights begin small, not to drown it. The scales
below are chosen by hand. With them a model continues over 60 % of repeated random texts before any
training, a plain start under 5 % (`tests/train/models/test_induction.py`).
"""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

ANGLES = (1.0, 1.0, 1.0, 0.7, 0.5)
"""How much the fastest rotary pairs count when a head attends to a place nearby.

Only fast pairs turn enough within a token or two to tell neighbours apart.
"""
SLOW = 8
"""The slowest rotary pairs, this many, compare content: they hardly turn within a dialogue."""
NEARBY, ALIKE = 2.5, 3.0
"""Scales of queries and keys in layer 0 and in layer 1: how sharply they attend."""
NOTE = 0.15
"""Size of what layer 0 writes down, against an embedding of length 1."""
COPY = 0.15
"""Size of what layer 1 hands on; it has to outweigh the token itself."""
QUIET = 0.02
"""Size of all else that layers add, against random weights."""


@torch.no_grad()
def let_attention_copy(model: PreTrainedModel) -> None:
    """Changes the weights of a Qwen3 in place; torch's global generator draws what is random.

    Args:
        model: With two layers at least, two heads for each head of keys and values, and a width of
            one head for each head of keys and values, and two more: the first part holds what a
            token is, the other two the tokens before it.

    Raises:
        ValueError: if it has another shape.
    """
    config, layers = model.config, model.model.layers
    size, groups = config.head_dim, config.num_key_value_heads
    width = groups * size
    if len(layers) < 2 or config.num_attention_heads != 2 * groups:
        raise ValueError(
            f"expected at least two layers, and two heads for each head of keys and values, got "
            f"{len(layers)} layers, {config.num_attention_heads} heads and {groups} of keys and "
            "values; choose such a shape, or copies=False"
        )
    if config.hidden_size != width + 2 * size:
        raise ValueError(
            f"expected a width of {width + 2 * size}, got {config.hidden_size}; choose such a "
            "shape, or copies=False"
        )
    _embed(model.get_input_embeddings().weight, width)
    # Every layer begins as nearly nothing; layers 0 and 1 then get the weights that copy.
    for layer in layers:
        layer.self_attn.o_proj.weight.mul_(QUIET)
        layer.mlp.down_proj.weight.mul_(QUIET)
    seen = _orthonormal(width - 1, size)
    turns = config.rope_parameters["rope_theta"] ** (-torch.arange(size // 2) / (size // 2))
    _note_what_came_before(layers[0].self_attn, seen, turns)
    _hand_on_what_came_after(layers[1].self_attn, seen)


def _embed(embeddings: Tensor, width: int) -> None:
    """Tokens have length 1 in the first part of the width, which begins with a constant.

    Heads of layer 0 look for a place, whatever stands there: they go by the constant alone. The
    output shares the embeddings; what all tokens share there moves none above another.
    """
    embeddings.zero_()
    embeddings[:, 0] = 1
    embeddings[:, 1:width].normal_(std=1 / math.sqrt(width - 1))


def _note_what_came_before(attention: nn.Module, seen: Tensor, turns: Tensor) -> None:
    """Layer 0: heads 0 and 1 write the two tokens before into the second and third part."""
    queries, keys, values, output = _weights(attention)
    size, width = seen.shape[0], seen.shape[1] + 1
    place = torch.zeros(size)
    place[: len(ANGLES)] = torch.tensor(ANGLES)
    keys[:size] = 0
    keys[:size, 0] = place
    values[:size] = 0
    values[:size, 1:width] = seen
    for head, back in enumerate((1, 2)):
        mine = slice(head * size, (head + 1) * size)
        queries[mine] = 0
        # Turned back by so many tokens: rotary embedding turns queries and keys on with their
        # places, and this query then fits best the key that stands `back` tokens before it.
        queries[mine, 0] = _turned(place, -back * turns)
        output[:, mine] = 0
        output[width:, mine][mine] = NOTE * torch.eye(size)
    _sharpen(attention, NEARBY)


def _hand_on_what_came_after(attention: nn.Module, seen: Tensor) -> None:
    """Layer 1: what a token is and what came before it, against the two before another place."""
    queries, keys, values, output = _weights(attention)
    size, width = seen.shape[0], seen.shape[1] + 1
    half = size // 2
    slow = [*range(half - SLOW, half), *range(size - SLOW, size)]
    last, earlier = slow[0::2], slow[1::2]
    one, two = slice(width, width + size), slice(width + size, width + 2 * size)
    for matrix in (queries, keys, values, output):
        matrix.zero_()
    for group in range(width // size):
        mine = slice(group * size, (group + 1) * size)
        # Each group projects anew: two tokens that look alike in one group differ in another.
        this, before = _orthonormal(size, SLOW), _orthonormal(size, SLOW)
        # Layer 0 wrote its notes at the size NOTE; dividing brings them back to a token's length.
        keys[mine][last, one] = this / NOTE
        keys[mine][earlier, two] = before / NOTE
        values[mine, mine] = torch.eye(size)
        for head in (2 * group, 2 * group + 1):
            asking = slice(head * size, (head + 1) * size)
            queries[asking][last, 1:width] = this @ seen
            queries[asking][earlier, one] = before / NOTE
            output[mine, asking] = COPY * torch.eye(size)
    values[0, 0] = 0  # the constant, which all tokens share, tells nothing of the one to copy
    _sharpen(attention, ALIKE)


def _weights(attention: nn.Module) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Of queries, keys, values and output: (out, in) each."""
    parts = (attention.q_proj, attention.k_proj, attention.v_proj, attention.o_proj)
    queries, keys, values, output = (cast("nn.Linear", part).weight for part in parts)
    return queries, keys, values, output


def _sharpen(attention: nn.Module, scale: float) -> None:
    """Sets how long queries and keys are: Qwen3 normalises them, then multiplies by this."""
    for norm in (attention.q_norm, attention.k_norm):
        cast("nn.RMSNorm", norm).weight.fill_(scale)


def _orthonormal(columns: int, rows: int) -> Tensor:
    """(rows, columns), random, its rows orthonormal."""
    return nn.init.orthogonal_(torch.empty(rows, columns))


def _turned(vector: Tensor, angles: Tensor) -> Tensor:
    """Rotary pairs (i, i + half) of a head, each turned by its angle."""
    first, second = vector.chunk(2)
    cos, sin = angles.cos(), angles.sin()
    return torch.cat([first * cos - second * sin, second * cos + first * sin])
