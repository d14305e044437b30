"""Random weights of true shapes, random rows of true lengths, and the clock of a trainer's steps.

Nothing is learned or downloaded, and speed and memory are the same as with real ones.
"""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import cast

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from transformers import (
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Qwen3Config,
    Qwen3ForCausalLM,
    TrainerCallback,
)

from benchmarks.gpu_quarter_hour.chip import chip, device, peak_of, wait
from tasks.load import load_tasks
from train.models.profiles import QWEN3_1_7B, SHAPES, Shape
from train.models.tokenizer import train_tokenizer

KNOWN = (10, 500)
"""Random tokens are of this range, which the small tokenizer and every shape's vocabulary hold."""


@dataclass(frozen=True, slots=True)
class Size:
    """What is measured; the dry run's is small."""

    shape: Shape
    """Of the model with random weights."""
    rank: int
    """Of its adapters."""
    lengths: tuple[int, ...]
    """T, tokens of a row; half of them are the prompt."""
    rows: int
    """Rows of an SFT step."""
    group: int
    """Episodes of a GRPO step, all of one prompt."""
    micro_batch: int
    """Of these, in one forward and backward pass."""
    messages: int
    """Messages of an episode."""
    drawn: int
    """Tokens of each message."""
    steps: int
    """SFT steps that count, after one that warms up."""
    generations: int = 1
    """GRPO steps that count, after one that warms up; playing takes its time."""

    @property
    def labelled(self) -> int:
        """Tokens of a row that carry loss."""
        return self.messages * self.drawn

    def heard(self, length: int) -> int:
        """Tokens of the environment between two messages."""
        return (length - length // 2 - self.labelled) // (self.messages - 1)

    def after(self, length: int) -> int:
        """Tokens after the prompt; the last one is the policy's."""
        return self.labelled + (self.messages - 1) * self.heard(length)

    def said(self, length: int) -> list[int]:
        """1 for the policy's tokens after the prompt, 0 for the environment's."""
        message, answer = [1] * self.drawn, [0] * self.heard(length)
        return message + (answer + message) * (self.messages - 1)


FULL = Size(
    shape=SHAPES["qwen3-1.7b"],
    rank=QWEN3_1_7B.lora_rank or 16,
    lengths=(4_096, 8_192),
    rows=8,
    group=8,
    micro_batch=4,
    messages=8,
    drawn=64,
    steps=4,
)
"""Half of a row is shared and an eighth, or a sixteenth, is labelled, as in retail's dialogues."""
TINY = Size(
    shape=Shape(
        layers=2,
        hidden=32,
        inner=64,
        heads=2,
        tied=True,
        key_heads=1,
        head_dim=16,
        vocabulary=700,
    ),
    rank=4,
    lengths=(64, 96),
    rows=2,
    group=2,
    micro_batch=2,
    messages=2,
    drawn=4,
    steps=1,
)
"""For the dry run."""


class Clock(TrainerCallback):  # type: ignore[misc]  # no types where it comes from
    """Times a trainer's steps; what it saves and logs after them does not count."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        """Of every step."""
        self._started = 0.0

    def on_step_begin(self, *args: object, **kwargs: object) -> None:
        """Starts the clock."""
        wait()
        self._started = time.perf_counter()

    def on_step_end(self, *args: object, **kwargs: object) -> None:
        """Stops it."""
        wait()
        self.seconds.append(time.perf_counter() - self._started)


def random_model(shape: Shape, context: int) -> PreTrainedModel:
    """Random weights: in bf16 on a GPU, as for adapters, in float32 elsewhere."""
    dtype = torch.bfloat16 if torch.cuda.is_available() else torch.float32
    config = Qwen3Config(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_heads,
        head_dim=shape.head_dim,
        tie_word_embeddings=shape.tied,
        max_position_embeddings=context,
        dtype=dtype,
    )
    torch.manual_seed(0)
    with torch.device(device()):
        return cast("PreTrainedModel", Qwen3ForCausalLM(config).to(dtype))


def with_adapters(model: PreTrainedModel, rank: int) -> PreTrainedModel:
    """LoRA on all linear layers, as our imitation puts it there."""
    lora = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear")
    return cast("PreTrainedModel", get_peft_model(model, lora))


def random_ids(rows: int, length: int, seed: int = 0) -> list[list[int]]:
    """(rows, length) tokens."""
    found = np.random.default_rng(seed).integers(*KNOWN, (rows, length))
    return cast("list[list[int]]", found.tolist())


@cache
def small_tokenizer() -> PreTrainedTokenizerBase:
    """One that the trainers can hold; no text is encoded."""
    return train_tokenizer(load_tasks("desk:60").split("train"), 600)


def measured(seconds: float, tokens: int, flops: float, calculated: float) -> dict[str, object]:
    """A measurement in plain JSON values.

    Args:
        seconds: Of a step.
        tokens: Of a step, prompts included.
        flops: The operations that it needs.
        calculated: Bytes of memory that `train.memory` says.
    """
    peak = peak_of(chip())
    return {
        "seconds": seconds,
        "tokens": tokens,
        "tokens_per_s": tokens / seconds,
        "flops": flops,
        "share_of_peak": flops / seconds / peak if peak else None,
        "peak_gb": peak_gb(),
        "calculated_gb": calculated / 1e9,
    }


def peak_gb() -> float:
    """Memory at most: allocated on the GPU since `afresh`; without one, of the process so far."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def afresh(work: Callable[[], dict[str, object]]) -> dict[str, object]:
    """Does a piece of work with the GPU's memory as at the beginning."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    return work()
