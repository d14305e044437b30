"""What a GRPO run writes down about itself, one line an optimiser step."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from tools.files import write_text
from train.runs.trends import read

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
"""TRL's name -> ours, for what is taken over; `train.rl.step` counts rewards and lengths."""
SPENT = "time/spent"
"""Since the line before: seconds of processor time, of all threads; on a GPU, of the clock."""


def _now() -> float:
    """The clock that `SPENT` is read from; what else runs on the cores hardly moves it."""
    return time.perf_counter() if torch.cuda.is_available() else time.process_time()


class Journal(TrainerCallback):
    """Appends to `metrics.jsonl`, and tells of it."""

    def __init__(
        self,
        path: Path,
        observed: Callable[[], Mapping[str, float]],
        advance: Callable[[int], None] = lambda done: None,
        tell: Callable[[Sequence[Mapping[str, float]]], None] = lambda lines: None,
    ) -> None:
        """Takes the file and the sources of its lines.

        Args:
            path: The file of metrics.
            observed: Returns what the latest generation showed.
            advance: Moves a progress bar.
            tell: Shows the journal so far, whenever it has grown.
        """
        self._path, self._observed, self._advance, self._tell = path, observed, advance, tell
        self._lines: list[dict[str, float]] = []
        self._since = 0.0

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: object,
    ) -> None:
        """Forgets what was written after the checkpoint from which the run goes on.

        The steps after it are taken again, and each would stand there twice. What was observed
        before the first step is the line of step 0.
        """
        self._since = _now()
        if not state.is_world_process_zero:
            return
        begun = state.global_step
        self._lines = [line for line in read(self._path) if line["step"] <= begun] if begun else []
        if not begun and (observed := _finite(self._observed())):
            self._lines = [{"step": 0, **observed}]
        write_text(self._path, "".join(json.dumps(line) + "\n" for line in self._lines))
        self._advance(begun)
        self._tell(self._lines)

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **kwargs: object,
    ) -> None:
        """Writes a line; TRL's summary at the end of a run is no step and gets no line."""
        if not logs or "loss" not in logs or not state.is_world_process_zero:
            return
        line = {ours: logs[theirs] for theirs, ours in KEPT.items() if theirs in logs}
        line |= self._observed()
        if "time/step" in line and "time/rollout" in line:
            line["time/optim"] = max(0.0, line["time/step"] - line["time/rollout"])
        line[SPENT] = self._elapsed()
        self._lines.append({"step": state.global_step, **_finite(line)})
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(self._lines[-1]) + "\n")
        self._tell(self._lines)

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: object,
    ) -> None:
        """Moves the progress bar one step on."""
        self._advance(1)

    def on_train_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: object,
    ) -> None:
        """Adds to the last line what was spent since: the last steps may have none of their own."""
        if state.is_world_process_zero and self._lines and SPENT in self._lines[-1]:
            self._lines[-1][SPENT] += self._elapsed()
            write_text(self._path, "".join(json.dumps(line) + "\n" for line in self._lines))

    def _elapsed(self) -> float:
        """Seconds since it was asked last."""
        before, self._since = self._since, _now()
        return round(self._since - before, 3)


def _finite(line: Mapping[str, float | None]) -> dict[str, float]:
    """The numbers that JSON can hold: it has no nan and no infinity."""
    return {k: value for k, value in line.items() if value is not None and math.isfinite(value)}
