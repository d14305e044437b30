"""Activations that are computed again instead of kept, by the name that transformers has for it.

It has been `activation_checkpointing` since transformers 5.20, and `gradient_checkpointing` before;
vLLM 0.32 still asks for an older one.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from transformers import PreTrainedModel, TrainingArguments

LONG = 1_024
"""Tokens of one pass whose activations a CPU keeps.

SmolLM2's take 3 MB a token: a row of 7,000 would take 20 GB, and 2,048 tokens took more than 8 GB
leave beside weights, gradients and optimiser. Longer rows are taken one by one and computed anew in
the backward pass, a third more to compute. Chosen by hand.
"""
NAMES = ("activation_checkpointing", "gradient_checkpointing")
"""The setting's names, today's first."""


def recomputation(on: bool) -> dict[str, Any]:
    """The setting, by the name that the installed transformers has for it."""
    known = TrainingArguments.__dataclass_fields__
    return {next(name for name in NAMES if name in known): on}


def recomputes(args: TrainingArguments) -> bool:
    """Whether training computes activations again."""
    return any(getattr(args, name, False) for name in NAMES)


@contextmanager
def anew_if_long(model: PreTrainedModel, tokens: int) -> Iterator[None]:
    """While it lasts, forward passes over long rows keep no activations.

    Args:
        model: Any; one that computes them anew anyway goes on so.
        tokens: How long the rows are.
    """
    if tokens < LONG or model.is_gradient_checkpointing:
        yield
        return
    warnings.filterwarnings("ignore", "`gradient_checkpointing_(en|dis)able`", FutureWarning)
    model.gradient_checkpointing_enable()
    try:
        yield
    finally:
        model.gradient_checkpointing_disable()
