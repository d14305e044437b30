"""What fails most often, or what another run changes, as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reasonact_env.episodes.header import unlike
from reasonact_env.failures.overview import Group, overview
from reasonact_env.failures.paired import paired
from reasonact_env.failures.rows import EpisodeRow, Run
from reasonact_env.replay.html import Html, element, page, screen, table
from reasonact_env.view.failures import paired_view, share_words

LISTED = 500
"""The failures that a page lists one by one."""


def failures_page(run: Run) -> str:
    """The failures of a run as a page: by what went wrong first, by tool, by kind of task, each.

    Args:
        run: The episodes with their tasks (`failures.read_run`).
    """
    rows = run.rows
    found = overview(rows)
    title = "What fails most often"
    body = [
        element("h1", title),
        element("p", f"{run.header.agent} · {run.header.source}{run.where}", class_="quiet"),
        element("p", f"{found.words}: "),
        element("p", element("b", share_words(found.share)), " (95 %, clustered by task)"),
    ]
    if run.lacks:
        body.append(element("p", f"Without the data: {run.lacks}", class_="note warn"))
    for name, groups in (
        ("What went wrong first", found.kinds),
        ("By tool", found.tools),
        ("By kind of task", found.task_kinds),
    ):
        if any(group.count for group in groups):
            body += [element("h2", name), _groups(groups)]
    body += _each(rows)
    return page(f"{title} · ReasonAct", body)


def against_page(before: Run, after: Run) -> str:
    """What a second run over the same tasks mends, and what it breaks, as a page.

    Raises:
        ValueError: if no task was played in both.
    """
    first, second = (f"{run.header.agent}{run.where}" for run in (before, after))
    shown = paired_view(paired(before.rows, after.rows), first, second)
    title = f"{before.header.agent} → {after.header.agent}"
    words = unlike(before.header, after.header)
    notes = [element("p", words, class_="note warn")] if words else []
    body = [element("h1", title), *notes, screen(shown, 78)]
    return page(f"{title} · ReasonAct", body, wide=True)


def _groups(groups: Sequence[Group]) -> Html:
    rows = (
        (group.name, _share(group.of_failures), f"{group.count:,}", share_words(group.of_all))
        for group in groups
        if group.count
    )
    return table(("", "of failures", "n", "of all"), rows)


def _share(share: float) -> Html:
    width = 100 * share if 0 <= share <= 1 else 0.0
    inside = element("i", style=f"left:0;width:{width:.1f}%", class_="minus")
    return element("span", inside, class_="bar share", role="img", aria_label=f"{width:.0f} %")


def _each(rows: Sequence[EpisodeRow]) -> Iterator[Html]:
    """Every failure in a line."""
    lost = [row for row in rows if row.causes]
    if not lost:
        return
    cells = (
        (
            str(row.number),
            row.task_id,
            f"{row.total:+.2f}",
            "; ".join(f"{one.kind.value} at step {one.step}: {one.text}" for one in row.causes),
        )
        for row in lost[:LISTED]
    )
    yield element("h2", "Each failure")
    yield table(("episode", "task", "return", "what went wrong first"), cells)
    if len(lost) > LISTED:
        yield element("p", f"… and {len(lost) - LISTED:,} more", class_="quiet")
