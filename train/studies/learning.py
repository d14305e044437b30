"""How the GRPO runs of a pipeline or an experiment learn: their options, and the call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated

from reasonact_env.reward.written import Weights
from tools.option_types import Repeated, one_of, shown_as
from train.grpo import GrpoSettings, grpo
from train.models.policies import load_policy
from train.rl.recipe import Recipe
from train.rl.vllm import ADDRESS, COLOCATE, SERVER, require_vllm, settings
from train.runs.trackers import TRACKERS, require_trackers


@dataclass(frozen=True, slots=True)
class Learning:
    """What all GRPO runs of a study have in common."""

    recipe: Recipe
    """How they optimise; each run has a seed of its own."""
    mode: Annotated[str, one_of(["dialogue", "turn"])] = "dialogue"
    """dialogue: an episode is a row; turn: a recorded decision is a row."""
    user: str = "own"
    """Who talks to the policy in dialogues: scripted, agenda, procedure, llm or MODULE:NAME; own:
    the one that a task was generated for."""
    weights: Weights = None
    """Weights of reward components that differ from the default."""
    reward: Repeated[Annotated[tuple[str, ...], shown_as("MODULE:NAME=SHARE")]] = ()
    """A further component of the reward."""
    batch: int | None = None
    """Episodes played at a time; as many as the policy's profile says unless given."""
    max_turns: int | None = None
    """Limit on the policy's messages while it trains; the environment's own unless given."""
    eval_every: int = 10
    """Generations between two looks at held-out tasks; 0 for none."""
    eval_tasks: int = 32
    """How many these are."""
    report_to: Repeated[tuple[Annotated[str, one_of(TRACKERS)], ...]] = ()
    """Trackers that get the numbers, too."""
    vllm: Annotated[str | None, one_of([COLOCATE, SERVER])] = None
    """Let vLLM sample the messages, which needs a GPU."""
    vllm_server: Annotated[str, shown_as("URL")] = ADDRESS
    """Where `vllm serve` listens."""
    vllm_memory: float = 0.3
    """vLLM's share of the GPU that the trainer uses, too."""

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
            weights={**(self.weights or {}), **(weights or {})} or None,
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
