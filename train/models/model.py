"""Where models come from: our own random weights, a folder, or the hub."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import torch
from huggingface_hub import snapshot_download
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Qwen3Config,
    Qwen3ForCausalLM,
)
from transformers.utils.logging import disable_progress_bar

from train.models.induction import let_attention_copy
from train.models.profiles import TinyModel
from train.models.tokenizer import with_training_template
from train.runs import processes

SHIPPED = Path(__file__).parents[1] / "weights"
"""Weights that come with the package, a folder for each name."""
HEAD_DIM = 32
"""Dimensions of one attention head of the tiny model.

A quarter of Qwen3's 128, so that a width of 128 has several heads. Chosen by hand.
"""
ROTARY_BASE = 10_000.0
"""Base of the tiny model's rotary angles, as in RoPE's paper (arXiv 2104.09864)."""
COPYING_BASE = 1_000_000.0
"""The base where attention begins by copying, as the hub's Qwen3s have it: the slowest pairs of a
head hardly turn within a dialogue."""


def tiny_model(shape: TinyModel, tokenizer: PreTrainedTokenizerBase, seed: int) -> PreTrainedModel:
    """A Qwen3 with random weights; the same seed, the same weights."""
    _silence()
    torch.manual_seed(seed)
    base = COPYING_BASE if shape.copies else ROTARY_BASE
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=shape.hidden,
        intermediate_size=3 * shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=max(1, shape.heads // 2),
        head_dim=HEAD_DIM,
        max_position_embeddings=shape.context,
        rope_parameters={"rope_type": "default", "rope_theta": base},
        initializer_range=shape.initial_std,
        tie_word_embeddings=True,  # copying counts on it; a second table is a fifth of the weights
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
    )
    model = cast("PreTrainedModel", Qwen3ForCausalLM(config))
    if shape.copies:
        let_attention_copy(model)
    return model


def folder_of(name: str) -> Path | None:
    """The folder of weights: the named one, or one that comes with the package; else None."""
    return next((path for path in (Path(name), SHIPPED / name) if path.is_dir()), None)


def require_model(name: str) -> None:
    """Refuses what is neither a folder nor the form of a name on the hub.

    Raises:
        FileNotFoundError: if it is a path, and no folder is there.
    """
    if folder_of(name) is None and not re.fullmatch(r"\w[\w.-]*(/[\w.-]+)?", name):
        raise FileNotFoundError(
            f"expected the folder of a model, or its name on the hub (Qwen/Qwen3-0.6B), got "
            f"{name!r}: no folder there"
        )


def load_model(name: str) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Loads weights and tokenizer from a folder, from the package, or from the hub.

    In bfloat16 on a GPU; in float32 on a CPU, since not every CPU is faster in bfloat16.

    Raises:
        FileNotFoundError: at once, if the folder is missing or the hub is out of reach.
    """
    path = str(folder_of(name) or _fetch(name))
    _silence()
    on_gpu = torch.cuda.is_available()
    model = AutoModelForCausalLM.from_pretrained(
        path, dtype=torch.bfloat16 if on_gpu else torch.float32, local_files_only=True
    )
    tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
    model = model.to(processes.gpu()) if on_gpu else model
    return model, with_training_template(tokenizer)


def _silence() -> None:
    """Turns off the library's progress bars, which would break into ours."""
    disable_progress_bar()


def _fetch(name: str) -> str:
    """The folder of a model of the hub, downloaded if need be; fails fast without a network."""
    try:
        return str(snapshot_download(name, etag_timeout=5))
    except Exception as error:  # whatever the network or the hub says
        raise FileNotFoundError(
            f"no model {name!r}: there is no such folder, and the hub is out of reach "
            f"({type(error).__name__}). Download it where there is a network and pass "
            "--model PATH, or use --profile demo, which needs none."
        ) from None
