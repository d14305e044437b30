"""TRL's GRPOTrainer over our environments; only this file and `train.rl.trainer` know TRL's
details.

Its `rollout_func` is marked experimental. We rely on this, as read in TRL 1.16: it gets the prompts
already repeated (a group's next to each other) and returns as many rows in that order;
`env_mask` keeps tokens out of loss and normaliser; further lists become columns for the reward
functions; rows must not be empty; `max_completion_length` is not enforced.
"""

from __future__ import annotations

import os
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
from train.models.model import silence_renamed
from train.rl.playing import PlayingModel
from train.rl.prompts import Prompt
from train.rl.recipe import GDPO, Recipe
from train.rl.rewards import reward_functions, reward_weights
from train.rl.rollouts import columns
from train.rl.step import Generation, GenerationPlayer
from train.rl.trl_options import typed
from train.rl.vllm import context_of, drawn_by
from train.runs import processes
from train.runs.freed import give_back_of
from train.runs.precision_option import BFLOAT16
from train.runs.recomputation import recomputation
from train.runs.schedule import warm_up

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
"""Our defaults that differ from TRL's; `--trl` overrides them."""
FIXED: Mapping[str, Any] = {
    "shuffle_dataset": False,  # our plan fixes the order of the prompts
    "logging_steps": 1,  # the journal has one line per step
    "disable_tqdm": True,
    "report_to": [],
    "bf16": False,
    **recomputation(False),
}
"""TRL's settings that no recipe changes, apart from trackers and the device."""


class Rollouts:
    """Lets the live model play a generation; TRL calls it as `rollout_func`."""

    def __init__(
        self,
        play: GenerationPlayer,
        make_agent: Callable[[PreTrainedModel, int], Agent],
        recipe: Recipe,
        playing: PlayingModel | None = None,
    ) -> None:
        """Keeps the player and the agent's maker.

        Args:
            play: Plays a generation: `train.rl.step.Step`, or stored samples.
            make_agent: A function from the live model and a seed to the agent that samples from it.
            recipe: Seed and aggregation.
            playing: Lends the agent the live model; the model itself plays unless given.
        """
        self._play, self._make_agent, self._recipe = play, make_agent, recipe
        self._playing = playing
        self.latest = Generation()
        """The generation that training uses now; an empty one before the first."""

    def __call__(self, prompts: Sequence[str], trainer: GRPOTrainer) -> dict[str, object]:
        """Plays the prompts, in order, and returns the rows in TRL's form."""
        model = trainer.accelerator.unwrap_model(trainer.model)
        wanted = [Prompt.read(text) for text in prompts]
        playing = self._playing or PlayingModel(model, half=False)
        with playing(model, trainer.accelerator.autocast) as player:
            agent = self._agent(player, trainer)
            self.latest = self._play(wanted, agent, trainer.state.global_step)
        give_back_of(model)
        samples = self.latest.samples
        return {
            "prompt_ids": [sample.prompt_ids for sample in samples],
            "completion_ids": [sample.completion_ids for sample in samples],
            "logprobs": [sample.logprobs for sample in samples],
            "env_mask": [sample.env_mask for sample in samples],
            **columns(samples, raw=self._recipe.aggregation == GDPO),
        }

    def _agent(self, model: PreTrainedModel, trainer: GRPOTrainer) -> Agent:
        """The agent that plays; vLLM samples for it if the configuration says so."""
        agent = self._make_agent(model, self._seed(trainer))
        if trainer.use_vllm:
            policy, engine = cast("Policy", agent), trainer.vllm_generation
            policy.let_draw(drawn_by(engine, policy.chat.end_id), context_of(engine))
        return agent

    def _seed(self, trainer: GRPOTrainer) -> int:
        """A seed for each generation, the same when a resumed run plays the generation again."""
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
        recipe: The recipe.
        weights: The components' weights, or None for the defaults.
        out: The folder of checkpoints.
        extras: Your own reward components.
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
        "save_steps": recipe.save_every * recipe.updates,  # TRL does not save half-used generations
    }
    warmup = {"warmup_steps": warm_up(5, recipe.optimiser_steps)}
    chosen = {**DEFAULTS, **warmup, **trl_options(recipe.trl)}
    return GRPOConfig(**{**chosen, **FIXED, **settings, **overrides})


def trl_options(given: Mapping[str, object]) -> dict[str, Json]:
    """TRL's own options, checked and typed by its configuration's fields.

    Args:
        given: TRL's names -> values, or texts of them.

    Raises:
        ValueError: for an unknown name, a value of another type or that TRL does not know, or an
            option that is set elsewhere.
    """
    found = typed(given, GRPOConfig)
    try:
        if found:  # TRL looks at some values when it is configured, which it is after loading
            GRPOConfig(**{"output_dir": "", "use_cpu": True, **FIXED, **found})
    except ValueError as error:
        words = " ".join(str(error).split())
        named = " ".join(f"{name}={value}" for name, value in found.items())
        raise ValueError(f"expected options that TRL takes, got --trl {named}: {words}") from None
    return found


def _rows_of_one_process(recipe: Recipe) -> int:
    """The number of a generation's rows per process: whole groups and whole micro-batches.

    Raises:
        ValueError: if the rows cannot be divided in this way.
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


def on_device(precision: str | None = None) -> dict[str, Any]:
    """TRL's settings for the device: activations are recomputed on a GPU.

    Args:
        precision: In which numbers it computes; bfloat16 on a GPU, float32 elsewhere unless given.
    """
    on_gpu = torch.cuda.is_available()
    half = on_gpu if precision is None else precision == BFLOAT16
    return {"use_cpu": not on_gpu, "bf16": half, **recomputation(on_gpu)}


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
    """Makes the trainer from its parts.

    Args:
        kind: Our `train.rl.trainer.Trainer`, or TRL's own to compare with.
        model: The model to train.
        tokenizer: Its tokenizer.
        prompts: The prompts, in order, each once.
        rollouts: The function that plays them.
        config: The configuration from `grpo_config`.
        extras: Your own reward components, as in the configuration.
    """
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")  # we know, and keep its use in this file
    silence_renamed()
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
