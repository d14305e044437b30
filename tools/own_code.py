"""Where in somebody's own code an error comes from: an agent's, a reader's, a world's."""

from __future__ import annotations

import os
import re
import sysconfig
import traceback
from pathlib import Path
from typing import NamedTuple

from tools.interrupts import PACKAGES

HOME = Path(__file__).resolve().parents[1]
"""The folder of the project's own packages."""
_PYTHONS = tuple(Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib"))
"""Where Python's own modules lie."""
_INSTALLED = {"site-packages", "dist-packages"}
"""Names of folders of installed packages."""
_FRAME = re.compile(r'  File "(.+)", line (\d+), in .*\n    (.*)')
"""A frame of a traceback, as the text that another process sends."""


class Frame(NamedTuple):
    """A place that an error has passed."""

    file: str
    """The file, as Python names it."""
    line: int
    """The line's number."""
    text: str
    """What stands there; empty if nobody knows."""


def frames_of(error: BaseException) -> list[Frame]:
    """Where an error has passed, innermost last, perhaps in a process that a pool has started."""
    if type(error.__cause__).__name__.endswith("RemoteTraceback"):
        found = _FRAME.findall(str(error.__cause__))
        return [Frame(file, int(line), text) for file, line, text in found]
    trace = traceback.extract_tb(error.__traceback__)
    return [Frame(one.filename, one.lineno or 0, one.line or "") for one in trace]


def own_place(error: BaseException) -> str | None:
    """FILE:LINE, the innermost of the caller's own code; None where it has passed none of it."""
    if (read := _unreadable(error)) is not None:
        return _shown(read)
    own = [one for one in frames_of(error) if _is_own(one.file)]
    return _shown(own[-1]) if own else None


def place_of(error: BaseException) -> str | None:
    """The same or, where none is the caller's own, the innermost of an installed package."""
    installed = [one for one in frames_of(error) if _is_foreign(one.file)]
    return own_place(error) or (_shown(installed[-1]) if installed else None)


def is_ours(file: str) -> bool:
    """Whether a file belongs to one of the project's packages."""
    place = Path(file).resolve()
    return place.is_relative_to(HOME) and place.relative_to(HOME).parts[0] in PACKAGES


def _unreadable(error: BaseException) -> Frame | None:
    """Where a file of the caller's own is no Python, which no frame tells."""
    if not isinstance(error, SyntaxError) or error.filename is None:
        return None
    return Frame(error.filename, error.lineno or 1, "") if _is_own(error.filename) else None


def _is_own(file: str) -> bool:
    return _is_foreign(file) and not _INSTALLED & {*Path(file).parts}


def _is_foreign(file: str) -> bool:
    """Whether it is neither ours nor Python's, nor only called a file, as `<string>` is."""
    if file.startswith("<") or not Path(file).is_file():  # Cython names files that are not there
        return False
    place = Path(file).resolve()
    installed = _INSTALLED & {*place.parts}  # beside Python's own, often
    is_pythons = any(place.is_relative_to(one) for one in _PYTHONS) and not installed
    return not is_pythons and not is_ours(file)


def _shown(frame: Frame) -> str:
    """Short where the file lies below the working folder."""
    inside = Path(frame.file).is_relative_to(os.getcwd())
    return f"{os.path.relpath(frame.file) if inside else frame.file}:{frame.line}"
