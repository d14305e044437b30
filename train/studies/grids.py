"""The paper's questions as grids of runs: what varies, and what it is compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reasonact_env.reward import COMPONENTS, resolve
from tools.files import slug

START = "start"
"""The policy from which the runs of a seed begin; every grid has it as a row of its own."""
FULL = "full"
"""All components at their default weights."""
FACTORS = (0.25, 4.0)
"""What `sensitivity` multiplies each weight by."""
ELSEWHERE = ("retail:2000:1", "airline:2000:1")
"""Domains that `transfer` adds to the one that was trained on."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One row of a grid."""

    name: str
    """Its folder's name."""
    words: str
    """Its name in tables and plots."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """Component -> its weight, for those that the variant changes."""
    data: str | None = None
    """The training data; None for the experiment's own."""


@dataclass(frozen=True, slots=True)
class Grid:
    """An experiment."""

    name: str
    """The name on the command line."""
    question: str
    """The question that it answers."""
    reference: str
    """The variant, or `START`, with which the others are compared."""
    variants: tuple[Variant, ...]
    """The rows, the reference among them unless it is `START`."""

    def words(self, name: str) -> str:
        """A variant's name in tables."""
        return {START: "before GRPO", **{one.name: one.words for one in self.variants}}[name]

    @property
    def compared(self) -> tuple[str, ...]:
        """The names of the rows that have a difference from the reference."""
        names = (START, *(one.name for one in self.variants))
        return tuple(name for name in names if name != self.reference)


def ablation() -> Grid:
    """Every component off, one at a time."""
    rows = [Variant(f"no-{name}", f"without {name}", {name: 0.0}) for name in COMPONENTS]
    question = "Which component of the reward does the gain of GRPO come from?"
    return Grid("ablation", question, FULL, (Variant(FULL, "all components"), *rows))


def sensitivity(factors: Sequence[float] = FACTORS) -> Grid:
    """Every weight smaller and larger, one at a time."""
    default = resolve(None)
    rows = [
        Variant(f"{name}-x{factor:g}", f"{name} × {factor:g}", {name: factor * default[name]})
        for name in COMPONENTS
        for factor in factors
    ]
    question = "How much does it matter how the components are weighted?"
    return Grid("sensitivity", question, FULL, (Variant(FULL, "default weights"), *rows))


def transfer(data: str, elsewhere: Sequence[str] = ELSEWHERE) -> Grid:
    """Trained on one domain at a time, evaluated on all."""
    rows = [Variant(f"on-{slug(one)}", f"trained on {one}", data=one) for one in (data, *elsewhere)]
    question = "What does GRPO on one domain bring on another, which it has not seen?"
    return Grid("transfer", question, START, tuple(rows))
