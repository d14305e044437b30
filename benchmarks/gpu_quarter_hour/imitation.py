"""The second phase: SFT steps of Qwen3's shapes with LoRA, ours and TRL's plain path."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import fmean

import torch
from datasets import Dataset
from trl import SFTConfig, SFTTrainer

from benchmarks.gpu_quarter_hour.calculation import Rows as Needed
from benchmarks.gpu_quarter_hour.calculation import training_flops
from benchmarks.gpu_quarter_hour.rows import (
    Clock,
    Size,
    measured,
    random_ids,
    random_model,
    small_tokenizer,
    with_adapters,
)
from train.imitation.samples import Rows
from train.imitation.trainer import Pace, imitate
from train.memory import Load, training_bytes
from train.models.profiles import QWEN3_1_7B

PATHS = ("ours", "plain")
RATE = 1e-5
"""Of learning; the speed does not depend on it."""


def pieces(size: Size) -> dict[str, Callable[[], dict[str, object]]]:
    """What is measured, by name: the shorter rows first."""
    return {
        f"sft-{length}-{path}": partial(sft_step, size, length, path)
        for length in size.lengths
        for path in PATHS
    }


def sft_step(size: Size, length: int, path: str) -> dict[str, object]:
    """A step's time: rows of one length, one at a time, whose prompts are the same.

    So it is with dialogues of one domain: rules and tools are 685 of an order-desk dialogue's 1,046
    tokens and 3,469 of retail's 7,096.
    """
    said, after = size.said(length), size.after(length)
    (prompt,) = random_ids(1, length - after)
    ids = [prompt + rest for rest in random_ids(size.rows, after, seed=1)]
    lesson = Rows(ids, [[0] * len(prompt) + said] * size.rows, 0, 0, 0)
    clock, train = Clock(), _ours if path == "ours" else _plain
    with tempfile.TemporaryDirectory() as out:
        train(size, length, lesson, clock, Path(out))
    needed = Needed(after, size.labelled, len(prompt), size.rows)
    flops = training_flops(size.shape, needed, size.rank)
    calculated = training_bytes(size.shape, Load(length, size.rank))
    found = measured(fmean(clock.seconds[1:]), size.rows * length, flops, calculated)
    return {"length": length, "path": path, "steps": clock.seconds, **found}


def _ours(size: Size, length: int, lesson: Rows, clock: Clock, out: Path) -> None:
    profile = replace(
        QWEN3_1_7B, lora_rank=size.rank, sft_batch=size.rows, micro_batch=1, max_length=length
    )
    model, pace = random_model(size.shape, 2 * length), Pace(1.0 + size.steps, RATE, 0)
    imitate("SFT", model, small_tokenizer(), lesson, profile, pace, out, callbacks=[clock])


def _plain(size: Size, length: int, lesson: Rows, clock: Clock, out: Path) -> None:
    """TRL's trainer as one would set it up: its own head, its own checkpointing, its own order."""
    on_gpu = torch.cuda.is_available()
    config = SFTConfig(
        output_dir=str(out),
        max_steps=1 + size.steps,
        per_device_train_batch_size=1,
        gradient_accumulation_steps=size.rows,
        learning_rate=RATE,
        max_length=None,
        bf16=on_gpu,
        use_cpu=not on_gpu,
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
    )
    SFTTrainer(
        model=with_adapters(random_model(size.shape, 2 * length), size.rank),
        args=config,
        train_dataset=Dataset.from_dict(
            {"input_ids": lesson.token_ids, "assistant_masks": lesson.masks}
        ),
        processing_class=small_tokenizer(),
        callbacks=[clock],
    ).train()
