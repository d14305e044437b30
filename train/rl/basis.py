"""What the defaults of GRPO's recipe depend on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from tools.option_types import one_of
from train.models.policies import profile_of
from train.models.profiles import DEMO
from train.rl.recipe import RECIPES, Recipe, usual


@dataclass(frozen=True, slots=True)
class Basis:
    """The options that defaults of the recipe depend on."""

    policy: str | None = None
    """The folder to start from."""
    profile: Annotated[str | None, one_of(RECIPES)] = None
    """Whose recipe it is."""
    aggregation: str | None = None
    """How components become one advantage."""

    @property
    def recipe(self) -> Recipe:
        """The recipe before anything of it is given."""
        return usual(self.own_profile, self.aggregation)

    @property
    def own_profile(self) -> str:
        """The profile that is given, or the policy's own."""
        if self.profile:
            return self.profile
        try:
            return profile_of(self.policy) if self.policy else DEMO.name
        except FileNotFoundError:  # which is said when the policy is loaded
            return DEMO.name
