"""Learning rates: above zero from the first step on, whatever the schedule."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import TrainingArguments

from train.runs.schedule import FromTheFirstStep, warm_up


def rates(folder: Path, steps: int, warmup: int, kind: str = "linear") -> list[float]:
    """The learning rate of each step, as a share of the peak."""
    model = torch.nn.Linear(2, 2)
    told = TrainingArguments(
        output_dir=str(folder),
        learning_rate=1.0,
        lr_scheduler_type=kind,
        warmup_steps=warmup,
        max_steps=steps,
        use_cpu=True,
        report_to=[],
    )
    trainer = FromTheFirstStep(model=model, args=told)
    trainer.create_optimizer_and_scheduler(steps)
    found = []
    for _ in range(steps):
        found.append(trainer.optimizer.param_groups[0]["lr"])
        trainer.optimizer.step()
        trainer.lr_scheduler.step()
    return found


@pytest.mark.parametrize("steps", [1, 2, 9, 10, 100])
def test_no_step_is_for_nothing(tmp_path: Path, steps: int) -> None:
    warmup = warm_up(5, steps)
    found = rates(tmp_path, steps, warmup)
    assert min(found) > 0
    assert found[warmup - 1] == max(found) == pytest.approx(1)
    assert found[:warmup] == pytest.approx([(k + 1) / warmup for k in range(warmup)])
    assert found[-1] == pytest.approx(1 / (steps + 1 - warmup))


def test_without_warm_up_to_speak_of_it_is_the_schedule_that_it_was(tmp_path: Path) -> None:
    assert rates(tmp_path, 9, 1) == pytest.approx([(9 - k) / 9 for k in range(9)])


@pytest.mark.parametrize("kind", ["constant", "constant_with_warmup", "cosine"])
def test_other_schedules_too(tmp_path: Path, kind: str) -> None:
    assert min(rates(tmp_path, 10, 3, kind)[:9]) > 0


def test_warm_up_is_a_tenth_within_bounds() -> None:
    assert [warm_up(5, steps) for steps in (1, 9, 10, 30, 1000)] == [1, 1, 1, 3, 5]
