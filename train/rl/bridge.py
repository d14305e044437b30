"""TRL's GRPOTrainer over our environments: TRL's own ways stay in this file and `train.rl.trainer`.

Its `rollout_func` is marked experimental. What is relied on, as read in TRL 1.16: it gets the
prompts already repeated (a group's next to each other) and returns as many rows in that order;
`env_mask` keeps tokens out of loss and normaliser; further lists become columns for the reward
functions; rows must not be empty; `max_completion_length` is not enforced.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import torch
from datasets import Dataset
from transformers import PrinterCallback
from transformers.utils.logging import disable_progress_bar
from trl import GRPOConfig, GRPOTrainer

from reasonact_env.reward import OwnReward
from tools.types import Json
from train.rl.recipe import GDPO, Recipe
from train.rl.rewards import reward_functions, reward_weights
from train.rl.rollouts import Prompt, columns
from train.rl.step import Generation, GenerationPlayer
from train.rl.trainer import sampling
from train.rl.trl_options import typed
from train.rl.vllm import drawn_by
from train.runs import processes

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from agents.policy import Policy
    from reasonact_env.agent import Agent

SomeTrainer = TypeVar("SomeTrainer", bound=GRPOTrainer)
DEFAULTS: Mapping[str, Any] = {
    "lr_scheduler_type": "linear",
    "save_total_limit": 2,
    "report_to": [],
}
"""Where we begin with other settings than TRL; `--trl` may say otherwise."""
FIXED: Mapping[str, Any] = {
    "shuffle_dataset": False,  # the order of the prompts is planned
    "logging_steps": 1,  # the journal has a line a step
    "disable_tqdm": True,
    "report_to": [],
    "bf16": False,
    "activation_checkpointing": False,
}
"""TRL's settings that no recipe changes; but trackers and the device."""


class Rollouts:
    """Lets the live model play a generation; TRL calls it as `rollout_func`."""

    def __init__(
        self,
        play: GenerationPlayer,
        make_agent: Callable[[PreTrainedModel, int], Agent],
        recipe: Recipe,
    ) -> None:
        """Remembers who plays.

        Args:
            play: Plays a generation: `train.rl.step.Step`, or stored samples.
            make_agent: From the live model and a seed to the agent that samples from it.
            recipe: Seed and aggregation.
        """
        self._play, self._make_agent, self._recipe = play, make_agent, recipe
        self.latest = Generation()
        """The generation that is learned from; an empty one before the first."""

    def __call__(self, prompts: Sequence[str], trainer: GRPOTrainer) -> dict[str, object]:
        """Plays the prompts, in order, and gives TRL the rows as it wants them."""
        model = trainer.accelerator.unwrap_model(trainer.model)
        wanted = [Prompt.read(text) for text in prompts]
        with sampling(model):
            agent = self._agent(model, trainer)
            self.latest = self._play(wanted, agent, trainer.state.global_step)
        samples = self.latest.samples
        return {
            "prompt_ids": [sample.prompt_ids for sample in samples],
            "completion_ids": [sample.completion_ids for sample in samples],
            "logprobs": [sample.logprobs for sample in samples],
            "env_mask": [sample.env_mask for sample in samples],
            **columns(samples, raw=self._recipe.aggregation == GDPO),
        }

    def _agent(self, model: PreTrainedModel, trainer: GRPOTrainer) -> Agent:
        """What plays; vLLM draws for it if the configuration says so."""
        agent = self._make_agent(model, self._seed(trainer))
        if trainer.use_vllm:
            cast("Policy", agent).generate = drawn_by(trainer.vllm_generation)
        return agent

    def _seed(self, trainer: GRPOTrainer) -> int:
        """Another one every generation, the same one when a killed run plays it again."""
        rank = trainer.accelerator.process_index
        return hash((self._recipe.seed, trainer.state.global_step, rank)) % 2**31


def grpo_config(
    recipe: Recipe,
    weights: Mapping[str, float] | None,
    out: Path,
    *,
    extras: Sequence[OwnReward] = (),
    **overrides: Any,
) -> GRPOConfig:
    """The recipe in TRL's terms.

    Args:
        recipe: How to optimise.
        weights: The components' weights, or None for the defaults.
        out: Where checkpoints go.
        extras: Components of the user's own.
        **overrides: TRL's own settings (precision, device, gradient checkpointing, trackers).
    """
    rows = recipe.prompts * recipe.group
    own = _rows_of_one_process(recipe)
    settings: dict[str, Any] = {
        "output_dir": str(out),
        "max_steps": recipe.optimiser_steps,
        "per_device_train_batch_size": recipe.micro_batch,
        "gradient_accumulation_steps": own // (recipe.updates * recipe.micro_batch),
        "generation_batch_size": rows,
        "num_generations": recipe.group,
        "max_completion_length": recipe.max_tokens,
        "learning_rate": recipe.lr,
        "beta": recipe.beta,
        "temperature": recipe.temperature,
        "multi_objective_aggregation": (
            "normalize_then_sum" if recipe.aggregation == GDPO else "sum_then_normalize"
        ),
        "reward_weights": reward_weights(recipe, weights, extras),
        "seed": recipe.seed,
        "save_steps": recipe.save_every * recipe.updates,  # TRL keeps no half-used generation
    }
    warmup = {"warmup_steps": min(5, recipe.optimiser_steps // 10)}
    chosen = {**DEFAULTS, **warmup, **trl_options(recipe.trl)}
    return GRPOConfig(**{**chosen, **FIXED, **settings, **overrides})


def trl_options(given: Mapping[str, object]) -> dict[str, Json]:
    """TRL's own options, checked and typed by its configuration's fields.

    Args:
        given: TRL's names -> values, or texts of them.

    Raises:
        ValueError: for what TRL does not know, another type, or what is decided elsewhere.
    """
    return typed(given, GRPOConfig)


def _rows_of_one_process(recipe: Recipe) -> int:
    """How many of a generation's rows each process plays: whole groups, whole micro-batches.

    Raises:
        ValueError: if they do not divide.
    """
    rows, parts = recipe.prompts * recipe.group, processes.count()
    own = rows // parts
    if rows % parts or own % recipe.group or own % (recipe.updates * recipe.micro_batch):
        raise ValueError(
            f"expected a multiple of the group ({recipe.group}) and of updates x micro_batch "
            f"({recipe.updates * recipe.micro_batch}) for each of {parts} processes, got {rows} "
            "rows in all; change --prompts or the number of processes"
        )
    return own


def on_device() -> dict[str, Any]:
    """TRL's settings for the device: half precision and recomputed activations on a GPU."""
    on_gpu = torch.cuda.is_available()
    return {"use_cpu": not on_gpu, "bf16": on_gpu, "activation_checkpointing": on_gpu}


def make_trainer(
    kind: type[SomeTrainer],
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[Prompt],
    rollouts: Rollouts,
    config: GRPOConfig,
    *,
    extras: Sequence[OwnReward] = (),
) -> SomeTrainer:
    """Puts the parts together.

    Args:
        kind: Our `train.rl.trainer.Trainer`, or TRL's own to compare with.
        model: What learns.
        tokenizer: Its tokenizer.
        prompts: What is played, in order, each once.
        rollouts: Plays it.
        config: As `grpo_config` gives it.
        extras: Components of the user's own, as in the configuration.
    """
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")  # known, and why this file exists
    # TRL 1.16 reads a property that transformers has renamed since.
    warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
    disable_progress_bar()
    trainer: SomeTrainer = kind(
        model=model,
        reward_funcs=list(reward_functions(extras)),
        args=config,
        train_dataset=Dataset.from_dict({"prompt": [prompt.text() for prompt in prompts]}),
        processing_class=tokenizer,
        rollout_func=rollouts,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer
