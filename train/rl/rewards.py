"""The reward as TRL sees it: one function and one weight per component, including your own.

    python -m train.grpo --policy runs/sft --reward my_rewards:brevity=0.2

The environment computes all components (`reasonact_env.reward.own` says how to add your own), and
the
journal logs each. Evaluations leave your own out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from reasonact_env.reward import COMPONENTS, OwnReward, resolve
from train.rl.recipe import GDPO, Recipe
from train.rl.rollouts import Sample


def require_alike(group: Sequence[Sample], extras: Sequence[OwnReward]) -> None:
    """Refuses components that apply to some of a group's episodes only, which cannot be compared.

    Raises:
        ValueError: if a component does.
    """
    for extra in extras:
        missing = sum(sample.components[extra.name] is None for sample in group)
        if 0 < missing < len(group):
            raise ValueError(
                f"expected {extra.name!r} to apply to a task or not, whatever was done in it, but "
                f"it is None for {missing} of {len(group)} episodes of {group[0].task_id!r}; let "
                "it return 0 there"
            )


def reward_functions(extras: Sequence[OwnReward] = ()) -> list[Callable[..., list[float | None]]]:
    """One function per component, named after it; each reads the column of that name."""

    def reader(name: str) -> Callable[..., list[float | None]]:
        def read(**columns: list[float | None]) -> list[float | None]:
            return columns[name]

        read.__name__ = name
        return read

    return [reader(name) for name in (*COMPONENTS, *(extra.name for extra in extras))]


def reward_weights(
    recipe: Recipe, weights: Mapping[str, float] | None, extras: Sequence[OwnReward] = ()
) -> list[float]:
    """1 for weighted scores; the components' weights if raw scores are normalised."""
    given = component_weights(weights, extras).values()
    return [weight if recipe.aggregation == GDPO else 1.0 for weight in given]


def component_weights(
    weights: Mapping[str, float] | None, extras: Sequence[OwnReward] = ()
) -> dict[str, float]:
    """Each component's weight where raw scores are normalised.

    There, too, your own components' weights are shares, and the built-in weights share the rest.
    """
    left = max(0.0, 1 - sum(extra.share for extra in extras))
    built_in = {name: weight * left for name, weight in resolve(weights).items()}
    return built_in | {extra.name: extra.share for extra in extras}
