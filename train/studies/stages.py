"""The stages of a pipeline: what they are called, what they rest on, what is compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from tools.nearest import did_you_mean


class Stage(StrEnum):
    """A stage, or a control: what one would do instead."""

    BASE = "base"
    """The weights that all begins with."""
    SFT = "SFT"
    """Imitation of dialogues, without thoughts."""
    LONGER = "SFT-longer"
    """Control: more imitation instead of GRPO."""
    COLD = "cold-start"
    """Imitation of fewer than 100 thoughts, after SFT."""
    PLAIN = "GRPO-plain"
    """Control: GRPO right after SFT, without a cold start."""
    GRPO = "GRPO"
    """GRPO after the last stage of imitation that there is."""

    @property
    def words(self) -> str:
        """What it does, for people."""
        return _WORDS[self]


_WORDS = {
    Stage.BASE: "Base: the weights to start from",
    Stage.SFT: "SFT: imitating dialogues",
    Stage.LONGER: "SFT, longer: imitating them more often, a control",
    Stage.COLD: "Cold start: imitating a few thoughts",
    Stage.PLAIN: "GRPO without a cold start, a control",
    Stage.GRPO: "GRPO: learning from episodes of its own",
}
FULL = (Stage.BASE, Stage.SFT, Stage.COLD, Stage.GRPO)
"""The paper's three stages, and where they start."""
PAIRS = (
    (Stage.SFT, Stage.BASE),
    (Stage.LONGER, Stage.SFT),
    (Stage.COLD, Stage.SFT),
    (Stage.PLAIN, Stage.SFT),
    (Stage.PLAIN, Stage.LONGER),
    (Stage.GRPO, Stage.SFT),
    (Stage.GRPO, Stage.LONGER),
    (Stage.GRPO, Stage.COLD),
    (Stage.GRPO, Stage.PLAIN),
)
"""What is compared in pairs, later minus earlier, where both are there."""


def ordered(names: Iterable[str]) -> tuple[Stage, ...]:
    """The named stages and those that they rest on, in order.

    Raises:
        ValueError: for a name that no stage has.
    """
    known = {stage.value.lower(): stage for stage in Stage}
    wanted: set[Stage] = set()
    for name in names:
        if (stage := known.get(name.strip().lower())) is None:
            near = did_you_mean(name.strip(), [stage.value for stage in Stage])
            raise ValueError(f"expected stages among {', '.join(Stage)}, got {name!r}{near}")
        wanted |= {Stage.BASE, stage} if stage is Stage.BASE else {Stage.SFT, stage}
    return tuple(stage for stage in Stage if stage in wanted)


def read_stages(text: str) -> tuple[Stage, ...]:
    """`SFT,GRPO` as stages in order, with those that they rest on.

    Raises:
        ValueError: for a name that no stage has.
    """
    return ordered(text.split(","))


def start_of(stage: Stage, stages: Iterable[Stage]) -> Stage | None:
    """The one of these stages whose policy a stage begins with; None for the base's weights."""
    if stage is Stage.GRPO:
        return Stage.COLD if Stage.COLD in stages else Stage.SFT
    return Stage.SFT if stage in (Stage.COLD, Stage.PLAIN) else None


def chain_to(stage: Stage, stages: Iterable[Stage]) -> tuple[Stage, ...]:
    """A stage with all that it rests on, the first one first."""
    start = start_of(stage, known := tuple(stages))
    return (*(chain_to(start, known) if start else ()), stage)


def pairs(stages: Sequence[Stage]) -> list[tuple[Stage, Stage]]:
    """What can be compared of these stages."""
    return [pair for pair in PAIRS if {*pair} <= {*stages}]
