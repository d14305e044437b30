r"""A GPU that is to be had for a quarter of an hour, in one prepared command.

    python -m benchmarks.gpu_quarter_hour --calculate    # what is to be expected of an H200
    python -m benchmarks.gpu_quarter_hour --tiny         # the dry run, on a CPU
    python -m benchmarks.gpu_quarter_hour --parts .parts # on the GPU

Four phases, each in a process that is killed at its limit: the environment; SFT steps of
Qwen3-1.7B's shapes (random weights, LoRA) at 4,096 and 8,192 tokens, ours and TRL's plain path;
GRPO steps of the same; and the whole pipeline of a small pretrained model, three seeds side by
side. Every measurement leaves its file at once, and the tables are written anew after each phase:
`report.txt`, and `summary.json` with everything. The next call does what is still missing.

The calls for a machine without a network, to which each call brings the working tree (8 MB) and
the ignored paths that it names, 64 MiB in all; what was brought stays until the machine is given
back:

1. Beforehand, here. `.parts` and `.wheels` are to be ignored by git (`.git/info/exclude`), as
   `runs` is. A GGUF file travels as it is: SmolLM2-135M has 98 MB, so three parts.

       python -m benchmarks.gpu_quarter_hour --pack .parts --part-mb 40 --model FILE.gguf
       python -m pip download --no-deps --only-binary=:all: --python-version 3.12 \
           --implementation cp --platform manylinux_2_28_x86_64 \
           --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 \
           -c constraints.txt -d .wheels trl transformers datasets dill multiprocess gymnasium \
           farama-notifications jsonschema jsonschema-specifications referencing rpds-py msgspec \
           tyro docstring-parser typeguard gguf

   The wheels (17 MB) are what an image lacks that has torch, peft, accelerate, numpy, pandas,
   pyarrow, rich, attrs, typer, xxhash and huggingface-hub 1.31 or newer. Its own torch stays.
2. First call, naming `.wheels` and `.parts/0`, with a limit of 540 seconds: the first three phases.
   `$OUT` stands for the folder that the machine sends back.

       python3 -m pip install -q --no-index --no-deps --no-compile --upgrade \
           --target /tmp/site .wheels/*.whl && export PYTHONPATH=/tmp/site:. && \
           python3 -m benchmarks.gpu_quarter_hour --phases environment sft grpo --minutes 7; \
           cp runs/gpu_quarter_hour/summary.json runs/gpu_quarter_hour/report.txt $OUT

3. Second call, at once, naming `.parts/1` and `.parts/2`: what is still missing of these phases,
   and the pipeline, which plans by `--minutes`: what is left of the time less one.

       export PYTHONPATH=/tmp/site:.; \
           python3 -m benchmarks.gpu_quarter_hour --parts .parts --minutes 7; \
           cp runs/gpu_quarter_hour/summary.json runs/gpu_quarter_hour/report.txt $OUT

   A folder with safetensors can be packed, too; its weights become bfloat16 (SmolLM2-135M: 269 MB,
   five parts with `--part-mb 58`). Each part then takes a call, whose command is `true`.
4. Give the machine back. The result and this file's commit belong into the repository.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from agents.console import console
from benchmarks.gpu_quarter_hour.parts import LARGEST, pack
from benchmarks.gpu_quarter_hour.schedule import MINUTES, PHASES, is_done, run_phases
from benchmarks.gpu_quarter_hour.tables import tell
from benchmarks.gpu_quarter_hour.work import What
from tools.command import run
from tools.command_line import read_options
from tools.option_types import one_of
from tools.places import require_place
from tools.ranges import require_above, require_at_least, require_within


@dataclass(frozen=True, slots=True)
class Options:
    """What a quarter of an hour is spent on."""

    what: What = What()
    """What is measured."""
    minutes: float = MINUTES
    """For all phases of this call; each has its share."""
    shares: tuple[float, ...] = tuple(PHASES.values())
    """The phases' shares of the time; those of phases that are not done count alone."""
    phases: tuple[Annotated[str, one_of(PHASES)], ...] = tuple(PHASES)
    """Which phases are run."""
    calculate: bool = False
    """Only print what is to be expected of an H200."""
    pack: Path | None = None
    """Only write --model into this folder, in parts that can travel."""
    part_mb: float = LARGEST
    """MB of such a part at most."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_above(self, 0, "minutes")
        require_at_least(self, 0, "shares")
        require_within(self, 0.001, LARGEST, "part_mb")
        if len(self.shares) != len(PHASES):
            raise ValueError(
                f"expected {len(PHASES)} numbers with --shares ({', '.join(PHASES)}), got "
                f"{len(self.shares)}"
            )
        if self.pack is not None and self.what.model is None:
            raise ValueError("expected --model with --pack, got none; name a folder or a GGUF file")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the phases, or does what is asked for instead; returns the process's exit status.

    It is 1 where a phase that was asked for has not come to its end, or a piece of it failed.
    """
    args = read_options(Options, argv, prog="python -m benchmarks.gpu_quarter_hour", about=__doc__)
    if args.calculate:
        from benchmarks.gpu_quarter_hour.calculation import table  # torch, for this alone

        console().print(table(args.minutes).table())
        return 0
    if args.pack is not None:
        for folder in pack(Path(str(args.what.model)), args.pack, args.part_mb):
            size = sum(one.stat().st_size for one in folder.iterdir())
            console().print(f"{folder}: {size / 1e6:.1f} MB")
        return 0
    out = args.what.place
    require_place(out / "summary.json", is_runs_own=True)
    out.mkdir(parents=True, exist_ok=True)
    shares = dict(zip(PHASES, args.shares, strict=True))
    wanted = {phase: share for phase, share in shares.items() if phase in args.phases}
    run_phases(out, wanted, args.what.argv(), args.minutes, lambda: tell(out))
    missing = [phase for phase in wanted if not is_done(out, phase)]
    if missing:
        print(f"not done: {', '.join(missing)}; the same command does what is missing", flush=True)
    return int(bool(missing))


if __name__ == "__main__":
    run(main)
