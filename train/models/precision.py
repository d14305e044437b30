"""In which numbers a model is kept, and in which it computes.

bfloat16 has eight bits of precision: a step smaller than 1/256 of a weight is lost in it, and most
steps are smaller. So weights that are trained are kept in float32, always. Half precision is for
computing (autocast), and for weights that nobody changes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from enum import StrEnum
from pathlib import Path

import torch
from transformers import PreTrainedModel

from agents.console import console
from train.runs import processes
from train.runs.precision_option import AUTO, BFLOAT16, FLOAT32, require_precision
from train.runs.run import decided, last_checkpoint

SMALL = 10_000_000
"""Models below this many weights are not measured: they train in minutes, and their figures are
compared across machines. Chosen by hand."""
TOKENS = 256
"""Tokens of a measured pass; chosen by hand, to take seconds with 135M weights on two cores."""
_INSTRUCTIONS = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
"""What torch calls the questions for a CPU's instructions; it has no public names for them."""
FASTER = 1.2
"""bfloat16 is taken if it is this many times as fast: it rounds, and a measurement is not exact.
Chosen by hand."""


class Use(StrEnum):
    """What weights are loaded for."""

    PLAY = "play"
    TRAIN = "train"
    EXPORT = "export"


def weights_dtype(
    use: Use, *, adapters: bool, precision: str = AUTO, on_gpu: bool | None = None
) -> torch.dtype:
    """In which numbers weights are loaded.

    Args:
        use: What for.
        adapters: Whether adapters are trained and the weights themselves are not.
        precision: Of the run.
        on_gpu: Whether there is a GPU; asked of torch unless given.
    """
    if on_gpu is None:
        on_gpu = torch.cuda.is_available()
    fixed = use is Use.PLAY or (use is Use.TRAIN and adapters)
    half = on_gpu and fixed and precision != FLOAT32
    return torch.bfloat16 if half else torch.float32


def for_playing(model: PreTrainedModel) -> PreTrainedModel:
    """The model in the numbers in which it plays: large ones in bfloat16 if a CPU computes with it.

    A GPU's weights are loaded so.
    """
    return _halved(model) if plays_in_half(model) else model


def plays_in_half(model: PreTrainedModel) -> bool:
    """Whether a CPU plays faster with the model's weights in bfloat16."""
    large = _weights(model) >= SMALL
    return model.device.type == "cpu" and large and _multiplies_bfloat16()


def half_copy(model: PreTrainedModel) -> PreTrainedModel:
    """A copy of a model with weights in bfloat16, which nobody trains."""
    return _halved(deepcopy(model)).requires_grad_(False).eval()


def renew(copied: PreTrainedModel, model: PreTrainedModel) -> None:
    """Gives a copy the weights that the model has now; what the model got since is left out."""
    now = dict(model.named_parameters())
    for name, weight in copied.named_parameters():
        weight.copy_(now[name])


def _halved(model: PreTrainedModel) -> PreTrainedModel:
    """The model, its weights in bfloat16.

    What is no weight stays: a position a thousand tokens away is turned by another angle if the
    frequencies of its turning are rounded.
    """
    for weight in model.parameters():
        weight.data = weight.data.bfloat16()
    return model


def _multiplies_bfloat16() -> bool:
    """Whether the processor itself has instructions for it; without them it is slower."""
    tells = (getattr(torch.cpu, name, None) for name in _INSTRUCTIONS)
    return any(tell() for tell in tells if tell)


def require_whole_weights(model: PreTrainedModel) -> None:
    """Refuses to train weights that are kept in half precision.

    Raises:
        ValueError: if there are any.
    """
    trained = {one.dtype for one in model.parameters() if one.requires_grad}
    if odd := sorted(str(one).removeprefix("torch.") for one in trained - {torch.float32}):
        raise ValueError(
            f"expected float32 for the weights that are trained, got {', '.join(odd)}: it would "
            "lose most steps; load them by load_policy(folder, use=Use.TRAIN), and let "
            "--precision bfloat16 compute in half precision"
        )


def precision_of(out: Path, asked: str, model: PreTrainedModel) -> str:
    """A run's precision: what is asked for, what the run began with, or what is faster here.

    Args:
        out: The run's folder, which remembers it.
        asked: By the option.
        model: What is trained, adapters included.
    """
    require_precision(asked)

    def choose() -> str:
        if asked != AUTO:
            return asked
        # A version without this option has begun the run.
        if last_checkpoint(out) or last_checkpoint(out / "checkpoints"):
            return BFLOAT16 if torch.cuda.is_available() else FLOAT32
        if _weights(model) < SMALL:
            return FLOAT32
        chosen, why = fastest(model)
        console().print(f"Precision: {chosen}, {why} (--precision)")
        return chosen

    return decided(out, "precision", choose)


def _weights(model: PreTrainedModel) -> int:
    return sum(one.numel() for one in model.parameters())


def fastest(model: PreTrainedModel) -> tuple[str, str]:
    """The faster precision on this machine, and why."""
    if model.device.type != "cpu":
        half = torch.cuda.is_bf16_supported()
        return (BFLOAT16, "as GPUs are faster with it") if half else (FLOAT32, "all this GPU has")
    if processes.count() > 1:
        return FLOAT32, "since several processes have to agree; bfloat16 may be faster"
    return compared(speeds(model))


def compared(tokens: Mapping[str, float]) -> tuple[str, str]:
    """The precision that its speed suggests, and why.

    >>> compared({"float32": 234.2, "bfloat16": 620.0})
    ('bfloat16', 'which trains 620 tokens/s here; float32 trains 234')
    >>> compared({"float32": 600.0, "bfloat16": 620.0})[0]
    'float32'
    """
    chosen = BFLOAT16 if tokens[BFLOAT16] >= FASTER * tokens[FLOAT32] else FLOAT32
    other = FLOAT32 if chosen == BFLOAT16 else BFLOAT16
    return chosen, (
        f"which trains {tokens[chosen]:.0f} tokens/s here; {other} trains {tokens[other]:.0f}"
    )


def speeds(
    model: PreTrainedModel, clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    """Tokens a second of a forward and backward pass, the better of two each.

    It draws no random number and leaves weights, gradients and mode as they were.
    """
    ids = torch.arange(TOKENS)[None] % model.config.get_text_config().vocab_size
    training = model.training
    model.eval()
    best: dict[str, float] = {}
    try:
        for name in (FLOAT32, BFLOAT16) * 2:
            started = clock()
            with torch.autocast("cpu", torch.bfloat16, enabled=name == BFLOAT16):
                model(input_ids=ids, labels=ids, use_cache=False).loss.backward()
            best[name] = max(best.get(name, 0.0), TOKENS / (clock() - started))
    finally:
        model.zero_grad(set_to_none=True)
        model.train(training)
    return best
