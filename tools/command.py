"""Runs a command: a caller's mistake is one line on standard error, and a bug shows its traceback.

Every command ends in `run(main)`. Tests and other code call `main` itself, which raises.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

_HOME = Path(__file__).resolve().parents[1]
_PACKAGES = ("agents", "benchmarks", "reasonact_env", "tasks", "tools", "train")
"""The packages whose `raise` of a ValueError or an ImportError says what the caller got wrong."""
_INTERRUPTED = 130
"""The exit status that shells give to a command that Ctrl-C has ended."""


def run(main: Callable[[], object]) -> NoReturn:
    """Runs a command's `main` and ends the process.

    The exit status is what `main` returns if that is an int, and else 0; 1 for a caller's mistake;
    130 after Ctrl-C. Errors that are bugs are passed on, with their traceback.

    Args:
        main: Reads the process's arguments.
    """
    try:
        found = main()
        sys.stdout.flush()  # a closed pipe is noticed here and not while Python shuts down
    except KeyboardInterrupt:
        _end("interrupted", _INTERRUPTED)
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if not is_callers(error):
            raise
        _end(f"error: {sentence(error)}", 1)
    sys.exit(int(found) if isinstance(found, int) else 0)


def is_callers(error: Exception) -> bool:
    """Whether an error tells the caller what to mend: a file's, or one that our code words.

    A ValueError of a library, or of an expression in our code, is a bug.
    """
    if isinstance(error, OSError):
        return True
    if not isinstance(error, ValueError | ImportError) and not _is_own(error):
        return False
    frames = traceback.extract_tb(error.__traceback__)
    if not frames or not (frames[-1].line or "").startswith("raise "):
        return False
    place = Path(frames[-1].filename).resolve()
    return place.is_relative_to(_HOME) and place.relative_to(_HOME).parts[0] in _PACKAGES


def _is_own(error: Exception) -> bool:
    """Whether it is a RuntimeError of a class of ours, such as an endpoint's."""
    return isinstance(error, RuntimeError) and type(error).__module__.split(".")[0] in _PACKAGES


def sentence(error: Exception) -> str:
    """What an error says, as one line."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.strerror}: {str(error.filename)!r}; give another path"
    return " ".join(str(error).split()) or type(error).__name__


def _end(words: str, status: int) -> NoReturn:
    print(f"{program()}: {words}", file=sys.stderr)
    sys.exit(status)


def program() -> str:
    """How the running command is called: `python -m MODULE`, or its file's name."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if spec is None:
        return Path(sys.argv[0]).name
    return f"python -m {spec.name.removesuffix('.__main__')}"
