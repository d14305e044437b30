"""How the GRPO runs of a pipeline or an experiment learn: their options, and the call."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from reasonact_env.episode import Mode
from reasonact_env.reward import COMPONENTS
from reasonact_env.users.make import USERS
from train.grpo import GrpoSettings, grpo
from train.models.policies import load_policy
from train.rl.recipe import RECIPES, Recipe, add_options, changed
from train.rl.vllm import ADDRESS, COLOCATE, SERVER, require_vllm, settings
from train.runs.trackers import TRACKERS, require_trackers

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Learning:
    """What all GRPO runs of a study have in common."""

    recipe: Recipe
    """How they optimise; each run has a seed of its own."""
    mode: str = "dialogue"
    """dialogue: an episode is a row. turn: a recorded decision is a row."""
    user: str = "own"
    """Who talks to the policy in dialogues; own: the user that a task was made for."""
    weight: tuple[str, ...] = ()
    """Components whose weight differs from the default, `COMPONENT=NUMBER` each."""
    without: tuple[str, ...] = ()
    """Components of weight 0."""
    reward: tuple[str, ...] = ()
    """Further components, `MODULE:NAME=WEIGHT` each."""
    batch: int | None = None
    """Episodes played at a time; None for as many as the policy's profile says."""
    max_turns: int | None = None
    """Limit on the policy's messages while it trains; None for the environment's own."""
    eval_every: int = 10
    """Generations between two looks at held-out tasks; 0 for none."""
    eval_tasks: int = 32
    """How many these are."""
    report_to: tuple[str, ...] = ()
    """Trackers that get the numbers, too."""
    vllm: str | None = None
    """How vLLM samples the messages, `colocate` or `server`; None for the model itself."""
    vllm_server: str = ADDRESS
    """Where `vllm serve` listens."""
    vllm_memory: float = 0.3
    """vLLM's share of the GPU that the trainer uses, too."""

    @property
    def weights(self) -> dict[str, float]:
        """Component -> weight, for those that differ from the default.

        Raises:
            ValueError: for a weight in another form.
        """
        given: dict[str, float] = {}
        for text in self.weight:
            name, _, value = text.partition("=")
            try:
                given[name] = float(value)
            except ValueError:
                raise ValueError(f"expected --weight COMPONENT=NUMBER, got {text!r}") from None
        return {**given, **dict.fromkeys(self.without, 0.0)}

    def require_packages(self) -> None:
        """Refuses what is not installed, before anything is trained.

        Raises:
            ModuleNotFoundError: if a package is missing.
        """
        require_trackers(self.report_to)
        if self.vllm:
            require_vllm(self.vllm)

    def training(
        self, start: Path, data: str | None, seed: int, weights: Mapping[str, float] | None = None
    ) -> partial[Path]:
        """One run, which gets its folder.

        Args:
            start: The folder of the policy that it begins with.
            data: What is trained on.
            seed: Of everything random.
            weights: Those that this run changes.
        """
        setup = GrpoSettings(
            policy=str(start),
            data=data,
            mode=self.mode,
            weights={**self.weights, **(weights or {})} or None,
            batch=self.batch,
            max_turns=self.max_turns,
            user=self.user,
            rewards=self.reward,
            eval_every=self.eval_every,
            eval_tasks=self.eval_tasks,
        )
        recipe = replace(self.recipe, seed=seed)
        return partial(learned, setup, recipe, common=self)


def learned(setup: GrpoSettings, recipe: Recipe, out: Path, common: Learning) -> Path:
    """Trains by GRPO, or goes on doing so.

    Returns:
        The policy's folder.
    """
    policy = load_policy(setup.policy)
    sampler = common.vllm and settings(common.vllm, common.vllm_server, common.vllm_memory)
    return grpo(policy, setup, recipe, out, common.report_to, sampler or None)


def add_learning(parser: argparse.ArgumentParser) -> None:
    """The options of `Learning`; those of the recipe are as the profile has them."""
    group = parser.add_argument_group("GRPO")
    group.add_argument("--mode", default="dialogue", choices=[mode.value for mode in Mode])
    group.add_argument("--user", default="own", choices=USERS, help="who talks to the policy")
    group.add_argument("--max-turns", type=int, help="limit on messages while training")
    group.add_argument("--batch", type=int, help="episodes played at a time; default: profile's")
    group.add_argument(
        "--weight", action="append", default=[], help="COMPONENT=NUMBER, more than once"
    )
    group.add_argument(
        "--without", action="append", default=[], choices=COMPONENTS, help="weight 0"
    )
    group.add_argument(
        "--reward", action="append", default=[], help="MODULE:NAME=WEIGHT, a further component"
    )
    group.add_argument(
        "--eval-every", type=int, default=10, help="generations between looks at held-out tasks"
    )
    group.add_argument("--eval-tasks", type=int, default=32, help="how many; 0 for none")
    group.add_argument("--report-to", action="append", default=[], choices=list(TRACKERS))
    group.add_argument("--vllm", choices=[COLOCATE, SERVER], help="let vLLM sample the messages")
    group.add_argument("--vllm-server", default=ADDRESS, help="where `vllm serve` listens")
    group.add_argument("--vllm-memory", type=float, default=0.3, help="its share of the GPU")
    add_options(group)


def learning_of(args: argparse.Namespace, profile: str) -> Learning:
    """What the command line asks for; what it leaves out of the recipe is the profile's."""
    return settled(Learning, args, recipe=changed(RECIPES[profile], args))


def settled(kind: type[T], args: argparse.Namespace, **known: object) -> T:
    """A dataclass of what the command line says by its fields' names, and of what is known."""
    named = {one.name for one in fields(kind)} & vars(args).keys()  # type: ignore[arg-type]
    values = {name: getattr(args, name) for name in named}
    lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return kind(**{**values, **lists, **known})
