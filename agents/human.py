"""A person at the console: `python -m agents.human` is `python -m reasonact_env.play`."""

from __future__ import annotations

import tools.interrupts  # noqa: F401 (first: Ctrl-C during the others)

# isort: split

from reasonact_env.play.agent import PersonAgent as Human
from reasonact_env.play.command import main
from tools.command import run

__all__ = ["Human", "main"]

if __name__ == "__main__":
    run(main)
