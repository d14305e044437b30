"""How the numbers of a journal move: both ends of a run, and what chance allows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median, variance
from typing import TypeAlias

from tools.files import read_objects

Line: TypeAlias = Mapping[str, float]
"""One optimiser step of the journal."""

WINDOW = 5
"""At least this many steps at the beginning are compared with as many at the end.

Chosen by hand: fewer give no usable standard error, more make short runs impossible to judge.
"""
PART = 0.2
"""Of a longer run, this part at each end is compared; chosen by hand."""
SURE = 4.0
"""A difference has to exceed this many standard errors.

That is far beyond 5 %, since a dozen numbers are looked at after every step, and neighbouring steps
are not independent.
"""


@dataclass(frozen=True, slots=True)
class Trend:
    """A number at both ends of a run."""

    first: float
    """Mean over the first steps."""
    last: float
    """Mean over the last steps."""
    error: float
    """The standard error of their difference."""

    @property
    def rise(self) -> float:
        """By how much it is higher at the end."""
        return self.last - self.first

    @property
    def sure(self) -> float:
        """The rise in standard errors; infinite where nothing scatters."""
        return self.rise / self.error if self.error else math.copysign(math.inf, self.rise)

    def rose(self, by: float = 0.0, times: float = 1.0) -> bool:
        """Whether it rose beyond chance, by more than `by`, to at least `times` the first mean."""
        return self.rise > by and self.last >= times * self.first and self.sure > SURE

    def fell(self, by: float = 0.0, to: float = 1.0) -> bool:
        """Whether it fell beyond chance, by more than `by`, to at most `to` of the first mean."""
        return -self.rise > by and self.last <= to * self.first and self.sure < -SURE


def read(path: Path) -> list[dict[str, float]]:
    """The whole lines of a journal, without one that a kill cut short; [] if there is no file.

    What is no finite number is left out of a line.

    Raises:
        ValueError: if a line is damaged, or tells no step.
    """
    lines = [_numbers(line) for line in read_objects(path)] if path.exists() else []
    if odd := next((n for n, line in enumerate(lines, 1) if "step" not in line), None):
        raise ValueError(
            f"expected the number of its step in each line of {path}, found none in line {odd}; "
            "give the folder of a run"
        )
    return lines


def _numbers(line: Mapping[str, object]) -> dict[str, float]:
    return {
        name: value
        for name, value in line.items()
        if isinstance(value, int | float) and math.isfinite(value)
    }


def move(lines: Sequence[Line], name: str) -> Trend | None:
    """A number at both ends of a run; None where too few steps logged it."""
    values = [line[name] for line in lines if name in line]
    if len(values) < 2 * WINDOW:
        return None
    size = max(WINDOW, int(PART * len(values)))
    first, last = values[:size], values[-size:]
    error = math.sqrt((variance(first) + variance(last)) / size)
    return Trend(fmean(first), fmean(last), error)


def lately(lines: Sequence[Line], name: str) -> float | None:
    """A number's mean over the last steps that logged it; None if no step did."""
    values = [line[name] for line in lines if name in line][-WINDOW:]
    return fmean(values) if values else None


def height(lines: Sequence[Line], name: str) -> float | None:
    """The highest median of a number over `WINDOW` steps in a row: one wild step does not count."""
    values = [line[name] for line in lines if name in line]
    spans = [values[end - WINDOW : end] for end in range(WINDOW, len(values) + 1)]
    return max(map(median, spans), default=None)
