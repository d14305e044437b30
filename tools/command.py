"""Runs a command: a caller's mistake is one line on standard error, and a bug shows its traceback.

Every command ends in `run(main)`. Tests and other code call `main` itself, which raises.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import NoReturn

_HOME = Path(__file__).resolve().parents[1]
_PACKAGES = ("agents", "benchmarks", "reasonact_env", "tasks", "tools", "train")
"""The packages whose `raise` of a ValueError or an ImportError says what the caller got wrong."""
_EXTRAS = {
    **dict.fromkeys(("torch", "transformers", "trl", "peft", "datasets", "tokenizers"), "train"),
    **{"accelerate": "train", "matplotlib": "plots", "networkx": "plots", "re2": "re2"},
    "krippendorff": "rate",
    **dict.fromkeys(("pytest", "hypothesis"), "dev"),
}
"""A package of others -> the extra of ours that brings it."""
_FRAME = re.compile(r'  File "(.+)", line \d+, in .*\n    (.*)')
"""A frame of a traceback, as the text that another process sends."""
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
        if isinstance(error, ImportError) and (package := _missing(error)):
            _end(_lacks(package), 1)
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
    file, line = _origin(error)
    place = Path(file).resolve()
    ours = place.is_relative_to(_HOME) and place.relative_to(_HOME).parts[0] in _PACKAGES
    return ours and line.startswith("raise ")


def _origin(error: Exception) -> tuple[str, str]:
    """The file and the line that raised an error, perhaps in a process that a pool has started."""
    if type(error.__cause__).__name__.endswith("RemoteTraceback"):
        return next(reversed(_FRAME.findall(str(error.__cause__))), ("", ""))
    frames = traceback.extract_tb(error.__traceback__)
    return (frames[-1].filename, frames[-1].line or "") if frames else ("", "")


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


def _missing(error: BaseException | None) -> str | None:
    """The package of an extra for want of which something cannot be imported."""
    while error is not None:
        name = (getattr(error, "name", None) or "").partition(".")[0]
        if isinstance(error, ModuleNotFoundError) and name in _EXTRAS:
            return name
        error = error.__cause__ or error.__context__
    return None


def _say_what_is_missing(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """The last word of a command that could not even be imported."""
    if (package := _missing(error)) is None:
        sys.__excepthook__(kind, error, trace)
        return
    print(f"python -m {_started()}: {_lacks(package)}", file=sys.stderr)


def _lacks(package: str) -> str:
    return (
        f"error: expected the package {package!r}, which is not installed; "
        f"pip install -e '.[{_EXTRAS[package]}]' brings it"
    )


def _started() -> str:
    """The module that Python was told to run with `-m`; "" for none."""
    started = sys.orig_argv
    return next(iter(started[started.index("-m") + 1 :]), "") if "-m" in started else ""


if _started().partition(".")[0] in _PACKAGES:  # what a command imports comes before its `run`
    sys.excepthook = _say_what_is_missing


def program() -> str:
    """How the running command is called: `python -m MODULE`, or its file's name."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if spec is None:
        return Path(sys.argv[0]).name
    return f"python -m {spec.name.removesuffix('.__main__')}"
