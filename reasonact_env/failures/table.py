"""Rows of episodes as columns, for whatever draws or counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, TypeAlias

from reasonact_env.failures.rows import EpisodeRow

Columns: TypeAlias = "dict[str, list[Any]]"
"""Column -> one value a row."""


def columns(rows: Iterable[EpisodeRow]) -> Columns:
    """The rows as columns of plain values, for whatever draws or counts."""
    plain = [_plain(row) for row in rows]
    return {name: [row[name] for row in plain] for name in COLUMNS}


def frame(rows: Iterable[EpisodeRow]) -> Any:
    """The rows as a data frame of pandas, which is not among our extras: `pip install pandas`.

    Raises:
        ImportError: if pandas is not there; `columns` needs nothing.
    """
    try:
        pandas = import_module("pandas")
    except ImportError as error:
        raise ImportError(
            "expected pandas for a data frame, and it is not installed; `pip install pandas`, or "
            "take reasonact_env.failures.columns(rows), which needs nothing"
        ) from error
    return pandas.DataFrame(columns(rows))


COLUMNS: Sequence[str] = (
    "number",
    "task",
    "decision",
    "task_kind",
    "mode",
    "won",
    "return",
    "steps",
    "stop",
    "cause",
    "cause_step",
    "tool",
    "fact",
    "rule",
    "text",
)
"""The columns of a data frame, in order."""


def _plain(row: EpisodeRow) -> dict[str, Any]:
    cause = row.cause
    return {
        "number": row.number,
        "task": row.task_id,
        "decision": row.decision,
        "task_kind": row.task_kind,
        "mode": row.mode.value,
        "won": row.won,
        "return": row.total,
        "steps": row.steps,
        "stop": row.stop,
        "cause": cause and cause.kind.value,
        "cause_step": cause and cause.step,
        "tool": cause and cause.tool,
        "fact": cause and cause.fact,
        "rule": cause and cause.rule,
        "text": cause and cause.text,
    }
