"""Activations that are computed again instead of kept, by the name that transformers has for it.

It has been `activation_checkpointing` since transformers 5.20, and `gradient_checkpointing` before;
vLLM 0.32 still asks for an older one.
"""

from __future__ import annotations

from typing import Any

from transformers import TrainingArguments

NAMES = ("activation_checkpointing", "gradient_checkpointing")
"""The setting's names, today's first."""


def recomputation(on: bool) -> dict[str, Any]:
    """The setting, by the name that the installed transformers has for it."""
    known = TrainingArguments.__dataclass_fields__
    return {next(name for name in NAMES if name in known): on}


def recomputes(args: TrainingArguments) -> bool:
    """Whether training computes activations again."""
    return any(getattr(args, name, False) for name in NAMES)
