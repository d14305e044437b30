"""A learning rate that is above zero from the first step on.

transformers warms up from zero: its first step leaves the weights as they are. For a run of one
step that is the whole training, and in GRPO a generation is played for nothing.
"""

from __future__ import annotations

from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler
from transformers import Trainer


class FromTheFirstStep(Trainer):
    """A trainer whose schedule begins where transformers' has come after one step.

    With warm-up over w of n steps, step k of the linear schedule (from 0 on) has the share
    (k + 1) / w of the peak rate at first, and (n - k) / (n + 1 - w) later.
    """

    def create_scheduler(
        self, num_training_steps: int, optimizer: Optimizer | None = None
    ) -> LRScheduler:
        """The chosen schedule over one step more, without its first step."""
        scheduler = super().create_scheduler(num_training_steps + 1, optimizer)
        if not isinstance(scheduler, LambdaLR):  # one that looks at results begins at its peak
            found: LRScheduler = scheduler
            return found
        later = [_shifted(share) for share in scheduler.lr_lambdas]
        self.lr_scheduler: LRScheduler = LambdaLR(scheduler.optimizer, later)
        return self.lr_scheduler


def warm_up(most: int, steps: int) -> int:
    """A tenth of the steps, at least one and at most so many."""
    return min(most, max(1, steps // 10))


def _shifted(share: Any) -> Any:
    return lambda step: share(step + 1)
