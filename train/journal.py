"""What a GRPO run writes down about itself, one line an optimiser step."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

KEPT = {
    "loss": "loss",
    "grad_norm": "grad_norm",
    "learning_rate": "lr",
    "entropy": "entropy",
    "kl": "kl",
    "clip_ratio/region_mean": "ratio/clipped",
    "step_time": "time/step",
    "num_tokens": "tokens",
}
"""TRL's name -> ours, for what is taken over; rewards and lengths are counted by `Rollouts`."""


class Journal(TrainerCallback):
    """Appends to `metrics.jsonl` and moves a progress bar on."""

    def __init__(
        self,
        path: Path,
        observed: Callable[[], Mapping[str, float]],
        advance: Callable[[int], None],
    ) -> None:
        """Names the file and what fills it.

        Args:
            path: The file of metrics.
            observed: What the latest generation showed.
            advance: Moves the progress bar.
        """
        self._path, self._observed, self._advance = path, observed, advance

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: object,
    ) -> None:
        """Forgets what was written after the checkpoint from which the run goes on."""
        if not state.is_world_process_zero:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        kept = [line for line in read(self._path) if int(line["step"]) <= state.global_step]
        self._path.write_text("".join(json.dumps(line) + "\n" for line in kept), encoding="utf-8")
        self._advance(state.global_step)

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **kwargs: object,
    ) -> None:
        """Writes a line; the summary at the end of a run is none."""
        if not logs or "loss" not in logs or not state.is_world_process_zero:
            return
        line = {ours: logs[theirs] for theirs, ours in KEPT.items() if theirs in logs}
        line |= self._observed()
        if "time/step" in line and "time/rollout" in line:
            line["time/optim"] = max(0.0, line["time/step"] - line["time/rollout"])
        numbers = {key: value for key, value in line.items() if _is_finite(value)}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": state.global_step, **numbers}) + "\n")

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: object,
    ) -> None:
        """One step further."""
        self._advance(1)


def read(path: Path) -> list[dict[str, float]]:
    """The whole lines of a journal; what a kill left unfinished is none, nor is a missing file."""
    if not path.exists():
        return []
    whole, _, _ = path.read_text(encoding="utf-8").rpartition("\n")
    return [json.loads(line) for line in whole.splitlines() if line]


def _is_finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
