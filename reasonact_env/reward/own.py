"""Your own components: further rewards, each from a function in any module.

    gym.make("ReasonAct-APIGen-v0", rewards=["my_rewards:brevity=0.2"])

A function takes the task and the episode so far and returns a score, or None if it does not apply
to the task. The environment calls it whenever it gives a reward: after every decision in turn mode,
and after the last message of a dialogue, when `episode.stop` says why it ended. The last of
`episode.steps` is the step that is being scored, with its built-in components.

The component is named after the function, and its weight is its share of the reward: 0.2 is a
fifth, whatever other components apply. The built-in components share the rest in their usual
proportions, and all weights sum to 1. Therefore a share means the same in every mode and for every
task, and no reward exceeds 1. (An unscaled weight would count for more if fewer built-in components
apply.)

A score is any finite number, and is never clamped: scores from 0 to 1 keep rewards of at most 1,
and a penalty is a score below 0. Where it is None, the built-in components keep the whole weight.
Functions in hand are passed as objects: `rewards=[reasonact_env.OwnReward(brevity, 0.2)]`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TypeAlias, cast

from msgspec import structs

from reasonact_env.episode import Episode, Mode, Step
from reasonact_env.reward.components import COMPONENTS
from reasonact_env.reward.weights import weighted_sum
from tasks.types import Task
from tools.load_object import described, load_object, name_of, takes

Scorer: TypeAlias = Callable[[Task, Episode], "float | None"]
"""A function from task and episode so far to a score, or to None if it does not apply."""

TOLERANCE = 1e-9
"""The tolerance for sums of shares: as floats, 0.7, 0.2 and 0.1 sum to a little more than 1."""


@dataclass(frozen=True, slots=True)
class OwnReward:
    """Your own component.

    Raises:
        ValueError: if `score` is not a function of a task and an episode, or for a bad share.
    """

    score: Scorer
    """The function."""
    share: float
    """The component's share of the reward, above 0 and up to 1."""
    name: str = ""
    """The component's name in infos and files; by default the function's name."""

    def __post_init__(self) -> None:
        name = self.name or getattr(self.score, "__name__", type(self.score).__name__)
        if not takes(self.score, "a task", "an episode"):
            raise ValueError(
                f"expected the reward {name!r} to be a function of a task and an episode that "
                f"returns a float or None, got {described(self.score)}; write "
                "`def name(task, episode)`"
            )
        if not 0 < self.share <= 1:  # this form also refuses NaN
            raise ValueError(
                f"expected a share of the reward above 0 and up to 1 for {name!r}, got "
                f"{self.share}; a penalty has a share too, and scores below 0"
            )
        object.__setattr__(self, "name", name)

    def __call__(self, task: Task, episode: Episode) -> float | None:
        """Scores the episode so far.

        Raises:
            ValueError: if the function returns neither None nor a finite number.
        """
        score = self.score(task, episode)
        if score is None:
            return None
        # `Real` is what NumPy's scalars are, too.
        if not isinstance(score, Real) or not _is_finite(score):
            came = f"{repr(score)[:80]} (a {type(score).__name__})"
            raise ValueError(
                f"expected a finite number or None from the reward {self.name!r}, got {came} for "
                f"{task.id}; return a float"
            )
        return float(score)

    def __str__(self) -> str:
        """MODULE:NAME=SHARE, for files.

        Raises:
            ValueError: if the function has no such name.
        """
        place = name_of(self.score)
        if place is None or place.rpartition(":")[2] != self.name:
            raise ValueError(
                f"expected a reward that a file can name, got {self.name!r}, which is no function "
                "of a module; give it a place in one, and pass MODULE:NAME=SHARE"
            )
        return f"{place}={self.share}"


def _is_finite(score: Real) -> bool:
    try:
        return math.isfinite(score)
    except OverflowError:  # a whole number that no float is as large as
        return False


def load_rewards(wanted: Sequence[str | OwnReward]) -> tuple[OwnReward, ...]:
    """Loads components by `MODULE:NAME=SHARE`.

    Args:
        wanted: The components by name, or themselves.

    Raises:
        ValueError: for another form, an unknown or taken name, or shares that sum to more than 1.
    """
    if isinstance(wanted, str) or not isinstance(wanted, Iterable):
        raise ValueError(
            f"expected rewards as a list of MODULE:NAME=SHARE, got {wanted!r}; write "
            f"rewards=[{wanted!r}]"
        )
    own = tuple(one if isinstance(one, OwnReward) else _load(one) for one in wanted)
    names = [*COMPONENTS, *(one.name for one in own)]
    if taken := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(
            f"expected rewards with names of their own, got {', '.join(taken)} twice; rename the "
            "function, whose name is the component's"
        )
    if (total := sum(one.share for one in own)) > 1 + TOLERANCE:
        raise ValueError(
            f"expected shares of the reward that sum to 1 or less, got {total:g} for "
            f"{', '.join(one.name for one in own)}; the built-in components get what is left"
        )
    return own


def _load(wanted: object) -> OwnReward:
    """Loads a component by name.

    Raises:
        ValueError: for another form, or an unknown name.
    """
    place, _, number = str(wanted).partition("=")
    share = _number(number)
    if share is None or not isinstance(wanted, str):
        raise ValueError(
            f"expected a reward as MODULE:NAME=SHARE or an OwnReward, got {wanted!r}; for a fifth "
            "of the reward write my_rewards:brevity=0.2"
        )
    return OwnReward(cast(Scorer, load_object(place, "a reward")), share, place.rpartition(":")[2])


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def with_own(step: Step, task: Task, episode: Episode, own: Sequence[OwnReward]) -> Step:
    """The step with your own components added, and the built-in weights reduced by their shares.

    Args:
        step: The step with the built-in components alone.
        task: The task.
        episode: The episode so far; its last step is this one.
        own: Your own components.
    """
    is_paid = episode.mode is Mode.TURN or episode.stop is not None
    scores = {one.name: one(task, episode) if is_paid else None for one in own}
    shares = {one.name: 0.0 if scores[one.name] is None else one.share for one in own}
    left = max(0.0, 1 - sum(shares.values()))
    components = {**step.components, **scores}
    weights = {name: weight * left for name, weight in step.weights.items()} | shares
    return structs.replace(
        step,
        components=components,
        weights=weights,
        reward=weighted_sum(weights, components),
        step_scores={**step.step_scores, **scores},
    )
