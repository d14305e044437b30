"""Numbers as small pictures made of letters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

LEVELS = "▁▂▃▄▅▆▇█"
EIGHTHS = " ▏▎▍▌▋▊▉█"


def spark(values: Sequence[float], width: int) -> str:
    """A curve of at most `width` characters, from its lowest to its highest point.

    >>> spark([0, 1, 2, 3], 4)
    '▁▃▆█'
    """
    means = [fmean(part) for part in _parts(values, width)]
    low, high = min(means, default=0.0), max(means, default=0.0)
    top = len(LEVELS) - 1
    scale = top / (high - low) if high > low else 0.0
    return "".join(LEVELS[round((mean - low) * scale)] for mean in means)


def bar(share: float, width: int) -> str:
    """A bar that fills a share of the width, to an eighth of a character.

    >>> bar(0.5, 3) + "|"
    '█▌ |'
    """
    filled = round(8 * width * min(max(share, 0.0), 1.0))
    whole, rest = divmod(filled, 8)
    return (EIGHTHS[8] * whole + (EIGHTHS[rest] if rest else "")).ljust(width)


def duration(seconds: float) -> str:
    """Time for people.

    >>> duration(75), duration(4000)
    ('1:15', '1:06:40')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def short(value: float) -> str:
    """A number in at most seven characters.

    >>> [short(x) for x in (0.12345, 0.00012, 1434.0, 1234567.0, 0.0)]
    ['0.123', '1.2e-04', '1,434', '1.2M', '0']
    """
    size = abs(value)
    if not math.isfinite(size) or size == 0:
        return f"{value:g}"
    for unit, name in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if size >= unit:
            return f"{value / (1e3 if name == 'k' else unit):.1f}{name}"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1e}" if size < 0.001 else f"{value:.3g}"


def _parts(values: Sequence[float], width: int) -> list[Sequence[float]]:
    """The values in order, in `width` parts of nearly equal size."""
    count = min(width, len(values))
    ends = [i * len(values) // count for i in range(count + 1)] if count else []
    return [values[a:b] for a, b in pairwise(ends)]
