"""What `benchmarks.trainer_reference` lets the trainer do: a tiny policy, variants, its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from benchmarks.reference import Loss
from reasonact_env.config import EnvConfig
from reasonact_env.episode import Episode
from reasonact_env.episodes.storage import read_episodes
from reasonact_env.reward import load_rewards
from tasks.load import load_tasks
from train.models.model import tiny_model
from train.models.policies import TrainedPolicy, load_policy
from train.models.profiles import DEMO, TinyModel
from train.models.tokenizer import train_tokenizer
from train.rl.bridge import Rollouts, grpo_config, make_trainer
from train.rl.credit import BRANCH
from train.rl.prompts import prompts
from train.rl.recipe import GDPO, Recipe
from train.rl.step import Generation, Step
from train.rl.trainer import Trainer

DATA = "desk:60"
LENGTH = ("benchmarks.bad_rewards:pays_length=0.5",)
"""A reward that even an untrained policy earns more or less of."""
DIALOGUE: Mapping[str, Any] = {"max_turns": 3, "rewards": LENGTH}
TURN: Mapping[str, Any] = {"mode": "turn"}
SIZE: Mapping[str, Any] = {"generations": 2, "prompts": 4, "group": 4, "micro_batch": 4, "lr": 3e-3}
NARROWEST = 0.021
"""So narrow a clip range that a second update of a generation meets it; no token's ratio lies
within rounding of its ends, where one side would clip it and the other not."""
CLIP = {"epsilon": NARROWEST, "epsilon_high": NARROWEST}


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to learn."""

    name: str
    """What it is called."""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    """What differs from the usual recipe."""
    env: Mapping[str, Any] = field(default_factory=lambda: TURN)
    """The environment."""
    loss: Loss = field(default_factory=Loss)
    """The same, in the reference's words."""


def _trl(name: str, loss: Loss, env: Mapping[str, Any] = TURN, **more: object) -> Variant:
    """A variant by TRL's options; its loss's kind and level follow from the reference's."""
    level = "sequence" if loss.by_sequence else "token"
    trl = {"loss_type": loss.kind, "importance_sampling_level": level, **more}
    held = {} if loss.kind == "sapo" else {"epsilon_high": loss.high}  # which clips nothing
    return Variant(name, {"trl": {**held, **trl}}, env, loss)


TWICE: Mapping[str, Any] = {"updates": 2, "micro_batch": 2, "trl": CLIP}
NARROW = Loss(low=NARROWEST, high=NARROWEST)
VARIANTS = (
    Variant("episode, turn mode"),
    Variant("episode, dialogues", env=DIALOGUE),
    _trl("scale_rewards batch", Loss(), scale_rewards="batch"),
    _trl("scale_rewards none", Loss(), scale_rewards="none"),
    _trl("dr_grpo, scale none", Loss("dr_grpo"), scale_rewards="none"),
    _trl("grpo", Loss("grpo")),
    _trl("grpo, dialogues", Loss("grpo"), DIALOGUE),
    replace(_trl("bnpo", Loss("bnpo")), recipe={"micro_batch": 16, "trl": {"loss_type": "bnpo"}}),
    _trl("cispo", Loss("cispo", high=5.0)),
    _trl("sapo", Loss("sapo")),
    _trl("GSPO", Loss("grpo", by_sequence=True)),
    _trl("sequence level, dapo", Loss("dapo", by_sequence=True)),
    Variant("gdpo", {"aggregation": GDPO}),
    Variant("gdpo, dialogues", {"aggregation": GDPO}, DIALOGUE),
    Variant("branch", {"credit": BRANCH}),
    Variant("branch, dialogues", {"credit": BRANCH}, DIALOGUE),
    Variant("branch, dialogues, halves of groups", {"credit": BRANCH, "micro_batch": 2}, DIALOGUE),
    Variant("beta .1", {"beta": 0.1}, loss=Loss(beta=0.1)),
    Variant("beta .1, branch", {"beta": 0.1, "credit": BRANCH}, loss=Loss(beta=0.1)),
    Variant("two updates", TWICE, loss=NARROW),
    Variant("two updates, dialogues", TWICE, DIALOGUE, NARROW),
    Variant("two updates, branch", {**TWICE, "credit": BRANCH}, loss=NARROW),
    Variant("two updates, beta .1", {**TWICE, "beta": 0.1}, loss=replace(NARROW, beta=0.1)),
    Variant("overlong mask", {"overlong": "mask", "max_tokens": 40}),
    Variant("temperature .7", {"temperature": 0.7}),
    Variant("thinking required", env={**TURN, "thinking": "required"}),
)
"""All that is compared."""


class Watch(TrainerCallback):  # type: ignore[misc]  # no types where it comes from
    """Keeps the weights and the gradient of every step."""

    def __init__(self) -> None:
        """Begins before the first step."""
        self.weights: list[dict[str, Tensor]] = []
        self.gradients: list[dict[str, Tensor]] = []

    def on_step_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,
    ) -> None:
        """Keeps the weights with which the step is computed."""
        self.weights.append({k: v.detach().clone() for k, v in kwargs["model"].named_parameters()})

    def on_pre_optimizer_step(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,
    ) -> None:
        """Keeps the gradient."""
        self.gradients.append(
            {
                name: torch.zeros_like(one) if one.grad is None else one.grad.clone()
                for name, one in kwargs["model"].named_parameters()
            }
        )


@dataclass(frozen=True, slots=True)
class Learned:
    """What the trainer did in one variant."""

    recipe: Recipe
    """How it learned."""
    generations: tuple[Generation, ...]
    """What it played."""
    episodes: tuple[tuple[Episode, ...], ...]
    """The same as the environment tells it."""
    watch: Watch
    """Its weights and gradients."""
    log: tuple[Mapping[str, float], ...]
    """What it logged, a line a step."""


def make_policy(folder: Path) -> Path:
    """The folder of a tiny policy with random weights."""
    tokenizer = train_tokenizer(load_tasks(DATA).split("train"), 600)
    shape = TinyModel(layers=2, hidden=32, heads=2, vocabulary=600, initial_std=0.2)
    made = TrainedPolicy(tiny_model(shape, tokenizer, 0), tokenizer, DEMO, "random weights")
    return made.save(folder, made.words)


def learn(variant: Variant, policy: Path, out: Path) -> Learned:
    """Lets the trainer take its steps."""
    loaded = load_policy(policy)
    trl = {"max_grad_norm": 0.0, **variant.recipe.get("trl", {})}
    recipe = Recipe(**{**SIZE, "save_every": 1, **variant.recipe, "trl": trl})
    env = EnvConfig(data=DATA, **variant.env)
    step, played = Step(env, recipe, loaded.tokenizer, folder=out / "episodes"), []

    def player(*given: Any) -> Generation:
        played.append(step(*given))
        return played[-1]

    rollouts = Rollouts(player, loaded.live_maker(recipe.temperature), recipe)
    count, by_turn = recipe.generations * recipe.prompts, env.mode == "turn"
    rows = prompts(load_tasks(DATA).split("train"), count, by_turn=by_turn, seed=0)
    extras = load_rewards(env.rewards)
    config = grpo_config(
        recipe, None, out / "checkpoints", extras=extras, use_cpu=True, save_strategy="no"
    )
    trainer = make_trainer(
        Trainer, loaded.model, loaded.tokenizer, rows, rollouts, config, extras=extras
    )
    watch = Watch()
    trainer.add_callback(watch)
    trainer.train()
    files = [out / "episodes" / f"{number:05d}.jsonl" for number in range(1, len(played) + 1)]
    episodes = tuple(tuple(read_episodes(file)[1]) for file in files)
    log = tuple(line for line in trainer.state.log_history if "loss" in line)
    return Learned(recipe, tuple(played), episodes, watch, log)
