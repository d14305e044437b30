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

LONG = 2_048
"""Tokens of a row from which on a GPU, or one of several processes, takes rows one by one and
computes activations anew. Chosen by hand."""
KEPT = 3_100_000_000
"""Bytes of activations of one pass that a CPU keeps. Rows that need more are taken one by one and
computed anew in the backward pass, a third more to compute. Chosen by hand, so that SmolLM2 is
trained in less than 8 GB."""
BYTES = 175
"""Bytes of activations a token, for each layer and unit of the hidden state: SmolLM2's 30 layers of
576 take 3 MB a token, so a row of 7,000 would take 20 GB, and `KEPT` is 1,025 of its tokens."""
NAMES = ("activation_checkpointing", "gradient_checkpointing")
"""The setting's names, today's first."""


def recomputation(on: bool) -> dict[str, Any]:
    """The setting, by the name that the installed transformers has for it."""
    known = TrainingArguments.__dataclass_fields__
    return {next(name for name in NAMES if name in known): on}


def recomputes(args: TrainingArguments) -> bool:
    """Whether training computes activations again."""
    return any(getattr(args, name, False) for name in NAMES)


def room(model: PreTrainedModel) -> int:
    """How many tokens' activations are kept at a time."""
    layers, hidden = int(model.config.num_hidden_layers), int(model.config.hidden_size)
    return max(1, KEPT // (BYTES * layers * hidden))


@contextmanager
def anew_if_long(model: PreTrainedModel, tokens: int) -> Iterator[None]:
    """While it lasts, forward passes keep no activations where these would not have `room`.

    Args:
        model: Any; one that computes them anew anyway goes on so.
        tokens: How many tokens the pass has.
    """
    if tokens < room(model) or model.is_gradient_checkpointing:
        yield
        return
    warnings.filterwarnings("ignore", "`gradient_checkpointing_(en|dis)able`", FutureWarning)
    model.gradient_checkpointing_enable()
    try:
        yield
    finally:
        model.gradient_checkpointing_disable()
