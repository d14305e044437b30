"""Where tools of a world crash: the agent reads that a call failed, their author where."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TypeAlias

from tools.jsontext import short

Crashes: TypeAlias = "Counter[str]"
"""A crash in words (tool, file, line, error) -> how often it came."""

_noted: ContextVar[Crashes | None] = ContextVar("crashes", default=None)


@contextmanager
def crashes_noted() -> Iterator[Crashes]:
    """Within it, the crashes of all tools are counted."""
    crashes: Crashes = Counter()
    token = _noted.set(crashes)
    try:
        yield crashes
    finally:
        _noted.reset(token)


def note_crash(tool: str, error: Exception) -> None:
    """Counts a crash, if somebody wants to know."""
    crashes = _noted.get()
    if crashes is not None:
        # the innermost lines may be ours, the tool's own are those right below the executor's
        frames = traceback.extract_tb(error.__traceback__)
        at = next((one for one in frames[1:] if one.name == tool), frames[-1])
        place = f"{Path(at.filename).name}:{at.lineno}"
        crashes[f"{tool} crashed at {place}: {type(error).__name__}: {short(error)}"] += 1
