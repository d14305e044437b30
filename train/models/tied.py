"""Weights that are another's, such as a head that is the table of embeddings.

A checkpoint leaves them out. The library has to be told so, or it warns of missing weights
whenever a run goes on.
"""

from __future__ import annotations

from transformers import PreTrainedModel


def leave_out_tied(model: PreTrainedModel) -> None:
    """Lets the library expect checkpoints of a model without what is tied."""
    if tied := getattr(model, "all_tied_weights_keys", None):
        model._keys_to_ignore_on_save = {*(model._keys_to_ignore_on_save or ()), *tied}
