"""Success on held-out tasks, measured at intervals during training."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from statistics import fmean, pstdev

from transformers import (
    PreTrainedModel,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from agents.play import Wanted, play
from reasonact_env.agent import Agent
from reasonact_env.config import EnvConfig
from tasks.types import Task
from train.rl.playing import Around, PlayingModel
from train.scoring.metrics import measure
from train.scoring.stats import Ratio

SPLIT = "validation"
"""The split of the held-out tasks; the test split is for the final evaluation."""


_SHARES: Mapping[str, str] = {
    "success": "held_out/success",
    "decision_accuracy": "held_out/success",
    "messages_cut": "held_out/cut",
}
"""Metric -> the journal's name for it."""


class HeldOut(TrainerCallback):
    """Plays the same few tasks, greedily, before the first step and then every `every` steps."""

    def __init__(
        self,
        config: EnvConfig,
        tasks: Sequence[Task],
        make_agent: Callable[[PreTrainedModel, int], Agent],
        every: int,
        batch: int,
        playing: PlayingModel,
    ) -> None:
        """Chooses the tasks.

        Args:
            config: The configuration of the training environment. The evaluation leaves your own
                reward components out.
            tasks: All tasks that are not trained on.
            make_agent: A function from the live model and a seed to a greedy agent. It samples
                nothing, so training is the same with and without it.
            every: The number of optimiser steps between two evaluations.
            batch: The number of episodes at a time.
            playing: Lends the agent the live model.
        """
        self._config = replace(config, split=SPLIT, rewards=())
        self._tasks = {task.id: task for task in tasks}
        self._wanted = list(units(tasks, by_turn=config.mode == "turn"))
        self._make_agent, self._every, self._batch = make_agent, every, batch
        self._playing = playing
        self.found: Mapping[str, float] = {}
        """Journal's name -> result of the evaluation after the latest step; empty without one."""
        self.around: Around = nullcontext
        """Surrounds the playing: the trainer's autocast."""

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: PreTrainedModel,
    ) -> None:
        """Evaluates the policy before training, if a later evaluation is due."""
        if state.global_step == 0 and state.max_steps >= self._every:
            self._look(kwargs["model"])

    def on_step_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: object,
    ) -> None:
        """Forgets the last evaluation, which belongs to the step before."""
        self.found = {}

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: PreTrainedModel,
    ) -> None:
        """Evaluates the policy, if it is due."""
        if state.global_step % self._every == 0:
            self._look(kwargs["model"])

    def _look(self, model: PreTrainedModel) -> None:
        started = time.perf_counter()
        with self._playing(model, self.around) as player:
            agent = self._make_agent(player, 0)
            played = play(self._config, agent, self._wanted, batch_size=self._batch)
            episodes = [one.episode for one in played]
        parts = [measure(self._tasks[one.task_id], one) for one in episodes]
        found = summary(parts, [one.total for one in episodes])
        self.found = found | {"time/held_out": time.perf_counter() - started}


def units(tasks: Sequence[Task], *, by_turn: bool) -> list[Wanted]:
    """The units to play: dialogues or, by turn, one decision of each task, at varying places."""
    if not by_turn:
        return [(task.id, None) for task in tasks]
    decided = [task for task in tasks if task.decisions]
    return [(task.id, i % len(task.decisions)) for i, task in enumerate(decided)]


def summary(parts: Sequence[Mapping[str, Ratio]], returns: Sequence[float]) -> dict[str, float]:
    """The results of an evaluation.

    Args:
        parts: `train.scoring.metrics.measure` of each episode.
        returns: The return of each episode.

    Returns:
        `held_out/success` (the share of successful dialogues, or of decisions to call or reply as
        recorded), `held_out/return`, `held_out/error`, the return's standard error, and
        `held_out/cut` (the share of messages that ran into the policy's limit of tokens).
    """
    found = {"held_out/return": fmean(returns)}
    found["held_out/error"] = pstdev(returns) / math.sqrt(len(returns))
    for metric, name in _SHARES.items():
        told = [part[metric] for part in parts if metric in part]
        if below := sum(b for _, b in told):
            found[name] = sum(a for a, _ in told) / below
    return found
