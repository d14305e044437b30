"""What `benchmarks.pretrained_speed` measures, each way by itself."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from datasets import Dataset
from torch import Tensor
from transformers import LogitsProcessor, PreTrainedModel, PreTrainedTokenizerBase
from trl import GRPOTrainer, SFTTrainer

from agents.beginning import can_share
from agents.chat import Chat
from agents.generation import Wave
from agents.sampling import Sampling
from reasonact_env.episode import Scores
from reasonact_env.reward import COMPONENTS
from tasks.load import load_tasks
from tasks.types import Task
from train.imitation.compact import labelled_tokens_alone
from train.imitation.samples import Rows, dialogues, rows_of
from train.imitation.trainer import Imitator, Pace, sft_config
from train.models.model import load_model
from train.models.precision import Use, for_playing, weights_dtype
from train.models.profiles import PROFILES, Profile
from train.rl.bridge import grpo_config, make_trainer, on_device
from train.rl.credit import EPISODE
from train.rl.prompts import Prompt
from train.rl.recipe import RECIPES, Recipe
from train.rl.rollouts import Sample
from train.rl.stored import stored
from train.rl.trainer import Trainer
from train.runs.precision_option import BFLOAT16

GROUP = 8


@dataclass(frozen=True, slots=True)
class Lot:
    """What is measured on."""

    profile: str
    """Name of the model's profile."""
    model: str | None
    """Where other weights lie; the profile's own unless given."""
    data: str
    """Recorded dialogues."""
    rows: int
    """How many of them."""
    new: int
    """Tokens that are drawn for each of four times as many rows."""
    precision: str
    """In which numbers it computes."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured with."""

    model: PreTrainedModel
    """The weights."""
    tokenizer: PreTrainedTokenizerBase
    """Its tokenizer."""
    profile: Profile
    """Batches."""
    rows: Rows
    """Dialogues."""
    lot: Lot
    """The rest."""

    @property
    def half(self) -> bool:
        """Whether it computes in bfloat16."""
        return self.lot.precision == BFLOAT16


Measured = tuple[int, float]
"""Tokens, and the seconds that they took."""


def subject_of(lot: Lot, use: Use) -> Subject:
    """Loads what is measured with."""
    profile = PROFILES[lot.profile]
    dtype = weights_dtype(Use.TRAIN, adapters=False)
    model, tokenizer = load_model(lot.model or str(profile.base), dtype)
    if use is Use.PLAY and lot.precision == BFLOAT16:
        model = for_playing(model)
    tasks = load_tasks(lot.data).tasks[: lot.rows]
    return Subject(model.eval(), tokenizer, profile, _rows(tasks, tokenizer, profile), lot)


def _rows(tasks: Sequence[Task], tokenizer: PreTrainedTokenizerBase, profile: Profile) -> Rows:
    return rows_of(dialogues(tasks), tokenizer, profile.max_length)


def reading(subject: Subject, ours: bool) -> Measured:
    """Whole dialogues, at once."""
    ids = subject.rows.token_ids
    with torch.inference_mode():
        started = time.perf_counter()
        if ours:
            Wave(subject.model, len(ids)).read(ids)
        else:
            _forward(subject.model, ids)
    return subject.rows.tokens, time.perf_counter() - started


def _forward(model: PreTrainedModel, ids: Sequence[Sequence[int]]) -> None:
    """The library's pass over rows, padded on the left; the last token's logits alone."""
    batch, mask = _padded(ids)
    model(input_ids=batch, attention_mask=mask, use_cache=True, logits_to_keep=1)


def _padded(ids: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    width = max(map(len, ids))
    rows = [[0] * (width - len(row)) + list(row) for row in ids]
    mask = [[0] * (width - len(row)) + [1] * len(row) for row in ids]
    return torch.tensor(rows), torch.tensor(mask)


def drawing(subject: Subject, ours: bool) -> Measured:
    """Messages of one length after the first request; reading it is not counted."""
    chat = Chat(subject.tokenizer)
    prompts = [
        chat.opening(
            [one.as_dict() for one in task.messages[:2]],
            [spec.as_dict() for spec in task.tools],
            thinking=False,
        )
        for task in load_tasks(subject.lot.data).tasks[: 4 * subject.lot.rows]
    ]
    return _spoken(subject, prompts, ours)


def drawing_in_groups(subject: Subject, ours: bool) -> Measured:
    """The last messages of dialogues, each of them as often as a group has episodes."""
    rows = subject.rows
    chosen = list(zip(rows.token_ids, rows.masks, strict=True))[: 4 * subject.lot.rows // GROUP]
    prompts = [ids[: _last_begins(mask)] for ids, mask in chosen for _ in range(GROUP)]
    return _spoken(subject, prompts, ours)


def _last_begins(mask: Sequence[int]) -> int:
    """Where the last message of the assistant begins, given which tokens are the assistant's."""
    end = len(mask) - list(mask)[::-1].index(1)
    return end - next(n for n, own in enumerate(reversed(mask[:end])) if not own)


def _spoken(subject: Subject, prompts: list[list[int]], ours: bool) -> Measured:
    with torch.inference_mode():
        seconds = (_drawn if ours else _generated)(subject.model, prompts, subject.lot.new)
    return subject.lot.new * len(prompts), seconds


def _drawn(model: PreTrainedModel, prompts: list[list[int]], new: int) -> float:
    wave = Wave(model, len(prompts))
    logits = wave.read(prompts)
    started = time.perf_counter()
    wave.draw(logits, Sampling(max_new_tokens=new), -1, torch.Generator().manual_seed(0))
    return time.perf_counter() - started


class StepClock(LogitsProcessor):  # type: ignore[misc]  # no types where it comes from
    """Notes when the logits of each drawn token are there; changes none."""

    def __init__(self) -> None:
        """Begins before the first token."""
        self.times: list[float] = []

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """The logits as they are."""
        self.times.append(time.perf_counter())
        return scores


def _generated(model: PreTrainedModel, prompts: list[list[int]], new: int) -> float:
    ids, mask = _padded(prompts)
    clock = StepClock()
    model.generate(
        input_ids=ids,
        attention_mask=mask,
        do_sample=True,
        top_k=0,
        min_new_tokens=new,
        max_new_tokens=new,
        logits_processor=[clock],
    )
    return clock.times[-1] - clock.times[0]  # without the reading, which is over at the first


def imitation(subject: Subject, ours: bool) -> Measured:
    """Optimiser steps over all dialogues."""
    in_parts = ours and can_share(subject.model)
    profile, rows = subject.profile, subject.rows
    steps = len(rows.token_ids) // profile.sft_batch
    pace = Pace(1.0, 1e-6, 0, subject.lot.precision)
    with tempfile.TemporaryDirectory() as folder:
        config = sft_config(profile, pace, steps, Path(folder), in_parts=in_parts)
        trainer = (Imitator if ours else SFTTrainer)(
            model=subject.model,
            args=replace(config, save_strategy="no"),
            train_dataset=Dataset.from_dict(
                {"input_ids": rows.token_ids, "assistant_masks": rows.masks}
            ),
            processing_class=subject.tokenizer,
        )
        if in_parts:
            trainer.rows_at_a_time = profile.micro_batch
        with labelled_tokens_alone() if ours else nullcontext():
            started = time.perf_counter()
            trainer.train()
    return rows.tokens, time.perf_counter() - started


def grpo_update(subject: Subject, ours: bool) -> Measured:
    """One update from groups that share their prompts; nothing is played."""
    samples = _samples(subject)
    prompts = [Prompt(one.task_id, None, seed=0) for one in samples[::GROUP]]
    recipe = replace(
        RECIPES[subject.lot.profile],
        generations=1,
        prompts=len(prompts),
        group=GROUP,
        credit=EPISODE,
        lr=1e-6,
    )
    with tempfile.TemporaryDirectory() as folder:
        trainer = _grpo_trainer(subject, recipe, prompts, samples, Path(folder), ours)
        started = time.perf_counter()
        trainer.train()
    tokens = sum(len(one.prompt_ids) + len(one.completion_ids) for one in samples)
    return tokens, time.perf_counter() - started


def _grpo_trainer(
    subject: Subject,
    recipe: Recipe,
    prompts: Sequence[Prompt],
    samples: Sequence[Sample],
    out: Path,
    ours: bool,
) -> GRPOTrainer:
    how = {**on_device(subject.lot.precision), "save_strategy": "no"}
    config = grpo_config(recipe, None, out, **how)
    rollouts = stored(samples, recipe, subject.tokenizer)
    kind = Trainer if ours else GRPOTrainer
    return make_trainer(kind, subject.model, subject.tokenizer, prompts, rollouts, config)


def _samples(subject: Subject) -> list[Sample]:
    """Groups whose rows go on after one prompt as different dialogues do; their returns differ."""
    rows = subject.rows
    firsts = [mask.index(1) for mask in rows.masks]
    afterwards = [
        (ids[first:], mask[first:])
        for ids, mask, first in zip(rows.token_ids, rows.masks, firsts, strict=True)
    ]
    found: list[Sample] = []
    for group in range(max(1, len(rows.token_ids) // GROUP)):
        prompt = rows.token_ids[group][: firsts[group]]
        for row in range(GROUP):
            ids, mask = afterwards[(group * GROUP + row) % len(afterwards)]
            scores: Scores = {**dict.fromkeys(COMPONENTS), "outcome": row / GROUP}
            found.append(
                Sample(
                    prompt, ids, mask, [0.0] * len(ids), scores, scores, f"t{group}", False, 1, 1
                )
            )
    return found


MEASURES: Mapping[str, tuple[Use, Callable[[Subject, bool], Measured]]] = {
    "reading": (Use.PLAY, reading),
    "drawing": (Use.PLAY, drawing),
    "drawing in groups": (Use.PLAY, drawing_in_groups),
    "imitation": (Use.TRAIN, imitation),
    "GRPO update": (Use.TRAIN, grpo_update),
}
