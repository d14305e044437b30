"""The stages of a pipeline: what each one learns, and from where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from train import cold_start, sft
from train.grpo import GrpoSettings, grpo
from train.models.policies import CARD, load_policy
from train.rl.recipe import Recipe


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
    (Stage.LONGER, Stage.SFT),
    (Stage.COLD, Stage.SFT),
    (Stage.PLAIN, Stage.SFT),
    (Stage.GRPO, Stage.SFT),
    (Stage.GRPO, Stage.LONGER),
    (Stage.GRPO, Stage.COLD),
    (Stage.GRPO, Stage.PLAIN),
)
"""What is compared in pairs, later minus earlier, where both are there."""


@dataclass(frozen=True, slots=True)
class Chain:
    """How every stage learns."""

    out: Path
    """Where the stages' folders go."""
    stages: tuple[Stage, ...]
    """Which of them, in order."""
    sft: sft.SftSettings
    """How SFT imitates."""
    longer: float
    """How many times as long the control does."""
    cold: cold_start.ColdStartSettings
    """How thoughts are imitated; whose, is filled in."""
    setup: GrpoSettings
    """What GRPO plays; where it starts, is filled in."""
    recipe: Recipe
    """How GRPO optimises."""
    report_to: tuple[str, ...] = ()
    """Trackers that get GRPO's numbers too."""
    shared_sft: Path | None = None
    """An SFT policy made before, which stands for this chain's own; None to train one."""

    def place(self, stage: Stage) -> Path:
        """A stage's folder."""
        if stage is Stage.SFT and self.shared_sft is not None:
            return self.shared_sft
        return self.out / stage.lower()

    def evaluations(self, stage: Stage) -> Path:
        """The folder for a stage's evaluations; chains that share the stage share them, too."""
        return self.place(stage).parent

    @property
    def before_grpo(self) -> Stage:
        """Where GRPO starts."""
        return Stage.COLD if Stage.COLD in self.stages else Stage.SFT

    def make(self, stage: Stage) -> Path:
        """Trains a stage, or goes on doing so; what is done is left as it is.

        Returns:
            The policy's folder.
        """
        out = self.place(stage)
        match stage:
            case Stage.BASE:
                return sft.base_policy(self.sft, out)
            case Stage.SFT:
                return out if self.shared_sft else sft.sft(self.sft, out)
            case Stage.LONGER:
                return sft.sft(replace(self.sft, epochs=self.longer * self.sft.epochs), out)
            case Stage.COLD:
                return cold_start.cold_start(self._cold(), out)
            case Stage.PLAIN:
                return self._grpo(self.place(Stage.SFT), out)
            case Stage.GRPO:
                return self._grpo(self.place(self.before_grpo), out)

    def _cold(self) -> cold_start.ColdStartSettings:
        return replace(self.cold, policy=str(self.place(Stage.SFT)))

    def _grpo(self, start: Path, out: Path) -> Path:
        if (out / CARD).exists():
            return out
        policy = load_policy(start)
        thinking = "required" if policy.thinking else self.setup.thinking
        setup = replace(self.setup, policy=str(start), thinking=thinking)
        return grpo(policy, setup, self.recipe, out, self.report_to)


def ordered(names: Iterable[str]) -> tuple[Stage, ...]:
    """The named stages and those that they rest on, in order.

    Raises:
        ValueError: for a name that is none.
    """
    known = {stage.value.lower(): stage for stage in Stage}
    wanted: set[Stage] = set()
    for name in names:
        if (stage := known.get(name.strip().lower())) is None:
            raise ValueError(f"expected stages among {', '.join(Stage)}, got {name!r}")
        wanted |= {Stage.BASE, stage} if stage is Stage.BASE else {Stage.SFT, stage}
    return tuple(stage for stage in Stage if stage in wanted)


def pairs(stages: Sequence[Stage]) -> list[tuple[Stage, Stage]]:
    """What can be compared of these stages."""
    return [pair for pair in PAIRS if {*pair} <= {*stages}]
