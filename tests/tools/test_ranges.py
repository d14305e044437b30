"""Ranges of options."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tools.ranges import require_above, require_at_least, require_seeds, require_within


@dataclass(frozen=True, slots=True)
class Options:
    save_every: float | tuple[float, ...] | None


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (lambda o: require_at_least(o, 1, "save_every"), [1, 7, None], [0, math.inf]),
        (lambda o: require_above(o, 0, "save_every"), [1e-9, 3], [0.0, -1, math.inf]),
        (lambda o: require_within(o, 0, 1, "save_every"), [0, 0.5, 1], [-0.1, 1.1]),
        (lambda o: require_seeds(o, "save_every"), [0, 2**32 - 1, (1, 2)], [-1, 2**32, (1, -1)]),
    ],
)
def test_what_is_out_of_range_is_refused_by_the_options_name(
    check: Callable[[object], None], good: list[float], bad: list[float]
) -> None:
    for value in good:
        check(Options(value))
    for value in [*bad, math.nan]:
        with pytest.raises(ValueError, match="^--save-every: expected "):
            check(Options(value))
