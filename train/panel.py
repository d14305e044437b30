"""What a training run looks like: a panel for a terminal, a line a step for everything else.

Both are pure functions of the journal, so that they look the same inside the run, from another
terminal (`python -m train.watch`), and afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from reasonact_env.view_text import safe
from train.moves import Line, lately
from train.signatures import Finding, findings
from train.sketch import bar, duration, short, spark

CURVE = 24
"""Characters of a curve."""
SMALL = 8
"""Characters of a small one."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A run, as far as it got."""

    title: str
    """What is trained."""
    lines: Sequence[Line]
    """Its journal."""
    total: int | None = None
    """Steps in all, if known."""
    episode: str = ""
    """The last episode in a line."""

    @property
    def steps(self) -> list[Line]:
        """The optimiser steps; the journal begins with a line for what was there before them."""
        return [line for line in self.lines if line["step"] > 0]

    @property
    def step(self) -> int:
        """The last one."""
        return int(self.steps[-1]["step"]) if self.steps else 0

    def curve(self, name: str) -> list[float]:
        """A number's course, of the steps that logged it."""
        return [line[name] for line in self.lines if name in line]

    @property
    def seconds_left(self) -> float | None:
        """What is left at the pace of the last steps, if that is known."""
        pace = lately(self.steps, "time/step")
        return None if pace is None or self.total is None else pace * (self.total - self.step)


def panel(shown: Shown) -> RenderableType:
    """The whole picture, at most 80 columns wide."""
    parts: list[RenderableType] = [_head(shown), _curves(shown)]
    if scores := _components(shown):
        parts += [Text(), scores]
    if shown.episode:
        last = Text("last  ", style="bold", no_wrap=True, overflow="ellipsis")
        parts += [Text(), last.append(safe(shown.episode), style="not bold dim")]
    return Group(*parts, *_found(findings(shown.steps)))


def plain(line: Line, total: int | None = None) -> str:
    """One step in a line."""
    of = f"/{total}" if total else ""
    said = [f"step {int(line['step'])}{of}"]
    for label, name, style in _PLAIN:
        if name in line:
            said.append(f"{label} {line[name]:.0%}" if style else f"{label} {short(line[name])}")
    return "  ".join(said)


_PLAIN = (
    ("return", "total/mean", ""),
    ("loss", "loss", ""),
    ("held out", "held_out/success", "%"),
    ("dead", "total/dead", "%"),
    ("entropy", "entropy", ""),
    ("KL", "kl", ""),
    ("tokens", "length/mean", ""),
    ("tokens/s", "speed/sampled", ""),
)


def _head(shown: Shown) -> Text:
    head = Text(no_wrap=True, overflow="ellipsis").append(safe(shown.title), style="bold")
    if shown.total:
        share = shown.step / shown.total
        head.append(f"\n{shown.step:>5}/{shown.total} ").append(bar(share, 32), style="green")
        head.append(f" {share:4.0%}")
    else:
        head.append(f"\nstep {shown.step}")
    if spent := sum(shown.curve("time/step")):
        head.append(f"   {duration(spent)} gone", style="dim")
    if (left := shown.seconds_left) and left > 0:
        head.append(f", {duration(left)} left", style="dim")
    return head


def _curves(shown: Shown) -> RenderableType:
    """One number a row: its name, its mean over the last steps, its course, what goes with it."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(justify="right", no_wrap=True, min_width=7)
    grid.add_column(style="cyan", no_wrap=True)
    grid.add_column(style="dim", no_wrap=True, overflow="ellipsis")
    for label, name, aside in _ROWS:
        if values := shown.curve(name):
            now = lately(shown.lines, name) if name != HELD_OUT else values[-1]
            grid.add_row(
                label, short(now or 0.0), spark(values, CURVE), _aside(shown.lines, aside)
            )
    return grid


HELD_OUT = "held_out/success"
_ROWS: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...] = (
    ("return", "total/mean", (("± ", "total/std", ""), ("dead groups ", "total/dead", "%"))),
    ("loss", "loss", (("rate ", "lr", ""),)),
    ("held out", HELD_OUT, (("return ", "held_out/return", ""), ("± ", "held_out/error", ""))),
    ("entropy", "entropy", (("KL ", "kl", ""), ("gradient ", "grad_norm", ""))),
    ("a step", "step/kl", (("clipped ", "ratio/clipped", "%"), ("drift ", "ratio/drift", ""))),
    (
        "tokens",
        "length/mean",
        (("longest ", "length/max", ""), ("cut ", "length/clipped", "%")),
    ),
    (
        "calls",
        "calls/rate",
        (("needless ", "calls/over", "%"), ("missing ", "calls/under", "%")),
    ),
    (
        "thought",
        "thought/words",
        (("of messages ", "thought/rate", "%"), ("names facts ", "thought/facts", "%")),
    ),
    (
        "tokens/s",
        "speed/sampled",
        (("rollout ", "time/rollout", "s"), ("of ", "time/step", "s")),
    ),
)
"""Label, the number with a curve, and what stands beside it: words, name, unit."""


def _aside(lines: Sequence[Line], wanted: tuple[tuple[str, str, str], ...]) -> str:
    said = []
    for words, name, unit in wanted:
        if (value := lately(lines, name)) is not None:
            number = f"{value:.0%}" if unit == "%" else short(value) + unit
            said.append(f"{words}{number}")
    return "  ".join(said)


def _components(shown: Shown) -> RenderableType | None:
    """One component a row: its score, its course, and what of the advantage it makes."""
    ending = "/advantage"
    names = {name.removesuffix("/mean"): 0 for line in shown.steps for name in line}
    told = [name for name in names if name != "total" and shown.curve(f"{name}/dead")]
    if not told:
        return None
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    table.add_column("component", style="bold", no_wrap=True)
    for head in ("score", "std", "dead"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("course", style="cyan", no_wrap=True)
    table.add_column("of the advantage", no_wrap=True)
    for name in told:
        mean, std, dead = (lately(shown.lines, f"{name}/{what}") for what in _SCORES)
        share = lately(shown.lines, name + ending) or 0.0
        course = spark(shown.curve(f"{name}/mean"), SMALL)
        part = Text(bar(share, 16), style="magenta").append(f" {share:4.0%}", style="default")
        cells = f"{mean or 0:.2f}", f"{std or 0:.2f}", f"{dead or 0:.0%}"
        table.add_row(safe(name), *cells, course, part)
    return table


_SCORES = ("mean", "std", "dead")


def _found(found: Sequence[Finding]) -> list[RenderableType]:
    """The failures that show, and what to try."""
    return [
        Text("\n! ", style="yellow")
        .append(one.signature, style="bold yellow")
        .append(f": {one.evidence}.\n  Try: {one.advice}.")
        for one in found
    ]
