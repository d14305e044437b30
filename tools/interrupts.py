"""Ctrl-C and missing packages while a command is being imported: one line, as everywhere else.

Commands and packages of commands import this module before anything heavy; it needs nothing but
what Python itself has loaded. Where no command of ours was started, nothing is changed.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType, TracebackType

SCRIPT = "reasonact"
"""The console script."""
PACKAGES = ("agents", "benchmarks", "reasonact_env", "tasks", "tools", "train")
"""The packages that hold commands."""
NEEDED = ("gymnasium", "jsonschema", "msgspec", "numpy", "rich", "tyro")
"""The packages of others without which nothing works."""
STATUS = 130
"""The exit status that shells give to a command that Ctrl-C has ended."""
MISTAKE = 2
"""The exit status of a command that its caller has to call in another way."""
DEBUG = "--debug"
"""The option of every command that shows the traceback of an error, above its line."""


def started() -> str:
    """The module that Python was told to run with `-m`; "" for none."""
    words = sys.orig_argv
    return next(iter(words[words.index("-m") + 1 :]), "") if "-m" in words else ""


def begin() -> None:
    """Has Ctrl-C end a command of ours in one line until `caught` is called.

    Python that lacks what we need is mostly another one than that of `.venv`; a line says so.
    """
    script = os.path.basename(sys.argv[0]) if sys.argv else ""
    ours = started().partition(".")[0] in PACKAGES or script in (SCRIPT, f"{SCRIPT}.exe")
    if ours and sys.excepthook is sys.__excepthook__:
        sys.excepthook = lacking
    if ours and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def caught() -> None:
    """Lets Ctrl-C be a KeyboardInterrupt again: from here on `tools.command.run` catches it."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def lacking(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """The last word of a command after an error that nobody caught: a line of a missing package."""
    name = error.name if isinstance(error, ModuleNotFoundError) else None
    if name not in NEEDED or DEBUG in sys.argv:
        sys.__excepthook__(kind, error, trace)
    if name not in NEEDED:
        return
    command = f"python -m {started()}" if started() else SCRIPT
    way = "run `make install` and `. .venv/bin/activate`, or `pip install -e .`"
    print(f"{command}: error: {name} is missing: {way}", file=sys.stderr, flush=True)
    os._exit(MISTAKE)  # Python itself would end with 1 after an excepthook


def _end(number: int, frame: FrameType | None) -> None:
    """Nothing has begun: there is nothing to write or to close, and nothing to wait for."""
    del number, frame
    name = f"python -m {started()}" if started() else SCRIPT
    os.write(2, f"{name}: interrupted\n".encode())
    os._exit(STATUS)


begin()
