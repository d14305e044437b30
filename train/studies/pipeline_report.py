"""A pipeline's tables: for the console, for reading, and for programs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from shlex import quote
from typing import TypeAlias, cast

from rich.console import Console

from agents.console import console
from reasonact_env.episode import Mode
from reasonact_env.rate.criteria import CRITERIA
from reasonact_env.rate.ratings import FILE, ONE, PAIR, read_ratings
from reasonact_env.rate.results import alphas, raters_of
from reasonact_env.rate.results import judged as judged_by
from reasonact_env.rate.results import show as mean
from tools.files import read_object, write_json, write_text
from train.models.policies import read_json
from train.runs.data import failed_words
from train.runs.run import METRICS, RUN
from train.runs.trends import Line
from train.runs.trends import read as read_journal
from train.scoring.metrics import Metric, metrics_of
from train.scoring.report import Words, markdown_row, stage_table, stage_words
from train.scoring.results import Results, gains
from train.scoring.stats import Interval
from train.studies import telling
from train.studies.cells import ARRAYS, Cell, View
from train.studies.stages import Stage, pairs

THOUGHTS = (
    *("thoughts", "thinking_words", "thought_facts", "thought_grounded"),
    *("thought_rule", "thought_agreement"),
)
"""What is said of thoughts (`train.scoring.reasoning`), where somebody thinks."""
THINKS = 0.01
"""A policy that thinks does so in at least this share of its messages."""
OUT = "out_of_context"
"""What is said of decisions that a policy has no room for, where there are some."""
SHOWN = {
    Mode.DIALOGUE: (
        *("success", "success_write", "success_no_write", "action_recall", "facts_told"),
        *("return", "format_rate", "messages_cut", "bad_calls", *THOUGHTS, "messages"),
    ),
    Mode.TURN: (
        *("decision_accuracy", "over_call", "under_call", "next_action", "tool_f1"),
        *("argument_match", "action_recall", "answer_f1", "return", "format_rate"),
        *("messages_cut", OUT, *THOUGHTS),
    ),
}
"""The rows of the tables; the files have all metrics."""
COMPONENTS = "components"
"""The part of the file of numbers that says how each component told success from failure."""
VIEWS = "views"
"""The part of the file of numbers that says where the evaluations lie."""
LABEL, ESTIMATE, DIFFERENCE = 27, 20, 25
"""So wide is a table's first column, one of estimates, one of differences, lines included."""


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
    if not any(one.estimates[OUT].value for one in judged.values() if OUT in one.estimates):
        metrics = [metric for metric in metrics if metric.name != OUT]
    if any(map(_thinks, judged.values())):
        return metrics
    return [metric for metric in metrics if metric.name not in THOUGHTS]


def _thinks(found: Results) -> bool:
    """Whether the policy thinks, and did not only once write the tag of a thought."""
    share = found.estimates.get("thoughts")
    return share is not None and share.value >= THINKS


def title_of(view: View, judged: Judged, note: str) -> str:
    """One line above a table: how, on what, on how much of it, of what kind."""
    first = next(iter(judged.values()))
    subject = first.subject
    mode = "" if view.mode is Mode.DIALOGUE else f" · {view.mode} mode"
    place = f"{subject.source} · {subject.split} split{subject.further} · {first.tasks:,} tasks"
    return f"{view.sampling}{mode} · {place} · {note}"


def caution_of(judged: Judged) -> str:
    """What has to be known before a figure of a view is believed; "" if nothing."""
    return next(iter(judged.values())).subject.caution


def show(found: Mapping[View, Judged], note: str, screen: Console | None = None) -> None:
    """Prints the tables, to standard output unless told otherwise."""
    screen = screen or console()
    for view, judged in found.items():
        for words in _fitting(view, judged, title_of(view, judged, note), screen.width - LABEL):
            screen.print(stage_table(words))


def _fitting(view: View, judged: Judged, title: str, room: int) -> Iterator[Words]:
    """A view's table, or several of them where one would be too wide."""
    moved, metrics = differences(judged), rows(view, judged)
    stages = {stage.value: one.estimates for stage, one in judged.items()}
    caution = caution_of(judged)
    if ESTIMATE * len(stages) + DIFFERENCE * len(moved) <= room:
        paired = {f"{name}, paired": gain for name, gain in moved.items()}
        yield stage_words(title, stages, metrics, paired, caution)
        return
    for part in _parts(stages, room // ESTIMATE):
        yield stage_words(title, part, metrics, {}, caution)
    for part in _parts(moved, room // DIFFERENCE):
        yield stage_words(f"{title}\npaired differences", {}, metrics, part, caution)


def _parts(columns: Gains, most: int) -> Iterator[Gains]:
    """The columns in tables that fit the screen."""
    names = list(columns)
    for start in range(0, len(names), max(1, most)):
        yield {name: columns[name] for name in names[start : start + max(1, most)]}


def judged_of(cells: Mapping[Stage, Cell]) -> dict[View, Judged]:
    """What the stages' evaluations found, view by view."""
    found = {stage: cell.results() for stage, cell in cells.items()}
    views = dict.fromkeys(view for results in found.values() for view in results)
    return {
        view: {stage: results[view] for stage, results in found.items() if view in results}
        for view in views
    }


def write(cells: Mapping[Stage, Cell], note: str, out: Path, name: str) -> Path:
    """Writes the numbers and a page to read, and says where.

    Returns:
        The file with the numbers.
    """
    found = judged_of(cells)
    told = {stage.value: read_journal(cell.policy / METRICS) for stage, cell in cells.items()}
    tail = [*_told(told), *rated(out), *_runs(cells)]
    page = write_page(out / f"{name}.md", found, note, tail)
    played = next(iter(list(cells.values())[-1].evaluations.values()))
    console().print(f"Episodes: {out}/eval-*/episodes.jsonl   numbers: {out / name}.json")
    console().print(
        f"Replay:   python -m reasonact_env.replay {quote(str(played))}", soft_wrap=True
    )
    console().print(f"Report:   {page}")
    views = _views(found, cells, out)
    known = {stage: one for stage, one in telling.as_dict(told).items() if one}
    further = {COMPONENTS: known} if known else {}
    return write_json(out / f"{name}.json", {**numbers(found, note), **further, VIEWS: views})


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


def _views(
    found: Mapping[View, Judged], cells: Mapping[Stage, Cell], out: Path
) -> list[dict[str, object]]:
    """Where every evaluation lies, seen from the file that says so."""
    return [
        {
            "view": asdict(view),
            "evaluations": {
                stage.value: os.path.relpath(cells[stage].evaluations[view], out)
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
    told = read_object(path).get(VIEWS)
    if told is None:
        raise ValueError(
            f"expected a file of train.pipeline that names its evaluations, got {path}; the same "
            "train.pipeline command writes it anew, and plays nothing again"
        )
    return {
        View(**{**one["view"], "mode": Mode(one["view"]["mode"])}): {
            Stage(stage): Results.load(path.parent / folder / ARRAYS)
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
        title = title_of(view, judged, "").rstrip(" ·")
        estimates = {stage.value: one.estimates for stage, one in judged.items()}
        yield from ("", f"## {title}", "")
        if caution := caution_of(judged):
            yield from (f"**{caution}**", "")
        words = stage_words(title, estimates, rows(view, judged), differences(judged))
        yield from words.markdown()


def _told(journals: Mapping[str, Sequence[Line]]) -> Iterator[str]:
    """What each component tells, where a stage has learned from rewards."""
    words = telling.words("What the components tell", journals)
    if words.rows:
        yield from ("", f"## {words.title}", "", *words.markdown(), "", f"{words.caption}.")


def rated(out: Path) -> Iterator[str]:
    """What people said of the reasoning, if anybody has judged it (`reasonact_env.rate`)."""
    path = out / FILE
    if not path.is_file():
        return
    ratings = read_ratings(path)
    for kind, title in ((ONE, "What people say of the reasoning, 1 to 5"), (PAIR, "Preferences")):
        if found := judged_by(ratings, kind):
            yield from ("", f"## {title}", "")
            agreed = alphas(ratings, kind)
            yield markdown_row(["", *(one.name for one in found), "alpha"])
            yield markdown_row(["---"] * (2 + len(found)))
            for name in CRITERIA:
                cells = (mean(one.means[name]) for one in found)
                yield markdown_row([name, *cells, agreed[name]])
    words = f"{len(ratings)} judgements of {len(raters_of(ratings))} raters in `{FILE}`"
    yield from ("", f"{words}; alpha is Krippendorff's, of their agreement.")


def _runs(cells: Mapping[Stage, Cell]) -> Iterator[str]:
    """Where each stage's configuration lies, and on what it was run."""
    yield from ("", "## What was run", "")
    yield markdown_row(["stage", "data", "starts from", "commit"])
    yield markdown_row(["---"] * 4)
    for stage, cell in cells.items():
        if run := read_json(cell.policy / RUN):
            data, model, around = (
                cast("Mapping[str, str]", run[part]) for part in ("data", "model", "surroundings")
            )
            begun = f"{model['name']} `{model['sha256'] or '-'}`"
            heard = f"{data['source']} `{data['sha256']}`{failed_words(data)}"
            yield markdown_row([stage, heard, begun, str(around["commit"])])
    yield from ("", f"Resolved configurations and package versions: `STAGE/{RUN}`.")
