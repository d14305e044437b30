"""How the GRPO runs of a pipeline or an experiment learn: their options, and the call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

from reasonact_env.users.make import require_user
from train.grpo import GrpoSettings, grpo
from train.models.policies import load_policy
from train.models.precision import Use
from train.rl.recipe import Recipe
from train.rl.setup import Packages, Playing
from train.rl.trl_effects import require_vllm


@dataclass(frozen=True, slots=True)
class Learning(Playing):
    """The settings that all GRPO runs of a study share."""

    recipe: Recipe = field(kw_only=True)
    """How GRPO optimises. Defaults are the profile's, or demo's where none is named; each run has a
    seed of its own."""
    packages: Packages = field(default_factory=Packages)
    """Trackers and vLLM, where they are installed."""
    judging_user: str | None = None
    """Who talks to policies where they are judged; the user of training unless given."""

    @property
    def judged_with(self) -> str:
        """The user of evaluations."""
        return self.user if self.judging_user is None else self.judging_user

    def require(self) -> None:
        """Refuses a user, a reward or a package that does not exist.

        Raises:
            ValueError: for a user or a reward.
            ImportError: for a package.
        """
        require_user(self.judged_with)
        self.packages.require()
        require_vllm(self.recipe.trl, self.packages.vllm is not None)
        GrpoSettings(policy="", **self._played).env  # noqa: B018  (it checks its own values)

    @property
    def _played(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(Playing)}

    def training(
        self, start: Path, data: str | None, seed: int, weights: Mapping[str, float] | None = None
    ) -> partial[Path]:
        """One run, which gets its folder.

        Args:
            start: The folder of the policy that it begins with.
            data: What is trained on.
            seed: Fixes everything random.
            weights: Those that this run changes.
        """
        played = self._played
        played["weights"] = {**(self.weights or {}), **(weights or {})} or None
        setup = GrpoSettings(policy=str(start), data=data, **played)
        recipe = replace(self.recipe, seed=seed)
        return partial(learned, setup, recipe, common=self)


def learned(setup: GrpoSettings, recipe: Recipe, out: Path, common: Learning) -> Path:
    """Trains by GRPO, or goes on doing so.

    Returns:
        The policy's folder.
    """
    policy = load_policy(setup.policy, Use.TRAIN, recipe.precision)
    packages = common.packages
    return grpo(policy, setup, recipe, out, packages.report_to, packages.sampler)
