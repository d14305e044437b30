"""How fast a pretrained model reads, draws, imitates and learns from episodes, beside plain paths.

    python -m benchmarks.pretrained_speed                       # SmolLM2-135M on the order desk
    python -m benchmarks.pretrained_speed --data retail:60:1 --rows 8 --only drawing

Rows are dialogues that the data record; what they begin with (rules and tools) is the same for all.
Plain means: for reading and drawing the library's own forward pass and `generate`, for imitation
and GRPO's update TRL's trainers as they come, with the same settings, on the same rows. Every
figure is of a process of its own, the paths in turn; of several rounds the best counts, since other
work on the machine only slows. Tokens are counted alike for both paths: those of all rows, whole.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import torch
from datasets import Dataset
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from trl import GRPOTrainer, SFTTrainer

from agents.beginning import can_share
from agents.chat import Chat
from agents.console import console, plain_table, progress
from agents.generation import Wave
from agents.sampling import Sampling
from benchmarks.machine import machine
from reasonact_env.episode import Scores
from reasonact_env.reward import COMPONENTS
from tasks.load import load_tasks
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.option_types import Suppress, one_of
from tools.ranges import require_at_least
from train.imitation.compact import labelled_tokens_alone
from train.imitation.samples import Rows, dialogues, rows_of
from train.imitation.trainer import Imitator, Pace, sft_config
from train.models.model import load_model
from train.models.precision import Use, for_playing, weights_dtype
from train.models.profiles import PROFILES, SMOLLM2_135M, Profile
from train.rl.bridge import grpo_config, make_trainer, on_device
from train.rl.credit import EPISODE
from train.rl.recipe import RECIPES, Recipe
from train.rl.rollouts import Prompt, Sample
from train.rl.stored import stored
from train.rl.trainer import Trainer
from train.runs.precision_option import BFLOAT16, FLOAT32

WORK = ("reading", "drawing", "imitation", "GRPO update")
PATHS = ("ours", "plain")
GROUP = 8


@dataclass(frozen=True, slots=True)
class SpeedOptions:
    """What is measured, and on what."""

    profile: Annotated[str, one_of(PROFILES)] = SMOLLM2_135M.name
    """Of the model."""
    model: str | None = None
    """Folder, GGUF file or hub name of the weights; the profile's own unless given."""
    data: str = "desk:200:1"
    """Recorded dialogues."""
    rows: int = 16
    """How many of them."""
    new: int = 24
    """Tokens that are drawn for each of four times as many rows."""
    precision: Annotated[str, one_of([FLOAT32, BFLOAT16])] = BFLOAT16
    """In which numbers both paths compute."""
    rounds: int = 2
    """How often everything is measured."""
    only: Annotated[str | None, one_of(WORK)] = None
    """Only this."""
    out: Path = Path("runs/pretrained-speed.json")
    """The file for all figures."""
    case: Suppress[str | None] = None
    """`WORK:PATH`, in a process of its own."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "rows", "new", "rounds")


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
    options: SpeedOptions
    """The rest."""

    @property
    def half(self) -> bool:
        """Whether it computes in bfloat16."""
        return self.options.precision == BFLOAT16


Measured = tuple[int, float]
"""Tokens, and the seconds that they took."""


def subject_of(options: SpeedOptions, use: Use) -> Subject:
    """Loads what is measured with."""
    profile = PROFILES[options.profile]
    dtype = weights_dtype(Use.TRAIN, adapters=False)
    model, tokenizer = load_model(options.model or str(profile.base), dtype)
    if use is Use.PLAY and options.precision == BFLOAT16:
        model = for_playing(model)
    tasks = load_tasks(options.data).tasks[: options.rows]
    return Subject(model.eval(), tokenizer, profile, _rows(tasks, tokenizer, profile), options)


def _rows(tasks: Sequence[Any], tokenizer: PreTrainedTokenizerBase, profile: Profile) -> Rows:
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


def _padded(ids: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(map(len, ids))
    rows = [[0] * (width - len(row)) + list(row) for row in ids]
    mask = [[0] * (width - len(row)) + [1] * len(row) for row in ids]
    return torch.tensor(rows), torch.tensor(mask)


def drawing(subject: Subject, ours: bool) -> Measured:
    """Messages of one length after the first request; reading it is not counted."""
    chat, new = Chat(subject.tokenizer), subject.options.new
    prompts = [
        chat.opening(
            [one.as_dict() for one in task.messages[:2]],
            [spec.as_dict() for spec in task.tools],
            thinking=False,
        )
        for task in load_tasks(subject.options.data).tasks[: 4 * subject.options.rows]
    ]
    with torch.inference_mode():
        seconds = (_drawn if ours else _generated)(subject.model, prompts, new)
    return new * len(prompts), seconds


def _drawn(model: PreTrainedModel, prompts: list[list[int]], new: int) -> float:
    wave = Wave(model, len(prompts))
    logits = wave.read(prompts)
    started = time.perf_counter()
    wave.draw(logits, Sampling(max_new_tokens=new), -1, torch.Generator().manual_seed(0))
    return time.perf_counter() - started


def _generated(model: PreTrainedModel, prompts: list[list[int]], new: int) -> float:
    ids, mask = _padded(prompts)
    seconds = []
    for count in (1, new + 1):  # reading, then reading and drawing
        started = time.perf_counter()
        model.generate(
            input_ids=ids,
            attention_mask=mask,
            do_sample=True,
            top_k=0,
            min_new_tokens=count,
            max_new_tokens=count,
        )
        seconds.append(time.perf_counter() - started)
    return seconds[1] - seconds[0]


def imitation(subject: Subject, ours: bool) -> Measured:
    """Optimiser steps over all dialogues."""
    in_parts = ours and can_share(subject.model)
    profile, rows = subject.profile, subject.rows
    steps = len(rows.token_ids) // profile.sft_batch
    pace = Pace(1.0, 1e-6, 0, subject.options.precision)
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
        RECIPES[subject.options.profile],
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
    how = {**on_device(subject.options.precision), "save_strategy": "no"}
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
    "imitation": (Use.TRAIN, imitation),
    "GRPO update": (Use.TRAIN, grpo_update),
}


def measure(options: SpeedOptions) -> dict[str, float]:
    """A case's figures, in this process."""
    work, path = str(options.case).split(":")
    use, measured = MEASURES[work]
    tokens, seconds = measured(subject_of(options, use), path == "ours")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # Linux counts kilobytes
    return {"tokens": tokens, "seconds": seconds, "peak_gb": peak}


def in_a_process(options: SpeedOptions, argv: Sequence[str], case: str) -> dict[str, float]:
    """A case's figures, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        command = [sys.executable, "-m", "benchmarks.pretrained_speed", *argv]
        subprocess.run(
            [*command, "--case", case, "--out", str(out)], check=True, capture_output=True
        )
        found: dict[str, float] = json.loads(out.read_text("utf-8"))
        return found


def main(argv: Sequence[str] | None = None) -> Path:
    """Measures, prints the table, and writes the figures; returns their file."""
    given = list(sys.argv[1:] if argv is None else argv)
    options = read_options(
        SpeedOptions, argv, prog="python -m benchmarks.pretrained_speed", about=__doc__
    )
    if options.case:
        write_json(options.out, measure(options))
        return options.out
    work = [options.only] if options.only else [*WORK]
    found: dict[str, list[dict[str, float]]] = {}
    with progress("Measuring", options.rounds * len(work) * len(PATHS)) as advance:
        for _ in range(options.rounds):
            for case in (f"{one}:{path}" for one in work for path in PATHS):
                found.setdefault(case, []).append(in_a_process(options, given, case))
                advance(1)
    console().print(_table(options, found, work))
    write_json(options.out, {"machine": machine(), "argv": given, "found": found})
    return options.out


def _table(
    options: SpeedOptions, found: Mapping[str, list[dict[str, float]]], work: Sequence[str]
) -> Any:
    rows = []
    for one in work:
        best = [
            max(found[f"{one}:{path}"], key=lambda it: it["tokens"] / it["seconds"])
            for path in PATHS
        ]
        speeds = [it["tokens"] / it["seconds"] for it in best]
        cells = [*(f"{speed:,.0f}" for speed in speeds), f"{speeds[0] / speeds[1]:.2f}"]
        rows.append([one, *cells, *(f"{it['peak_gb']:.1f}" for it in best)])
    title = (
        f"Tokens/s of {options.profile}, {options.precision}, {options.rows} dialogues of "
        f"{options.data}"
    )
    return plain_table(title, ("", "ours", "plain", "times", "GB", "GB plain"), rows)


if __name__ == "__main__":
    run(main)
