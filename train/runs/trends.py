"""What a journal holds, and how its numbers move: both ends of a run, and what chance allows."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median, variance
from typing import TypeAlias

Line: TypeAlias = Mapping[str, float]
"""One optimiser step of the journal."""

WINDOW = 5
"""Steps at the beginning and at the end that are compared, at least."""
PART = 0.2
"""Of a longer run, this part at each end."""
SURE = 4.0
"""Standard errors by which a difference has to exceed chance; many are looked at, many times."""


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
        """How much was added."""
        return self.last - self.first

    @property
    def sure(self) -> float:
        """The rise in standard errors; where nothing scatters, any rise is beyond chance."""
        return self.rise / self.error if self.error else math.copysign(math.inf, self.rise)

    def rose(self, by: float = 0.0, times: float = 1.0) -> bool:
        """Whether it rose beyond chance, by so much, and to so many times the first mean."""
        return self.rise > by and self.last >= times * self.first and self.sure > SURE

    def fell(self, by: float = 0.0, to: float = 1.0) -> bool:
        """Whether it fell beyond chance, by so much, and to such a part of the first mean."""
        return -self.rise > by and self.last <= to * self.first and self.sure < -SURE


def read(path: Path) -> list[dict[str, float]]:
    """The whole lines of a journal; what a kill left unfinished is none, nor is a missing file."""
    if not path.exists():
        return []
    whole, _, _ = path.read_text(encoding="utf-8").rpartition("\n")
    return [json.loads(line) for line in whole.splitlines() if line]


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
    """A number's mean over the last steps that logged it; None if none did."""
    values = [line[name] for line in lines if name in line][-WINDOW:]
    return fmean(values) if values else None


def height(lines: Sequence[Line], name: str) -> float | None:
    """The highest that a number stood for some steps; one step alone, however wild, is none."""
    values = [line[name] for line in lines if name in line]
    spans = [values[end - WINDOW : end] for end in range(WINDOW, len(values) + 1)]
    return max(map(median, spans), default=None)
