"""The recipe of GRPO: the few numbers that we choose, and TRL's options by their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated

from tools.option_types import Repeated, Suppress, called, made_by, one_of, shown_as
from tools.ranges import require_above, require_at_least, require_seeds
from tools.types import Json
from train.rl.credit import BRANCH, EPISODE
from train.rl.trl_effects import CLIP_HIGHER, require_effect, usual_for
from train.rl.trl_options import pairs
from train.runs.precision_option import AUTO, Precision

SUM, GDPO = "sum", "gdpo"
"""How components become one advantage: of their weighted sum, or each normalised first."""
KEEP, MASK = "keep", "mask"
"""Whether episodes that were cut off carry a loss, or are masked."""


def read_trl(
    trl: Repeated[Annotated[tuple[str, ...], shown_as("KEY=VALUE")]] = (),
) -> Mapping[str, Json]:
    """TRL's own options, with values of their types.

    Args:
        trl: loss_type=dr_grpo, scale_rewards=none, …

    Raises:
        ValueError: for an invalid option, before anything is loaded.
    """
    from train.rl.bridge import trl_options  # imports TRL, which the default recipe does not need

    given = trl_options(pairs(trl))
    return {**usual_for(given), **given}


@dataclass(frozen=True, slots=True)
class Recipe:
    """How GRPO optimises; TRL's other settings stay at their defaults."""

    generations: int = 40
    """GRPO's generations; each plays `prompts` x `group` episodes."""
    prompts: int = 16
    """P, different tasks of a generation of GRPO."""
    group: int = 8
    """G, episodes of each task of a generation."""
    updates: int = 1
    """Optimiser steps a generation; from the second on the ratio is clipped."""
    micro_batch: Suppress[int] = 8
    """Rows of one forward and backward pass."""
    lr: Annotated[float, called("grpo-lr")] = 3e-4
    """GRPO's peak learning rate; after a short warm-up it falls to 0."""
    beta: float = 0.0
    """Weight of the KL to the policy that training starts from; 0 keeps no reference."""
    aggregation: Annotated[str, one_of([SUM, GDPO])] = SUM
    """How components become one advantage; `gdpo`: arXiv 2601.05242."""
    credit: Annotated[str, one_of([EPISODE, BRANCH])] = EPISODE
    """Which tokens share an advantage. episode: all of an episode; branch: see
    `train.rl.credit`."""
    temperature: float = 1.0
    """Sampling temperature; while GRPO trains, so that logprobs agree, of the loss, too."""
    max_tokens: int = 4096
    """Tokens of a row of GRPO after its prompt at most; the rest is cut off."""
    # TRL's own `mask_truncated_completions` is no substitute: it asks whether a row ends with the
    # end token, as a row that is cut off between two messages does.
    overlong: Annotated[str, one_of([KEEP, MASK])] = KEEP
    """Whether episodes that were cut off carry a loss. mask: one that was, or one of whose messages
    ran into its limit of tokens, counts in its group's mean and carries none (DAPO's overlong
    filtering), so that a good beginning is not blamed for an end that nobody saw."""
    # TRL has nothing in its place, and a group that is equal teaches nothing.
    resample: int = 0
    """Rounds in which groups that all earned the same give way to other tasks' (DAPO's dynamic
    sampling), single decisions to others of their kind; what is equal after them stays, without
    weight. Rounds cost time and are counted."""
    trl: Annotated[Mapping[str, Json], made_by(read_trl)] = field(
        default_factory=lambda: usual_for({})
    )
    """TRL's own options, by its names. `loss_type`, `scale_rewards`, `epsilon`,
    `importance_sampling_level` (`sequence` is GSPO, arXiv 2507.18071, with `loss_type` `grpo` and
    epsilons of a few 1e-4), …; `train.rl.trl_options` says which of them are decided elsewhere."""
    save_every: int = 5
    """GRPO's generations between checkpoints."""
    precision: Precision = AUTO
    """In which numbers training computes; auto: what is faster here. Weights stay in float32."""
    seed: Suppress[Annotated[int, shown_as("N", "recipe-seed")]] = 0
    """Fixes everything random; commands say it by a `--seed` of their own."""

    def __post_init__(self) -> None:
        """Refuses values that TRL would refuse later, in its own words."""
        require_at_least(
            self, 1, "generations", "prompts", "updates", "micro_batch", "max_tokens", "save_every"
        )
        require_at_least(self, 2, "group")
        require_at_least(self, 0, "beta", "resample")
        require_above(self, 0, "lr", "temperature")
        require_seeds(self, "seed")
        rows, parts = self.prompts * self.group, self.updates * self.micro_batch
        if rows % parts:
            raise ValueError(
                f"expected prompts x group ({rows}) to be a multiple of updates x micro_batch "
                f"({parts}); change one of the four"
            )
        if self.aggregation not in (SUM, GDPO):
            raise ValueError(f"expected aggregation {SUM!r} or {GDPO!r}, got {self.aggregation!r}")
        if self.credit not in (EPISODE, BRANCH):
            raise ValueError(f"expected credit {EPISODE!r} or {BRANCH!r}, got {self.credit!r}")
        if self.credit == BRANCH and self.aggregation != SUM:
            raise ValueError(
                f"expected aggregation {SUM!r} with credit {BRANCH!r}, which compares returns, got "
                f"{self.aggregation!r}; choose one of the two"
            )
        if self.credit == BRANCH and "scale_rewards" in self.trl:
            raise ValueError(
                f"expected credit {EPISODE!r} with TRL's scale_rewards, got {BRANCH!r}, whose "
                "advantages are not divided; choose one of the two"
            )
        if self.aggregation == GDPO and "scale_rewards" in self.trl:
            raise ValueError(
                f"expected aggregation {SUM!r} with TRL's scale_rewards, got {GDPO!r}, which "
                "divides each component by its own spread; choose one of the two"
            )
        require_effect(self.trl, self.beta)
        if self.overlong not in (KEEP, MASK):
            raise ValueError(f"expected overlong {KEEP!r} or {MASK!r}, got {self.overlong!r}")

    @property
    def optimiser_steps(self) -> int:
        """The number of optimiser steps."""
        return self.generations * self.updates


def _large(lr: float) -> Recipe:
    """For a pretrained model with adapters."""
    return Recipe(generations=200, micro_batch=1, lr=lr, beta=1e-3, save_every=10)


_TINY = Recipe(generations=50, lr=2e-4, credit=BRANCH)
_SMALL = Recipe(generations=24, prompts=8, micro_batch=2, lr=5e-6, credit=BRANCH, save_every=4)
"""For a pretrained model whose weights are all trained, on two cores; a group's micro-batches share
what they begin with, so that small ones cost nothing and need little memory. At 2e-5 noise moves
the policy (`benchmarks.first_steps`; `docs/results.md`, "A pretrained model")."""

RECIPES = {
    "demo": _TINY,
    "demo-base": _TINY,
    "demo-copies": _TINY,
    "demo-tiny": _TINY,
    "smollm2-135m": _SMALL,
    "qwen3-0.6b": _large(2e-5),
    "qwen3-1.7b": _large(1e-5),
    "qwen3-4b": _large(1e-5),
    "qwen3-8b": _large(5e-6),
    "qwen3-14b": _large(5e-6),
    "qwen3-32b": _large(5e-6),
}
"""Profile name -> recipe; they differ in learning rate and size."""


def usual(profile: str, aggregation: str | None = None) -> Recipe:
    """The profile's recipe, with the credit that the aggregation allows."""
    recipe = RECIPES[profile]
    if aggregation == GDPO:
        return replace(recipe, aggregation=GDPO, credit=EPISODE)
    return recipe


def as_today(recorded: Mapping[str, object]) -> dict[str, object]:
    """A recorded recipe, in today's form.

    Args:
        recorded: The recipe's fields as JSON, of this version or of one before `trl`.

    Raises:
        ValueError: if the run used an option that no longer exists.
    """
    found = dict(recorded)
    if gone := [name for name in ("gates", "curriculum") if found.pop(name, None)]:
        raise ValueError(
            f"expected a run without {' and '.join(gone)}, which this version does not have; "
            "finish the run with the version that began it, or give another --out"
        )
    if "steps" in found:
        found["generations"] = found.pop("steps")
    if "trl" not in found:
        theirs = {name: found.pop(ours, usual) for ours, (name, usual) in _BEFORE_TRL.items()}
        usual = {name: value for name, value in _BEFORE_TRL.values()}
        found["trl"] = {k: v for k, v in theirs.items() if v != usual[k] or k == "epsilon_high"}
    return found


_BEFORE_TRL: Mapping[str, tuple[str, object]] = {
    "epsilon_high": ("epsilon_high", CLIP_HIGHER),
    "loss": ("loss_type", "dapo"),
    "ratio": ("importance_sampling_level", "token"),
    "scale_rewards": ("scale_rewards", "group"),
    "epsilon_low": ("epsilon", 0.2),
}
"""What a recipe once called TRL's options -> their names and what they were unless chosen."""
