"""The two sizes in which everything runs: the code path is the same, only these numbers differ."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class TinyModel:
    """A Qwen3 small enough for two CPU cores, made from random weights."""

    layers: int = 3
    """Transformer blocks."""
    hidden: int = 128
    """Width."""
    heads: int = 4
    """Query heads of 32 dimensions; half as many keys and values."""
    vocabulary: int = 1_500
    """Tokens of our own tokenizer."""
    general: bool = False
    """Whether the tokenizer is for other domains than the training data's, too."""
    initial_std: float = 0.08
    """Of the random weights; Qwen3's own .02 learns to copy too late at this size."""
    context: int = 16_384
    """Positions at most."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a run is like."""

    name: str
    """As `--profile` takes it."""
    base: TinyModel | str
    """Our tiny model, or a model's name on the Hugging Face hub."""
    lora_rank: int | None
    """Rank of the LoRA adapters, or None to train all weights."""
    max_length: int
    """Tokens of a training dialogue at most; longer ones are cut, and counted."""
    max_new_tokens: int
    """Tokens of one sampled message at most."""
    max_thought_tokens: int
    """So many more where the policy thinks."""
    sft_lr: float
    """Peak learning rate of SFT."""
    sft_batch: int
    """Dialogues an optimiser step."""
    micro_batch: int
    """Dialogues of one forward and backward pass."""
    sft_tasks: int
    """Training dialogues at most."""
    sft_epochs: float
    """Passes over them."""


DEMO = Profile(
    name="demo",
    base=TinyModel(),
    lora_rank=None,
    max_length=4_096,
    max_new_tokens=64,
    max_thought_tokens=96,
    sft_lr=2e-3,
    sft_batch=4,
    micro_batch=4,
    sft_tasks=12_000,
    sft_epochs=1.0,
)

DEMO_BASE = replace(
    DEMO,
    name="demo-base",
    base=TinyModel(vocabulary=2_500, general=True),
    max_length=1_024,
    sft_tasks=12_000,
)
"""How the base is trained from which the demo may start; see `train.base`."""

QWEN3_1_7B = Profile(
    name="qwen3-1.7b",
    base="Qwen/Qwen3-1.7B",
    lora_rank=16,
    max_length=8_192,
    max_new_tokens=1_024,
    max_thought_tokens=1_024,
    sft_lr=5e-5,
    sft_batch=16,
    micro_batch=1,
    sft_tasks=100_000,
    sft_epochs=1.0,
)

PROFILES = {profile.name: profile for profile in (DEMO, DEMO_BASE, QWEN3_1_7B)}
"""Name -> profile."""
