"""What is to be expected on an H200, by calculation alone: nothing here was measured.

Operations follow the usual count (arXiv 2001.08361, section 2.1; arXiv 2204.02311, appendix B): two
a weight and token forward, two for the gradient of the input, two for that of the weight. LoRA
leaves the third out for frozen weights, so a token costs 4 N and not 6 N, and 6 for each weight of
an adapter. Attention costs 4 x width of the queries x context a token and layer forward, and twice
that backward; a causal row of T tokens sees T / 2 on average. The head counts only where there is a
label. What is read or computed a second time (recomputed activations, a prefix read once for every
row) is no needed operation, so that shares of the peak can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.gpu_quarter_hour.chip import PEAKS
from train.memory import (
    BF16,
    FP32,
    GB,
    RESERVE,
    Load,
    activation_bytes,
    cache_bytes,
    chunked_logits_bytes,
    lora_parameters,
    parameters,
    training_bytes,
)
from train.models.profiles import SHAPES, Shape
from train.scoring.report import Words

SHARE = 0.4
"""Of the peak; what a well fed GPU reaches with plain PyTorch: an assumption."""
A_LAYER = 1e-3
"""Seconds a layer for one token of eager decoding, whatever the batch: the time to launch its
kernels. An assumption, and the one on which the number of GRPO steps hangs."""
BANDWIDTH = 4.3e12
"""Bytes a second that such a chip copies; the data sheet says 4.8."""
MEMORY = 139e9
"""Bytes of its memory."""
STARTED = 120.0
"""Seconds until anything is measured: the machine's start, and the libraries' imports."""
SMOLLM2 = Shape(
    layers=30,
    hidden=576,
    inner=1_536,
    heads=9,
    tied=True,
    key_heads=3,
    head_dim=64,
    vocabulary=49_152,
)
"""SmolLM2-135M, as its configuration has it."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that share their beginning."""

    alone: int
    """Tokens that each row has for itself."""
    labelled: int
    """Tokens of a row that carry loss."""
    shared: int = 0
    """Tokens that all rows begin with, which need be read once."""
    count: int = 1
    """How many rows there are."""

    @property
    def read(self) -> int:
        """The tokens to read, what is shared once."""
        return self.shared + self.count * self.alone

    @property
    def contexts(self) -> float:
        """The sum over these tokens of those that each of them sees."""
        return self.shared**2 / 2 + self.count * self.alone * (self.shared + self.alone / 2)


def matrix_weights(shape: Shape) -> int:
    """Weights of the layers' matrices; the embeddings are looked up, and the head counts apart."""
    attention = 2 * shape.hidden * (shape.queries + shape.keys)
    return shape.layers * (attention + 3 * shape.hidden * shape.inner)


def training_flops(shape: Shape, rows: Rows, rank: int | None) -> float:
    """Needed operations of a forward and a backward pass; `rank` None where all weights learn."""
    adapters = 6 * lora_parameters(shape, rank) if rank else 0
    a_weight = 4 if rank else 6
    attention = 3 * 4 * shape.queries * shape.layers * rows.contexts
    head = a_weight * shape.vocabulary * shape.hidden * rows.labelled * rows.count
    return rows.read * (a_weight * matrix_weights(shape) + adapters) + attention + head


def reading_flops(shape: Shape, rows: Rows) -> float:
    """Operations of a forward pass, without the head."""
    attention = 4 * shape.queries * shape.layers * rows.contexts
    return rows.read * 2 * matrix_weights(shape) + attention


def kept_bytes(shape: Shape, length: int, rank: int) -> float:
    """The peak of training without recomputation: every layer keeps what one keeps."""
    load = Load(length, rank)
    one = activation_bytes(shape, load) - shape.layers * length * shape.hidden * BF16
    fixed = BF16 * parameters(shape) + 4 * FP32 * lora_parameters(shape, rank)
    return fixed + shape.layers * one + chunked_logits_bytes(shape, load) + RESERVE


def whole_bytes(shape: Shape, length: int) -> float:
    """The peak where all weights learn: weights, gradients and Adam's moments in float32."""
    load = Load(length)
    kept = activation_bytes(shape, load) + chunked_logits_bytes(shape, load)
    return 4 * FP32 * parameters(shape) + kept + RESERVE


@dataclass(frozen=True, slots=True)
class Case:
    """A column of the table."""

    name: str
    """The model and the length."""
    shape: Shape
    """Its sizes."""
    rank: int | None
    """Of the adapters; None where all weights learn."""
    shared: int
    """Tokens of the prompt, which a group shares."""
    alone: int
    """Tokens after it."""
    labelled: int
    """Of these, the policy's."""
    waited: int
    """Tokens drawn one after the other: in every turn all episodes wait for the longest message."""
    episodes: int = 64
    """Of a GRPO step."""
    group: int = 8
    """Of one prompt."""
    peak: float = PEAKS["H200"]
    """Operations a second."""

    @property
    def length(self) -> int:
        """Tokens of an episode."""
        return self.shared + self.alone

    def sft_flops(self, rows: int) -> float:
        """Operations a token of imitation, of so many rows with one prompt."""
        needed = Rows(self.alone, self.labelled, self.shared, rows)
        return training_flops(self.shape, needed, self.rank) / (rows * self.length)

    @property
    def train_seconds(self) -> float:
        """Of a GRPO step's optimisation, a group's prompt read once."""
        group = Rows(self.alone, self.labelled, self.shared, self.group)
        groups = self.episodes / self.group
        return groups * training_flops(self.shape, group, self.rank) / (SHARE * self.peak)

    @property
    def token_seconds(self) -> float:
        """Of one token for all episodes: launches, or reading the weights and the cache."""
        cached = cache_bytes(self.shape, self.episodes * self.length)
        moved = BF16 * parameters(self.shape) + cached
        return max(A_LAYER * self.shape.layers, moved / BANDWIDTH)

    @property
    def play_seconds(self) -> float:
        """Of playing a step's episodes side by side: reading them, and drawing the messages."""
        group = Rows(self.alone, self.labelled, self.shared, self.group)
        read = self.episodes / self.group * reading_flops(self.shape, group)
        return read / (SHARE * self.peak) + self.waited * self.token_seconds

    def steps(self, minutes: float) -> int:
        """GRPO steps in so many minutes, the start taken off."""
        left = max(0.0, minutes * 60 - STARTED)
        return int(left / (self.play_seconds + self.train_seconds))

    @property
    def training(self) -> float:
        """Bytes while it learns, rows of one, activations recomputed."""
        if self.rank is None:
            return whole_bytes(self.shape, self.length)
        return training_bytes(self.shape, Load(self.length, self.rank))


CASES = (
    Case("Qwen3-1.7B, 4,096", SHAPES["qwen3-1.7b"], 16, 2_048, 2_048, 512, 512),
    Case("Qwen3-1.7B, 8,192", SHAPES["qwen3-1.7b"], 16, 4_096, 4_096, 512, 512),
    Case("SmolLM2-135M, 1,046", SMOLLM2, None, 710, 336, 200, 600, 128),
)
"""Half of an episode is rules, tools and the first request, as in retail (3,469 of 7,096 tokens);
SmolLM2 at the desk, whose dialogues have 1,046 tokens with it, 710 of them the prompt; it waits for
ten messages of 60 tokens (assumed), and plays 128 episodes at a time."""


def table(minutes: float) -> Words:
    """The calculation, a column a case."""
    rows = [
        ("weights, bf16, GB", *(_gb(BF16 * parameters(one.shape)) for one in CASES)),
        ("learns", *("all" if one.rank is None else f"LoRA r {one.rank}" for one in CASES)),
        ("SFT: operations a token, G", *(f"{one.sft_flops(1) / 1e9:.2f}" for one in CASES)),
        ("SFT: tokens/s", *(_speed(one, 1) for one in CASES)),
        ("  8 rows with one prompt", *(_speed(one, 8) for one in CASES)),
        ("training, peak GB, recomputed", *(_gb(one.training) for one in CASES)),
        ("  kept instead", *(_kept(one) for one in CASES)),
        ("cache, KiB a token", *(f"{cache_bytes(one.shape, 1) / 1024:.0f}" for one in CASES)),
        (
            "cache of a step's episodes, GB",
            *(_gb(cache_bytes(one.shape, one.episodes * one.length)) for one in CASES),
        ),
        ("a drawn token, ms, all rows", *(f"{one.token_seconds * 1e3:.0f}" for one in CASES)),
        ("  by memory alone", *(f"{_moved(one) * 1e3:.1f}" for one in CASES)),
        ("GRPO: play, s", *(f"{one.play_seconds:.1f}" for one in CASES)),
        ("GRPO: train, s", *(f"{one.train_seconds:.1f}" for one in CASES)),
        (f"GRPO steps in {minutes:g} minutes", *(str(one.steps(minutes)) for one in CASES)),
    ]
    return Words(
        title="An H200 by calculation: nothing here was measured",
        heads=("", *(one.name for one in CASES)),
        rows=tuple(rows),
        caption=(
            f"at {SHARE:.0%} of the {PEAKS['H200'] / 1e12:.0f} TFLOP/s of its data sheet; "
            f"{MEMORY / GB:.0f} GB of memory; GRPO: 64 episodes (SmolLM2: 128) in groups of "
            f"8 side by side; a token takes {A_LAYER * 1e3:g} ms a layer (assumed), or as long as "
            f"weights and cache take at {BANDWIDTH / 1e12:g} TB/s; {STARTED:.0f} s to start"
        ),
    )


def _speed(case: Case, rows: int) -> str:
    return f"{SHARE * case.peak / case.sft_flops(rows):,.0f}"


def _moved(case: Case) -> float:
    cached = cache_bytes(case.shape, case.episodes * case.length)
    return (BF16 * parameters(case.shape) + cached) / BANDWIDTH


def _kept(case: Case) -> str:
    return _gb(kept_bytes(case.shape, case.length, case.rank)) if case.rank else "-"


def _gb(size: float) -> str:
    return f"{size / GB:.2f}"
