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

from tools.inert import inline, safe
from train.runs.failure_detectors import Failure, failures
from train.runs.sketch import bar, duration, short, spark
from train.runs.trends import Line, lately

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
    note: str = ""
    """What whoever watches from outside has to know."""

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
        """The time that is left at the pace of the last steps, if that is known."""
        pace = lately(self.steps, "time/step")
        return None if pace is None or self.total is None else pace * (self.total - self.step)


def panel(shown: Shown) -> RenderableType:
    """The whole picture, at most 80 columns wide."""
    parts: list[RenderableType] = [_head(shown), _curves(shown)]
    if scores := _components(shown):
        parts += [Text(), scores]
    if shown.episode:
        last = Text("last  ", style="bold", no_wrap=True, overflow="ellipsis")
        parts += [Text(), last.append(inline(shown.episode), style="not bold dim")]
    if shown.note:
        parts += [Text(f"\n! {safe(shown.note)}", style="yellow")]
    return Group(*parts, *_found(failures(shown.steps)))


def legend() -> RenderableType:
    """What the rows and columns of the panel mean."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    rows = {row.label: row.about for row in (*_ROWS, _THOUGHTS, *_IMITATION)}
    for label, about in {**rows, **_WORDS}.items():
        grid.add_row(label, about)
    return grid


def plain(line: Line, total: int | None = None) -> str:
    """One step in a line."""
    of = f"/{total}" if total else ""
    told = _PLAIN if "total/mean" in line or "held_out/return" in line else (("loss", "loss"),)
    numbers = [f"{label} {_number(line, name)}" for label, name in told if name in line]
    return "  ".join([f"step {int(line['step'])}{of}", *numbers])


_PLAIN = (
    ("return", "total/mean"),
    ("held out", "held_out/success"),
    ("dead", "total/dead"),
    ("entropy", "entropy"),
    ("KL", "kl"),
    ("tokens", "length/mean"),
    ("cut", "messages/cut"),
)
"""Label and number: a line fits 80 columns, and the journal has all of them."""


def _head(shown: Shown) -> Text:
    head = Text(no_wrap=True, overflow="ellipsis").append(inline(shown.title), style="bold")
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


@dataclass(frozen=True, slots=True)
class PanelLine:
    """A number with a curve, and the numbers next to it."""

    label: str
    """What it is called."""
    name: str
    """Its name in the journal."""
    further: tuple[tuple[str, str], ...]
    """Label and name of further numbers."""
    about: str
    """What all of them mean."""


_ROWS = (
    PanelLine(
        "return",
        "total/mean",
        (("±", "total/std"), ("dead groups", "total/dead")),
        "Mean return of the generation's episodes, their spread, and the share of groups whose "
        "episodes all earned the same, from which nothing is learned.",
    ),
    PanelLine(
        "held out",
        "held_out/success",
        (("return", "held_out/return"), ("±", "held_out/error"), ("cut", "held_out/cut")),
        "Success on tasks that are not trained on, greedily; cut: episodes that ran out of turns.",
    ),
    PanelLine(
        "entropy",
        "entropy",
        (("KL", "kl"), ("gradient", "grad_norm")),
        "How undecided the policy is, in nats a token; its distance to where it began; the norm of "
        "the gradient.",
    ),
    PanelLine(
        "KL a step",
        "step/kl",
        (("clipped", "ratio/clipped"), ("drift", "ratio/drift")),
        "How far one step moves the policy, in nats a token: over .02 for long is too far.",
    ),
    PanelLine(
        "tokens",
        "length/mean",
        (("longest", "length/max"), ("cut", "length/clipped")),
        "Tokens of an episode that the policy wrote.",
    ),
    PanelLine(
        "messages",
        "messages/mean",
        (("at a token limit", "messages/cut"),),
        "Messages of an episode, and the share that ran into their limit.",
    ),
    PanelLine(
        "calls",
        "calls/rate",
        (("needless", "calls/over"), ("missing", "calls/under")),
        "Share of messages that call; calls where the record replies, replies where it calls.",
    ),
    PanelLine(
        "tokens/s",
        "speed/sampled",
        (("rollout, s", "time/rollout"), ("of", "time/step")),
        "Tokens drawn a second; seconds of play, of the whole step.",
    ),
)
"""What the policy does, from the most to the least telling."""
_THOUGHTS = PanelLine(
    "thoughts",
    "thought/rate",
    (("words", "thought/words"), ("facts", "thought/facts")),
    "Share of messages with a thought, its words, and how much of the decision's facts it names.",
)
"""How it thinks, if it does."""
_IMITATION = (
    PanelLine(
        "loss",
        "loss",
        (("rate", "lr"), ("gradient", "grad_norm")),
        "Of imitation: nats a token of the recorded assistant's messages.",
    ),
)
_WORDS = {
    "score, std": "Of a component: its mean, and its spread over the episodes.",
    "dead": "Share of groups in which all episodes earned the same of it.",
    "tells": "Whether it tells success from failure: +1 always, 0 never, below 0 it works against.",
    "of the advantage": "How much of what is learned comes from it.",
    "curves": "Each number from the first step to the last, scaled to its own range.",
}
"""What the panel's other words mean."""
_SHARES = frozenset(
    {"total/dead", "held_out/success", "held_out/cut", "ratio/clipped", "calls/rate"}
    | {"length/clipped", "messages/cut"}
    | {"calls/over", "calls/under", "thought/rate", "thought/facts"}
)
"""What is shown in per cent."""


def _curves(shown: Shown) -> RenderableType:
    """One number a row: its name, its mean over the last steps, its course, what goes with it."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(justify="right", no_wrap=True, min_width=7)
    grid.add_column(style="cyan", no_wrap=True)
    grid.add_column(style="dim", no_wrap=True, overflow="ellipsis")
    now = _now(shown)
    for row in _rows(shown):
        if row.name in now:
            further = [
                f"{label} {_number(now, name)}" for label, name in row.further if name in now
            ]
            course = spark(shown.curve(row.name), CURVE)
            grid.add_row(row.label, _number(now, row.name), course, "  ".join(further))
    return grid


def _rows(shown: Shown) -> tuple[PanelLine, ...]:
    if not shown.curve("total/mean"):
        return _IMITATION
    return (*_ROWS, _THOUGHTS) if any(shown.curve(_THOUGHTS.name)) else _ROWS


def _now(shown: Shown) -> dict[str, float]:
    """Every number's mean over the last steps; of held-out tasks, the last look."""
    names = {name: None for line in shown.lines for name in line}
    means = {name: lately(shown.lines, name) for name in names}
    looks = {name: shown.curve(name)[-1] for name in names if name.startswith("held_out/")}
    return {name: mean for name, mean in means.items() if mean is not None} | looks


def _number(numbers: Line, name: str) -> str:
    value = numbers[name]
    return f"{value:.0%}" if name in _SHARES else short(value)


def _components(shown: Shown) -> RenderableType | None:
    """One component a row: its score, its course, whether it tells success from failure, and its
    share of the advantage.
    """
    now = _now(shown)
    names = [name.removesuffix("/std") for name in now if name.endswith("/std")]
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    table.add_column("component", style="bold", no_wrap=True)
    for head in ("score", "std", "dead"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("course", style="cyan", no_wrap=True)
    table.add_column("tells", justify="right", no_wrap=True)
    table.add_column("of the advantage", no_wrap=True)
    for name in names:
        if name != "total":
            share = now.get(f"{name}/advantage", 0.0)
            course = spark(shown.curve(f"{name}/mean"), SMALL)
            part = Text(bar(share, 16), style="magenta").append(f" {share:4.0%}", style="default")
            mean, std, dead = (now[f"{name}/{what}"] for what in ("mean", "std", "dead"))
            r = f"{now[told]:+.2f}" if (told := f"{name}/tells") in now else "-"
            table.add_row(inline(name), f"{mean:.2f}", f"{std:.2f}", f"{dead:.0%}", course, r, part)
    return table if table.row_count else None


def _found(found: Sequence[Failure]) -> list[RenderableType]:
    """The failures that the journal shows, and what to try."""
    return [
        Text("\n! ", style="yellow")
        .append(one.signature, style="bold yellow")
        .append(f": {one.evidence}.\n  Try: {one.advice}.")
        for one in found
    ]
