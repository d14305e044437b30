"""TRL's GRPOTrainer over our environments: TRL's own ways stay in this file and `train.rl.trainer`.

Its `rollout_func` is marked experimental. What is relied on, as read in TRL 1.16: it gets the
prompts already repeated (a group's next to each other) and returns as many rows in that order;
`env_mask` keeps tokens out of loss and normaliser; further lists become columns for the reward
functions; rows must not be empty; `max_completion_length` is not enforced.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from datasets import Dataset
from transformers import PrinterCallback, TrainerCallback
from transformers.utils.logging import disable_progress_bar
from trl import GRPOConfig, GRPOTrainer

from reasonact_env.config import EnvConfig
from reasonact_env.reward import OwnReward, load_rewards
from train.rl.credit import BRANCH, branch_advantages, thought_tags
from train.rl.generations import Generations
from train.rl.recipe import GDPO, Recipe
from train.rl.rewards import reward_functions, reward_weights
from train.rl.rollouts import Prompt, Sample, columns
from train.rl.trainer import Trainer, sampling
from train.rl.vllm import drawn_by
from train.runs import processes

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from agents.policy import Policy
    from reasonact_env.agent import Agent, Session
    from train.rl.task_sampler import TaskSampler

ALWAYS: Mapping[str, Any] = {
    "lr_scheduler_type": "linear",
    "shuffle_dataset": False,
    "logging_steps": 1,
    "save_total_limit": 2,
    "report_to": [],
    "disable_tqdm": True,
    "bf16": False,
    "activation_checkpointing": False,
}
"""TRL's settings that no recipe changes."""


class Rollouts:
    """Plays a generation with the live model; TRL calls it as `rollout_func`."""

    def __init__(
        self,
        config: EnvConfig,
        make_agent: Callable[[PreTrainedModel, int], Agent],
        recipe: Recipe,
        *,
        pad_token: int,
        batch: int = 64,
        task_sampler: TaskSampler | None = None,
        episodes: Path | None = None,
    ) -> None:
        """Remembers how to play.

        Args:
            config: What the environment is made with.
            make_agent: From the live model and a seed to the agent that samples from it.
            recipe: Group size, length limit, seed, aggregation.
            pad_token: Token of a row in which nothing was sampled.
            batch: Episodes at a time.
            task_sampler: Further tasks, where the recipe resamples or follows a curriculum.
            episodes: A folder for the episodes of every generation before a checkpoint.
        """
        self._make_agent, self._recipe = make_agent, recipe
        self._generations = Generations(config, recipe, pad_token, batch, task_sampler, episodes)
        self.extras = load_rewards(config.rewards)
        """Components of the user's own."""
        self._generation: dict[str, float] = {}
        self._noted: dict[str, float] = {}
        self.advantages: list[list[float]] | None = None
        """A row of advantages for each of the latest samples; None for one a sample, TRL's way."""

    @property
    def observed(self) -> dict[str, float]:
        """What is logged: the latest generation, and what was noted since the last line."""
        return {**self._generation, **self._noted}

    @property
    def episode(self) -> str:
        """The last episode in a line."""
        return self._generations.episode

    def note(self, found: Mapping[str, float]) -> None:
        """Adds to the next line."""
        self._noted.update(found)

    def forget(self) -> None:
        """Forgets what was noted: it is written."""
        self._noted.clear()

    def __call__(self, prompts: Sequence[str], trainer: GRPOTrainer) -> dict[str, object]:
        """Plays the prompts, in order, as TRL wants it."""
        self.forget()  # what was seen before the first step has a line of its own
        started = time.perf_counter()
        model = trainer.accelerator.unwrap_model(trainer.model)
        wanted = [Prompt.read(text) for text in prompts]
        with sampling(model):
            agent = Timed(self._agent(model, trainer))
            samples = self._play(wanted, agent, trainer.state.global_step)
        seconds = time.perf_counter() - started
        self._generation = {
            **self._generations.observed,
            "time/rollout": seconds,
            "time/env": seconds - agent.seconds,
            "speed/sampled": sum(sum(sample.env_mask) for sample in samples) / seconds,
        }
        if self._recipe.credit == BRANCH:
            tokens, returns = [s.completion_ids for s in samples], [s.total for s in samples]
            tags = thought_tags(trainer.processing_class)
            self.advantages = branch_advantages(tokens, returns, self._recipe.group, tags)
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

    def _play(self, prompts: Sequence[Prompt], agent: Agent, step: int) -> list[Sample]:
        """A generation; what is stored may take its place."""
        return self._generations.play(prompts, agent, step)

    def _seed(self, trainer: GRPOTrainer) -> int:
        """Another one every generation, the same one when a killed run plays it again."""
        rank = trainer.accelerator.process_index
        return hash((self._recipe.seed, trainer.state.global_step, rank)) % 2**31


class Timed:
    """An agent that knows how long it thought."""

    def __init__(self, agent: Agent) -> None:
        """Wraps an agent."""
        self._agent = agent
        self.seconds = 0.0

    def act(self, sessions: Sequence[Session]) -> list[str]:
        """Answers as the agent does."""
        started = time.perf_counter()
        answers = self._agent.act(sessions)
        self.seconds += time.perf_counter() - started
        return answers


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
        "warmup_steps": min(5, recipe.optimiser_steps // 10),
        "beta": recipe.beta,
        "loss_type": recipe.loss,
        "scale_rewards": recipe.scale_rewards,
        "epsilon": recipe.epsilon_low,
        "epsilon_high": recipe.epsilon_high,
        "importance_sampling_level": recipe.ratio,
        "temperature": recipe.temperature,
        "multi_objective_aggregation": (
            "normalize_then_sum" if recipe.aggregation == GDPO else "sum_then_normalize"
        ),
        "reward_weights": reward_weights(recipe, weights, extras),
        "seed": recipe.seed,
        "save_steps": recipe.save_every * recipe.updates,  # TRL keeps no half-used generation
    }
    return GRPOConfig(**{**ALWAYS, **settings, **overrides})


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
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[Prompt],
    rollouts: Rollouts,
    config: GRPOConfig,
    callbacks: Sequence[TrainerCallback] = (),
    kind: type[GRPOTrainer] = Trainer,
) -> GRPOTrainer:
    """Puts the parts together."""
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")  # known, and why this file exists
    # TRL 1.16 reads a property that transformers has renamed since.
    warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
    disable_progress_bar()
    trainer = kind(
        model=model,
        reward_funcs=list(reward_functions(rollouts.extras)),
        args=config,
        train_dataset=Dataset.from_dict({"prompt": [prompt.text() for prompt in prompts]}),
        processing_class=tokenizer,
        rollout_func=rollouts,
        callbacks=list(callbacks),
    )
    trainer.remove_callback(PrinterCallback)
    return trainer
