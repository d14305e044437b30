"""The report's pictures, as SVG text.

They need matplotlib (`pip install -e '.[plots]'`), which nothing else does. The same numbers give
the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reasonact_env.reward import COMPONENTS
from train.scoring.stats import Interval
from train.studies.findings import Contrast, Findings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, QUIET, REFERENCE, OWN = "#222222", "#8a8a8a", "#9aa5b1", "#2f6fb0"
COLOURS = ("#c9b458", "#4c9a7d", "#2f6fb0", "#b5578a", "#8d7ab8", "#d1713f")
"""One colour per component, in their order."""
STYLE = {
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.fonttype": "none",
    "svg.hashsalt": "reasonact",
}
SMOOTHED = 5
"""The number of steps over which a curve is averaged."""
METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
"""What matplotlib writes about itself."""
MISSING = "the plots need matplotlib: pip install -e '.[plots]'"

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curves:
    """A number over training, for all seeds of one variant."""

    words: str
    """The variant."""
    rows: Numbers
    """(S, N) seeds by steps; nan where a run is shorter."""

    @property
    def smooth(self) -> Numbers:
        """(S, N) with each step the mean of the last few."""
        sums = np.cumsum(np.insert(self.rows, 0, 0.0, axis=1), axis=1)
        ends = np.arange(1, self.rows.shape[1] + 1)
        starts = np.maximum(0, ends - SMOOTHED)
        result: Numbers = (sums[:, ends] - sums[:, starts]) / (ends - starts)
        return result


def forest(found: Findings, data: str) -> str:
    """Every variant's difference from the reference, with intervals; seeds as small dots."""
    rows = found.of(data)[::-1]
    figure, (axes,) = _figure(1, width=7.2, height=0.9 + 0.34 * len(rows))
    scale = 100.0
    for place, row in enumerate(rows):
        _forest_row(axes, place, row, row.gains[found.primary.name], scale)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(range(len(rows)), [found.grid.words(row.variant) for row in rows])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.spines["left"].set_visible(False)
    reference = found.grid.words(found.grid.reference)
    axes.set_xlabel(f"{found.primary.label}: difference from “{reference}”, points, 95 % interval")
    return _svg(figure)


def _forest_row(axes: Axes, place: int, row: Contrast, whole: Interval, scale: float) -> None:
    colour = OWN if row.adjusted < 0.05 else QUIET
    if whole.is_known:
        ends = [scale * whole.low, scale * whole.high]
        axes.plot(ends, [place, place], color=colour, linewidth=2)
    axes.plot([scale * whole.value], [place], "s", color=colour, markersize=6)
    seeds = [scale * one.value for one in row.by_seed]
    axes.plot(seeds, [place - 0.22] * len(seeds), "o", color=colour, markersize=2.5, alpha=0.6)


def curves(all_curves: Sequence[Curves], reference: Curves | None, label: str) -> str:
    """A small picture for every variant: its mean over seeds in a band, the reference behind."""
    figure, axes = _figure(len(all_curves), width=9.0, height=2.0, across=3)
    for one, own in zip(all_curves, axes, strict=False):
        if reference is not None:
            _band(own, reference, REFERENCE)
        _band(own, one, OWN)
        own.set_title(one.words, fontsize=9, loc="left", color=INK)
    for empty in axes[len(all_curves) :]:
        empty.set_visible(False)
    figure.supxlabel("optimiser step", fontsize=9)
    figure.supylabel(label, fontsize=9)
    return _svg(figure)


def _band(axes: Axes, one: Curves, colour: str) -> None:
    """The mean over seeds, and the range from the lowest to the highest."""
    rows = one.smooth
    steps = np.arange(1, rows.shape[1] + 1)
    axes.fill_between(
        steps, rows.min(axis=0), rows.max(axis=0), color=colour, alpha=0.2, linewidth=0
    )
    axes.plot(steps, rows.mean(axis=0), color=colour, linewidth=1.5)


def contributions(shares: Mapping[str, Numbers]) -> str:
    """The share of the advantage from each component, stacked over the steps.

    Args:
        shares: Component -> (N,) mean share over the seeds at each step.
    """
    figure, (axes,) = _figure(1, width=7.2, height=2.8)
    names = [name for name in COMPONENTS if name in shares]
    smooth = [Curves(name, shares[name][None]).smooth[0] for name in names]
    steps = np.arange(1, len(smooth[0]) + 1)
    colours = [COLOURS[COMPONENTS.index(name)] for name in names]
    axes.stackplot(steps, *smooth, labels=names, colors=colours, linewidth=0)
    axes.set_xlim(1, max(2, len(steps)))
    axes.set_ylim(0, 1)
    axes.set_xlabel("optimiser step")
    axes.set_ylabel("share of the advantage")
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(
        handles[::-1],
        labels[::-1],
        loc="center left",
        bbox_to_anchor=(1.01, 0.5),
        frameon=False,
        fontsize=9,
    )
    return _svg(figure)


def _figure(
    count: int, width: float, height: float, across: int = 1
) -> tuple[Figure, Sequence[Axes]]:
    """A figure of `count` axes or a few more, in rows of `across`; inches a row."""
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        raise ModuleNotFoundError(MISSING) from None
    down = -(-count // across)
    with rc_context(STYLE):
        figure = Figure(figsize=(width, height * down), layout="constrained")
        axes = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    return figure, list(axes.flat)


def _svg(figure: Figure) -> str:
    """The picture as an element of an HTML page."""
    from matplotlib import rc_context

    text = io.StringIO()
    with rc_context(STYLE):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    whole = text.getvalue()
    return METADATA.sub("", whole[whole.index("<svg") :])
