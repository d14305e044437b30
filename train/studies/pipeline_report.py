"""A pipeline's tables: for the console, for reading, and for programs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

from rich.console import Console

from agents.console import console
from reasonact_env.episode import Mode
from tools.files import slug, write_json, write_text
from train.runs.run import RUN
from train.scoring.metrics import Metric, metrics_of
from train.scoring.report import label, show_difference, stage_table
from train.scoring.report import show as shown
from train.scoring.results import Results, gains
from train.scoring.stats import Interval
from train.studies.stages import Chain, Stage, pairs

THOUGHTS = (
    *("thoughts", "thinking_words", "thought_facts", "thought_grounded"),
    *("thought_rule", "thought_agreement"),
)
"""What is said of thoughts (`train.scoring.reasoning`), where somebody thinks."""
THINKS = 0.01
"""A policy that thinks does so in at least this share of its messages."""
SHOWN = {
    Mode.DIALOGUE: (
        *("success", "success_write", "success_no_write", "action_recall", "facts_told"),
        *("return", "format_rate", "bad_calls", *THOUGHTS, "messages"),
    ),
    Mode.TURN: (
        *("decision_accuracy", "over_call", "under_call", "tool_f1", "argument_match"),
        *("action_recall", "answer_f1", "return", "format_rate", *THOUGHTS),
    ),
}
"""The rows of the tables; the files have all metrics."""
VIEWS = "views"
"""The part of the file of numbers that says where the evaluations lie."""
LABEL, ESTIMATE, DIFFERENCE = 27, 20, 25
"""So wide is a table's first column, one of estimates, one of differences, lines included."""


@dataclass(frozen=True, slots=True)
class View:
    """One way in which all stages are judged."""

    data: str | None
    """On which data."""
    mode: Mode
    """Dialogue or turn."""
    sampling: str
    """Greedy or sampled."""
    own: bool
    """Whether these are the training data's held-out tasks, and not other data."""

    def folder(self, stage: Stage) -> str:
        """Where a stage's episodes go."""
        mode = "" if self.mode is Mode.DIALOGUE else f"-{self.mode}"
        return f"eval-{stage}-{self.sampling}{mode}{self._place}"

    @property
    def key(self) -> str:
        """Its name in the file of numbers."""
        mode = "" if self.mode is Mode.DIALOGUE else f" {self.mode}"
        return f"{self.sampling}{mode}" + ("" if self.own else f" on {self.data}")

    @property
    def _place(self) -> str:
        return "" if self.own else f"-on-{slug(Path(str(self.data)).name)}"


Judged: TypeAlias = "dict[Stage, Results]"
"""Every stage's numbers, in one view."""
Gains: TypeAlias = "dict[str, dict[str, Interval]]"
"""`GRPO - SFT` and its like -> metric -> paired difference."""


def differences(judged: Judged) -> Gains:
    """What each stage brought, in pairs."""
    return {
        f"{late} - {early}": gains([judged[late]], [judged[early]])
        for late, early in pairs(list(judged))
    }


def rows(view: View, judged: Judged) -> list[Metric]:
    """The rows of a view's tables; those of thoughts only where somebody thinks."""
    metrics = [metric for metric in metrics_of(view.mode) if metric.name in SHOWN[view.mode]]
    if any(map(_thinks, judged.values())):
        return metrics
    return [metric for metric in metrics if metric.name not in THOUGHTS]


def _thinks(found: Results) -> bool:
    """Whether the policy thinks, and did not only once write the tag of a thought."""
    share = found.estimates.get("thoughts")
    return share is not None and share.value >= THINKS


def title_of(view: View, judged: Judged, note: str) -> str:
    """One line above a table: how, on what, of what kind."""
    subject = next(iter(judged.values())).subject
    mode = "" if view.mode is Mode.DIALOGUE else f" · {view.mode} mode"
    return f"{view.sampling}{mode} · {subject.source} · {subject.split} split · {note}"


def show(found: Mapping[View, Judged], note: str, screen: Console | None = None) -> None:
    """Prints the tables, to standard output unless told otherwise."""
    screen = screen or console()
    for view, judged in found.items():
        title, moved, metrics = (
            title_of(view, judged, note),
            differences(judged),
            rows(view, judged),
        )
        stages = {stage.value: one.estimates for stage, one in judged.items()}
        paired = {f"{name}, paired": gain for name, gain in moved.items()}
        room = screen.width - LABEL
        if ESTIMATE * len(stages) + DIFFERENCE * len(paired) <= room:
            screen.print(stage_table(title, stages, metrics, paired))
            continue
        for part in _parts(stages, room // ESTIMATE):
            screen.print(stage_table(title, part, metrics, {}))
        for part in _parts(moved, room // DIFFERENCE):
            screen.print(stage_table(f"{title}\npaired differences", {}, metrics, part))


def _parts(columns: Gains, most: int) -> Iterator[Gains]:
    """The columns in tables that fit the screen."""
    names = list(columns)
    for start in range(0, len(names), max(1, most)):
        yield {name: columns[name] for name in names[start : start + max(1, most)]}


def write(found: Mapping[View, Judged], note: str, chain: Chain, name: str) -> Path:
    """Writes the numbers and a page to read, and says where.

    Returns:
        The file with the numbers.
    """
    out = chain.out
    tail = _runs(list(next(iter(found.values()))), chain)
    page = write_page(out / f"{name}.md", found, note, tail)
    view, judged = next(iter(found.items()))
    last = list(judged)[-1]
    played = chain.evaluations(last) / view.folder(last) / "episodes.jsonl"
    console().print(f"Episodes: {out}/eval-*/episodes.jsonl   numbers: {out / name}.json")
    console().print(f"Replay:   python -m reasonact_env.replay {played}")
    console().print(f"Report:   {page}")
    return write_json(out / f"{name}.json", {**numbers(found, note), VIEWS: _views(found, chain)})


def numbers(found: Mapping[View, Judged], note: str) -> dict[str, object]:
    """All metrics of all stages, and their paired differences, as plain JSON values."""
    result: dict[str, object] = {"note": note}
    for view, judged in found.items():
        result[view.key] = {
            **{stage.value: one.as_dict() for stage, one in judged.items()},
            **{
                pair: {metric: interval.as_dict() for metric, interval in gain.items()}
                for pair, gain in differences(judged).items()
            },
        }
    return result


def _views(found: Mapping[View, Judged], chain: Chain) -> list[dict[str, object]]:
    """Where every evaluation lies, seen from the file that says so."""
    return [
        {
            "view": asdict(view),
            "evaluations": {
                stage.value: os.path.relpath(
                    chain.evaluations(stage) / view.folder(stage), chain.out
                )
                for stage in judged
            },
        }
        for view, judged in found.items()
    ]


def read(path: Path) -> dict[View, Judged]:
    """What a pipeline found, from the file that `write` made.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file does not say where the evaluations lie.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"expected a folder of train.pipeline with its {path.name}, found none in "
            f"{path.parent}; train.pipeline --out {path.parent} writes it in the end"
        )
    told = json.loads(path.read_text(encoding="utf-8")).get(VIEWS)
    if told is None:
        raise ValueError(
            f"expected a file of train.pipeline that names its evaluations, got {path}; the same "
            "train.pipeline command writes it anew, and plays nothing again"
        )
    return {
        View(**{**one["view"], "mode": Mode(one["view"]["mode"])}): {
            Stage(stage): Results.load(path.parent / folder / "arrays.npz")
            for stage, folder in one["evaluations"].items()
        }
        for one in told
    }


def write_page(
    path: Path, found: Mapping[View, Judged], note: str, tail: Iterable[str] = ()
) -> Path:
    """Writes the tables as Markdown, with something below them."""
    return write_text(path, "\n".join([*_page(found, note), *tail]) + "\n")


def _page(found: Mapping[View, Judged], note: str) -> Iterator[str]:
    yield from ("# What each stage brought", "", f"{note[:1].upper()}{note[1:]}.", "")
    yield "95 % intervals, clustered by task; differences are paired, a star excludes zero."
    for view, judged in found.items():
        moved = differences(judged)
        yield from ("", f"## {title_of(view, judged, '').rstrip(' ·')}", "")
        yield from _markdown(view, judged, moved)


def _markdown(view: View, judged: Judged, moved: Gains) -> Iterator[str]:
    none = Interval(0, 0, 0, 0, 0)
    yield _row(["metric", *judged, *moved])
    yield _row(["---", *["--:"] * (len(judged) + len(moved))])
    estimates = [one.estimates for one in judged.values()]
    for metric in rows(view, judged):
        values = [shown(found.get(metric.name, none), metric.scale) for found in estimates]
        changes = [show_difference(g.get(metric.name, none), metric.scale) for g in moved.values()]
        yield _row([label(metric), *values, *changes])


def _runs(stages: Sequence[Stage], chain: Chain) -> Iterator[str]:
    """Where each stage's configuration lies, and on what it was run."""
    yield from ("", "## What was run", "")
    yield _row(["stage", "data", "starts from", "commit"])
    yield _row(["---"] * 4)
    for stage in stages:
        path = chain.place(stage) / RUN
        if path.exists():
            run = json.loads(path.read_text(encoding="utf-8"))
            data = f"{run['data']['source']} `{run['data']['sha256']}`"
            model = f"{run['model']['name']} `{run['model']['sha256'] or '-'}`"
            yield _row([stage, data, model, str(run["surroundings"]["commit"])])
    yield from ("", f"Resolved configurations and package versions: `STAGE/{RUN}`.")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
