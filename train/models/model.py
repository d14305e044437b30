"""Where models come from: our own random weights, a folder, or the hub."""

from __future__ import annotations

import re
import warnings
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
from train.models.precision import Use, weights_dtype
from train.models.profiles import TinyModel
from train.models.tokenizer import with_training_template, with_turns_end
from train.runs import processes
from train.runs.folders import CARD

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


def absolute(name: str) -> str:
    """A model's name, from whichever folder it is loaded later; a name on the hub stays."""
    return str(Path(name).resolve()) if Path(name).is_dir() else name


def require_model(name: str) -> None:
    """Refuses what is neither a folder with whole weights nor the form of a name on the hub.

    Raises:
        FileNotFoundError: if it is a path, and no folder is there.
        ValueError: if the folder holds adapters.
    """
    folder = folder_of(name)
    if folder is not None and (folder / "adapter_config.json").is_file():
        raise ValueError(
            f"expected whole weights to start from, but {name} holds adapters; {_merged(folder)}"
        )
    if folder_of(name) is None and not re.fullmatch(r"\w[\w.-]*(/[\w.-]+)?", name):
        raise FileNotFoundError(
            f"expected the folder of a model, or its name on the hub (Qwen/Qwen3-0.6B), got "
            f"{name!r}: no folder there"
        )


def _merged(folder: Path) -> str:
    """What to do with a folder of adapters, which only a policy's says the base of."""
    if not (folder / CARD).is_file():
        return "merge them into their base by peft's merge_and_unload, and start from that"
    return (
        f"go on with them by train.cold_start or train.grpo --policy {folder}, or merge them "
        f"first: `python -m train.export --policy {folder} --out FOLDER`"
    )


def load_model(
    name: str, dtype: torch.dtype | None = None, *, own_template: bool = False
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Loads weights and tokenizer from a folder, from the package, or from the hub.

    Args:
        name: The folder or the name.
        dtype: In which numbers, as `train.models.precision.weights_dtype` has it; as for playing
            unless given.
        own_template: Whether the chat template stays that of the tokenizer, if it has one; else it
            is the one that all stages train with.

    Raises:
        FileNotFoundError: at once, if the folder is missing or the hub is out of reach.
        ValueError: if tokenizer and weights, or tokenizer and chat template, do not fit.
    """
    path = str(folder_of(name) or _fetch(name))
    _silence()
    tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
    if not own_template or tokenizer.chat_template is None:
        tokenizer = with_training_template(tokenizer)
    tokenizer = with_turns_end(tokenizer)
    dtype = dtype or weights_dtype(Use.PLAY, adapters=False)
    model = AutoModelForCausalLM.from_pretrained(path, dtype=dtype, local_files_only=True)
    _require_rows(model, tokenizer, name)
    _end_alike(model, tokenizer)
    return model.to(processes.gpu()) if torch.cuda.is_available() else model, tokenizer


def _require_rows(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, name: str) -> None:
    """Refuses a tokenizer that knows tokens without a row among the embeddings.

    Raises:
        ValueError: if so.
    """
    rows, tokens = model.get_input_embeddings().num_embeddings, len(tokenizer)
    if rows < tokens:
        raise ValueError(
            f"expected embeddings for {tokens} tokens in {name!r}, got {rows} rows; give the "
            "tokenizer that belongs to these weights, or resize the embeddings first"
        )


def _end_alike(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
    """Lets the model stop where a turn ends, also where others load it and generate."""
    known = model.generation_config.eos_token_id
    ends = known if isinstance(known, list) else [] if known is None else [known]
    if tokenizer.eos_token_id not in ends:
        model.generation_config.eos_token_id = [tokenizer.eos_token_id, *ends]
        model.config.eos_token_id = tokenizer.eos_token_id


def silence_renamed() -> None:
    """Leaves out a warning: peft and TRL read a property that transformers has renamed since."""
    warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)


def _silence() -> None:
    """Turns off the library's progress bars, which would break into ours, and a warning."""
    disable_progress_bar()
    silence_renamed()


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
