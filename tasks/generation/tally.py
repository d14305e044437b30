"""The results of a generator's run, in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from rich.markup import escape
from rich.table import Table

from tasks.generation.rejection import Candidate


@dataclass(slots=True)
class Tally:
    """Counts over the tasks of a run."""

    intents: Counter[str] = field(default_factory=Counter)
    """Intent -> number of requests."""
    levels: Counter[str] = field(default_factory=Counter)
    """Level -> number of tasks."""
    requests: list[int] = field(default_factory=list)
    """The number of requests of each task, without conditional ones."""
    calls: list[int] = field(default_factory=list)
    """The number of calls of each task."""
    turns: list[int] = field(default_factory=list)
    """The number of turns of each task, of all speakers."""
    writing: int = 0
    """The number of tasks that change something."""

    def add(self, found: Candidate) -> None:
        """Counts one task."""
        turns = found.talk.turns
        intents, difficulty = found.notes["intents"], found.notes["difficulty"]
        assert isinstance(intents, list)
        assert isinstance(difficulty, dict)
        self.intents.update(map(str, intents))
        self.levels[str(difficulty["level"])] += 1
        self.requests.append(len(found.talk.agenda.requests))
        self.calls.append(sum(turn["from"] == "function_call" for turn in turns))
        self.turns.append(len(turns))
        self.writing += found.writes

    def table(self, rejected: Counter[str], seconds: float, out: str) -> Table:
        """A table of two columns, for the console."""
        table = Table(show_header=False)
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in self._rows(rejected, seconds, out):
            table.add_row(name, escape(value))
        return table

    def _rows(self, rejected: Counter[str], seconds: float, out: str) -> list[tuple[str, str]]:
        n, candidates = len(self.calls), len(self.calls) + rejected.total()
        return [
            ("written", out),
            ("tasks", f"{n:,} in {seconds:.1f} CPU seconds ({n / seconds:,.0f} a second)"),
            (
                "candidates",
                f"{candidates:,}, of which {rejected.total() / candidates:.1%} rejected",
            ),
            ("rejected as", _shares(rejected, candidates)),
            ("near copies", f"{rejected['near_copy'] / candidates:.2%} of the candidates"),
            ("levels", _counts(Counter(dict(sorted(self.levels.items()))))),
            ("requests a task", _spread(self.requests)),
            ("calls a task", _spread(self.calls)),
            ("turns a task", _spread(self.turns)),
            ("tasks with writes", f"{self.writing / n:.0%}"),
            ("intents", _counts(Counter(dict(self.intents.most_common())))),
        ]


def percentile(values: Sequence[int], share: float) -> int:
    """The value below which a share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def _spread(values: Sequence[int]) -> str:
    low, high = percentile(values, 0.05), percentile(values, 0.95)
    return f"median {median(values):g}, 5-95 % {low}-{high}, at most {max(values)}"


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "none"


def _shares(counts: Counter[str], whole: int) -> str:
    return ", ".join(f"{n} {c / whole:.2%}" for n, c in counts.most_common()) or "none"
