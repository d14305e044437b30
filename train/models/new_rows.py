"""The rows of new tokens under adapters: all other rows stay as they are, and these are trained.

`train.models.additions` says why they have to be. peft does it, with a wrapper around embeddings
and head (its `trainable_token_indices`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from peft import PeftModel
from transformers import PreTrainedModel


def tables(model: PreTrainedModel, rows: Sequence[int]) -> dict[str, list[int]] | None:
    """The modules that have a row for each token, by name, with the rows that are trained.

    peft itself follows a head that shares the embeddings' weights.

    Raises:
        ValueError: if the head has a bias, which peft's wrapper leaves out.
    """
    if not rows:
        return None
    embeddings, head = model.get_input_embeddings(), model.get_output_embeddings()
    if getattr(head, "bias", None) is not None:
        raise ValueError(
            f"expected a head without a bias to train new tokens beside adapters, got that of a "
            f"{type(model).__name__}; take a profile that trains all weights"
        )
    found = {id(embeddings)}
    if head is not None and head.weight is not embeddings.weight:
        found.add(id(head))
    return {name: [*rows] for name, one in model.named_modules() if id(one) in found}


def without_new_rows(model: PeftModel, rows: Sequence[int]) -> PreTrainedModel:
    """An adapted model that TRL trains and saves as one without new rows.

    TRL's fused head asks the head for its bias, which a wrapper does not pass on. And a model that
    names its base is compared with the base's files at each checkpoint: peft would save all rows.
    """
    found = cast("PreTrainedModel", model)
    if rows:
        found.get_output_embeddings().bias = None
        for config in model.peft_config.values():
            config.base_model_name_or_path = ""  # with None, peft would look it up
    return found
