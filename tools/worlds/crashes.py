"""Where tools of a world crash: the agent reads that a call failed, their author where."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TypeAlias

from tools.inert import one_line

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
        said = f"{type(error).__name__}: {one_line(str(error))}"
        crashes[f"{tool} crashed at {place_of(error)}: {said}"] += 1


def place_of(error: Exception) -> str:
    """FILE:LINE in the tool's own module at which it raised an error."""
    below = [one for one in traceback.extract_tb(error.__traceback__)[1:] if one.name != _OVER]
    if not below:  # it could not even be called
        return "its parameters"
    at = [one for one in below if one.filename == below[0].filename][-1]
    return f"{Path(at.filename).name}:{at.lineno}"


_OVER = "_run_over"
"""The function of `tools.worlds.functions` that stands between executor and tool."""
