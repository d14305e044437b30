"""`python -m reasonact_env.replay FILE`: saved episodes on the console."""

from reasonact_env.replay.command import main

__all__ = ["main"]
