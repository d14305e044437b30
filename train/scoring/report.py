"""Tables for people and files for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

from agents.console import plain_table
from reasonact_env.episode import Mode
from reasonact_env.playable import left_out_words
from tasks.verdicts import failure_words
from tools.types import Json
from train.scoring.metrics import Metric, Scale, metrics_of
from train.scoring.stats import ALONE, Interval

TEMPERATURES = {"greedy": 0.0, "sampled": 1.0}
"""How a policy's messages are sampled when it is judged: name -> temperature."""


def drawn_at(temperature: float) -> str:
    """How messages are sampled, in words; the same wherever a policy is judged."""
    names = {value: name for name, value in TEMPERATURES.items()}
    return names.get(temperature, f"temperature {temperature:g}")


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose numbers a table shows; it stands above every table."""

    source: str
    """The data set, as `info["source"]` names it."""
    model: str
    """The model or agent, in words."""
    split: str
    """Which part of the data."""
    mode: Mode
    """Dialogue or turn."""
    sampling: str
    """As `drawn_at` says, or scripted."""
    left_out: int = 0
    """How many dialogues of the split are not played since they have no goal."""
    database: str = ""
    """What stands behind recorded dialogues, as `reasonact_env.playable.database_words` says it;
    empty for data that bring their APIs along."""
    failed: int = 0
    """How many dialogues of the split are not played since their recorded agent failed."""
    caution: str = ""
    """What has to be known before a figure is believed: that the data are contaminated."""
    user: str = ""
    """The model that plays the user; empty for any other user."""

    @property
    def title(self) -> str:
        """One line."""
        how = f"{self.mode} mode · {self.sampling}{self.further}"
        return f"{self.model} · {self.source} · {self.split} · {how}"

    @property
    def further(self) -> str:
        """What else a title has to say: what was played on, and what was not."""
        user = f" · user {self.user}" if self.user else ""
        return f"{user}{self.database}{left_out_words(self.left_out)}{failure_words(self.failed)}"

    def as_dict(self) -> dict[str, Json]:
        """Plain JSON values."""
        return {
            "source": self.source,
            "model": self.model,
            "split": self.split,
            "mode": self.mode.value,
            "sampling": self.sampling,
            **({"left_out": self.left_out} if self.left_out else {}),
            **({"database": self.database} if self.database else {}),
            **({"failed": self.failed} if self.failed else {}),
            **({"caution": self.caution} if self.caution else {}),
            **({"user": self.user} if self.user else {}),
        }


@dataclass(frozen=True, slots=True)
class Words:
    """A table in words, before it is laid out."""

    title: str
    """What stands above."""
    heads: tuple[str, ...]
    """The columns' names."""
    rows: tuple[tuple[str, ...], ...]
    """The cells."""
    caption: str
    """What stands below."""

    def table(self) -> Table:
        """For the console."""
        table = plain_table(self.title, self.heads, self.rows)
        table.caption, table.caption_justify = self.caption, "left"
        return table

    def markdown(self) -> Iterator[str]:
        """Lines of Markdown, without title and caption."""
        yield markdown_row(self.heads)
        yield markdown_row(["---", *["--:"] * (len(self.heads) - 1)])
        yield from map(markdown_row, self.rows)


def markdown_row(cells: Sequence[str]) -> str:
    """A row of a table in Markdown."""
    return f"| {' | '.join(cells)} |"


def show(interval: Interval, scale: Scale) -> str:
    """An estimate: `41.2 [39.0, 43.4]` in per cent for shares, `0.830 ± 0.021` for others,
    and `(one task)` where a single task tells nothing about the spread.
    """
    if not interval.n:
        return "-"
    if scale is Scale.NUMBER:
        return f"{interval.value:.3f} {_spread(interval)}"
    return f"{100 * interval.value:.1f} {interval.ends('.1f', 100)}"


def show_level(interval: Interval, scale: Scale) -> str:
    """An estimate alone, beside a difference that has the interval."""
    if not interval.n:
        return "-"
    return f"{interval.value:.3f}" if scale is Scale.NUMBER else f"{100 * interval.value:.1f}"


def show_difference(interval: Interval, scale: Scale) -> str:
    """A difference with its sign, shares in points; a star where zero is outside."""
    if not interval.n:
        return "-"
    star = " *" if interval.excludes_zero else ""
    if scale is Scale.NUMBER:
        return f"{interval.value:+.3f} {_spread(interval)}{star}"
    return f"{100 * interval.value:+.1f} {interval.ends('+.1f', 100)}{star}"


def _spread(interval: Interval) -> str:
    """`± 0.021`, or that a single task has no interval."""
    return f"± {interval.half:.3f}" if interval.is_known else ALONE


def label(metric: Metric) -> str:
    """A metric's name in a table, with its unit."""
    return f"{metric.label}, %" if metric.scale is Scale.SHARE else metric.label


def evaluation_table(
    subject: Subject, found: Mapping[str, Interval], notes: Iterable[str] = ()
) -> Table:
    """One agent's metrics, a row each, with how many observations and tasks they rest on.

    Args:
        subject: Whose metrics these are.
        found: Metric -> its interval.
        notes: What else has to be known of the numbers, a line each.
    """
    said = (subject.caution, *notes)
    caption = "\n".join(["95 % intervals, by task", *(note for note in said if note)])
    table = Table(title=subject.title, title_justify="left", caption=caption)
    table.caption_justify = "left"
    table.add_column("metric")
    for name in ("value", "episodes", "tasks"):
        table.add_column(name, justify="right")
    for metric in metrics_of(subject.mode):
        if (interval := found.get(metric.name)) is not None:
            value = show(interval, metric.scale)
            table.add_row(label(metric), value, f"{interval.n:,}", f"{interval.clusters:,}")
    return table


def stage_words(
    title: str,
    stages: Mapping[str, Mapping[str, Interval]],
    metrics: Iterable[Metric],
    gains: Mapping[str, Mapping[str, Interval]],
    caution: str = "",
) -> Words:
    """Stages side by side, then their paired differences.

    Args:
        title: What stands above: data, split, sampling.
        stages: Stage -> metric name -> estimate.
        metrics: The rows.
        gains: Column heading -> metric name -> paired difference.
        caution: What has to be known before a figure is believed.
    """
    missing = Interval(0, 0, 0, 0, 0)
    rows = [
        (
            label(metric),
            *(show(found.get(metric.name, missing), metric.scale) for found in stages.values()),
            *(show_difference(g.get(metric.name, missing), metric.scale) for g in gains.values()),
        )
        for metric in metrics
    ]
    caption = "95 % intervals; * excludes zero" + (f"\n{caution}" if caution else "")
    return Words(title, ("metric", *stages, *gains), tuple(rows), caption)


def stage_table(words: Words) -> Table:
    """`stage_words` for the console, numbers never broken over two lines."""
    table = plain_table(words.title, words.heads, words.rows)
    table.caption, table.caption_justify = words.caption, "left"
    for column in table.columns[1:]:
        column.no_wrap = True
    return table
