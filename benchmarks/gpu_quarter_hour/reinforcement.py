"""The third phase: GRPO steps of the same shapes, played and trained, ours and TRL's plain path.

| path | plays | trains |
|---|---|---|
| ours | with one cache; what a group shares is read once | the same, activations kept |
| ours, recomputed | one message only, to keep the time for the others | as on smaller GPUs |
| plain | by `generate`, the whole episode anew for every message | TRL's GRPOTrainer, recomputed |

An episode has a prompt, messages of the policy and answers between them, all of random tokens.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import cast

import torch
from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase
from trl import GRPOTrainer

from agents.generation import Wave
from agents.sampling import Sampling
from agents.scripted import Scripted
from benchmarks.gpu_quarter_hour.calculation import Rows, training_flops
from benchmarks.gpu_quarter_hour.chip import wait
from benchmarks.gpu_quarter_hour.rows import (
    Clock,
    Size,
    measured,
    random_ids,
    random_model,
    small_tokenizer,
    with_adapters,
)
from reasonact_env.agent import Agent
from reasonact_env.reward import COMPONENTS
from train.memory import Load, playing_bytes, training_bytes
from train.rl.advantages import advantages
from train.rl.bridge import Rollouts, grpo_config, make_trainer, on_device
from train.rl.observe import observe
from train.rl.prompts import Prompt
from train.rl.recipe import Recipe
from train.rl.rewards import component_weights
from train.rl.rollouts import Sample
from train.rl.step import Generation
from train.rl.tags import thought_tags
from train.rl.trainer import Trainer

OURS, RECOMPUTED, PLAIN = "ours", "ours, recomputed", "plain"
NEVER = -1
"""A token that no model draws: messages have all their tokens."""


def pieces(size: Size) -> dict[str, Callable[[], dict[str, object]]]:
    """What is measured, by name: the shorter rows first."""
    return {
        f"grpo-{length}-{path.replace(', ', '-')}": partial(grpo_step, size, length, path)
        for length in size.lengths
        for path in (OURS, PLAIN, RECOMPUTED)
    }


def grpo_step(size: Size, length: int, path: str) -> dict[str, object]:
    """A step's time, playing and training apart."""
    recipe = Recipe(
        generations=1 + size.generations,
        prompts=1,
        group=size.group,
        micro_batch=size.micro_batch,
        max_tokens=length,
        lr=1e-6,
    )
    model = with_adapters(random_model(size.shape, 2 * length), size.rank)
    player = Player(model, small_tokenizer(), size, length, recipe, path)
    clock = Clock()
    with tempfile.TemporaryDirectory() as out:
        _trained(player, clock, Path(out))
    return _figures(player, clock)


def _trained(player: Player, clock: Clock, out: Path) -> None:
    again = {"activation_checkpointing": player.path != OURS}  # in the dry run, too
    config = grpo_config(player.recipe, None, out, **{**on_device(), **again})
    config.save_strategy = "no"
    rows = [Prompt("random", None, seed) for seed in range(player.recipe.generations)]
    rollouts = Rollouts(player, lambda model, seed: Scripted([]), player.recipe)
    kind = GRPOTrainer if player.path == PLAIN else Trainer
    trainer = make_trainer(kind, player.model, player.tokenizer, rows, rollouts, config)
    trainer.add_callback(clock)
    trainer.train()


def _figures(player: Player, clock: Clock) -> dict[str, object]:
    size, length = player.size, player.length
    step, play = fmean(clock.seconds[1:]), fmean(player.seconds[1:])
    after = size.after(length)
    group = Rows(after, size.labelled, length - after, size.group)
    flops = training_flops(size.shape, group, size.rank)
    training = training_bytes(size.shape, Load(length, size.rank, size.micro_batch))
    playing = playing_bytes(size.shape, Load(length, size.rank, played=size.group))
    found = measured(step - play, size.group * length, flops, max(training, playing))
    drawn = size.group * size.drawn * player.messages(last=True)
    return {
        "length": length,
        "path": player.path,
        "steps": clock.seconds,
        "plays": player.seconds,
        "step_seconds": step,
        "play_seconds": play,
        "messages": player.messages(last=True),
        "drawn_per_s": drawn / play,
        **found,
    }


@dataclass(slots=True)
class Player:
    """Plays a group with random answers; its first generation, which warms up, is a short one."""

    model: PreTrainedModel
    """The one that learns."""
    tokenizer: PreTrainedTokenizerBase
    """For the tags of thoughts alone."""
    size: Size
    """What an episode is like."""
    length: int
    """T, its tokens."""
    recipe: Recipe
    """How it is scored."""
    path: str
    """Whose way to draw."""
    seconds: list[float] = field(default_factory=list)
    """Of playing, a generation each."""

    def messages(self, *, last: bool) -> int:
        """Messages that are drawn; the episode's others are random tokens."""
        return self.size.messages if last and self.path != RECOMPUTED else 1

    def __call__(self, prompts: Sequence[Prompt], agent: Agent, step: int) -> Generation:
        """The next generation."""
        after = self.size.after(self.length)
        prompt = random_ids(1, self.length - after, seed=step)[0]
        rows = random_ids(self.size.group, after, seed=step + 1_000)
        wait()
        started = time.perf_counter()
        draw = self._generated if self.path == PLAIN else self._drawn
        draw(prompt, rows, self.messages(last=step > 0))
        wait()
        self.seconds.append(time.perf_counter() - started)
        mask, count = self.size.said(self.length), self.size.messages
        samples = [
            _sample(prompt, row, mask, number / len(rows), count) for number, row in enumerate(rows)
        ]
        weights, tags = component_weights(None), thought_tags(self.tokenizer)
        given = advantages(samples, self.recipe, weights, tags)
        return Generation(tuple(samples), given, observe(samples, self.recipe.group))

    def _drawn(self, prompt: list[int], rows: list[list[int]], messages: int) -> None:
        """Draws messages into the rows with one cache."""
        wave, drawing = Wave(self.model, len(rows)), Sampling(max_new_tokens=self.size.drawn)
        random = torch.Generator(device=self.model.device).manual_seed(0)
        logits, end = wave.read([prompt] * len(rows)), 0
        for number in range(messages):
            at, end = self._place(number)
            for row, found in zip(rows, wave.draw(logits, drawing, NEVER, random), strict=True):
                row[at:end] = found.ids
            if number + 1 < messages:  # the last token drawn is not read yet
                logits = wave.read([row[end - 1 : self._place(number + 1)[0]] for row in rows])

    def _generated(self, prompt: list[int], rows: list[list[int]], messages: int) -> None:
        """Draws messages into the rows by `generate`, everything read anew for each."""
        config = GenerationConfig(
            do_sample=True,
            top_k=0,
            max_new_tokens=self.size.drawn,
            eos_token_id=NEVER,
            pad_token_id=0,
        )
        for number in range(messages):
            at, end = self._place(number)
            ids = torch.tensor([prompt + row[:at] for row in rows], device=self.model.device)
            made = self.model.generate(
                input_ids=ids, attention_mask=torch.ones_like(ids), generation_config=config
            )
            drawn = cast("list[list[int]]", made[:, ids.shape[1] :].tolist())
            for row, found in zip(rows, drawn, strict=True):
                row[at:end] = found

    def _place(self, number: int) -> tuple[int, int]:
        """Where a message begins and ends, after the prompt."""
        at = number * (self.size.drawn + self.size.heard(self.length))
        return at, at + self.size.drawn


def _sample(
    prompt: list[int], row: list[int], mask: list[int], reward: float, messages: int
) -> Sample:
    scores = {name: reward if name == "outcome" else None for name in COMPONENTS}
    return Sample(
        prompt_ids=prompt,
        completion_ids=row,
        env_mask=mask,
        logprobs=[0.0] * len(row),
        components=scores,
        weighted=scores,
        task_id="random",
        decision=None,
        clipped=False,
        messages=messages,
        calling=0,
    )
