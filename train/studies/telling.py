"""How well each component of the reward tells success from failure, over a whole run.

The journal has it of each generation (`train.rl.observe.tells`); here are the means. Rewards that
do not tell the two apart are paid at the expense of those that do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, stdev

from train.runs.trends import Line
from train.scoring.report import Words

TELLS, SHARE = "/tells", "/advantage"
"""The ends of the journal's names."""
CAPTION = (
    "r: point-biserial correlation of a component's score with success inside groups, mean of the "
    "generations in which both differ ± standard error; then its share of the advantage"
)


@dataclass(frozen=True, slots=True)
class Telling:
    """One component over one run, or over several of a kind."""

    r: float
    """The mean correlation with success."""
    error: float | None
    """Its standard error over generations; None for a single one."""
    generations: int
    """In how many of them it is known."""
    advantage: float
    """The component's mean share of the advantage."""

    def __str__(self) -> str:
        """The cell of a table."""
        error = "" if self.error is None else f" ± {self.error:.2f}"
        return f"{self.r:+.2f}{error}, {self.advantage:.0%}"


def tellings(lines: Sequence[Line]) -> dict[str, Telling]:
    """Component -> how it tells; `total` stands for the reward.

    Args:
        lines: The journals of one run or more, one after the other.
    """
    names = [name for line in lines for name in line if name.endswith(TELLS)]
    components = [name.removesuffix(TELLS) for name in dict.fromkeys(names)]
    return {name: _telling(lines, name) for name in components}


def _telling(lines: Sequence[Line], name: str) -> Telling:
    known = [line[name + TELLS] for line in lines if name + TELLS in line]
    error = stdev(known) / math.sqrt(len(known)) if len(known) > 1 else None
    shares = [line.get(name + SHARE, 0.0) for line in lines if "total/mean" in line]
    share = 1.0 if name == "total" else fmean(shares or [0.0])
    return Telling(fmean(known), error, len(known), share)


def words(title: str, runs: Mapping[str, Sequence[Line]]) -> Words:
    """A table: a component a row, a run a column.

    Args:
        title: What stands above.
        runs: The run's name -> its journal.
    """
    found = {name: tellings(lines) for name, lines in runs.items()}
    told = {name: one for name, one in found.items() if one}
    components = dict.fromkeys(name for one in told.values() for name in one)
    rows = [
        (name, *(str(one[name]) if name in one else "-" for one in told.values()))
        for name in components
    ]
    return Words(title, ("component", *told), tuple(rows), CAPTION)


def as_dict(runs: Mapping[str, Sequence[Line]]) -> dict[str, object]:
    """Run -> component -> its numbers, as plain JSON values."""
    return {
        run: {name: asdict(one) for name, one in tellings(lines).items()}
        for run, lines in runs.items()
    }
