"""An evaluation's numbers, episode by episode, so that any two can be compared in pairs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from reasonact_env.episode import Mode
from tools.files import replacing
from train.scoring.metrics import estimates, metrics_of, table_of
from train.scoring.pass_k import pass_at_k, pass_hat_k
from train.scoring.report import Subject
from train.scoring.stats import Interval, Ratio, Ratios, pooled


@dataclass(frozen=True, slots=True)
class Results:
    """What is measured of one agent on one part of one data set."""

    subject: Subject
    """Whose numbers these are."""
    table: Mapping[str, Ratios]
    """Metric name -> every episode's numerator and denominator."""

    @classmethod
    def of(
        cls, parts: Sequence[Mapping[str, Ratio]], tasks: Sequence[str], subject: Subject
    ) -> Results:
        """Gathers `train.scoring.metrics.measure` of each episode."""
        return cls(subject, table_of(parts, tasks, subject.mode))

    @property
    def tasks(self) -> int:
        """How many different tasks were played."""
        return len({task for one in self.table.values() for task in one.clusters.tolist()})

    @property
    def estimates(self) -> dict[str, Interval]:
        """Every metric that applies, with its interval."""
        return estimates(self.table, self.subject.mode)

    @property
    def pass_k(self) -> dict[str, dict[str, float | int | None]]:
        """pass^k and pass@k of success for each k; {} unless each task was played equally often."""
        if "success" not in self.table:
            return {}
        episodes = self.table["success"]
        counts = Counter(episodes.clusters.tolist())
        trials = min(counts.values(), default=0)
        if trials < 2 or trials != max(counts.values()):
            return {}
        won = Counter(dict.fromkeys(counts, 0))
        for task, success in zip(episodes.clusters.tolist(), episodes.numerators, strict=True):
            won[task] += int(success)
        wins, found = list(won.values()), {}
        for k in range(1, trials + 1):
            found[f"pass^{k}"] = pass_hat_k(wins, trials, k).as_dict()
            found[f"pass@{k}"] = pass_at_k(wins, trials, k).as_dict()
        return found

    def as_dict(self) -> dict[str, object]:
        """Plain JSON values: whose numbers, the metrics, and pass^k where it is known."""
        found = {name: interval.as_dict() for name, interval in self.estimates.items()}
        return {**self.subject.as_dict(), "metrics": found, **self.pass_k}

    @classmethod
    def pooled(cls, runs: Sequence[Results]) -> Results:
        """Several runs on the same tasks as one; intervals still take tasks as the units.

        Only metrics that all runs have: different versions may have measured them.
        """
        first, *others = runs
        shared = [name for name in first.table if all(name in one.table for one in others)]
        return cls(first.subject, {n: pooled([one.table[n] for one in runs]) for n in shared})

    def save(self, path: Path) -> Path:
        """Writes the arrays, whole or not at all; `load` reads them."""
        names = list(self.table)
        with replacing(path) as file:
            np.savez(
                file,
                subject=json.dumps(self.subject.as_dict()),
                metrics=np.array(names),
                tasks=self.table[names[0]].clusters,
                numerators=np.stack([self.table[name].numerators for name in names]),
                denominators=np.stack([self.table[name].denominators for name in names]),
            )
        return path

    @classmethod
    def load(cls, path: Path) -> Results:
        """Reads what `save` wrote.

        Raises:
            FileNotFoundError: if nothing was saved there.
            ValueError: if the file is damaged.
        """
        if path.parent.is_file():
            raise NotADirectoryError(
                f"expected the folder of an evaluation, got the file {path.parent}; give its "
                f"folder {path.parent.parent}"
            )
        if not path.exists():
            raise FileNotFoundError(
                f"expected an evaluation in {path.parent}, found no {path.name}; make one by "
                f"`python -m train.evaluate --out {path.parent}` with --policy or --agent, or name "
                "another folder"
            )
        try:
            return cls._read(path)
        except (BadZipFile, EOFError, KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"expected an evaluation's arrays in {path}, but {error}; the file is damaged, and "
                f"the same train.evaluate writes it anew once it is deleted"
            ) from None

    @classmethod
    def _read(cls, path: Path) -> Results:
        with np.load(path, allow_pickle=False) as file:
            subject = json.loads(str(file["subject"]))
            rows = zip(file["metrics"], file["numerators"], file["denominators"], strict=True)
            table = {str(name): Ratios(a, b, file["tasks"]) for name, a, b in rows}
        return cls(Subject(**{**subject, "mode": Mode(subject["mode"])}), table)


def gains(after: Sequence[Results], before: Sequence[Results]) -> dict[str, Interval]:
    """Paired differences, metric by metric.

    Args:
        after: The runs of one stage, one or several seeds.
        before: As many of the other stage on the same tasks.

    Returns:
        Metric name -> after minus before, pooled over the seeds, with tasks as clusters. Only
        metrics that all runs have: different versions may have measured them.
    """
    mine, theirs = Results.pooled(after).table, Results.pooled(before).table
    shared = [m for m in metrics_of(after[0].subject.mode) if m.name in mine.keys() & theirs]
    found = {m.name: m.difference(mine[m.name], theirs[m.name]) for m in shared}
    return {name: interval for name, interval in found.items() if interval.n}
