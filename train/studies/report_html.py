"""An experiment's report: one HTML file with everything in it, to send to a colleague."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from html import escape
from pathlib import Path

import numpy as np

from reasonact_env.episode import Mode
from reasonact_env.reward import COMPONENTS
from tools.files import write_json, write_text
from train.power import note, observed
from train.runs.run import surroundings
from train.runs.trends import read
from train.scoring.report import Words
from train.studies import figures, telling
from train.studies.figures import Curves, Numbers
from train.studies.findings import Findings
from train.studies.grids import START
from train.studies.report_table import identity, main_table, other_table

Lines = Mapping[tuple[str, int], list[dict[str, float]]]
"""(variant, seed) -> the journal of its GRPO."""

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff;
       max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin-bottom: .3rem; }
h2 { font-size: 1.15rem; margin: 2.4rem 0 .4rem; }
p, figcaption, caption { max-width: 46rem; }
.quiet, figcaption { color: #666; font-size: .9rem; }
figure { margin: 1rem 0 2rem; overflow-x: auto; }
svg { max-width: 100%; height: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { caption-side: bottom; text-align: left; color: #666; padding-top: .4rem; }
th, td { text-align: right; padding: .2rem .8rem; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
thead th { border-bottom: 1px solid #999; font-weight: 600; }
code { font-size: .85rem; overflow-wrap: anywhere; }
"""


def write_report(
    found: Findings, journals: Mapping[tuple[str, int], Path], out: Path, command: str
) -> Path:
    """Writes `report.html` and `findings.json`.

    Args:
        found: What to show.
        journals: (variant, seed) -> the metrics of its GRPO, if that has begun.
        out: The experiment's folder.
        command: The command line that writes this report.

    Returns:
        The page.
    """
    contrasts = [one.as_dict() for one in found.contrasts]
    lines = {key: read(path) for key, path in journals.items() if path.exists()}
    write_json(
        out / "findings.json",
        {
            "grid": found.grid.name,
            "metric": found.primary.name,
            "contrasts": contrasts,
            "components": telling.as_dict(_by_variant(found, lines)),
        },
    )
    page = "\n".join([*_head(found), *_body(found, lines), *_foot(out, command)])
    return write_text(out / "report.html", page + "\n")


def _head(found: Findings) -> Iterator[str]:
    title = escape(f"ReasonAct: {found.grid.name}")
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f"<title>{title}</title>"
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<style>{STYLE}</style>\n</head>\n<body>"
    yield f"<h1>{escape(found.grid.question)}</h1>"
    yield f'<p class="quiet">ReasonAct, experiment “{found.grid.name}”. {_starts(found)}</p>'


def _starts(found: Findings) -> str:
    """The models that the runs began with."""
    names = {one.subject.model for (name, _, _), one in found.results.items() if name == START}
    return "All runs begin with: " + escape("; ".join(sorted(names)) or "unknown") + "."


def _body(found: Findings, lines: Lines) -> Iterator[str]:
    for data in found.data:
        yield f"<h2>{escape(found.primary.label.capitalize())} on {escape(data)}</h2>"
        if found.of(data):
            yield from _figure(partial(figures.forest, found, data), _forest_caption(found, data))
        yield from _table(main_table(found, data))
        yield from _table(other_table(found, data))
    if lines:
        yield from _training(found, lines)
    yield from _power(found)


def _forest_caption(found: Findings, data: str) -> str:
    return (
        f"{identity(found, data)}. Squares pool the seeds, with 95 % intervals clustered by task; "
        "dots are single seeds. Blue: p below .05 after Holm's correction."
    )


def _training(found: Findings, lines: Lines) -> Iterator[str]:
    names = [one.name for one in found.grid.variants if any(key[0] == one.name for key in lines)]
    all_curves = {name: _curves(found, lines, name, "total/mean") for name in names}
    reference = all_curves.pop(found.grid.reference, None)
    shown = list(all_curves.values()) or [one for one in (reference,) if one]
    where = _trained_on(found)
    yield "<h2>Training</h2>"
    yield from _figure(
        partial(figures.curves, shown, reference, "mean return"),
        f"Mean return of the episodes played while training, {where}; five steps averaged, "
        "bands from the lowest to the highest seed; grey: the reference. Each variant's return "
        "is by its own weights, so compare shapes, not heights.",
    )
    name = found.grid.reference if found.grid.reference in names else names[0]
    if shares := _shares(lines, name):
        yield from _figure(
            partial(figures.contributions, shares),
            f"What moves the policy: each component's share of the variance within groups, "
            f"“{found.grid.words(name)}”, mean of the seeds, {where}.",
        )
    told = telling.words(f"What the components tell, {where}", _by_variant(found, lines))
    if told.rows:
        yield from _table(told)


def _by_variant(found: Findings, lines: Lines) -> dict[str, list[dict[str, float]]]:
    """A variant's words -> the journals of all its seeds, one after the other."""
    variants = dict.fromkeys(name for name, _ in lines)
    return {
        found.grid.words(variant): [
            line for (name, _), journal in lines.items() if name == variant for line in journal
        ]
        for variant in variants
    }


def _trained_on(found: Findings) -> str:
    sources = sorted({one.subject.source for one in found.results.values()})
    data = {one.data for one in found.grid.variants} - {None}
    return "on each variant's own data" if data else f"training split of {sources[0]}"


def _curves(found: Findings, lines: Lines, variant: str, number: str) -> Curves:
    rows = [
        [line.get(number, np.nan) for line in journal]
        for (name, _), journal in lines.items()
        if name == variant
    ]
    return Curves(found.grid.words(variant), _rectangle(rows))


def _rectangle(rows: Sequence[Sequence[float]]) -> Numbers:
    """Rows cut to the shortest, since a run may still be going."""
    length = min(map(len, rows))
    return np.array([row[:length] for row in rows], dtype=np.float64)


def _shares(lines: Lines, variant: str) -> dict[str, Numbers]:
    found = {}
    own = [journal for (name, _), journal in lines.items() if name == variant]
    for name in COMPONENTS:
        key = f"{name}/advantage"
        if any(key in line for journal in own for line in journal):
            rows = [[line.get(key, 0.0) for line in journal] for journal in own]
            found[name] = _rectangle(rows).mean(axis=0)
    return found


def _power(found: Findings) -> Iterator[str]:
    """What these tasks and seeds could have shown, by the noise that they had."""
    if found.mode is not Mode.DIALOGUE or not found.contrasts:
        return
    first = found.contrasts[0]
    sides = [
        [found.results[name, seed, first.data] for seed in first.seeds]
        for name in (found.grid.reference, first.variant)
    ]
    noise = observed(sides[0], sides[1])
    tasks = len(np.unique(sides[0][0].table["success"].clusters))
    yield "<h2>What could have been seen</h2>"
    yield f"<p>By the noise of “{escape(found.grid.words(first.variant))}” in this experiment.</p>"
    yield from _table(note(noise, tasks))


def _foot(out: Path, command: str) -> Iterator[str]:
    around = surroundings()
    yield "<h2>How this was made</h2>"
    yield f"<p><code>{escape(command)}</code></p>"
    yield (
        "<p>Data, model and configuration of each run, with hashes, lie in its folder "
        f"(<code>{escape(out.name)}/VARIANT/seed-N/policy/run.json</code>). "
        "The reward's formulas are ReasonAct's own.</p>"
    )
    yield f'<p class="quiet"><code>{escape(json.dumps(around))}</code></p>'
    yield "</body>\n</html>"


def _figure(draw: Callable[[], str], caption: str) -> Iterator[str]:
    """A picture with its caption, or the sentence that says what it needs."""
    try:
        picture = draw()
    except ModuleNotFoundError as error:
        picture = f'<p class="quiet">{escape(str(error))}</p>'
    yield f"<figure>\n{picture}\n<figcaption>{escape(caption)}</figcaption>\n</figure>"


def _table(words: Words) -> Iterator[str]:
    caption = escape(f"{words.title}. {words.caption.removesuffix('.')}.")
    yield f'<div class="scroll"><table>\n<caption>{caption}</caption>'
    yield f"<thead><tr>{_cells('th', words.heads)}</tr></thead>\n<tbody>"
    for row in words.rows:
        yield f"<tr>{_cells('td', row)}</tr>"
    yield "</tbody></table></div>"


def _cells(tag: str, texts: Sequence[str]) -> str:
    return "".join(f"<{tag}>{escape(text)}</{tag}>" for text in texts)
