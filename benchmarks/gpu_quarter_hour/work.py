"""One phase of `benchmarks.gpu_quarter_hour`, which starts this command and ends it in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Annotated

from benchmarks.gpu_quarter_hour.parts import join
from benchmarks.gpu_quarter_hour.schedule import PHASES, end_with_parent, leave, side_by_side
from tools.command import run
from tools.command_line import read_options
from tools.option_types import one_of
from tools.ranges import require_above, require_at_least, require_seeds

PROFILE, TINY_PROFILE = "smollm2-135m", "demo-tiny"
"""Of the real model, and of the dry run's."""


@dataclass(frozen=True, slots=True)
class What:
    """What is measured, for all phases."""

    out: Path | None = None
    """Where everything is left, and a later call goes on from; runs/gpu_quarter_hour, or
    runs/gpu_quarter_hour-tiny, unless given."""
    profile: str | None = None
    """Of the pipeline's model; smollm2-135m, or the dry run's own, unless given."""
    model: str | None = None
    """Its folder, file or name; the profile's own unless given."""
    parts: Path | None = None
    """The folder of its parts, written by --pack, instead."""
    seeds: int = 3
    """Of the pipeline, side by side."""
    tiny: bool = False
    """The dry run: small shapes and few tasks, on a CPU."""

    def __post_init__(self) -> None:
        """Refuses what is out of range, and two models."""
        require_at_least(self, 1, "seeds")
        if self.model is not None and self.parts is not None:
            raise ValueError("expected --model or --parts, got both; leave one out")

    @property
    def place(self) -> Path:
        """The folder of what is found; the dry run's figures stay apart."""
        return self.out or Path("runs") / f"gpu_quarter_hour{'-tiny' * self.tiny}"

    def argv(self) -> list[str]:
        """The same as a command line."""
        given = ["--out", str(self.place), "--seeds", str(self.seeds)]
        given += ["--profile", self.profile] if self.profile else []
        given += ["--model", self.model] if self.model else []
        given += ["--parts", str(self.parts)] if self.parts else []
        return [*given, "--tiny"] if self.tiny else given


@dataclass(frozen=True, slots=True)
class WorkOptions:
    """Which part of the work is done."""

    what: What = What()
    """What is measured."""
    phase: Annotated[str, one_of(PHASES)] = "environment"
    """Which phase."""
    seed: int | None = None
    """Which seed of the pipeline; all of them, in processes of their own, unless given."""
    seconds: float = 600.0
    """Until this process is killed."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_seeds(self, "seed") if self.seed is not None else None
        require_above(self, 0, "seconds")


def main(argv: Sequence[str] | None = None) -> int:
    """Does the phase's pieces that are missing; returns 1 if some of them failed, else 0."""
    started = monotonic()
    args = read_options(
        WorkOptions, argv, prog="python -m benchmarks.gpu_quarter_hour.work", about=__doc__
    )
    end_with_parent()
    what, until = args.what, started + args.seconds
    what.place.mkdir(parents=True, exist_ok=True)
    match args.phase:
        case "pipeline":
            return int(_pipeline(what, args.seed, until) > 0)
        case "environment":
            from benchmarks.gpu_quarter_hour.chip import environment

            return int(not leave(what.place, "environment", environment))
    return int(_steps(what, args.phase) > 0)


def _steps(what: What, phase: str) -> int:
    """Measures steps; each phase loads its own libraries."""
    from benchmarks.gpu_quarter_hour import imitation, reinforcement
    from benchmarks.gpu_quarter_hour.rows import FULL, TINY, afresh

    module = imitation if phase == "sft" else reinforcement
    pieces = module.pieces(TINY if what.tiny else FULL)
    return sum(
        not leave(what.place, name, lambda work=work: afresh(work))  # type: ignore[misc]
        for name, work in pieces.items()
    )


def _pipeline(what: What, seed: int | None, until: float) -> int:
    """One seed of the pipeline, or all of them."""
    if seed is None:
        model = str(join(what.parts, what.place / "model")) if what.parts else what.model
        argv = replace(what, parts=None, model=model).argv()
        left = ["--phase", "pipeline", "--seconds", f"{max(1.0, until - monotonic()):.1f}"]
        return side_by_side(what.place, what.seeds, [*argv, *left])
    from benchmarks.gpu_quarter_hour.real_model import Chain, one_seed, tiny

    chain = Chain(what.profile or (TINY_PROFILE if what.tiny else PROFILE), what.model)
    one_seed(what.place, tiny(chain) if what.tiny else chain, seed, until)
    return 0


if __name__ == "__main__":
    run(main)
