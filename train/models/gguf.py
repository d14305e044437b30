"""Models in one GGUF file, as llama.cpp has them: quantised weights, read into whole ones.

transformers does the reading. A model of 135M weights takes about twenty seconds, most of them for
the vocabulary; it is read once a run, and what is trained from it is saved as usual.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
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

from train.models.sound import refused
from train.models.sources import Place


def read_config(place: Place) -> PretrainedConfig:
    """The configuration of the model in a file.

    Raises:
        ValueError: if transformers cannot read its architecture.
    """
    with refused(place.path):
        return cast(
            "PretrainedConfig", AutoConfig.from_pretrained(place.folder, gguf_file=place.gguf)
        )


def read_model(place: Place, dtype: torch.dtype) -> PreTrainedModel:
    """The model in a file, with whole weights.

    It forgets that it was quantised: such a model could neither be trained nor saved.

    Raises:
        ValueError: if transformers cannot read it, or finds only a part of the weights.
    """
    with refused(place.path), _quiet():
        read: Any = AutoModelForCausalLM.from_pretrained(
            place.folder,
            gguf_file=place.gguf,
            dtype=torch.float32,
            output_loading_info=True,
            **_whole(),
        )
    model, told = read
    require_weights(told, place.path)
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


def require_weights(told: Mapping[str, Any], path: Path) -> None:
    """Refuses a model some of whose weights are nowhere: transformers would draw them at random.

    Args:
        told: What transformers says of its loading (`output_loading_info`).
        path: The model's folder or file.

    Raises:
        ValueError: if so.
    """
    if missing := sorted(told.get("missing_keys") or ()):
        shown = ", ".join(missing[:3]) + (", …" if len(missing) > 3 else "")
        raise ValueError(
            f"expected all weights of the model in {path}, found none of {len(missing)} ({shown}); "
            "get it again, or save it anew by save_pretrained"
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bar of the conversion, which would break into ours."""
    bar = modeling_gguf_pytorch_utils.tqdm
    modeling_gguf_pytorch_utils.tqdm = partial(bar, disable=True)
    try:
        yield
    finally:
        modeling_gguf_pytorch_utils.tqdm = bar
