"""Models in one GGUF file, as llama.cpp has them: quantised weights, read into whole ones.

transformers does the reading. A model of 135M weights takes about twenty seconds, most of them for
the vocabulary; it is read once a run, and what is trained from it is saved as usual.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

import torch
import transformers
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    PretrainedConfig,
    PreTrainedModel,
    modeling_gguf_pytorch_utils,
)

from train.models.sources import Place


def read_config(place: Place) -> PretrainedConfig:
    """The configuration of the model in a file.

    Raises:
        ValueError: if transformers cannot read its architecture.
    """
    with refused(place):
        return cast(
            "PretrainedConfig", AutoConfig.from_pretrained(place.folder, gguf_file=place.gguf)
        )


def read_model(place: Place, dtype: torch.dtype) -> PreTrainedModel:
    """The model in a file, with whole weights.

    It forgets that it was quantised: such a model could neither be trained nor saved.

    Raises:
        ValueError: if transformers cannot read it.
    """
    with refused(place), _quiet():
        model: Any = AutoModelForCausalLM.from_pretrained(
            place.folder, gguf_file=place.gguf, dtype=torch.float32, **_whole()
        )
    model.hf_quantizer, model.is_quantized = None, False
    for owner, name in ((model.config, "quantization_config"), (model, "quantization_method")):
        if hasattr(owner, name):
            delattr(owner, name)
    # The file's own title stands there, which would be looked for on the hub.
    model.config._name_or_path = model.name_or_path = ""
    return cast("PreTrainedModel", model.to(dtype))


def _whole() -> dict[str, object]:
    """Asks for plain weights: with some packages installed, transformers would keep them packed."""
    made = getattr(transformers, "GgufConfig", None)  # older versions always unpack
    return {"quantization_config": made(dequantize=True)} if made else {}


@contextmanager
def refused(place: Place) -> Iterator[None]:
    """Says of a file that transformers cannot read it, and why."""
    try:
        yield
    except (ValueError, NotImplementedError, KeyError) as error:
        raise ValueError(
            f"expected a GGUF file that transformers can read, got {place.path}: {error}; convert "
            "it to a folder by other means, and give that"
        ) from None


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bar of the conversion, which would break into ours."""
    bar = modeling_gguf_pytorch_utils.tqdm
    modeling_gguf_pytorch_utils.tqdm = partial(bar, disable=True)
    try:
        yield
    finally:
        modeling_gguf_pytorch_utils.tqdm = bar
