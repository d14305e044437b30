"""Which run of GRPO it is: what it is known by in `run.json`, and what it is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from agents.console import console
from reasonact_env.episode import Mode
from reasonact_env.playable import database_words, left_out_words, without_goal
from tasks.databases import AUTO
from tasks.types import TaskSet
from tools.types import Json
from train.models.limits import MessageLimits
from train.models.policies import TrainedPolicy
from train.rl.recipe import Recipe, as_today
from train.rl.setup import GrpoSettings
from train.rl.trl_effects import kl_words
from train.runs.data import data_identity, failed_words
from train.runs.precision_option import precision_as_today
from train.runs.run import Run


def run_of(policy: TrainedPolicy, setup: GrpoSettings, recipe: Recipe, tasks: TaskSet) -> Run:
    """The run's identity."""
    described = {"setup": asdict(setup), "recipe": asdict(recipe), "kl": kl_of(recipe)}
    model: dict[str, Json] = {"name": policy.words, "sha256": policy.fingerprint}
    others = setup.outside({"data": setup.data})
    return Run("grpo", described, data_identity(tasks, as_gold=setup.by_turn), model, others)


def title(policy: TrainedPolicy, setup: GrpoSettings, tasks: TaskSet, run: Run) -> str:
    """What stands above a run's panel."""
    how = f"{_how(setup, tasks)}{failed_words(run.data)}"
    return f"GRPO of {policy.words} on {tasks.source}, {how}"


def _how(setup: GrpoSettings, tasks: TaskSet) -> str:
    """How is played, for the title."""
    mode = Mode(setup.mode)
    on = database_words(tasks, "train", mode, setup.database)
    return f"{mode} mode{on}{left_out_words(without_goal(tasks.split('train'), mode))}"


def kl_of(recipe: Recipe) -> str | None:
    """The estimator of the KL, in words; None without one."""
    return kl_words(recipe.trl) if recipe.beta else None


def tell_kl(recipe: Recipe) -> None:
    """Says which KL there is, if there is one."""
    if recipe.beta:
        console().print(f"KL to where it starts, of weight {recipe.beta:g}: {kl_of(recipe)}.")


def run_as_today(recorded: Mapping[str, Any]) -> dict[str, Any]:
    """What an older version wrote down of a run, in the form of today's."""
    usual = {"database": AUTO, "limits": asdict(MessageLimits())}
    setup = {**usual, **recorded.get("setup", {})}
    recipe: dict[str, Any] = precision_as_today(as_today(recorded.get("recipe", {})))
    # Older versions did not write down which estimator it was; it was always TRL's.
    kl = kl_words(recipe.get("trl", {})) if recipe.get("beta") else None
    return {"kl": kl, **recorded, "setup": setup, "recipe": recipe}
