"""How GRPO optimises: the few numbers that are ours to choose."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from reasonact_env.reward import COMPONENTS
from train.rl.credit import BRANCH, EPISODE

SUM, GDPO = "sum", "gdpo"
"""How components become one advantage: of their weighted sum, or each normalised first."""
TOKEN, SEQUENCE = "token", "sequence"
"""What the ratio of new to old policy is taken of."""
SCALES = ("group", "batch", "none")
"""What advantages are divided by."""
KEEP, MASK = "keep", "mask"
"""What is learned from episodes that were cut off: as from all others, or nothing."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How GRPO optimises; TRL's other settings stay at their defaults."""

    generations: int = 40
    """How many are played; each plays `prompts` x `group` episodes."""
    prompts: int = 16
    """P, different tasks a generation."""
    group: int = 8
    """G, episodes of each."""
    updates: int = 1
    """Optimiser steps a generation; from the second on the ratio is clipped."""
    micro_batch: int = 8
    """Rows of one forward and backward pass."""
    lr: float = 3e-4
    """Peak learning rate; after a short warm-up it falls to 0, and with it what noise did."""
    beta: float = 0.0
    """Weight of the KL to the policy that training starts from; 0 keeps no reference."""
    aggregation: str = SUM
    """`sum` or `gdpo` (arXiv 2601.05242)."""
    credit: str = EPISODE
    """`episode`: one advantage for all its tokens; `branch`: see `train.rl.credit`."""
    loss: str = "dapo"
    """TRL's `loss_type`."""
    ratio: str = TOKEN
    """TRL's `importance_sampling_level`: `token`, or `sequence` (GSPO, arXiv 2507.18071; with loss
    `grpo` and an epsilon of a few 1e-4)."""
    scale_rewards: str = "group"
    """TRL's `scale_rewards`; used with `sum` only."""
    epsilon_low: float = 0.2
    """How far the ratio may fall."""
    epsilon_high: float = 0.28
    """How far it may rise (DAPO's clip-higher, arXiv 2503.14476)."""
    temperature: float = 1.0
    """Of the sampling policy and, so that logprobs agree, of the loss."""
    max_tokens: int = 4096
    """Tokens of a row after its prompt; the rest is cut off."""
    overlong: str = KEEP
    """`keep`; or `mask`: what was cut off counts in its group's mean and carries no loss (DAPO's
    overlong filtering), so that a good beginning is not blamed for an end that nobody saw."""
    resample: int = 0
    """Rounds in which groups that all earned the same give way to other tasks' (DAPO's dynamic
    sampling); what is equal after them stays, without weight. Rounds cost time and are counted."""
    gates: Mapping[str, str] = field(default_factory=dict)
    """Component -> the component that must reach more than half in the same episode, or the first
    one counts 0: an easy reward that is earned on the way to a hard one (GDPO's remedy against
    maxing the easy one)."""
    curriculum: bool = False
    """Whether tasks are drawn by difficulty: those that the policy neither always nor never
    manages come more often (see `train.rl.task_sampler`)."""
    save_every: int = 5
    """Generations between checkpoints."""
    seed: int = 0
    """Of everything random."""

    def __post_init__(self) -> None:
        """Refuses what TRL would refuse later in its own words."""
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
        for name, given, known in (
            ("ratio", self.ratio, (TOKEN, SEQUENCE)),
            ("overlong", self.overlong, (KEEP, MASK)),
            ("scale_rewards", self.scale_rewards, SCALES),
        ):
            if given not in known:
                raise ValueError(f"expected {name} {' or '.join(map(repr, known))}, got {given!r}")
        if strange := {*self.gates, *self.gates.values()} - set(COMPONENTS):
            raise ValueError(
                f"expected gates between {', '.join(COMPONENTS)}, got {', '.join(sorted(strange))}"
            )
        if self.resample < 0:
            raise ValueError(f"expected 0 or more rounds of resampling, got {self.resample}")
        if self.temperature <= 0:
            raise ValueError(
                f"expected a temperature above 0, got {self.temperature}: GRPO learns from samples"
            )

    @property
    def optimiser_steps(self) -> int:
        """How often the weights change."""
        return self.generations * self.updates


def _large(lr: float) -> Recipe:
    """For a pretrained model with adapters."""
    return Recipe(generations=200, micro_batch=1, lr=lr, beta=1e-3, save_every=10)


_TINY = Recipe(generations=50, lr=2e-4, credit=BRANCH)

RECIPES = {
    "demo": _TINY,
    "demo-base": _TINY,
    "demo-copies": _TINY,
    "demo-tiny": _TINY,
    "qwen3-0.6b": _large(2e-5),
    "qwen3-1.7b": _large(1e-5),
    "qwen3-4b": _large(1e-5),
    "qwen3-8b": _large(5e-6),
    "qwen3-14b": _large(5e-6),
    "qwen3-32b": _large(5e-6),
}
"""Profile name -> recipe; learning rate and size are what differs."""


def add_options(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """The recipe's options, none of which has a default: the profile's recipe has them."""
    parser.add_argument("--generations", type=int, help="generations")
    parser.add_argument("--prompts", type=int, help="tasks a generation")
    parser.add_argument("--group", type=int, help="episodes of each task")
    parser.add_argument("--updates", type=int, help="optimiser steps a generation")
    parser.add_argument("--lr", type=float)
    parser.add_argument("--beta", type=float, help="weight of the KL to the starting policy")
    parser.add_argument("--aggregation", choices=[SUM, GDPO])
    parser.add_argument("--credit", choices=[EPISODE, BRANCH], help="what an advantage belongs to")
    parser.add_argument(
        "--scale-rewards",
        choices=SCALES,
        help="what a group's advantages are divided by: its own spread, the batch's, or nothing",
    )
    parser.add_argument("--loss", help="TRL's loss_type; dapo unless given")
    parser.add_argument("--ratio", choices=[TOKEN, SEQUENCE], help="what the ratio is taken of")
    parser.add_argument("--epsilon-low", type=float, help="how far the ratio may fall")
    parser.add_argument("--epsilon-high", type=float, help="how far it may rise")
    parser.add_argument("--max-tokens", type=int, help="tokens of an episode; the rest is cut off")
    parser.add_argument("--overlong", choices=[KEEP, MASK], help="what is learned of such episodes")
    parser.add_argument("--resample", type=int, help="rounds in which dead groups are replaced")
    parser.add_argument(
        "--gate", action="append", help="EASY:HARD, the first counts 0 unless the second is reached"
    )
    parser.add_argument("--curriculum", action="store_true", default=None, help="by difficulty")
    parser.add_argument("--temperature", type=float)
    parser.add_argument("--save-every", type=int, help="generations between checkpoints")


def changed(recipe: Recipe, args: argparse.Namespace) -> Recipe:
    """The profile's recipe with what the command line says of it."""
    options = {field.name: getattr(args, field.name, None) for field in fields(Recipe)}
    if args.gate:
        options["gates"] = dict(map(_gate, args.gate))
    given = {name: value for name, value in options.items() if value is not None}
    if given.get("aggregation") == GDPO:
        given.setdefault("credit", EPISODE)  # the profile's own may be one that needs `sum`
    return replace(recipe, **given)


def _gate(text: str) -> tuple[str, str]:
    """`format:outcome` as a pair.

    Raises:
        ValueError: for another form.
    """
    name, colon, gate = text.partition(":")
    if not colon:
        raise ValueError(f"expected --gate COMPONENT:COMPONENT, got {text!r}")
    return name, gate
