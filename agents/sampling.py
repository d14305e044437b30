"""How a token is sampled from logits. Shapes: B rows, V vocabulary."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are sampled."""

    temperature: float = 1.0
    """Divides the logits; 0 takes the likeliest token."""
    top_p: float = 1.0
    """Keeps the likeliest tokens that together have this probability."""
    top_k: int = 0
    """Keeps this many of the likeliest tokens; 0 keeps all."""
    max_new_tokens: int = 96
    """Tokens of one message."""


@dataclass(slots=True)
class Completion:
    """The message that was sampled for one row."""

    ids: list[int]
    """The tokens; the end token is the last one, if the message reached it."""
    logprobs: list[float]
    """Each token's natural log-probability at this temperature, before top-p and top-k."""
    entropies: list[float] = field(default_factory=list)
    """The entropy of the distribution that each token was drawn from, in nats, at this temperature
    and before top-p and top-k; empty where what draws does not tell."""


def draw_tokens(
    logits: Tensor, sampling: Sampling, random: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Draws one token a row.

    Args:
        logits: (B, V).
        sampling: How to draw.
        random: The source of randomness, on the logits' device.

    Returns:
        (B,) tokens, (B,) their log-probabilities before top-p and top-k, and (B,) the entropies
        of the distributions, before these, too.
    """
    logprobs = (logits / (sampling.temperature or 1.0)).log_softmax(-1)
    probabilities = logprobs.exp()
    entropies = -(probabilities * logprobs).nansum(-1)  # nan where a token is impossible
    if sampling.temperature == 0:
        tokens = logits.argmax(-1)
    elif sampling.top_k or sampling.top_p < 1:
        tokens = _draw_one(_restricted(logprobs, sampling).exp(), random)
    else:
        tokens = _draw_one(probabilities, random)
    return tokens, logprobs.gather(1, tokens[:, None])[:, 0], entropies


def _draw_one(probabilities: Tensor, random: torch.Generator) -> Tensor:
    """Samples from each row of (B, V) with one uniform number; multinomial would take V of them."""
    cumulated = probabilities.double().cumsum(-1)
    uniform = torch.rand(
        (len(cumulated), 1), dtype=torch.double, device=cumulated.device, generator=random
    )
    places = torch.searchsorted(cumulated, uniform * cumulated[:, -1:], right=True)
    return places[:, 0]


def _restricted(logprobs: Tensor, sampling: Sampling) -> Tensor:
    """Log-probabilities; -inf for the tokens that top-k and top-p leave out."""
    if sampling.top_k:
        least = logprobs.topk(min(sampling.top_k, logprobs.shape[-1]), dim=-1).values[:, -1:]
        logprobs = logprobs.masked_fill(logprobs < least, -torch.inf)
    if sampling.top_p < 1:
        ordered, order = logprobs.sort(dim=-1, descending=True)
        before = ordered.softmax(-1).cumsum(-1) - ordered.softmax(-1)
        drop = torch.zeros_like(before, dtype=torch.bool)
        drop.scatter_(1, order, before >= sampling.top_p)
        logprobs = logprobs.masked_fill(drop, -torch.inf)
    return logprobs
