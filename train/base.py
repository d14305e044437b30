"""The demo's base: a tiny Qwen3 that has learned to read schemas and rules, and to think a little.

    python -m train.base --out runs/base
    python -m train.export --policy runs/base --out train/weights/reasonact-tiny

These two commands made the weights from which the profile `demo-tiny` starts; the first takes forty
minutes on one core. From random weights, SFT has to teach language, format and task at once. Here a
tiny model learns what a pretrained one brings, from generated dialogues. Each has tools and rules
of its own (`tasks/kaleidoscope`), and in every second one the agent thinks aloud. No domain on
which policies are judged is among them. The same command goes on where a killed run stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from agents.console import console
from tools.command import command, run
from tools.command_line import read_options
from tools.option_types import FOLDER
from tools.ranges import require_above, require_at_least, require_seeds
from train.imitation.lessons import half_aloud
from train.models.profiles import DEMO_BASE
from train.sft import SftSettings, sft

DATA = "kaleidoscope:22000:1"
"""The dialogues; a tenth of them is the validation split, another tenth the test split."""


def planned(data: str, tasks: int, seed: int, lr: float | None = None) -> SftSettings:
    """The training as the profile has it, but for what is given."""
    profile = DEMO_BASE
    return SftSettings(
        profile=profile.name,
        data=data,
        model=None,
        tasks=tasks,
        epochs=profile.sft_epochs,
        lr=profile.sft_lr if lr is None else lr,
        max_length=profile.max_length,
        seed=seed,
    )


@dataclass(frozen=True, slots=True)
class BaseOptions:
    """What the base learns from."""

    data: str = DATA
    """As for `python -m tasks.load`; kaleidoscope:N[:SEED] alone."""
    train_tasks: int = DEMO_BASE.sft_tasks
    """Training dialogues at most; the profile's number unless given."""
    sft_lr: float | None = None
    """SFT's peak learning rate; the profile's unless given."""
    seed: int = 0
    """Fixes everything random."""
    out: Annotated[Path, FOLDER] = Path("runs/base")
    """The base's folder."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "train_tasks")
        require_above(self, 0, "sft_lr")
        require_seeds(self, "seed")
        if self.data.partition(":")[0] != "kaleidoscope":
            raise ValueError(
                f"expected --data kaleidoscope:N[:SEED], got {self.data!r}; train.sft takes others"
            )


def main(argv: Sequence[str] | None = None) -> Path:
    """Trains the base; returns its folder."""
    args = read_options(BaseOptions, argv, prog="python -m train.base", about=__doc__)
    plan = planned(args.data, args.train_tasks, args.seed, args.sft_lr)
    folder = sft(plan, args.out, stage="base", lessons=half_aloud)
    console().print(f"Base:        {folder}")
    console().print(f"Start there: {command('train.sft', model=folder)}", soft_wrap=True)
    return folder


if __name__ == "__main__":
    run(main, goes_on=True)
