"""Qwen3 shapes from random weights with LoRA on one GPU: SFT and GRPO, speed and memory.

    python -m benchmarks.gpu_lora                        # without a GPU: the calculation alone
    python -m benchmarks.gpu_lora --profile qwen3-4b --lengths 4096

Rows are random tokens and weights are random. Nothing is learned or downloaded, and speed and
memory are the same as with real ones.
Ours and TRL's own trainer take the same optimiser steps, side by side.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, cast

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from transformers import PreTrainedModel, PreTrainedTokenizerBase, Qwen3Config, Qwen3ForCausalLM
from trl import GRPOTrainer

from agents.console import console, plain_table
from agents.generation import Wave
from agents.sampling import Sampling
from benchmarks.machine import machine
from reasonact_env.reward import COMPONENTS
from tasks.load import load_tasks
from tools.command import run
from tools.command_line import read_options
from tools.files import require_place, write_json
from tools.option_types import one_of
from tools.ranges import require_above, require_at_least
from train.imitation.samples import Rows
from train.imitation.trainer import Pace, imitate
from train.memory import Load, parameters, playing_bytes, summary, training_bytes
from train.models.profiles import PROFILES, SHAPES, Profile, Shape
from train.models.tokenizer import train_tokenizer
from train.rl.bridge import grpo_config, make_trainer, on_device
from train.rl.recipe import Recipe
from train.rl.rollouts import Prompt, Sample
from train.rl.stored import stored
from train.rl.trainer import Trainer, sampling

PEAKS = {"H200": 989e12, "H100": 989e12, "A100": 312e12, "4090": 165e12, "L4": 121e12}
"""Dense bf16 operations a second, from the vendor's data sheets."""
SAMPLED = 256
"""Tokens of a row that count as the policy's."""
HEADS = ("what", "tokens", "seconds", "tokens/s", "of bf16 peak", "peak GB", "calculated GB")


@dataclass(frozen=True, slots=True)
class Figures:
    """One measurement."""

    what: str
    """SFT, GRPO's optimiser step, generation."""
    tokens: int
    """Read or sampled."""
    seconds: float
    """For all of them."""
    peak_gb: float
    """Allocated at most."""
    calculated_gb: float
    """What `train.memory` says."""
    utilisation: float | None
    """Share of the chip's bf16 peak, by 6 operations a weight and token: forward, again for the
    checkpoints, and back to the adapters; frozen weights need no gradient."""


def random_model(shape: Shape, context: int) -> PreTrainedModel:
    """Random weights in bf16 on the GPU, with adapters."""
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
        dtype=torch.bfloat16,
    )
    with torch.device("cuda"):
        return cast("PreTrainedModel", Qwen3ForCausalLM(config).to(torch.bfloat16))


def measured(
    what: str, tokens: int, expected: float, weights: int, work: Callable[[], object]
) -> Figures:
    """Runs once to warm up and once by the clock."""
    work()
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    started = time.perf_counter()
    work()
    torch.cuda.synchronize()
    seconds = time.perf_counter() - started
    peak = next((n for name, n in PEAKS.items() if name in torch.cuda.get_device_name()), None)
    share = 6 * weights * tokens / seconds / peak if peak and weights else None
    used = torch.cuda.max_memory_allocated() / 1e9
    return Figures(what, tokens, seconds, used, expected / 1e9, share)


def sft_figures(profile: Profile, shape: Shape, length: int, rows: int) -> Figures:
    """SFT through our own stage, rows of one length."""
    ids = _random(rows, length)
    masks = [[0] * (length - SAMPLED) + [1] * SAMPLED for _ in ids]
    lesson = Rows(ids, masks, 0, 0, 0)
    small = replace(profile, sft_batch=rows, micro_batch=1)
    model, tokenizer = random_model(shape, 2 * length), _tokenizer()

    def work() -> None:
        nonlocal model
        with tempfile.TemporaryDirectory() as out:
            pace = Pace(1.0, 1e-5, 0)
            model = imitate("SFT", model, tokenizer, lesson, small, pace, Path(out))

    expected = training_bytes(shape, Load(length, profile.lora_rank or 16))
    return measured(f"SFT, {length:,}", rows * length, expected, parameters(shape), work)


def grpo_figures(profile: Profile, shape: Shape, length: int, group: int, ours: bool) -> Figures:
    """One optimiser step of GRPO on stored rows."""
    recipe = Recipe(generations=1, prompts=1, group=group, micro_batch=1, lr=1e-6)
    samples = [_sample(ids, i / group) for i, ids in enumerate(_random(group, length))]
    model, tokenizer = _adapted(random_model(shape, 2 * length), profile), _tokenizer()

    def work() -> None:
        with tempfile.TemporaryDirectory() as out:
            config = grpo_config(recipe, None, Path(out), **on_device())
            config.save_strategy = "no"
            kind = Trainer if ours else GRPOTrainer
            rows = [Prompt("random", None, 0)]
            rollouts = stored(samples, recipe, tokenizer)
            make_trainer(kind, model, tokenizer, rows, rollouts, config).train()

    name = f"GRPO step, {length:,}, {'ours' if ours else 'plain'}"
    expected = training_bytes(shape, Load(length, profile.lora_rank or 16))
    return measured(name, group * length, expected, parameters(shape), work)


def generation_figures(shape: Shape, length: int, group: int, ours: bool) -> Figures:
    """A group's messages after one long prompt: the shared cache, or `generate`."""
    model, prompt = random_model(shape, 2 * length), _random(1, length)[0]
    drawing = Sampling(max_new_tokens=SAMPLED)
    tensor = torch.tensor([prompt] * group, device="cuda")

    def work() -> None:
        with sampling(model):
            if ours:
                wave = Wave(model, group)
                random = torch.Generator(device="cuda").manual_seed(0)
                wave.draw(wave.read([prompt] * group), drawing, -1, random)
            else:
                model.generate(tensor, do_sample=True, max_new_tokens=SAMPLED, eos_token_id=-1)

    name = f"generation, {length:,}, {'ours' if ours else 'plain'}"
    expected = playing_bytes(shape, Load(length + SAMPLED, played=group))
    return measured(name, group * SAMPLED, expected, 0, work)


def _adapted(model: PreTrainedModel, profile: Profile) -> PreTrainedModel:
    rank = profile.lora_rank or 16
    lora = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear")
    return cast("PreTrainedModel", get_peft_model(model, lora))


def _sample(ids: list[int], reward: float) -> Sample:
    scores = {name: reward if name == "outcome" else None for name in COMPONENTS}
    return Sample(
        prompt_ids=ids[:-SAMPLED],
        completion_ids=ids[-SAMPLED:],
        env_mask=[1] * SAMPLED,
        logprobs=[0.0] * SAMPLED,
        components=scores,
        weighted=scores,
        task_id="random",
        decision=None,
        clipped=False,
        messages=1,
        calling=0,
    )


def _random(rows: int, length: int) -> list[list[int]]:
    """Tokens of the small tokenizer's range, which every shape's vocabulary holds."""
    found = np.random.default_rng(0).integers(10, 500, (rows, length))
    return cast("list[list[int]]", found.tolist())


def _tokenizer() -> PreTrainedTokenizerBase:
    return train_tokenizer(load_tasks("desk:60").split("train"), 600)


@dataclass(frozen=True, slots=True)
class Options:
    """What is trained."""

    profile: Annotated[str, one_of(SHAPES)] = "qwen3-1.7b"
    """Which model."""
    lengths: tuple[int, ...] = (4_096, 8_192)
    """Tokens of an episode."""
    rows: int = 8
    """Dialogues of an SFT step."""
    group: int = 8
    """Episodes of a GRPO group."""
    gpu: float = 24
    """Memory to calculate for, in GB."""
    out: Path = Path("runs/gpu_lora.json")
    """Where the figures are written."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "lengths", "rows")
        require_at_least(self, 2, "group")
        require_above(self, 0, "gpu")


def main(argv: Sequence[str] | None = None) -> list[Figures]:
    """Prints the calculation and, on a GPU, what was measured beside it; returns that."""
    args = read_options(Options, argv, prog="python -m benchmarks.gpu_lora", about=__doc__)
    require_place(args.out)
    profile, shape = PROFILES[args.profile], SHAPES[args.profile]
    rank = profile.lora_rank or 16
    calculated = summary(args.profile, args.lengths, rank, args.gpu, args.group)
    console().print(calculated.table())
    if not torch.cuda.is_available():
        console().print("No GPU here: nothing was measured.")
        return []
    found: list[Figures] = []
    for length in args.lengths:
        found.append(sft_figures(profile, shape, length, args.rows))
        for ours in (True, False):
            found.append(generation_figures(shape, length, args.group, ours))
            found.append(grpo_figures(profile, shape, length, args.group, ours))
    title = f"{args.profile} from random weights, LoRA r {rank}, {torch.cuda.get_device_name()}"
    console().print(plain_table(title, HEADS, [_cells(one) for one in found]))
    rows = [asdict(one) for one in found]
    write_json(args.out, {"title": title, "rows": rows, "machine": machine()})
    return found


def _cells(found: Figures) -> list[str]:
    share = "-" if found.utilisation is None else f"{found.utilisation:.0%}"
    speed = found.tokens / found.seconds
    numbers = (f"{found.tokens:,}", f"{found.seconds:.2f}", f"{speed:,.0f}", share)
    return [found.what, *numbers, f"{found.peak_gb:.1f}", f"{found.calculated_gb:.1f}"]


if __name__ == "__main__":
    run(main)
