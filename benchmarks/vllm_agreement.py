"""What was drawn elsewhere, beside what a model says of it by a plain pass."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedModel

from agents.sampling import Completion


@dataclass(frozen=True, slots=True)
class Agreement:
    """Log-probabilities that came with messages, beside those of a pass over them."""

    largest: float
    """Absolute difference, in nats."""
    mean: float
    """Absolute difference, in nats."""
    surplus: float
    """Surprise less entropy, summed over the tokens, in standard deviations: of a sampler that
    draws as it says, it is distributed like a standard normal number."""

    def __str__(self) -> str:
        """The differences."""
        return f"largest {self.largest:.1e}, mean {self.mean:.1e}"


@torch.inference_mode()
def scored(model: PreTrainedModel, prompt: Sequence[int], ids: Sequence[int]) -> Tensor:
    """(C, V) log-probabilities of all tokens, at temperature 1, where a message's stand."""
    read = torch.tensor([[*prompt, *ids]])
    logits = model(input_ids=read, logits_to_keep=len(ids) + 1).logits[0, :-1]
    found: Tensor = logits.float().log_softmax(-1)
    return found


def agreement(model: PreTrainedModel, said: Sequence[tuple[list[int], Completion]]) -> Agreement:
    """Compares the log-probabilities of messages with those that a model gives them."""
    apart: list[Tensor] = []
    surplus = spread = 0.0
    for prompt, message in said:
        everything = scored(model, prompt, message.ids)
        own = everything.gather(1, torch.tensor(message.ids)[:, None])[:, 0]
        apart.append((own - torch.tensor(message.logprobs)).abs())
        share = everything.exp()
        entropies = -(share * everything).sum(-1)
        surplus += float((-own - entropies).sum())
        spread += float(((share * everything**2).sum(-1) - entropies**2).sum())
    found = torch.cat(apart)
    return Agreement(float(found.max()), float(found.mean()), surplus / math.sqrt(spread))


def ends_right(said: Sequence[tuple[list[int], Completion]], end: int, limit: int) -> bool:
    """Whether each message stops at its first end, and else exactly at its limit of tokens."""
    return all(
        end not in one.ids[:-1] and (len(one.ids) == limit or one.ids[-1] == end) for _, one in said
    )


def alike(ones: Sequence[Completion], others: Sequence[Completion]) -> str:
    """How many messages are the same, and how far the log-probabilities of those are apart."""
    same = [(a, b) for a, b in zip(ones, others, strict=True) if a.ids == b.ids]
    pairs = [pair for a, b in same for pair in zip(a.logprobs, b.logprobs, strict=True)]
    apart = max((abs(a - b) for a, b in pairs), default=0.0)
    return f"{len(same)} of {len(ones)} messages the same, log-probabilities to {apart:.1e}"
