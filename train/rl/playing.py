"""How a policy plays while it is trained: in evaluation mode, in the numbers that play fastest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import torch
from transformers import PreTrainedModel
from trl.models.utils import disable_gradient_checkpointing

from train.models.precision import half_copy, plays_in_half, renew

Around = Callable[[], AbstractContextManager[object]]
"""Makes what surrounds the playing of the trained weights: the trainer's autocast."""


class PlayingModel:
    """Lends the live model to the agents that play with it."""

    def __init__(self, model: PreTrainedModel, *, half: bool) -> None:
        """Makes a copy of the model, if that plays faster.

        Autocast rounds weights and activations in every layer anew; on a CPU that costs as much as
        the products themselves, where few tokens are read at a time. Weights that are rounded once
        a generation play about twice as fast. The journal's `ratio/drift` tells how far what is
        sampled then lies from what is learned.

        Args:
            model: The model as it is loaded, before a trainer wraps its methods.
            half: Whether training computes in bfloat16.
        """
        self._copy = half_copy(model) if half and plays_in_half(model) else None

    @contextmanager
    def __call__(self, model: PreTrainedModel, around: Around) -> Iterator[PreTrainedModel]:
        """The model that plays, with the weights that the live one has now.

        Args:
            model: The live model.
            around: Surrounds the playing of the live model itself.
        """
        with sampling(model):
            if self._copy is None:
                # One autocast around all messages keeps the weights that it has cast.
                with around():
                    yield model
            else:
                renew(self._copy, model)
                yield self._copy


@contextmanager
def sampling(model: PreTrainedModel) -> Iterator[None]:
    """Evaluation mode, no gradients, KV cache on; everything as before afterwards."""
    was_training = model.training
    with torch.no_grad(), disable_gradient_checkpointing(model, {"use_reentrant": False}):
        model.eval()
        try:
            yield
        finally:
            model.train(was_training)
