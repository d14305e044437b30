"""The control of equal compute: SFT for as long as a whole chain of stages took.

Measured is what each stage's journal says under `time/spent`: seconds of processor time, of all
threads, or on a GPU seconds of the clock. Processor time counts what a stage does and hardly what
else runs on the machine; playing counts like learning, since a chain without it would learn
nothing. The control sees the training dialogues more often, with one schedule over all passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from agents.console import console
from train import sft
from train.runs.journal import SPENT
from train.runs.run import METRICS
from train.runs.trends import read

EQUAL = "equal"
"""What `--longer` calls this control."""


def read_longer(text: str) -> float | str:
    """`2.5` as a number, `equal` as it is.

    Raises:
        ValueError: for anything else.
    """
    try:
        return text if text == EQUAL else float(text)
    except ValueError:
        raise ValueError(f"expected a number or {EQUAL!r}, got {text!r}") from None


def spent(folder: Path) -> float:
    """The seconds that a stage has spent, through all interruptions.

    Raises:
        ValueError: if its journal does not say.
    """
    seconds = [line[SPENT] for line in read(folder / METRICS) if SPENT in line]
    if not seconds:
        raise ValueError(
            f"expected {SPENT} in {folder / METRICS}, found none: an older version wrote it, or "
            "nobody; train that stage again, or give --longer a number"
        )
    return sum(seconds)


def times_as_long(chain: Sequence[Path]) -> float:
    """How many times as long as its first stage, SFT, a whole chain took; to three digits."""
    seconds = [spent(folder) for folder in chain]
    return round(sum(seconds) / seconds[0], 3)


def sft_as_long(plan: sft.SftSettings, out: Path, *, chain: Sequence[Path]) -> Path:
    """Imitates for as long as a chain took that began with the same plan.

    Args:
        plan: SFT's own.
        out: The policy's folder.
        chain: The folders of the chain's stages, SFT first; all of them are done.

    Returns:
        The policy's folder.
    """
    times = times_as_long(chain)
    told = ", ".join(f"{folder.name} {spent(folder):,.0f} s" for folder in chain)
    console().print(f"As long as {told} together: {times:g} times {chain[0].name}.")
    return sft.sft(replace(plan, epochs=times * plan.epochs), out)
