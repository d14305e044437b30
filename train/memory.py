"""What a model takes on a GPU, by calculation.

    python -m train.memory
    python -m train.memory --profile qwen3-4b --max-length 8192 --gpu 24

Counts bytes from shapes alone. One lump, `RESERVE`, stands for what is not counted (CUDA's context,
fragmentation, kernels' workspaces). So a sum is an estimate with a margin and no measurement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from agents.console import console
from tools.command import run
from tools.command_line import read_options
from tools.option_types import one_of
from tools.ranges import require_above, require_at_least
from train.models.profiles import PROFILES, QWEN3_1_7B, SHAPES, Shape
from train.scoring.report import Words

BF16, FP32 = 2, 4
"""Bytes of a number."""
GB = 1e9
RESERVE = 1.5 * GB
"""CUDA's context, fragmentation and workspaces: an assumption."""
TOKEN_TILE, VOCABULARY_TILE = 4_096, 32_768
"""TRL 1.16 computes log-probabilities in tiles of this many tokens and vocabulary entries."""


@dataclass(frozen=True, slots=True)
class Load:
    """The size of what is trained."""

    length: int
    """Tokens of one row, prompt and all."""
    rank: int = 16
    """Rank of the LoRA adapters."""
    rows: int = 1
    """Rows of one forward and backward pass."""
    played: int = QWEN3_1_7B.played
    """Episodes that share one key-value cache while they are played."""


def parameters(shape: Shape) -> int:
    """All weights: embeddings, per layer four projections of attention, three of the MLP, norms."""
    embeddings = shape.vocabulary * shape.hidden * (1 if shape.tied else 2)
    attention = 2 * shape.hidden * (shape.queries + shape.keys) + 2 * shape.head_dim
    layer = attention + 3 * shape.hidden * shape.inner + 2 * shape.hidden
    return embeddings + shape.layers * layer + shape.hidden


def lora_parameters(shape: Shape, rank: int) -> int:
    """Adapters of rank r on every linear layer but the head: r (inputs + outputs) each."""
    attention = 2 * (shape.hidden + shape.queries) + 2 * (shape.hidden + shape.keys)
    return shape.layers * rank * (attention + 3 * (shape.hidden + shape.inner))


def adapter_bytes(shape: Shape, rank: int) -> int:
    """Weights, gradients and Adam's two moments of the adapters, all in float32."""
    return 4 * FP32 * lora_parameters(shape, rank)


def activation_bytes(shape: Shape, load: Load) -> int:
    """With checkpointing: the input of every layer, and one layer's own while it is recomputed.

    A layer keeps about: two normed inputs and their float32 copies, queries, keys, values and the
    attention's output, three inner activations and their product; each of them is also the input of
    an adapter. Attention works in blocks (SDPA or flash) and keeps nothing quadratic.
    """
    tokens = load.rows * load.length
    kept = shape.layers * tokens * shape.hidden * BF16
    attention = 2 * (shape.queries + shape.keys) * BF16
    layer = 6 * shape.hidden * BF16 + 2 * shape.hidden * FP32 + attention + 4 * shape.inner * BF16
    return kept + tokens * layer


def logits_bytes(shape: Shape, load: Load) -> int:
    """Full logits of a row in bf16, their float32 copy, and the gradient of that."""
    return load.rows * load.length * shape.vocabulary * (BF16 + 2 * FP32)


def chunked_logits_bytes(shape: Shape, load: Load) -> int:
    """The same in tiles: one tile and its gradient in float32, and the head's input's gradient."""
    tokens = load.rows * load.length
    tile = min(tokens, TOKEN_TILE) * min(shape.vocabulary, VOCABULARY_TILE)
    return 2 * FP32 * tile + tokens * shape.hidden * FP32


def cache_bytes(shape: Shape, tokens: int) -> int:
    """Keys and values of `tokens` tokens, in bf16."""
    return 2 * shape.layers * shape.keys * BF16 * tokens


def training_bytes(shape: Shape, load: Load, *, chunked: bool = True) -> float:
    """The peak while the optimiser works; the cache is freed by then."""
    logits = chunked_logits_bytes if chunked else logits_bytes
    fixed = BF16 * parameters(shape) + adapter_bytes(shape, load.rank)
    return fixed + activation_bytes(shape, load) + logits(shape, load) + RESERVE


def playing_bytes(shape: Shape, load: Load) -> float:
    """The peak while episodes are played: the cache, and one layer's copy while rows move."""
    fixed = BF16 * parameters(shape) + adapter_bytes(shape, load.rank)
    layer = cache_bytes(shape, load.played * load.length) / shape.layers
    return fixed + cache_bytes(shape, load.played * load.length) + layer + RESERVE


def summary(name: str, lengths: Sequence[int], rank: int, gpu: float, played: int) -> Words:
    """The calculation as a table, a column a length."""
    shape = SHAPES[name]
    loads = [Load(length, rank, played=played) for length in lengths]
    rows = [
        ("weights, bf16", *(_gb(BF16 * parameters(shape)) for _ in loads)),
        (f"LoRA r {rank}, gradients, Adam", *(_gb(adapter_bytes(shape, rank)) for _ in loads)),
        ("activations, checkpointed", *(_gb(activation_bytes(shape, one)) for one in loads)),
        ("log-probabilities, in tiles", *(_gb(chunked_logits_bytes(shape, one)) for one in loads)),
        ("  (from full logits instead)", *(_gb(logits_bytes(shape, one)) for one in loads)),
        ("training, peak", *(_fits(training_bytes(shape, one), gpu) for one in loads)),
        ("  (from full logits instead)", *(_fits(_plain(shape, one), gpu) for one in loads)),
        (f"cache of {played} episodes", *(_cache(shape, one) for one in loads)),
        ("playing, peak", *(_fits(playing_bytes(shape, one), gpu) for one in loads)),
    ]
    size = f"{parameters(shape):,} parameters, {lora_parameters(shape, rank):,} of adapters"
    return Words(
        title=f"{name} by calculation, GB ({size})",
        heads=("", *(f"{one.length:,} tokens" for one in loads)),
        rows=tuple(rows),
        caption=(
            f"peaks hold {RESERVE / GB:.1f} GB for what is not counted; ! = above {gpu:g} GB; "
            f"rows of one, {played} episodes at a time"
        ),
    )


def _plain(shape: Shape, load: Load) -> float:
    return training_bytes(shape, load, chunked=False)


def _cache(shape: Shape, load: Load) -> str:
    return _gb(cache_bytes(shape, load.played * load.length))


def _gb(size: float) -> str:
    return f"{size / GB:.2f}"


def _fits(size: float, gpu: float) -> str:
    return f"{_gb(size)}{' !' if size > gpu * GB else ''}"


_KNOWN = [name for name in PROFILES if name in SHAPES]


@dataclass(frozen=True, slots=True)
class MemoryOptions:
    """What is calculated."""

    profile: Annotated[str, one_of(_KNOWN)] = "qwen3-1.7b"
    """Which model is trained, and how."""
    max_length: tuple[int, ...] = (4_096, 8_192)
    """Tokens of a dialogue or an episode at most, one or more."""
    rank: int = 16
    """Rank of the LoRA adapters."""
    batch: int | None = None
    """Episodes played at a time; as many as the profile says unless given."""
    gpu: float = 24
    """The GPU's memory in GB."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "max_length", "rank", "batch")
        require_above(self, 0, "gpu")


def main(argv: Sequence[str] | None = None) -> Words:
    """Prints the calculation."""
    args = read_options(MemoryOptions, argv, prog="python -m train.memory", about=__doc__)
    played = args.batch or PROFILES[args.profile].played
    words = summary(args.profile, args.max_length, args.rank, args.gpu, played)
    console().print(words.table())
    return words


if __name__ == "__main__":
    run(main)
