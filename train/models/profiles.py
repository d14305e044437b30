"""The sizes in which everything runs: the code path is the same, only these numbers differ.

The tiny profiles' numbers are chosen by hand, to train in minutes on two cores; `docs/results.md`
tells what was compared. No run of full length stands behind those of `qwen3-…`: that needs the hub.
Their rates lie around 5e-5, which Pre-Act (arXiv 2505.09970) takes for dialogues of this kind.
8,192 tokens are said to hold 97 % of APIGen-MT-5k's. Batch, rank and passes are chosen by hand.
Those of `smollm2-135m` are chosen for two cores, where its weights are trained whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class TinyModel:
    """A Qwen3 with random weights, small enough for two CPU cores."""

    layers: int = 3
    """Transformer blocks."""
    hidden: int = 128
    """Width."""
    heads: int = 4
    """Query heads of 32 dimensions; half as many keys and values."""
    vocabulary: int = 1_500
    """Tokens of our own tokenizer."""
    general: bool = False
    """Whether the tokenizer also serves domains other than the training data's."""
    copies: bool = False
    """Whether attention begins with copying (`train.models.induction`)."""
    initial_std: float = 0.08
    """Spread of the random weights; with Qwen3's own .02 this size learns to copy too late."""
    context: int = 16_384
    """Positions at most; room for the longest dialogues, and rotary positions cost nothing."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a run is like."""

    name: str
    """As `--profile` takes it."""
    base: TinyModel | str
    """Our tiny model, or a model's name on the Hugging Face hub (`train.models.sources`)."""
    lora_rank: int | None
    """Rank of the LoRA adapters, or None to train all weights."""
    max_length: int
    """Tokens of a training dialogue at most; longer ones are cut, and counted."""
    max_new_tokens: int
    """Tokens of one sampled message at most."""
    max_thought_tokens: int
    """Further tokens where the policy thinks."""
    sft_lr: float
    """Peak learning rate of SFT."""
    sft_batch: int
    """Dialogues an optimiser step."""
    micro_batch: int
    """Dialogues of one forward and backward pass."""
    played: int
    """Episodes that share one key-value cache while they are played; the cache takes the memory."""
    sft_tasks: int
    """Training dialogues at most."""
    sft_epochs: float
    """Passes over them."""
    cold_lr: float
    """Peak learning rate of a cold start."""
    cold_epochs: float
    """Passes over its few samples."""


SMOLLM2 = "HuggingFaceTB/SmolLM2-135M-Instruct"
"""A pretrained model for two CPU cores, which an installed package may carry."""
TINY = "reasonact-tiny"
"""The weights that come with this project (`train.models.sources.SHIPPED`); `train.base` made
them."""

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
    played=256,
    sft_tasks=12_000,
    sft_epochs=1.0,
    cold_lr=1e-3,
    cold_epochs=10.0,
)

DEMO_TINY = replace(
    DEMO, name="demo-tiny", base=TINY, sft_tasks=4_000, cold_lr=2e-3, cold_epochs=25.0
)
"""The demo from weights that have learned already, as with a pretrained model.

Rate and passes of its cold start are the best of three settings (`docs/results.md`: 10.3, 17.3 and
25.3 % of 300 held-out tasks).
"""

DEMO_COPIES = replace(DEMO, name="demo-copies", base=TinyModel(copies=True))
"""The demo with attention that copies from the start, for tasks in which much is to be copied."""

DEMO_BASE = replace(
    DEMO,
    name="demo-base",
    base=TinyModel(vocabulary=2_500, general=True, copies=True),
    max_length=1_024,
    sft_lr=1e-3,
    sft_tasks=17_000,
)
"""How the base is trained from which `demo-tiny` starts; see `train.base`.

Its learning rate is half the demo's, so that training sharpens the copying with which attention
begins instead of undoing it.
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a Qwen3 model, as its configuration on the hub gives them."""

    layers: int
    """Transformer blocks."""
    hidden: int
    """Width."""
    inner: int
    """Width inside the MLP."""
    heads: int
    """Query heads."""
    tied: bool
    """Whether the head shares the embeddings' weights."""
    key_heads: int = 8
    """Heads of keys and values."""
    head_dim: int = 128
    """Dimensions of a head."""
    vocabulary: int = 151_936
    """Rows of the embeddings."""

    @property
    def queries(self) -> int:
        """Width of all query heads."""
        return self.heads * self.head_dim

    @property
    def keys(self) -> int:
        """Width of all key heads, and of all value heads."""
        return self.key_heads * self.head_dim


SHAPES = {
    "qwen3-0.6b": Shape(layers=28, hidden=1_024, inner=3_072, heads=16, tied=True),
    "qwen3-1.7b": Shape(layers=28, hidden=2_048, inner=6_144, heads=16, tied=True),
    "qwen3-4b": Shape(layers=36, hidden=2_560, inner=9_728, heads=32, tied=True),
    "qwen3-8b": Shape(layers=36, hidden=4_096, inner=12_288, heads=32, tied=False),
    "qwen3-14b": Shape(layers=40, hidden=5_120, inner=17_408, heads=40, tied=False),
    "qwen3-32b": Shape(layers=64, hidden=5_120, inner=25_600, heads=64, tied=False),
}
"""Profile name -> shape; for calculations and for benchmarks with random weights."""


def _qwen3(size: str, lora_rank: int, sft_lr: float) -> Profile:
    """A model of the Qwen3 family; larger models take smaller learning rates."""
    return Profile(
        name=f"qwen3-{size.lower()}",
        base=f"Qwen/Qwen3-{size}",
        lora_rank=lora_rank,
        max_length=8_192,
        max_new_tokens=1_024,
        max_thought_tokens=1_024,
        sft_lr=sft_lr,
        sft_batch=16,
        micro_batch=1,
        played=8,
        sft_tasks=100_000,
        sft_epochs=1.0,
        cold_lr=sft_lr / 4,  # chosen by hand: the samples are few, and seen several times
        cold_epochs=4.0,
    )


SMOLLM2_135M = Profile(
    name="smollm2-135m",
    base=SMOLLM2,
    lora_rank=None,
    max_length=8_192,
    max_new_tokens=128,
    max_thought_tokens=128,
    sft_lr=2e-4,
    sft_batch=4,
    micro_batch=2,
    played=64,
    sft_tasks=200,
    sft_epochs=1.0,
    cold_lr=1e-4,
    cold_epochs=3.0,
)
"""A real model that trains on two cores: few dialogues, since it can read already."""

QWEN3_1_7B = _qwen3("1.7B", 16, 5e-5)

PROFILES = {
    profile.name: profile
    for profile in (
        DEMO,
        DEMO_BASE,
        DEMO_COPIES,
        DEMO_TINY,
        SMOLLM2_135M,
        _qwen3("0.6B", 16, 1e-4),
        QWEN3_1_7B,
        _qwen3("4B", 32, 5e-5),
        _qwen3("8B", 32, 5e-5),
        _qwen3("14B", 32, 2e-5),
        _qwen3("32B", 32, 2e-5),
    )
}
"""Name -> profile."""
