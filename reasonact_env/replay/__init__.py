"""`python -m reasonact_env.replay FILE`: saved episodes on the console.

cursor, moves     the state, and what keys do to it (start here)
shelf             the episodes of all files: rows now, the rest on demand
index, columns    rows of a file, kept beside it; `rows` reads them
query, filters    what is listed
screen, listing   what is shown; `play` draws it, `printed` without a screen
backstage         tasks and gold, made in the background
whatif, branches  other ways on
compare, analysis whole runs
share, html       for others
"""

from reasonact_env.replay.command import main

__all__ = ["main"]
