"""An episode's goal as part of a page: every wanted call and fact, beside what was done."""

from __future__ import annotations

import json
from collections.abc import Iterator

from reasonact_env.episode import Episode
from reasonact_env.failures.cause import Cause
from reasonact_env.failures.wanted import GoalRows, WantedCall, WantedFact
from reasonact_env.replay.html import Html, element, joined, table
from tools.types import Json, ToolCall


def first_wrong_note(cause: Cause | None) -> Iterator[Html]:
    """What went wrong first, in a note."""
    if cause is not None:
        where = element("a", f"step {cause.step}", href=f"#step-{cause.step}" * bool(cause.step))
        what = element("b", f"{cause.kind.value} at ")
        yield element(
            "p", "What went wrong first: ", what, where, f": {cause.text}", class_="note bad"
        )


def goal_list(episode: Episode, rows: GoalRows | None) -> Iterator[Html]:
    """Every wanted call and fact, done or not."""
    told: list[Html] = []
    if rows is not None:
        told = [*map(_wanted, rows.calls), *map(_fact, rows.facts)]
        for write in rows.outside:
            words = element("code", _call_words(write.call))
            told.append(_line("✗ outside the goal", words, write.step, good=False))
    elif episode.outcome is not None:
        told = [
            _line("✓ done" if one.done else "✗ missing", _code(one.call), None, good=one.done)
            for one in episode.outcome.goals
        ]
    if told:
        yield element("h2", "Goal")
        yield element("ul", *told)


def _wanted(row: WantedCall) -> Html:
    """A wanted call: where it was made, or what came nearest, argument by argument."""
    if row.done:
        return _line("✓ done", _code(row.call), row.step, good=True)
    if not row.required:
        return element("li", element("span", "· not made ", class_="quiet"), _code(row.call))
    parts = [_code(row.call)]
    if (near := row.nearest) is not None:
        link = element("a", f"step {near.step}", href=f"#step-{near.step}")
        parts.append(element("div", "nearest: ", element("code", near.call.name), " in ", link))
        wrong = ((one.name, one.wanted or "-", one.made or "-") for one in near.wrong)
        if near.wrong:
            parts.append(table(("argument", "wanted", "made"), wrong))
    return _line("✗ missing", joined(parts), None, good=False)


def _fact(row: WantedFact) -> Html:
    words = f"tell “{row.fact}”"
    if row.done:
        return _line("✓ told", words, row.step, good=True)
    return _line("✗ not told", words, None, good=False)


def _line(mark: str, words: str, step: int | None, *, good: bool) -> Html:
    where = [" · ", element("a", f"step {step}", href=f"#step-{step}")] if step else []
    told = element("b", f"{mark} ", class_="good" if good else "bad")
    return element("li", told, words, *where)


def _code(call: ToolCall) -> Html:
    return element("code", _call_words(call))


def _call_words(call: ToolCall) -> str:
    values = ", ".join(f"{key}={shown_json(value)}" for key, value in call.arguments.items())
    return f"{call.name}({values})"


def shown_json(value: Json) -> str:
    """A value as people read it."""
    return json.dumps(value, ensure_ascii=False)
