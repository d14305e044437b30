"""A step that teaches nothing leaves the weights as they are, to the last bit."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn
from transformers import (
    PreTrainedModel,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)


def nothing(model: nn.Module) -> Tensor:
    """A loss of 0 with a gradient of 0, of a micro-batch that teaches nothing."""
    trained = (one for one in model.parameters() if one.requires_grad)
    return 0.0 * min(trained, key=Tensor.numel).sum()


class Stillness(TrainerCallback):
    """Takes the gradients away before a step that has nothing to learn from.

    A gradient of 0 is not enough: Adam goes on with its momentum and takes rests of rounding for
    full steps, and weight decay shrinks the weights. Weights without a gradient are left alone.
    """

    def __init__(self, teaches: Callable[[], bool]) -> None:
        """Takes a function that says, once a step, whether there is something to learn."""
        self._teaches = teaches

    def on_pre_optimizer_step(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: PreTrainedModel,
    ) -> None:
        """Looks before each step."""
        if not self._teaches():
            for parameter in kwargs["model"].parameters():
                parameter.grad = None
