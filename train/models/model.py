"""Models as they are trained and played: our own random weights, or those that lie somewhere."""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from typing import cast

import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Qwen3Config,
    Qwen3ForCausalLM,
)
from transformers.utils.logging import disable_progress_bar

from agents.console import console
from train.models.additions import Added, complete, end_turns, shows_tools
from train.models.gguf import read_config, read_model, require_weights
from train.models.induction import let_attention_copy
from train.models.precision import Use, weights_dtype
from train.models.profiles import TinyModel
from train.models.sound import refused
from train.models.sources import Place, fetched, require_whole
from train.models.suitable import require_cache, require_causal, require_fast
from train.runs import processes

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


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model as it is trained or played."""

    model: PreTrainedModel
    """The weights."""
    tokenizer: PreTrainedTokenizerBase
    """Its tokenizer, with a chat template."""
    added: Added
    """What the two lacked, and have got."""


def load(
    name: str,
    dtype: torch.dtype | None = None,
    *,
    own_template: bool = False,
) -> Loaded:
    """Loads weights and tokenizer, and adds what they lack (`train.models.additions`).

    Args:
        name: A folder, a GGUF file, or a name that this project, a package or the hub knows.
        dtype: In which numbers, as `train.models.precision.weights_dtype` has it; as for playing
            unless given.
        own_template: Whether the chat template stays that of the tokenizer, if it shows tools; else
            it is the one that all stages train with.

    Raises:
        FileNotFoundError: at once, if the folder is missing or the hub is out of reach.
        ModuleNotFoundError: if a package is missing that reads it.
        ValueError: if it cannot be a policy, is broken, or tokenizer and weights do not fit.
    """
    _silence()
    place = fetched(name)
    require_whole(place)
    require_causal(_config(place), name)
    tokenizer = _tokenizer(place)
    require_fast(tokenizer, name)
    model = _model(place, dtype or weights_dtype(Use.PLAY, adapters=False))
    require_cache(model, name)
    _require_rows(model, tokenizer, name)
    if own_template and shows_tools(tokenizer):
        added = Added(tuple(end_turns(model, tokenizer)))
    else:
        added = complete(model, tokenizer)
    model = model.to(processes.gpu()) if torch.cuda.is_available() else model
    return Loaded(model, tokenizer, added)


def load_model(
    name: str, dtype: torch.dtype | None = None, *, own_template: bool = False
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The same for those who do not ask what was added."""
    loaded = load(name, dtype, own_template=own_template)
    return loaded.model, loaded.tokenizer


def _config(place: Place) -> PretrainedConfig:
    if place.gguf:
        return read_config(place)
    with refused(place.path):
        return AutoConfig.from_pretrained(place.folder, local_files_only=True)


def _tokenizer(place: Place) -> PreTrainedTokenizerBase:
    if not place.gguf:
        with refused(place.path):
            return AutoTokenizer.from_pretrained(place.folder, local_files_only=True)
    console().print(f"Reading {place.words} …")
    with refused(place.path):
        return AutoTokenizer.from_pretrained(place.folder, gguf_file=place.gguf)


def _model(place: Place, dtype: torch.dtype) -> PreTrainedModel:
    if place.gguf:
        return read_model(place, dtype)
    with refused(place.path):
        model, told = AutoModelForCausalLM.from_pretrained(
            place.folder, dtype=dtype, local_files_only=True, output_loading_info=True
        )
    require_weights(told, place.path)
    return cast("PreTrainedModel", model)


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


def silence_renamed() -> None:
    """Leaves out a warning: peft and TRL read a property that transformers has renamed since."""
    warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)


def _silence() -> None:
    """Turns off the library's progress bars, which would break into ours, and two warnings."""
    disable_progress_bar()
    silence_renamed()
    logging.getLogger("transformers.trainer_utils").addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a warning says more than that checkpoints of one second are told by their steps."""
    return not record.getMessage().startswith("mtime may not be reliable")
