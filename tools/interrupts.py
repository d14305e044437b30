"""Ctrl-C while a command is being imported, which takes seconds: one line, as everywhere else.

Commands and packages of commands import this module before anything heavy; it needs nothing but
what Python itself has loaded. Where no command of ours was started, nothing is changed.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

SCRIPT = "reasonact"
"""The console script."""
PACKAGES = ("agents", "benchmarks", "reasonact_env", "tasks", "tools", "train")
"""The packages that hold commands."""
STATUS = 130
"""The exit status that shells give to a command that Ctrl-C has ended."""


def started() -> str:
    """The module that Python was told to run with `-m`; "" for none."""
    words = sys.orig_argv
    return next(iter(words[words.index("-m") + 1 :]), "") if "-m" in words else ""


def begin() -> None:
    """Has Ctrl-C end a command of ours in one line until `caught` is called."""
    script = os.path.basename(sys.argv[0]) if sys.argv else ""
    ours = started().partition(".")[0] in PACKAGES or script in (SCRIPT, f"{SCRIPT}.exe")
    if ours and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def caught() -> None:
    """Lets Ctrl-C be a KeyboardInterrupt again: from here on `tools.command.run` catches it."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(number: int, frame: FrameType | None) -> None:
    """Nothing has begun: there is nothing to write or to close, and nothing to wait for."""
    del number, frame
    name = f"python -m {started()}" if started() else SCRIPT
    os.write(2, f"{name}: interrupted\n".encode())
    os._exit(STATUS)


begin()
