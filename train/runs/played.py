"""The folder of an evaluation: what was played there, and how it is played again."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from tools.files import read_object
from train.runs.run import RUN

STAGE = "evaluate"
"""What an evaluation calls itself in `run.json`."""
EPISODES, PARTS = "episodes.jsonl", "parts"
"""All episodes of an evaluation, and the folder of those played so far."""


def read_words(episodes: Path) -> str:
    """What to say of episodes that are read and not played."""
    played = datetime.fromtimestamp(episodes.stat().st_mtime).strftime("%Y-%m-%d %H:%M")
    return (
        f"Read, not played: {episodes} holds this evaluation's episodes since {played}. To play "
        "them again: train.evaluate with --again, or delete the folder."
    )


def clear(out: Path) -> None:
    """Deletes what an evaluation has left in a folder, so that it is played again.

    Raises:
        ValueError: if the folder holds something else than an evaluation.
    """
    if not (out / RUN).exists():
        return
    if (stage := read_object(out / RUN).get("stage")) != STAGE:
        raise ValueError(
            f"expected --again with a folder of train.evaluate, but {out} holds a run of {stage}, "
            "which stays; give another --out"
        )
    shutil.rmtree(out / PARTS, ignore_errors=True)
    for name in (EPISODES, "arrays.npz", "summary.json", RUN):
        (out / name).unlink(missing_ok=True)
