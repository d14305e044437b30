"""Memory that a step of training has freed is given back to the system."""

from __future__ import annotations

from transformers import (
    PreTrainedModel,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from train.runs.freed import give_back_of


class GivesBack(TrainerCallback):
    """Gives back what each step has freed."""

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: PreTrainedModel,
    ) -> None:
        """Looks after each step."""
        give_back_of(kwargs["model"])
